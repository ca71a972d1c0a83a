"""Early records: since when they are known, since when they wait, and how it ended."""

from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.early import Early, KeptEarly, Lack, Stage
from tests.sync_pipelines.ledger.facts import ACCOUNT, at

LACK = Lack("tax_id", "tax_id is missing", "finance")


def early(stage: Stage = Stage.WAITING, *lacks: Lack, role: str = "erp") -> Early:
    return Early(role, stage, lacks, ("erp", "old_erp"))


def note(ledger: Ledger, minutes: int, **told: Early) -> None:
    ledger.note_early(ACCOUNT, {entity_id: [each] for entity_id, each in told.items()}, at(minutes))


def test_an_early_record_comes_back_as_it_was_noted(ledger: Ledger) -> None:
    note(ledger, 1, a1=early(Stage.WAITING, LACK), a2=early(Stage.PROVISIONAL))
    assert ledger.early(entity=ACCOUNT) == [
        KeptEarly(ACCOUNT, "a1", "erp", Stage.WAITING, at(1), at(1), (LACK,), ("erp", "old_erp")),
        KeptEarly(ACCOUNT, "a2", "erp", Stage.PROVISIONAL, at(1), at(1), (), ("erp", "old_erp")),
    ]
    assert [each.entity_id for each in ledger.early(entity_ids=["a2"])] == ["a2"]
    assert ledger.early(entity="contact") == []
    assert [each.entity_id for each in ledger.early(stages=[Stage.WAITING, Stage.HELD])] == ["a1"]


def test_the_clock_of_a_stage_starts_with_it_and_not_with_what_is_missing(ledger: Ledger) -> None:
    note(ledger, 1, a1=early(Stage.PROVISIONAL))
    note(ledger, 2, a1=early(Stage.WAITING, LACK))
    note(ledger, 3, a1=early())
    (kept,) = ledger.early()
    assert (kept.known_since, kept.since, kept.lacks) == (at(1), at(2), ())


def test_one_that_is_over_stays_with_how_it_ended_and_may_begin_anew(ledger: Ledger) -> None:
    note(ledger, 1, a1=early())
    ledger.end_early(ACCOUNT, {("a1", "erp"): Stage.COUPLED, ("a7", "erp"): Stage.LEFT}, at(5))
    ledger.end_early(ACCOUNT, {("a1", "erp"): Stage.LEFT}, at(6))
    assert ledger.early() == []
    (over,) = ledger.early(open_only=False)
    assert (over.stage, over.known_since, over.since, over.open) == (Stage.COUPLED, at(1), at(5), False)
    note(ledger, 9, a1=early())
    assert [(each.known_since, each.open) for each in ledger.early()] == [(at(9), True)]


def test_an_entity_waits_in_each_role_by_itself(ledger: Ledger) -> None:
    ledger.note_early(ACCOUNT, {"a1": [early(), early(role="shop")]}, at(1))
    ledger.end_early(ACCOUNT, {("a1", "erp"): Stage.COUPLED}, at(2))
    assert [(each.entity_id, each.role) for each in ledger.early()] == [("a1", "shop")]
