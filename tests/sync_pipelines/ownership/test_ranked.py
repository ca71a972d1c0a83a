"""`decides`: the first of the ranked deciders that knows the entity decides. The rule here: [erp, crm, shop]."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from mappings.ownership import Handover, Mode
from mappings.values import Value
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.ownership.ranked import decide_ranked
from sync_pipelines.ownership.situation import Ruling
from tests.sync_pipelines.ownership.scenes import agreed, cast, rule, says, silent, situation, systems_of

TAKE, SEED, ASK = Handover.TAKE, Handover.SEED, Handover.ASK_IF_DIFFERS


def decide(golden: Mapping[str, Decided] | None, *claims: Claim, asked: bool = False, **more: object) -> Ruling:
    now = situation(None, *claims).now
    return decide_ranked(
        "field",
        rule(Mode.DECIDES, "erp", "crm", "shop", **more),
        situation(golden, *claims, asked={"field:field": now} if asked else {}),
        cast(),
    )


@dataclass(frozen=True)
class Case:
    """`by` and `because` of the decision that has to come out."""

    about: str
    golden: Mapping[str, Decided] | None
    claims: tuple[Claim, ...]
    value: Value
    because: Because
    by: str


FIRST, CHANGED, TAKEN = Because.FIRST, Because.CHANGED, Because.HANDED_OVER
ERP_1, SALLY_1, CRM_2 = agreed("1", "erp"), agreed("1", "steward:sally"), agreed("2", "crm")
SHOUTS = says("erp", "BORG", "Borg", stored="BORG")
CASES = (
    Case("only one knows it", None, (says("crm", "1"),), "1", FIRST, "crm"),
    Case("nothing is agreed, two speak", None, (says("crm", "1"), says("erp", "1")), "1", TAKEN, "erp"),
    Case("the higher one is silent", None, (silent("erp"), says("crm", "1")), "1", FIRST, "crm"),
    Case("a blank stub", None, (says("erp", None), says("crm", "1")), "1", FIRST, "crm"),
    Case("a blank list stub", None, (says("erp", []), says("crm", "1")), "1", FIRST, "crm"),
    Case("the decider moves", ERP_1, (says("erp", "2", "1"),), "2", CHANGED, "erp"),
    Case("it moves to zero", ERP_1, (says("erp", "0", "1"),), "0", CHANGED, "erp"),
    Case("it empties the field", ERP_1, (says("erp", None, "1"),), None, CHANGED, "erp"),
    Case("a lower one moves", ERP_1, (says("erp", "1", "1"), says("crm", "2", "1")), "1", FIRST, "erp"),
    Case("both move", ERP_1, (says("erp", "3", "1"), says("crm", "2", "1")), "3", CHANGED, "erp"),
    Case("all rest", ERP_1, (says("erp", "1", "1"), says("crm", "1", "1")), "1", FIRST, "erp"),
    Case("nobody speaks any more", ERP_1, (silent("erp"),), "1", FIRST, "erp"),
    Case("the decider is gone", ERP_1, (says("crm", "1", "1"),), "1", TAKEN, "crm"),
    Case("it stands in and edits", ERP_1, (says("crm", "2", "1"),), "2", CHANGED, "crm"),
    Case("a person's word stays", SALLY_1, (says("erp", "1", "1"),), "1", FIRST, "steward:sally"),
    Case("until the decider moves", SALLY_1, (says("erp", "2", "1"),), "2", CHANGED, "erp"),
    Case("its baseline was forgotten", ERP_1, (says("erp", "2"),), "2", CHANGED, "erp"),
    Case("it rests on an older value", CRM_2, (says("erp", "1", "1"), says("crm", "2", "2")), "2", TAKEN, "erp"),
    Case("it spells it in its own way", agreed("Borg", "erp"), (SHOUTS,), "Borg", FIRST, "erp"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_who_decides_and_why(case: Case) -> None:
    decided = decide(case.golden, *case.claims).decided
    assert decided is not None
    assert (decided.value, decided.because, decided.by) == (case.value, case.because, case.by)


def test_nobody_who_decides_has_said_anything() -> None:
    assert decide(None, silent("erp"), silent("shop")).decided is None


def test_one_who_does_not_decide_says_nothing_to_it() -> None:
    ruling = decide_ranked("field", rule(Mode.DECIDES, "erp"), situation(None, says("crm", "1")), cast())
    assert ruling.decided is None


def test_a_new_decision_names_the_sentence_of_the_book() -> None:
    ruling = decide(None, says("crm", "1"))
    assert ruling.decided is not None
    assert ruling.decided.rule == "book:7"


# --- hand-over: the ERP comes to know an account that the CRM had ----------------------------------------------------


@pytest.mark.parametrize(
    ("handover", "erp", "golden", "value", "because", "outcome", "asks"),
    [
        (ASK, "1", "1", "1", Because.HANDED_OVER, "agreed", False),
        (TAKE, "1", "1", "1", Because.HANDED_OVER, "agreed", False),
        (SEED, "1", "1", "1", Because.HANDED_OVER, "agreed", False),
        (ASK, "9", "1", "1", Because.FIRST, "asked", True),
        (TAKE, "9", "1", "9", Because.HANDED_OVER, "taken", False),
        (SEED, "9", "1", "1", Because.SEEDED, "seeded", False),
        (ASK, "9", None, "9", Because.HANDED_OVER, "taken", False),  # there was nothing to lose
        (SEED, "9", None, "9", Because.HANDED_OVER, "taken", False),
        (ASK, "9", [], "9", Because.HANDED_OVER, "taken", False),
    ],
)
def test_what_a_hand_over_does(
    handover: Handover, erp: str, golden: Value, value: Value, because: Because, outcome: str, *, asks: bool
) -> None:
    ruling = decide(agreed(golden), says("erp", erp), says("crm", golden, golden), handover=handover)
    assert ruling.decided is not None
    assert (ruling.value, ruling.decided.because) == (value, because)
    assert ruling.hand_over is not None
    assert (ruling.hand_over.from_, ruling.hand_over.to, ruling.hand_over.outcome) == ("crm", "erp", outcome)
    assert (ruling.question is not None, systems_of(ruling.held)) == (asks, {"erp"} if asks else set())


@pytest.mark.parametrize("blank", [None, []])
def test_a_blank_stub_takes_over_nothing(blank: Value) -> None:
    ruling = decide(agreed("1"), says("erp", blank), says("crm", "1", "1"), handover=TAKE)
    assert (ruling.value, ruling.hand_over) == ("1", None)


def test_a_hand_over_question_shows_both_values_and_is_put_to_the_steward() -> None:
    question = decide(agreed("1"), says("erp", "9"), says("crm", "1", "1")).question
    assert question is not None
    assert (question.steward, question.topic) == ("sally", "field:field")
    assert question.evidence["values"] == {"crm": "1", "erp": "9"}
    assert list(question.choices) == ["crm", "erp"]


def test_a_hand_over_that_is_being_asked_about_is_recorded_once() -> None:
    ruling = decide(agreed("1"), says("erp", "9"), says("crm", "1", "1"), asked=True)
    assert ruling.question is not None
    assert ruling.hand_over is None


def test_a_lower_decider_that_comes_later_changes_nothing() -> None:
    ruling = decide(agreed("1", "erp"), says("erp", "1", "1"), says("shop", "9"))
    assert (ruling.value, ruling.hand_over, ruling.question) == ("1", None, None)


def test_a_decider_that_is_gone_hands_back_and_says_so() -> None:
    ruling = decide(agreed("1", "erp"), says("crm", "1", "1"))
    assert ruling.hand_over is not None
    assert (ruling.hand_over.to, ruling.hand_over.outcome) == ("crm", "fell_back")


def test_on_day_one_the_next_in_rank_speaks_for_those_who_were_before() -> None:
    ruling = decide(None, says("erp", "9"), says("crm", "1"), says("shop", "5"))
    assert ruling.value == "1"  # the shop's would have beaten the CRM's, which outranks it
    assert ruling.question is not None
    assert ruling.question.evidence["values"] == {"crm": "1", "erp": "9"}


# --- blank: keep -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keep", "golden", "blank", "value", "because"),
    [
        (True, "1", None, "1", Because.KEPT),
        (True, "1", [], "1", Because.KEPT),
        (False, "1", None, None, Because.CHANGED),
        (True, None, None, None, Because.CHANGED),
        (True, "1", "0", "0", Because.CHANGED),  # zero is no blank
        (True, "1", "", "", Because.CHANGED),
    ],
)
def test_a_deciders_blank(*, keep: bool, golden: Value, blank: Value, value: Value, because: Because) -> None:
    decided = decide(agreed(golden, "erp"), says("erp", blank, "9"), keep_on_blank=keep).decided
    assert decided is not None
    assert (decided.value, decided.because) == (value, because)


# --- several records of the first system -----------------------------------------------------------------------------


def test_of_two_records_of_one_system_the_edited_one_speaks() -> None:
    first, second = says("erp", "1", "1", scope="100"), says("erp", "2", "1", scope="200")
    ruling = decide(agreed("1", "erp"), first, second)
    assert (ruling.value, ruling.reverted) == ("2", frozenset())


def test_of_two_systems_of_one_role_the_first_by_rank_decides_and_the_other_is_taken_back() -> None:
    ruling = decide(agreed("1", "crm"), says("crm2", "2", "1"), says("crm", "1", "1"))
    assert (ruling.value, systems_of(ruling.reverted)) == ("1", {"crm2"})


def test_parts_that_the_decider_does_not_keep_stay() -> None:
    whole: Value = {"street": "S", "country": "DE"}
    parts = {("erp", "field"): ("street",)}
    claims = (says("erp", {"street": "T"}, {"street": "S"}), says("crm", whole, whole))
    ruling = decide_ranked("field", rule(Mode.DECIDES, "erp"), situation(agreed(whole, "erp"), *claims), cast(parts))
    assert ruling.value == {"street": "T", "country": "DE"}
