"""`each`: who may add an item, remove one, edit one. Here the ERP and the CRM decide, in this order; the CRM, the ERP
and the shop may add; only the ERP may remove.
"""

import pytest

from mappings.ownership import Each, Elsewhere, Mode
from mappings.values import Value
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.golden import Because
from sync_pipelines.model.parts import Parts
from sync_pipelines.ownership.lists import decide_list
from sync_pipelines.ownership.situation import Ruling
from tests.sync_pipelines.ownership.scenes import NEVER, agreed, cast, rule, says, silent, situation, systems_of

EACH = Each("code", decides=("erp", "crm"), add=("crm", "erp", "shop"), remove=("erp",))


def items(text: str) -> Value:
    """`A=Bonn B=Ulm` as a list of places; a bare `=Bonn` has no code."""
    pairs = [word.partition("=") for word in text.split()]
    return [{"code": code or None, "city": city} for code, _, city in pairs]


def written(value: Value) -> str:
    assert isinstance(value, list)
    return " ".join(f"{item['code'] or ''}={item['city']}" for item in value if isinstance(item, dict))


def place(system: str, now: str, base: object = NEVER) -> Claim:
    return says(system, items(now), base if base is NEVER else items(str(base)))


def decide(
    golden: str | None, *claims: Claim, parts: dict[tuple[str, str], Parts] | None = None, **more: object
) -> Ruling:
    said = situation(None if golden is None else agreed(items(golden), "erp"), *claims)
    return decide_list("field", rule(Mode.EACH, each=EACH, **more), said, cast(parts))


@pytest.mark.parametrize(
    ("claims", "after", "reverted"),
    [
        ([place("erp", "A=Bonn", "A=Bonn")], "A=Bonn", set()),
        # edits
        ([place("erp", "A=Ulm", "A=Bonn")], "A=Ulm", set()),
        ([place("crm", "A=Ulm", "A=Bonn")], "A=Ulm", set()),  # the second decider, where the first does not keep it
        ([place("erp", "A=Bonn", "A=Bonn"), place("crm", "A=Ulm", "A=Bonn")], "A=Bonn", {"crm"}),
        ([place("erp", "A=Ulm", "A=Bonn"), place("crm", "A=Köln", "A=Bonn")], "A=Ulm", {"crm"}),
        ([place("erp", "A=Bonn", "A=Bonn"), place("shop", "A=Ulm", "A=Bonn")], "A=Bonn", {"shop"}),
        # additions
        ([place("erp", "A=Bonn B=Ulm", "A=Bonn")], "A=Bonn B=Ulm", set()),
        ([place("shop", "A=Bonn B=Ulm", "A=Bonn")], "A=Bonn B=Ulm", set()),
        (
            [place("crm", "A=Bonn B=Ulm", "A=Bonn"), place("shop", "A=Bonn C=Jena", "A=Bonn")],
            "A=Bonn B=Ulm C=Jena",
            set(),
        ),
        ([place("crm", "A=Bonn B=Ulm", "A=Bonn"), place("shop", "A=Bonn B=Jena", "A=Bonn")], "A=Bonn B=Ulm", {"shop"}),
        ([place("crm", "A=Bonn B=Ulm")], "A=Bonn B=Ulm", set()),  # it comes with one of its own
        # removals
        ([place("erp", "", "A=Bonn")], "", set()),
        ([place("crm", "", "A=Bonn")], "A=Bonn", {"crm"}),
        ([place("erp", "", "A=Bonn"), place("crm", "A=Bonn", "A=Bonn")], "", set()),
        ([place("erp", "", "A=Bonn"), place("crm", "A=Ulm", "A=Bonn")], "", {"crm"}),  # gone is gone; the edit is told
        ([place("erp", "B=Ulm", "A=Bonn")], "B=Ulm", set()),
        ([place("erp", "")], "A=Bonn", set()),  # a list that never agreed to anything removes nothing
        ([silent("erp")], "A=Bonn", set()),
    ],
)
def test_what_becomes_of_the_list_of_one_place(claims: list[Claim], after: str, reverted: set[str]) -> None:
    ruling = decide("A=Bonn", *claims)
    assert (written(ruling.value), systems_of(ruling.reverted)) == (after, reverted)


