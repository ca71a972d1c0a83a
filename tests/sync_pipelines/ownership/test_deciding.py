"""One entity, all its fields."""

from collections.abc import Sequence
from typing import Any

import pytest

from mappings.ownership import Borrowed, Clause, Elsewhere, Mode, Ownership, Rule, When
from mappings.ownership import Test as Asks
from mappings.values import Value, Where
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.golden import Because, Decided, Override
from sync_pipelines.ownership.deciding import decide_entity
from sync_pipelines.ownership.situation import Ruling
from tests.sync_pipelines.ownership.scenes import agreed, cast, says, situation, systems_of

WON = When((Clause(Asks.IN, "stage", ("won",)),))


def rule(field: str, mode: Mode, *roles: str, **more: Any) -> Rule:
    return Rule(field, mode, roles, steward="sally", where=Where("book", 7), **more)


STAGED = Ownership(
    "account",
    {
        "terms": (rule("terms", Mode.DECIDES, "erp", when=WON), rule("terms", Mode.DECIDES, "crm")),
        "stage": (rule("stage", Mode.DECIDES, "crm"),),
    },
)


def told(system: str, base: dict[str, Value] | None = None, **values: Value) -> Claim:
    """A record with several fields; `base` is what it last agreed to."""
    claims = [
        says(system, value, *([base[key]] if base and key in base else []), key=key) for key, value in values.items()
    ]
    merged = {key: each for claim in claims for key, each in claim.baseline.items()}
    return Claim(claims[0].ref, "account", values, baseline=merged)


def by_key(rulings: Sequence[Ruling]) -> dict[str, Value]:
    return {ruling.key: ruling.value for ruling in rulings}


def test_rulings_come_in_the_order_of_the_book() -> None:
    rulings = decide_entity(STAGED, situation(None, told("crm", stage="open", terms="30")), cast())
    assert [ruling.key for ruling in rulings] == ["terms", "stage"]


def test_what_the_book_does_not_know_is_not_decided() -> None:
    assert decide_entity(STAGED, situation(None, told("crm", colour="red")), cast()) == []


def test_a_new_entity_reads_its_conditions_on_what_its_other_fields_came_to() -> None:
    claims = (told("crm", stage="won", terms="30"), told("erp", terms="60"))
    assert by_key(decide_entity(STAGED, situation(None, *claims), cast())) == {"terms": "60", "stage": "won"}


def test_a_known_entity_reads_its_conditions_on_what_was_agreed_before() -> None:
    golden = agreed("open", "crm", "stage") | agreed("30", "crm", "terms")
    base: dict[str, Value] = {"stage": "open", "terms": "30"}
    claims = (told("crm", base, stage="won", terms="45"), told("erp", {"terms": "30"}, terms="60"))
    rulings = decide_entity(STAGED, situation(golden, *claims), cast())
    assert by_key(rulings) == {"terms": "45", "stage": "won"}  # its last edit before the stage takes the field away


def test_where_no_condition_holds_the_agreed_value_stands() -> None:
    only_won = Ownership("account", {"terms": (rule("terms", Mode.DECIDES, "erp", when=WON),)})
    golden = agreed("30", "crm", "terms")
    (ruling,) = decide_entity(only_won, situation(golden, told("erp", {"terms": "30"}, terms="60")), cast())
    assert ruling.value == "30"


def test_each_company_has_its_own_decision() -> None:
    claims = (
        says("erp", "5", "5", key="terms@100", scope="100"),
        says("erp", "9", "5", key="terms@200", scope="200"),
    )
    golden = agreed("5", "erp", "terms@100") | agreed("5", "erp", "terms@200") | agreed("won", "crm", "stage")
    ruled = by_key(decide_entity(STAGED, situation(golden, *claims), cast()))
    assert (ruled["terms@100"], ruled["terms@200"]) == ("5", "9")


# --- a steward's standing word ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("elsewhere", "reverted", "held", "accepted"),
    [
        (Elsewhere.REVERT, {"crm"}, set(), set()),
        (Elsewhere.PROPOSE, set(), {"crm"}, set()),
        (Elsewhere.REPORT, set(), set(), {"crm"}),
    ],
)
def test_a_standing_word_outranks_even_the_decider(
    elsewhere: Elsewhere, reverted: set[str], held: set[str], accepted: set[str]
) -> None:
    book = Ownership("account", {"stage": (rule("stage", Mode.DECIDES, "crm", edited_elsewhere=elsewhere),)})
    said = situation(
        agreed("open", "crm", "stage"),
        told("crm", {"stage": "open"}, stage="won"),
        overrides={"stage": Override("stage", "held", "sally")},
    )
    (ruling,) = decide_entity(book, said, cast())
    assert ruling.decided is not None
    assert (ruling.value, ruling.decided.because, ruling.decided.by) == ("held", Because.VERDICT, "steward:sally")
    assert (systems_of(ruling.reverted), systems_of(ruling.held), systems_of(ruling.accepted)) == (
        reverted,
        held,
        accepted,
    )


def test_a_standing_word_stands_also_where_nobody_speaks_of_the_field() -> None:
    said = situation(None, told("crm", stage="open"), overrides={"terms": Override("terms", "30", "sally")})
    assert by_key(decide_entity(STAGED, said, cast()))["terms"] == "30"


# --- what another entity says -----------------------------------------------------------------------------------------

BORROWED = Ownership("account", {"stage": (rule("stage", Mode.BORROWED, borrowed=Borrowed("order", "state")),)})


@pytest.mark.parametrize(
    ("lent", "golden", "value", "because"),
    [
        ({("order", "state"): "paid"}, None, "paid", Because.BORROWED),
        ({("order", "state"): "paid"}, agreed("open", "crm", "stage"), "paid", Because.BORROWED),
        ({("order", "state"): "open"}, agreed("open", "crm", "stage"), "open", Because.FIRST),
        ({}, agreed("open", "crm", "stage"), "open", Because.FIRST),
    ],
)
def test_a_borrowed_value(
    lent: dict[tuple[str, str], Value], golden: dict[str, Decided] | None, value: Value, because: Because
) -> None:
    said = situation(golden, told("crm", {"stage": "open"}, stage="open"), borrowed=lent)
    (ruling,) = decide_entity(BORROWED, said, cast())
    assert ruling.decided is not None
    assert (ruling.value, ruling.decided.because) == (value, because)


def test_an_edit_of_a_borrowed_value_is_taken_back() -> None:
    said = situation(
        agreed("open", "crm", "stage"),
        told("crm", {"stage": "open"}, stage="won"),
        borrowed={("order", "state"): "open"},
    )
    (ruling,) = decide_entity(BORROWED, said, cast())
    assert (ruling.value, systems_of(ruling.reverted)) == ("open", {"crm"})
