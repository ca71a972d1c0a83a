"""How far systems agree with what was decided, and why where they do not."""

from mappings.book import WriteSwitch
from sync_pipelines.flow.agreement import Agreement, agreement_of, keep, kept
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld


def settled() -> LittleWorld:
    little = LittleWorld()
    for n in range(3):
        little.create("crm", Name=f"Firm {n}", Tax_Id=f"DE{n}", Status="Won", Phone=f"+49 30 55501{n}")
    little.settle()
    return little


def compared(little: LittleWorld) -> Agreement:
    return agreement_of(little.ledger, little.book, "account", little.world.clock.now())


def test_after_a_settled_run_every_record_says_what_was_decided() -> None:
    agreement = compared(settled())
    assert agreement.compared > 3, "those of the ERP, too"
    assert (agreement.share, agreement.drifts) == (1.0, [])


def test_with_nothing_to_compare_nothing_differs() -> None:
    assert compared(LittleWorld()).share == 1.0


def test_an_edit_that_was_read_and_is_not_agreed_yet_is_a_drift_with_its_cause() -> None:
    little = settled()
    edited = little.rows("erp")[0].id
    little.edit("erp", edited, Name="Edited")
    house = little.engine()
    house.refresh(house.begin("account", "sync"))
    agreement = compared(little)
    assert agreement.compared - agreement.in_sync == 1
    (drift,) = agreement.drifts
    assert (drift.ref.system, drift.ref.id, drift.keys) == ("erp", edited, ("name",))
    assert agreement.causes == {"edited there since it last agreed": 1}


def test_a_system_that_is_not_written_to_is_named_as_the_cause() -> None:
    little = LittleWorld(book=little_book(switches={"erp": WriteSwitch.OFF}))
    little.create("crm", Name="Firm", Tax_Id="DE0", Status="Won")
    little.create("erp", Name="FIRM", Tax_Id="DE0")
    little.run()
    assert set(compared(little).causes) == {"its system is not written to (write: off)"}


def test_the_figures_are_kept_without_records() -> None:
    little = settled()
    agreement = compared(little)
    assert kept(little.ledger, "account") is None
    keep(little.ledger, agreement)
    again = kept(little.ledger, "account")
    assert again == Agreement("account", agreement.at, agreement.compared, agreement.in_sync, {})
