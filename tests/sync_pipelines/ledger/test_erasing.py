"""A person is forgotten on every shelf, and nobody else is."""

from dataclasses import replace

import pytest

from connectors.contract import Hint, RecordRef
from mappings.fieldmap import Gap
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.ledger.shelves import SHELVES
from sync_pipelines.model.changes import Change, FieldChange, Op
from sync_pipelines.model.decisions import EntityDecision
from sync_pipelines.model.early import Early, Stage
from sync_pipelines.model.golden import JOINED, HandOver, Override
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import AuditEntry, Delivery, KeptAlert, OutgoingMessage, Quarantined, RunRecord
from tests.sync_pipelines.ledger.facts import ACCOUNT, NOW, agreed, claim, coupling, crm, decided, erp, head

CANARY, MAIL = "Canarina Vogelsang", "canary@firm.example"
WORDS = (CANARY, MAIL)
IDS, REFS = ("pers-one", "pers-two"), (crm("C1"), erp("7"))
NEEDLES = ("canar", "pers-one", "pers-two", "C1'", "'7'")  # as they would stand in what is printed of a shelf


def fill(ledger: Ledger, entity_id: str, ref: RecordRef, name: str, mail: str) -> None:
    """Something on every shelf that may speak of a person."""
    key = f"k-{entity_id}"
    ledger.land([claim(ref, name=name, email=mail)])
    ledger.couple([coupling(ref, entity_id)])
    ledger.agree([(ref, ACCOUNT, "", agreed(name=name))])
    ledger.index_keys(ACCOUNT, [(ref, "", [mail])])
    ledger.bury([replace(ref, id=ref.id)], NOW)
    ledger.decide(ACCOUNT, {entity_id: {"name": decided(name)}})
    ledger.hand_over([HandOver(ACCOUNT, entity_id, "name", "crm", "erp", "taken", "r1", NOW)])
    ledger.override(ACCOUNT, entity_id, Override("name", name, "anna", NOW))
    ledger.attend(ACCOUNT, [entity_id])
    ledger.note_early(ACCOUNT, {entity_id: [Early("erp", Stage.WAITING)]}, NOW)
    ledger.refer("contact", {f"of-{entity_id}": [(ACCOUNT, entity_id)]})
    fields = {"name": FieldChange(None, name)}
    change = Change(key, f"p-{entity_id}", Op.UPDATE, ref.system, ref.kind, ACCOUNT, entity_id, fields, ref.id)
    other = replace(change, key=f"o-{entity_id}", entity_id="z", fields={}, record_id="9", reason=f"{mail} is taken")
    asks = Question(ACCOUNT, entity_id, "field:name", About.VALUE, "sales", f"{name}?", {}, {"crm": {"name": name}})
    shown = replace(asks, entity_id=f"z-{entity_id}", asks="one?", evidence={"records": {str(ref): {}}})
    decision = EntityDecision(entity_id, golden={"name": decided(name)})
    ledger.draft_plan(head(f"p-{entity_id}"), [change, other], [decision])
    ledger.ask([asks, shown])
    ledger.mark_dirty([ref], "x")
    says = f"the double of {name}"
    ledger.quarantine(
        [Quarantined(ref, ACCOUNT, "gap", "x"), Quarantined(erp("9"), ACCOUNT, "rejected", says, f"field-{name[:1]}")]
    )
    ledger.note_gaps("crm", [(ref, Gap("terms", "terms", "N1", "in"))], NOW)
    ledger.keep_apart(ACCOUNT, [(entity_id, "z"), (str(ref), "crm/Account/Z")], "anna", NOW)
    ledger.start_run(RunRecord(f"r-{entity_id}", ACCOUNT, "sync", NOW))
    ledger.end_run(f"r-{entity_id}", NOW, "halted", f"crm: {mail} is taken", {"reads": {"crm": {"says": name}}, "n": 1})
    message = OutgoingMessage(f"m-{entity_id}", "x", "mail", NOW, {"alert": {"says": [name]}})
    ledger.keep_alerts([KeptAlert(f"x-{entity_id}", NOW, open=True, facts={"says": name})], [message])
    hints = (Hint(ref.kind, (ref.id, "other")), Hint(ref.kind, (ref.id,)), Hint(ref.kind))
    ledger.receive(Delivery(ref.system, f"d-{entity_id}", NOW, hints=hints, says=name))
    ledger.audit([AuditEntry(NOW, "anna", "x", f"{ACCOUNT}/{entity_id} field:name", {"name": name})])


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    fill(ledger, "pers-one", REFS[0], CANARY, MAIL)
    fill(ledger, "pers-two", REFS[1], CANARY.upper(), MAIL)
    fill(ledger, "stands-by", crm("C12"), "Bert Bystander", "bert@firm.example")
    return ledger


