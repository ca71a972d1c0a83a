"""The life of an account that is known before accounting knows it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mappings.book import Book
from monitoring.kinds import EARLY, Limits
from monitoring.problems import Problem, Severity
from monitoring.watching import look
from sync_pipelines.flow.early import waiting
from sync_pipelines.flow.standing import standing_of
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.early import KeptEarly, Lack, Stage, Word
from sync_pipelines.review.hastening import say
from tests.laws.checkers import check_all
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld

PROMISE = timedelta(days=3)


def promising() -> Book:
    return replace(little_book(), promises={"early_account": PROMISE})


@pytest.fixture
def little() -> LittleWorld:
    return LittleWorld(book=promising())


def in_erp(little: LittleWorld, *, open_only: bool = True) -> KeptEarly:
    """What is kept of the one account about its place in accounting."""
    (row,) = [row for row in little.ledger.early(entity="account", open_only=open_only) if row.role == "erp"]
    return row


def test_a_prospect_is_provisional_and_no_promise_is_running(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Status="Open")
    little.settle()
    row = in_erp(little)
    assert row.stage is Stage.PROVISIONAL
    assert row.lacks == (
        Lack("status", "status is not won", "sales"), Lack("tax_id", "tax_id is missing", "sales"),
    )  # fmt: skip
    little.world.clock.advance(timedelta(days=400))
    assert [wait.due for wait in waiting(little.ledger, little.book, "account") if wait.kept.role == "erp"] == [None]


def test_a_won_one_waits_from_then_on_and_says_what_is_missing_and_whom_that_concerns(little: LittleWorld) -> None:
    crm = little.create("crm", Name="Acme", Status="Open")
    little.settle()
    known = in_erp(little).known_since
    little.world.clock.advance(timedelta(days=90))
    little.edit("crm", crm, Status="Won")
    little.settle()
    row = in_erp(little)
    assert (row.stage, row.lacks) == (Stage.WAITING, (Lack("tax_id", "tax_id is missing", "sales"),))
    assert row.known_since == known
    (wait,) = [wait for wait in waiting(little.ledger, little.book, "account") if wait.kept.role == "erp"]
    assert (wait.steward, wait.due) == ("sales", row.since + PROMISE)
    assert row.since - known > timedelta(days=90)
    assert not wait.is_overdue(little.world.clock.now())
    little.world.clock.advance(PROMISE)
    assert wait.is_overdue(little.world.clock.now())


def test_with_what_is_needed_it_is_made_and_its_wait_is_over(little: LittleWorld) -> None:
    crm = little.create("crm", Name="Acme", Status="Won")
    little.settle()
    assert in_erp(little).stage is Stage.WAITING
    little.edit("crm", crm, Tax_Id="DE1")
    little.settle()
    assert little.only("erp").values["Tax_Id"] == "DE1"
    assert (in_erp(little, open_only=False).stage, waiting(little.ledger, little.book, "account")) == (
        Stage.COUPLED,
        [],
    )


def test_it_couples_by_itself_when_accounting_makes_the_customer_and_the_hand_over_is_on_record(
    little: LittleWorld,
) -> None:
    little.create("crm", Name="Acme", Status="Open", Tax_Id="DE1", Remark="of old")
    little.settle()
    row = in_erp(little)
    little.world.clock.advance(timedelta(days=2))
    little.create("erp", Name="ACME GmbH", Tax_Id="DE1")
    little.settle()
    (entity_id,) = little.ledger.entity_ids("account")
    assert entity_id == row.entity_id
    over = in_erp(little, open_only=False)
    assert (over.stage, over.since - over.known_since > timedelta(days=2)) == (Stage.COUPLED, True)
    handed = {(h.key, h.from_, h.to) for h in little.ledger.hand_overs("account", entity_id)}
    assert ("tax_id", "crm", "erp") in handed
    check_all(little)


def test_one_that_leaves_or_is_archived_waits_no_longer(little: LittleWorld) -> None:
    crm = little.create("crm", Name="Acme", Status="Won")
    little.settle()
    little.edit("crm", crm, Status="Test")  # test accounts take no part
    little.settle()
    assert in_erp(little, open_only=False).stage is Stage.LEFT


# --- a person's word --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "stage"), [(Word.HOLD, Stage.HELD), (Word.DISMISS, Stage.DISMISSED)])
def test_a_person_s_word_keeps_it_from_being_made_until_it_is_revoked(
    little: LittleWorld, word: Word, stage: Stage
) -> None:
    crm = little.create("crm", Name="Acme", Status="Won")
    little.settle()
    entity_id = in_erp(little).entity_id
    say(little.ledger, "account", entity_id, word, "frieda", little.world.clock.now())
    little.edit("crm", crm, Tax_Id="DE1")
    little.settle()
    assert little.rows("erp") == []
    assert in_erp(little).stage is stage
    assert [wait.due for wait in waiting(little.ledger, little.book, "account") if wait.kept.role == "erp"] == [None]
    say(little.ledger, "account", entity_id, None, "frieda", little.world.clock.now())
    little.settle()
    assert len(little.rows("erp")) == 1
    assert [(entry.who, entry.did) for entry in little.ledger.audit_trail()] == [
        ("frieda", "early: revoked"), ("frieda", f"early: {word.name.lower()}"),
    ]  # fmt: skip


def test_a_person_may_have_it_made_before_its_condition_holds_and_not_without_what_it_needs(
    little: LittleWorld,
) -> None:
    crm = little.create("crm", Name="Acme", Status="Open")
    little.settle()
    now = little.world.clock.now()
    say(little.ledger, "account", in_erp(little).entity_id, Word.CREATE, "frieda", now, role="erp")
    little.settle()
    assert (little.rows("erp"), in_erp(little).stage) == ([], Stage.WAITING)
    little.edit("crm", crm, Tax_Id="DE1")
    little.settle()
    assert len(little.rows("erp")) == 1
    assert little.rows("shop") == []  # of which nothing was said


def test_nothing_is_said_of_what_waits_for_nothing(little: LittleWorld) -> None:
    with pytest.raises(LedgerError, match="account e7 waits for nothing; `concordat early account` lists"):
        say(little.ledger, "account", "e7", Word.HOLD, "frieda", little.world.clock.now())


# --- told to whom it concerns -----------------------------------------------------------------------------------------


def test_one_that_waits_longer_than_promised_alerts_its_steward_and_pages_nobody(little: LittleWorld) -> None:
    for name, status in (("Acme", "Won"), ("Open", "Open")):
        little.create("crm", Name=name, Status=status)
    little.settle()
    little.world.clock.advance(PROMISE - timedelta(hours=1))
    assert early_problems(little) == []
    little.world.clock.advance(timedelta(hours=1))
    (problem,) = early_problems(little)
    assert (problem.about, problem.steward, problem.kind.severity) == ("account/sales", "sales", Severity.STEWARD)
    assert problem.says.startswith("account: 1 early account waiting for accounting longer than promised")
    say(little.ledger, "account", in_erp_of(little, "Acme"), Word.DISMISS, "frieda", little.world.clock.now())
    assert early_problems(little) == []


def in_erp_of(little: LittleWorld, name: str) -> str:
    golden = little.ledger.golden_of("account", list(little.ledger.entity_ids("account")))
    return next(entity_id for entity_id, found in golden.items() if found.value("name") == name)


def early_problems(little: LittleWorld) -> list[Problem]:
    seen = look(standing_of(little.ledger, little.book, little.world.clock.now()), Limits())
    return [problem for problem in seen.problems if problem.kind is EARLY]


def test_whoever_can_do_something_about_it_is_told_each_of_them(little: LittleWorld) -> None:
    lacks = (Lack("tax_id", "it is missing", "finance"), Lack("segment", "it is missing", "marketing"))
    little.create("crm", Name="Acme", Status="Won")
    little.settle()
    (wait,) = (one for one in waiting(little.ledger, little.book, "account") if one.kept.stage is Stage.WAITING)
    assert replace(wait, kept=replace(wait.kept, lacks=lacks)).stewards == {"finance", "marketing"}
    assert replace(wait, kept=replace(wait.kept, lacks=())).stewards == {wait.steward}