def test_one_who_may_not_add_is_taken_back() -> None:
    ruling = decide("A=Bonn", place("crm2", "A=Bonn B=Ulm", "A=Bonn"))
    assert written(ruling.value) == "A=Bonn B=Ulm"  # another system of a role that may
    strict = Each("code", decides=("erp",), add=("erp",), remove=("erp",))
    said = situation(agreed(items("A=Bonn")), place("crm", "A=Bonn B=Ulm", "A=Bonn"))
    ruling = decide_list("field", rule(Mode.EACH, each=strict), said, cast())
    assert (written(ruling.value), systems_of(ruling.reverted)) == ("A=Bonn", {"crm"})


@pytest.mark.parametrize(
    ("elsewhere", "held", "accepted"),
    [(Elsewhere.PROPOSE, {"crm"}, set()), (Elsewhere.REPORT, set(), {"crm"})],
)
def test_what_is_not_permitted_goes_the_way_the_book_says(
    elsewhere: Elsewhere, held: set[str], accepted: set[str]
) -> None:
    ruling = decide("A=Bonn", place("crm", "", "A=Bonn"), edited_elsewhere=elsewhere)
    assert (systems_of(ruling.held), systems_of(ruling.accepted)) == (held, accepted)
    assert (ruling.question is not None) == bool(held)


@pytest.mark.parametrize(
    ("claims", "after"),
    [
        ([place("crm", "A=Bonn"), place("erp", "B=Ulm")], "A=Bonn B=Ulm"),
        ([place("crm", "A=Bonn"), place("erp", "A=Ulm")], "A=Ulm"),  # of two first words the first decider's
        ([place("shop", "A=Bonn")], "A=Bonn"),
        ([place("shop", "A=Bonn"), place("crm", "A=Ulm")], "A=Ulm"),
    ],
)
def test_the_first_list(claims: list[Claim], after: str) -> None:
    decided = decide(None, *claims).decided
    assert decided is not None
    assert (written(decided.value), decided.because) == (after, Because.FIRST)


def test_empty_lists_alone_agree_on_nothing() -> None:
    assert decide(None, place("crm", ""), says("erp", None)).decided is None


def test_a_reordered_list_is_no_edit() -> None:
    ruling = decide("A=Bonn B=Ulm", says("erp", items("B=Ulm A=Bonn"), items("A=Bonn B=Ulm")))
    assert (written(ruling.value), ruling.reverted) == ("A=Bonn B=Ulm", frozenset())


def test_who_changed_the_list_stands_in_its_reason() -> None:
    decided = decide("A=Bonn", place("crm", "A=Bonn B=Ulm", "A=Bonn"), place("shop", "A=Bonn C=Jena", "A=Bonn")).decided
    assert decided is not None
    assert (decided.by, decided.because) == ("crm+shop", Because.CHANGED)


# --- items of which a system keeps only some parts --------------------------------------------------------------------

HINTS: Value = [{"code": "A", "city": "Bonn", "hint": "ring"}]
ONLY_CITY: dict[tuple[str, str], Parts] = {("crm", "field"): ("code", "city")}


def test_an_edit_by_a_system_that_keeps_some_parts_leaves_the_others() -> None:
    said = situation(agreed(HINTS, "erp"), place("crm", "A=Ulm", "A=Bonn"))
    ruling = decide_list("field", rule(Mode.EACH, each=EACH), said, cast(ONLY_CITY))
    assert ruling.value == [{"code": "A", "city": "Ulm", "hint": "ring"}]
    assert ruling.reverted == frozenset()


def test_a_system_that_keeps_some_parts_and_rests_is_no_stray() -> None:
    said = situation(agreed(HINTS, "erp"), place("crm", "A=Bonn", "A=Bonn"))
    ruling = decide_list("field", rule(Mode.EACH, each=EACH), said, cast(ONLY_CITY))
    assert (ruling.value, ruling.reverted) == (HINTS, frozenset())


# --- items without a key ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "after"),
    [
        (place("erp", "=Bonn =Ulm", "=Bonn"), "=Bonn =Ulm"),
        (place("erp", "", "=Bonn"), ""),
        (place("erp", "=Ulm", "=Bonn"), "=Ulm"),  # an edit is another item
        (place("crm", "", "=Bonn"), "=Bonn"),
    ],
)
def test_an_item_without_a_key_is_known_by_all_it_says(claim: Claim, after: str) -> None:
    assert written(decide("=Bonn", claim).value) == after


def test_a_rule_without_each_says_where_it_stands() -> None:
    with pytest.raises(ValueError, match="book:7: field is a list without `each`"):
        decide_list("field", rule(Mode.EACH), situation(None), cast())