def everything(ledger: Ledger, *, but: tuple[str, ...] = ()) -> dict[str, str]:
    store = ledger.store  # type: ignore[attr-defined]  # every ledger of ours has one
    return {shelf.name: repr(store.find(shelf, {})) for shelf in SHELVES if shelf.name not in but}


def test_nothing_of_a_person_is_left_on_any_shelf(filled: Ledger) -> None:
    before = everything(filled)
    speak = {name for name, told in before.items() if "canar" in told.casefold()}
    assert len(speak) >= 14, "the canary did not fly"
    gone = filled.forget(ACCOUNT, IDS, REFS, WORDS)
    assert set(gone) >= speak
    left = everything(filled, but=("audit", "run", "alert", "alert_outbox", "plan", "plan_part", "inbox", "change"))
    assert {name: one for name, told in left.items() for one in NEEDLES if one.casefold() in told.casefold()} == {}
    assert {name for name, told in everything(filled).items() if "canar" in told.casefold()} == set()


def test_everybody_else_stays_as_they_were(filled: Ledger, ledger: Ledger) -> None:
    before = {name: told.count("Bystander") + told.count("stands-by") for name, told in everything(filled).items()}
    filled.forget(ACCOUNT, IDS, REFS, WORDS)
    after = {name: told.count("Bystander") + told.count("stands-by") for name, told in everything(ledger).items()}
    assert after == before


def test_the_audit_chain_stays_whole(filled: Ledger) -> None:
    filled.forget(ACCOUNT, IDS, REFS, WORDS)
    assert filled.verify_audit() == 3
    assert [dict(entry.values) for entry in filled.audit_trail()] == [{"name": "Bert Bystander"}, {}, {}]


def test_an_announcement_about_others_as_well_still_hints_at_them(filled: Ledger) -> None:
    filled.forget(ACCOUNT, IDS, REFS, WORDS)
    (one,) = [delivery for delivery in filled.deliveries() if delivery.id == "d-pers-one"]
    assert one.hints == (Hint("Account", ("other",)), Hint("Account"))
    assert one.says == "(erased)"


def test_what_a_run_says_besides_stays(filled: Ledger) -> None:
    filled.forget(ACCOUNT, IDS, REFS, WORDS)
    run = next(run for run in filled.runs(ACCOUNT) if run.id == "r-pers-one")
    assert (run.says, run.stats) == ("(erased)", {"reads": {"crm": {"says": "(erased)"}}, "n": 1})


def test_a_record_that_nobody_recognised_is_forgotten_by_its_address(filled: Ledger) -> None:
    filled.land([claim(crm("S1"), name="Stranger")])
    filled.forget(ACCOUNT, (), (crm("S1"),), ())
    assert filled.claims_at(ACCOUNT, [crm("S1")]) == []
    assert filled.claims_at(ACCOUNT, [REFS[0]]) != []


def test_whoever_became_one_with_a_person_is_that_person(filled: Ledger) -> None:
    filled.decide(ACCOUNT, {"old": {JOINED: decided("pers-one")}, "older": {JOINED: decided("old")}})
    assert filled.joined_into(ACCOUNT, ["pers-one"]) == ["old", "older", "pers-one"]
    assert filled.joined_into(ACCOUNT, ["stands-by"]) == ["stands-by"]
