"""From rulings to writes: only what differs, only where it may be written, and nothing due drops out of view."""

from datetime import timedelta
from typing import Any

import pytest

from mappings.ownership import ArchiveRule, Clause, Conflict, Elsewhere, Mode, TakesPart, When
from mappings.ownership import Test as Asks
from mappings.values import Value
from sync_pipelines.model.changes import Op
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim
from sync_pipelines.model.golden import Because
from sync_pipelines.planning.entity import EntityPlan
from sync_pipelines.planning.target import Links
from tests.sync_pipelines.ownership.scenes import NOW
from tests.sync_pipelines.planning.desks import desk, golden, plan, record, rule, spec, target, told, waits

AT = desk(spec(), target("crm"), target("erp"))
BASE: dict[str, Value] = {"name": "Acme"}
MOVED = record("crm", BASE, name="Borg")
RESTS = record("erp", BASE, name="Acme", version="v7")


def test_what_moved_is_written_where_it_differs_and_nowhere_else() -> None:
    made = plan(AT, MOVED, RESTS, known=golden(name="Acme"))
    (change,) = made.changes
    assert told(made) == [("update", "erp", {"name": "Borg"})]
    assert (change.record_id, change.version, change.kind, change.plan) == ("erp", "v7", "Kind", "p")
    assert (change.fields["name"].old, change.fields["name"].why) == ("Acme", "changed by crm")


def test_what_rests_is_left_alone_and_is_settled() -> None:
    made = plan(AT, record("crm", BASE, name="Acme"), RESTS, known=golden(name="Acme"))
    assert (made.changes, made.held, made.decision.settled) == ([], [], True)
    assert (made.decision.golden, made.decision.agreements) == ({}, ())


@pytest.mark.parametrize(
    ("erp", "written"),
    [
        (record("erp", BASE, name="Acme"), {"name": "Borg"}),
        (record("erp", tax_id="T1"), None),  # silent: it has no such field
        (record("erp", name="Borg"), None),  # it says so already
        (record("erp", name=None), {"name": "Borg"}),
        (record("erp", {"name": None}, name=None), {"name": "Borg"}),
        (Claim(record("erp").ref, "account", {"name": "BORG"}, baseline={"name": Agreed("Borg", "BORG")}), None),
    ],
)
def test_one_field_of_one_record(erp: Claim, written: dict[str, Value] | None) -> None:
    made = plan(AT, record("crm", name="Borg"), erp, known=golden(name="Borg"))
    assert [new for _, system, new in told(made) if system == "erp"] == ([] if written is None else [written])


@pytest.mark.parametrize(
    ("about", "why"),
    [
        ({"busy": {RESTS.ref: "no answer came back"}}, "no answer came back"),
        ({"targets": [target("crm"), target("erp", updates=False)]}, "records of this kind cannot be updated there"),
    ],
)
def test_a_record_that_cannot_be_written_now_is_held_with_the_reason(about: dict[str, Any], why: str) -> None:
    targets = about.pop("targets", AT.targets)
    made = plan(desk(spec(), *targets, **about), MOVED, RESTS, known=golden(name="Acme"))
    assert (made.changes, waits(made), made.decision.settled) == ([], [("erp", "", why)], False)


def test_an_archived_record_is_not_written_to() -> None:
    out = Claim(
        RESTS.ref, "account", {"name": "Acme", ARCHIVED: True},
        baseline={"name": Agreed("Acme", "Acme"), ARCHIVED: Agreed(sent=False, stored=True)},
    )  # fmt: skip
    made = plan(AT, MOVED, out, known=golden(name="Acme"))
    assert waits(made) == [("erp", "", "the record is archived there")]


def test_a_reference_without_a_record_there_is_held_alone() -> None:
    crm = record("crm", {"name": "Anna", "account": "a1"}, name="Ann", account="a2")
    erp = record("erp", {"name": "Anna", "account": "a1"}, name="Anna", account="a1")
    known = golden(name="Anna", account="a1")
    made = plan(AT, crm, erp, known=known)
    assert told(made) == [("update", "erp", {"name": "Ann"})]
    assert waits(made) == [("erp", "account", "account refers to what has no record there yet")]
    links = Links({"account": "account"}, {("erp", "account", "a2"): "C-2"})
    assert told(plan(desk(spec(), target("erp"), links=links), crm, erp, known=known)) == [
        ("update", "erp", {"name": "Ann", "account": "a2"})
    ]


