"""The CRM announces each change by itself, as an Apex class of its own would: signed, and sent to where we listen."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from secrets import token_hex
from typing import Any

from connectors.address import Address
from connectors.errors import ConnectorError
from connectors.http import HttpDoor
from connectors.seams import Seams
from connectors.testing.system import System
from connectors.testing.table import Row
from connectors.webhooks import signed
from sync_pipelines.demo.cast import CRM
from sync_pipelines.settings import Outside

Tells = Callable[[str, str], object]


class Announcer:
    """Sends one announcement after the other, in the order of the changes; ours are announced like anybody's."""

    def __init__(self, system: System, address: str, secret: str, outside: Outside | None = None) -> None:
        """`address` is the gate's, without a path."""
        self._outside = outside or Outside()
        seams = Seams(self._outside.clock, self._outside.sleep, self._outside.new_id, self._outside.random)
        self._door = HttpDoor("the gate", Address.of(address, on_premise=True), seams)
        self._secret, self._own, self._numbers = secret.encode(), token_hex(4), count(1)
        self._out = ThreadPoolExecutor(1, "announcer")
        self.taken = self.refused = 0
        _after_each_change(system, lambda kind, record: self._out.submit(self._post, kind, record))

    def _post(self, kind: str, record: str) -> None:
        body = json.dumps({"kind": kind, "ids": [record]}).encode()
        delivery = f"{self._own}-{next(self._numbers)}"
        headers = signed(self._secret, delivery, self._outside.clock(), body)
        try:
            self._door.write("POST", f"webhooks/{CRM}", content=body, headers=headers, expect="bytes")
        except ConnectorError:
            self.refused += 1  # as with a real org: the schedule finds what was not announced
        else:
            self.taken += 1

    def close(self) -> None:
        """What is to be sent goes out first."""
        self._out.shutdown()
        self._door.close()


def _after_each_change(system: System, tells: Tells) -> None:
    """What a trigger inside the org does."""
    kept = system._commit  # noqa: SLF001 - the simulated org has no other place for a trigger

    def commit(table: Any, row: Row, *rest: Any, **more: Any) -> Row:
        done = kept(table, row, *rest, **more)
        tells(row.kind, row.id)
        return done

    system._commit = commit  # type: ignore[method-assign]  # noqa: SLF001 - as above
