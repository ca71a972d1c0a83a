"""An edit by one who does not decide: taken back, proposed, or only reported."""

import pytest

from mappings.ownership import Elsewhere, Mode
from mappings.values import Value
from sync_pipelines.model.golden import Because
from sync_pipelines.model.questions import About
from sync_pipelines.ownership.ranked import decide_ranked
from sync_pipelines.ownership.situation import Ruling
from tests.sync_pipelines.ownership.scenes import agreed, cast, rule, says, silent, situation, systems_of

REVERT, PROPOSE, REPORT = Elsewhere.REVERT, Elsewhere.PROPOSE, Elsewhere.REPORT


def decide(elsewhere: Elsewhere, *claims: object, by: str = "", golden: Value = "1") -> Ruling:
    said = situation(agreed(golden, "erp"), *claims)  # type: ignore[arg-type]  # claims
    return decide_ranked("field", rule(Mode.DECIDES, "erp", edited_elsewhere=elsewhere, by=by), said, cast())


ERP = says("erp", "1", "1")


@pytest.mark.parametrize(
    ("elsewhere", "crm", "reverted", "held", "accepted"),
    [
        (REVERT, says("crm", "2", "1"), {"crm"}, set(), set()),
        (PROPOSE, says("crm", "2", "1"), set(), {"crm"}, set()),
        (REPORT, says("crm", "2", "1"), set(), set(), {"crm"}),
        (REVERT, says("crm", None, "1"), {"crm"}, set(), set()),  # emptying is an edit, too
        (REVERT, says("crm", "1", "1"), set(), set(), set()),
        (PROPOSE, says("crm", "1", "0"), set(), set(), set()),  # it moved to what stands
        (REPORT, says("crm", "2"), set(), set(), set()),  # never agreed: it is told, not taken back
        (PROPOSE, says("crm", "2"), set(), set(), set()),
        (REVERT, silent("crm"), set(), set(), set()),
        (PROPOSE, says("crm", "ONE", "1", stored="ONE"), set(), set(), set()),
    ],
)
def test_what_becomes_of_it(
    elsewhere: Elsewhere, crm: object, reverted: set[str], held: set[str], accepted: set[str]
) -> None:
    ruling = decide(elsewhere, ERP, crm)
    assert ruling.value == "1"
    assert (systems_of(ruling.reverted), systems_of(ruling.held), systems_of(ruling.accepted)) == (
        reverted,
        held,
        accepted,
    )
    assert (ruling.question is not None) == bool(held)


def test_a_proposal_names_who_edited_what_for_the_steward_who_decides() -> None:
    claims = (ERP, says("crm", "2", "1", editor="ben"), says("shop", "3", "1"))
    question = decide(PROPOSE, *claims).question
    assert question is not None
    assert (question.about, question.steward) == (About.PROPOSAL, "sally")
    assert question.evidence["values"] == {"agreed": "1", "crm": "2", "shop": "3"}
    assert question.evidence["editors"] == {"crm": "ben", "shop": ""}
    assert list(question.choices) == ["agreed", "crm", "shop"]


def test_the_deciders_own_edit_in_the_same_run_makes_theirs_a_stray() -> None:
    ruling = decide(PROPOSE, says("erp", "5", "1"), says("crm", "2", "1"))
    assert (ruling.value, systems_of(ruling.held)) == ("5", {"crm"})


@pytest.mark.parametrize(
    ("editor", "value", "reverted"),
    [
        ("order_desk", "2", set()),  # the department that decides
        ("sales", "1", {"erp"}),  # another one in the same system
        ("", "2", set()),  # the system does not tell: it counts as the department's own
    ],
)
def test_a_department_inside_the_deciding_system(editor: str, value: str, reverted: set[str]) -> None:
    ruling = decide(REVERT, says("erp", "2", "1", editor=editor), by="order_desk")
    assert (ruling.value, systems_of(ruling.reverted)) == (value, reverted)


@pytest.mark.parametrize("elsewhere", [REVERT, PROPOSE, REPORT])
@pytest.mark.parametrize(
    ("departments", "editor", "because"),
    [
        (["erp"], "order_desk", Because.CHANGED),
        (["erp"], "", Because.DEPARTMENT_UNTOLD),  # of this record it does not tell
        ([], "", Because.DEPARTMENT_UNTOLD),
        ([], "user:ben", Because.DEPARTMENT_UNTOLD),  # a person is no department
        (["crm"], "user:ben", Because.DEPARTMENT_UNTOLD),  # another system's map tells
        ([], "order_desk", Because.CHANGED),  # the book names that very person
    ],
)
def test_an_edit_of_which_nobody_can_tell_the_department_stands_and_is_reported(
    elsewhere: Elsewhere, departments: list[str], editor: str, because: Because
) -> None:
    said = situation(agreed("1", "erp"), says("erp", "2", "1", editor=editor), says("crm", "1", "1"))
    by_desk = rule(Mode.DECIDES, "erp", edited_elsewhere=elsewhere, by="order_desk")
    ruling = decide_ranked("field", by_desk, said, cast(departments=departments))
    assert ruling.decided is not None
    assert (ruling.value, ruling.decided.because, ruling.decided.by) == ("2", because, "erp")
    assert (ruling.reverted, ruling.held, ruling.accepted) == (frozenset(), frozenset(), frozenset())


@pytest.mark.parametrize("by", ["", "order_desk"])
def test_an_edit_in_another_system_is_no_less_foreign_for_that(by: str) -> None:
    said = situation(agreed("1", "erp"), ERP, says("crm", "2", "1", editor="order_desk"))
    ruling = decide_ranked("field", rule(Mode.DECIDES, "erp", by=by), said, cast(departments=[]))
    assert (ruling.value, systems_of(ruling.reverted)) == ("1", {"crm"})


@pytest.mark.parametrize(("elsewhere", "held", "accepted"), [(PROPOSE, {"erp"}, set()), (REPORT, set(), {"erp"})])
def test_another_departments_edit_goes_the_way_the_book_says(
    elsewhere: Elsewhere, held: set[str], accepted: set[str]
) -> None:
    ruling = decide(elsewhere, says("erp", "2", "1", editor="sales"), by="order_desk")
    assert (systems_of(ruling.held), systems_of(ruling.accepted)) == (held, accepted)


def test_of_two_records_the_deciding_departments_edit_stands() -> None:
    foreign = says("erp", "2", "1", scope="100", editor="sales")
    own = says("erp", "3", "1", scope="200", editor="order_desk")
    ruling = decide(REVERT, foreign, own, by="order_desk")
    assert (ruling.value, systems_of(ruling.reverted)) == ("3", {"erp100"})


def test_a_part_that_a_system_does_not_keep_is_no_difference() -> None:
    whole: Value = {"street": "S", "country": "DE"}
    parts = {("crm", "field"): ("street",)}
    claims = (says("erp", whole, whole), says("crm", {"street": "S"}, {"street": "T"}))
    ruling = decide_ranked("field", rule(Mode.DECIDES, "erp"), situation(agreed(whole, "erp"), *claims), cast(parts))
    assert ruling.reverted == frozenset()