@pytest.mark.parametrize(
    ("elsewhere", "written", "reverts", "settled"),
    [
        (Elsewhere.REVERT, ["erp"], True, False),
        (Elsewhere.REPORT, [], False, True),
        (Elsewhere.PROPOSE, [], False, False),
    ],
)
def test_an_edit_by_one_who_does_not_decide(
    elsewhere: Elsewhere, written: list[str], *, reverts: bool, settled: bool
) -> None:
    at = desk(spec(name=rule("name", edited_elsewhere=elsewhere)), target("crm"), target("erp"))
    made = plan(at, record("crm", BASE, name="Acme"), record("erp", BASE, name="Bork"), known=golden(name="Acme"))
    assert [change.system for change in made.changes] == written
    assert [change.fields["name"].reverts for change in made.changes] == ([True] if reverts else [])
    assert made.decision.settled is settled


def test_a_reported_difference_moves_the_baseline_and_says_that_it_was_accepted() -> None:
    at = desk(spec(name=rule("name", edited_elsewhere=Elsewhere.REPORT)), target("crm"), target("erp"))
    made = plan(at, record("crm", BASE, name="Acme"), record("erp", BASE, name="Bork"), known=golden(name="Acme"))
    (agreement,) = made.decision.agreements
    assert (agreement.ref.system, agreement.baseline, agreement.accepted) == (
        "erp",
        {"name": Agreed("Acme", "Bork", own=True)},
        True,
    )


def test_a_record_that_says_already_what_was_decided_agrees_without_a_write() -> None:
    made = plan(AT, record("crm", BASE, name="Borg"), record("erp", BASE, name="Borg"), known=golden(name="Acme"))
    assert made.changes == []
    assert {a.ref.system: a.baseline for a in made.decision.agreements} == {
        "crm": {"name": Agreed("Borg", "Borg")},
        "erp": {"name": Agreed("Borg", "Borg")},
    }


def test_a_contested_record_keeps_its_baseline_and_is_not_written() -> None:
    at = desk(spec(name=rule("name", Mode.SHARED)), target("crm"), target("erp"))
    made = plan(at, record("crm", BASE, name="B"), record("erp", BASE, name="C"), known=golden(name="Acme"))
    assert (made.changes, made.decision.agreements, made.decision.golden) == ([], (), {})
    assert [question.topic for question in made.decision.questions] == ["field:name"]


def test_only_what_is_new_is_decided_anew() -> None:
    known = golden(name="Acme", tax_id="T1")
    made = plan(AT, record("crm", {"name": "Acme", "tax_id": "T1"}, name="Borg", tax_id="T1"), known=known)
    assert {key: word.because for key, word in made.decision.golden.items()} == {"name": Because.CHANGED}


# --- what stays in view -----------------------------------------------------------------------------------------------


def settled(made: EntityPlan) -> bool:
    return made.decision.settled


def test_an_open_question_keeps_the_entity_in_view_until_it_is_withdrawn() -> None:
    rests = (record("crm", BASE, name="Acme"), RESTS)
    made = plan(AT, *rests, known=golden(name="Acme"), asked={"field:name": NOW})
    assert (made.decision.withdrawn, settled(made)) == (("field:name",), False)


@pytest.mark.parametrize(
    ("topic", "withdrawn"),
    [
        ("field:name", True),
        ("field:colour", True),  # nobody speaks of it any more, and the book does not know it
        ("archive", True),
        ("match:e2", False),  # a person's alone
        ("join:e2", False),
        ("create:erp", False),
    ],
)
def test_which_doubts_go_away_by_themselves(topic: str, *, withdrawn: bool) -> None:
    made = plan(AT, record("crm", BASE, name="Acme"), known=golden(name="Acme"), asked={topic: NOW})
    assert made.decision.withdrawn == ((topic,) if withdrawn else ())


def test_a_question_that_is_raised_again_is_not_withdrawn() -> None:
    at = desk(
        spec(name=rule("name", Mode.SHARED, conflict=Conflict.RANK_AFTER, conflict_after=timedelta(days=1))),
        target("erp"),
    )
    claims = (record("crm", BASE, name="B"), record("erp", BASE, name="C"))
    made = plan(at, *claims, known=golden(name="Acme"), asked={"field:name": NOW})
    assert (made.decision.withdrawn, settled(made)) == ((), False)


