"""`certify --write` on the real server, with the bundled book."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from connectors.tryton.server import TrytonServer
from mappings.loading import load_book
from sync_pipelines.applying.seams import Seams
from sync_pipelines.cli import run
from sync_pipelines.commands.office import Office
from sync_pipelines.demo.home import book_with
from sync_pipelines.flow.run import House
from sync_pipelines.ledger.memory import MemoryLedger
from tests.real.tryton.hands import a_connector

UNTRIED_WORDS = (
    "a connector never",
    "cannot be",
    "it takes",
    "only people",
    "would make",
    "names no length",
    "is required",
)


def test_the_tryton_connector_keeps_what_can_be_tried_and_takes_its_records_away(
    server: TrytonServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, numbers = load_book(book_with(tmp_path, "tryton")), count(1)
    connector = a_connector(server)
    active = ["active", "=", True]
    before = server.call("party.party.search", [active], 0, None, None)
    seams = Seams(lambda: datetime.now(UTC), lambda: f"id{next(numbers):06d}")
    house = House(book, MemoryLedger(), {"erp": connector}, seams)
    office = Office(open_house=lambda: nullcontext(house), width=100)
    code = run(["certify", "erp", "--write", "--sandbox", connector.fingerprint(), "--json"], office)
    said = json.loads(capsys.readouterr().out)
    connector.close()
    assert [one for one in said["tried"] if one["verdict"] == "broken"] == []
    assert [one for one in said["findings"] if not one["ok"]] == []
    assert code == 0
    untried = [one["says"] for one in said["tried"] if one["verdict"] == "not tried" and one["kind"] != "user"]
    assert [says for says in untried if not any(word in says for word in UNTRIED_WORDS)] == []
    for kind in ("party", "contact"):
        kept = [one for one in said["tried"] if (one["kind"], one["verdict"]) == (kind, "kept")]
        assert len(kept) >= 18
    assert server.call("party.party.search", [active], 0, None, None) == before
