"""The suite that every connector inherits: each claim in its `Capabilities` is put to the test.

    class AccountBench(Bench):                                  # what a user does, behind the connector's back
        kind, capabilities = "Account", Capabilities(keyed=True, …)
        …

    class TestAccount(ConnectorContract, bench=AccountBench):   # one line; checks of what is not claimed are left out
        @pytest.fixture
        def bench(self, server): return AccountBench(server)

Each check makes what it needs. On a system that outlives a test, give each bench a `prefix` of its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.testing.contract_bench import Bench, applies
from connectors.testing.contract_reading import ReadingContract
from connectors.testing.contract_writing import WritingContract

__all__ = ["Bench", "ConnectorContract", "failures"]


class ConnectorContract(ReadingContract, WritingContract):
    """All checks. A subclass names its bench's class, and has a fixture `bench` that makes one."""

    def __init_subclass__(cls, *, bench: type[Bench], **options: Any) -> None:
        """Leave out the checks that do not apply, so that none is skipped or passes without looking."""
        super().__init_subclass__(**options)
        for name in checks():
            if not applies(getattr(cls, name), bench):
                setattr(cls, name, None)


def checks() -> list[str]:
    """The names of all checks, in the order in which they stand in the files."""
    return [name for part in (ReadingContract, WritingContract) for name in vars(part) if name.startswith("test_")]


def failures(make: Callable[[], Bench], bench: type[Bench]) -> Mapping[str, str]:
    """Run every check that applies on a bench of its own, without pytest; what failed, and how."""
    contract = type("Certified", (ConnectorContract,), {}, bench=bench)()
    found: dict[str, str] = {}
    for name in checks():
        check = getattr(contract, name)
        if check is not None and (failure := _failure(check, make)):
            found[name] = failure
    return found


def _failure(check: Callable[[Bench], None], make: Callable[[], Bench]) -> str:
    try:
        check(make())
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is a failed check
        return f"{type(error).__name__}: {error}"
    return ""
