"""What a map leaves out, and what becomes of a record that is left out only later."""

from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.records import Coupling
from tests.sync_pipelines.intake.rooms import NOW, landing, record, ref


def told(ledger: MemoryLedger) -> list[object]:
    return [claim.values.get("name") for claim in ledger.claims_at("account", [ref()])]


def test_a_stranger_that_the_map_leaves_out_is_not_landed() -> None:
    ledger = MemoryLedger()
    landing(ledger).land([record({"name": "Acme", "_theirs": True})], NOW)
    assert told(ledger) == []


def test_a_record_that_was_coupled_goes_on_being_read_when_the_map_leaves_it_out() -> None:
    ledger = MemoryLedger()
    landing(ledger).land([record({"name": "Acme"})], NOW)
    ledger.couple([Coupling(ref(), "account", "a1")])
    tally = landing(ledger).land([record({"name": "Borg", "_theirs": True}, minute=1)], NOW)
    assert told(ledger) == ["Borg"], "it would say for ever what it said last"
    assert (tally.landed, tally.out_of_scope) == (1, 0)
