"""What a record agrees to once those it was one with are another: case by case."""

from collections.abc import Mapping

import pytest

from connectors.contract import RecordRef
from mappings.values import Value
from sync_pipelines.flow.casting import cast_of
from sync_pipelines.flow.own_words import OwnWords
from sync_pipelines.flow.parting import Parted
from sync_pipelines.flow.sides import Side
from sync_pipelines.identity.keys import OUR_KEY
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.simulation.little_book import the_little_book

ERP = RecordRef("erp", "Customer", "1")
SHOP = RecordRef("shop", "Buyer", "1")
BONN: Value = {"code": "B", "city": "Bonn", "hint": None}
KIEL: Value = {"code": "K", "city": "Kiel", "hint": None}


def agreed_by(
    key: str, said: Value, knew: Value | Agreed, stood: Value, stands: Value, *, shop: Value = None, made: bool = False
) -> Agreed | None:
    """What the ERP's record agrees to that says this and knew that, where one stood for both and another stands now."""
    book = the_little_book()
    spec = book.entities["account"]
    claims = (_claim(ERP, key, said, knew), _claim(SHOP, key, shop, stood))
    side = Side("one", claims, made={ERP: frozenset({key} if made else ())})
    parted = Parted(spec, cast_of(book, spec), side, _golden(key, stood), _golden(key, stands))
    return dict(parted.agreed(side.living[0])).get(key)


def _claim(ref: RecordRef, key: str, said: Value, knew: Value | Agreed) -> Claim:
    agreed = knew if isinstance(knew, Agreed) else Agreed(knew, knew)
    return Claim(ref, "account", {key: said}, baseline={} if knew is None else {key: agreed})


def _golden(key: str, value: Value) -> Mapping[str, Decided]:
    return {key: Decided(value, Because.SPLIT)}


@pytest.mark.parametrize(
    ("key", "said", "knew", "stood", "stands", "agreed"),
    [
        pytest.param("rating", "7", "7", "7", None, Agreed(None, "7", own=True), id="nobody here decides it"),
        pytest.param("name", "A", "A", "A", "B", Agreed("A", "A"), id="another one here decides it"),
        pytest.param("rating", "7", None, "8", None, Agreed(None, "7", own=True), id="said for the first time"),
        pytest.param("ship_to", [BONN], [BONN], [BONN], None, Agreed(None, [BONN], own=True), id="a whole list"),
        pytest.param("rating", "8", "7", "7", None, Agreed("7", "7"), id="its edit stays one"),
        pytest.param("name", "A", "A", "B", "B", Agreed("A", "A"), id="what was due still is"),
        pytest.param("rating", None, None, "7", "8", None, id="nothing is nothing of its own"),
        pytest.param("name", "A", None, None, "B", None, id="nothing was agreed on it"),
        pytest.param("ship_to", [BONN], [BONN], [BONN], [BONN, KIEL], Agreed([BONN], [BONN]), id="said together"),
        pytest.param("rating", "7", "7", "7", "7", Agreed("7", "7"), id="as it stands"),
    ],
)  # fmt: skip
def test_what_it_says_by_itself_is_its_own_where_the_parting_alone_made_a_difference(
    key: str, said: Value, knew: Value, stood: Value, stands: Value, agreed: Agreed | None
) -> None:
    assert agreed_by(key, said, knew, stood, stands) == agreed


def test_a_number_that_another_one_gives_is_not_its_own() -> None:
    claim = _claim(SHOP, "number", "K1", "K1")
    book = the_little_book()
    spec, golden = book.entities["account"], (_golden("number", "K1"), _golden("number", None))
    parted = Parted(spec, cast_of(book, spec), Side("one", (claim,)), *golden)
    assert dict(parted.agreed(claim)) == {"number": Agreed("K1", "K1")}


def test_what_it_was_made_with_is_not_its_own() -> None:
    assert agreed_by("rating", "7", "7", "7", None, made=True) == Agreed("7", "7")


def test_what_was_sent_to_it_unseen_is_not_its_own() -> None:
    """It may have been cut on the way."""
    unseen = Agreed("Acme", "Acme", shown=False)
    assert agreed_by("name", "Ac", unseen, "Acme", "Beta") == unseen


def test_what_another_one_here_says_anew_it_is_told_of() -> None:
    assert agreed_by("name", "A", "A", "A", "B", shop="B") == Agreed("A", "A")


@pytest.mark.parametrize(("key", "ours"), [("k", {"rating", OUR_KEY}), ("", set())])
def test_a_record_with_our_key_is_ours_where_a_restored_ledger_forgot_what_it_was_made_with(
    key: str, ours: set[str]
) -> None:
    claim = Claim(ERP, "account", {"rating": "7", OUR_KEY: key})
    assert set(OwnWords().ours(claim)) == ours