OPEN = When((Clause(Asks.IN, "stage", ("open",)),))


def test_an_entity_that_does_not_take_part_is_decided_and_not_written() -> None:
    at = desk(spec(takes_part=TakesPart(OPEN)), target("crm"), target("erp"))
    base: dict[str, Value] = {"name": "Acme", "stage": "open"}
    made = plan(at, record("crm", base, name="Borg", stage="test"), record("erp", base, name="Acme", stage="open"),
                known=golden(name="Acme", stage="open"))  # fmt: skip
    assert made.changes == []
    assert {key: word.value for key, word in made.decision.golden.items()} == {"name": "Borg", "stage": "test"}


def test_what_happened_while_it_stayed_out_is_caught_up_with_when_it_comes_back() -> None:
    at = desk(spec(takes_part=TakesPart(OPEN)), target("crm"), target("erp"))
    crm = record("crm", {"name": "Borg", "stage": "test"}, name="Borg", stage="open")
    erp = record("erp", {"name": "Acme", "stage": "open"}, name="Acme", stage="open")
    made = plan(at, crm, erp, known=golden(name="Borg", stage="test"))
    assert told(made) == [("update", "erp", {"name": "Borg"})]


# --- out of use -------------------------------------------------------------------------------------------------------


def test_an_archive_goes_where_the_book_says_and_as_the_only_change_of_a_record() -> None:
    base: dict[str, Value] = {"name": "Acme", ARCHIVED: False}
    erp = record("erp", base, name="Borg", **{ARCHIVED: True})
    crm, shop = (record(system, base, name="Acme", **{ARCHIVED: False}) for system in ("crm", "shop"))
    at = desk(spec(archive=ArchiveRule(("erp",), ("crm",), "review")), target("crm"), target("erp"), target("shop"))
    made = plan(at, crm, erp, shop, known=golden(name="Acme"))
    assert [(c.op, c.system) for c in made.changes] == [(Op.ARCHIVE, "crm")]
    assert made.decision.golden[ARCHIVED].value is True


def test_a_system_that_cannot_archive_is_written_to_as_ever() -> None:
    base: dict[str, Value] = {"name": "Acme", ARCHIVED: False}
    erp = record("erp", base, name="Acme", **{ARCHIVED: True})
    at = desk(spec(), target("crm", archives=False), target("erp"))
    made = plan(at, record("crm", base, name="Acme", **{ARCHIVED: False}), erp, known=golden(name="Acme"))
    assert made.changes == []


# --- per company ------------------------------------------------------------------------------------------------------


def test_each_company_s_value_goes_to_its_own_record_and_to_all_that_keep_several() -> None:
    at = desk(spec(limit=rule("limit", Mode.DECIDES, "erp")), target("erp", scoped_records=True), target("shop"))
    one = record("erp", {"limit@100": "5"}, id="100", scope="100", **{"limit@100": "6"})
    two = record("erp", {"limit@200": "7"}, id="200", scope="200", **{"limit@200": "7"})
    shop = record("shop", {"limit@100": "5", "limit@200": "7"}, **{"limit@100": "5", "limit@200": "7"})
    known = golden(**{"limit@100": "5", "limit@200": "7"})
    assert told(plan(at, one, two, shop, known=known)) == [("update", "shop", {"limit@100": "6"})]


def test_what_is_the_same_for_all_companies_goes_to_every_record_of_the_system() -> None:
    at = desk(spec(), target("crm"), target("erp", scoped_records=True))
    records = [record("erp", BASE, id=scope, scope=scope, name="Acme") for scope in ("100", "200")]
    made = plan(at, MOVED, *records, known=golden(name="Acme"))
    assert [(c.record_id, c.scope) for c in made.changes] == [("100", "100"), ("200", "200")]


def test_an_edit_in_the_record_of_one_company_reaches_those_of_the_others() -> None:
    at = desk(spec(name=rule("name", Mode.DECIDES, "erp")), target("erp", scoped_records=True))
    records = [record("erp", BASE, id=s, scope=s, name=n) for s, n in (("100", "Acme"), ("200", "Borg"))]
    made = plan(at, *records, known=golden(name="Acme"))
    assert [(c.record_id, c.fields["name"].new) for c in made.changes] == [("100", "Borg")]
