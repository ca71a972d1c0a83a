"""From partial payloads to commands for children, without a server."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.contract import Payload
from connectors.errors import RejectedError
from connectors.tryton import commands
from connectors.tryton.documents import Document, Told
from connectors.tryton.shape import CREDIT_LIMITS, LISTS, PARTY, Shape
from connectors.tryton.words import Words

STAMPS = {"create_uid": 1, "write_uid": None, "_timestamp": "1700000000.123456"}
ROWS: dict[str, list[dict[str, Any]]] = {
    "account.invoice.payment_term": [{"id": 4, "name": "Net 30 days"}, {"id": 5, "name": "x"}, {"id": 6, "name": "x"}],
    "country.country": [{"id": 14, "code": "DE"}, {"id": 11, "code": "CN"}],
    "country.subdivision": [{"id": 90, "code": "DE-BE", "country": 14}],
    "res.user": [{"id": 1, "login": "anna"}],
    "party.relation.type": [{"id": 1, "name": "Contact of"}],
    "ir.lang": [{"id": 1, "code": "en"}],
}


def search(model: str, domain: list[Any], _fields: list[str]) -> list[dict[str, Any]]:
    """Rows that meet the clauses we use."""
    found = ROWS[model]
    for name, operator, value in [clause for clause in domain if clause[0] != "active"]:
        found = [row for row in found if (row[name] in value if operator == "in" else row[name] == value)]
    return found


def told() -> Told:
    known = {part.model: frozenset([*part.fields, *part.told]) for part in (*LISTS, CREDIT_LIMITS)}
    own = ["name", "code", "active", "lang", "customer_payment_term", "tax_identifier", "relations"]
    known[PARTY] = frozenset([*own, *(part.name for part in (*LISTS, CREDIT_LIMITS))])
    return Told(Shape(known), Words(search), "ours:", "Contact of", 1, {1: "1", 2: "2"}, {"CN": "cn_vat"})


def party(**children: Any) -> Document:
    """A party as the server tells it."""
    own = {"name": "Muster", "code": "7", "active": 1, "lang": None, "customer_payment_term": 4, "tax_identifier": None}
    row = {"id": 7, **own, **STAMPS, **{f"{name}.": told for name, told in children.items()}}
    return told().documents([row], contacts="relations" in children)[0]


def child(number: int, **values: Any) -> dict[str, Any]:
    return {"id": number, **STAMPS, **values}


def address(number: int, city: str, **values: Any) -> dict[str, Any]:
    return child(number, city=city, country=14, subdivision=None, invoice=0, **values)


def change(values: Payload, current: Document) -> dict[str, Any]:
    return commands.update(told(), values, current).values


def test_null_zero_and_silence_are_three_things() -> None:
    current = party(credit_limit_amounts=[child(3, company=1, credit_limit_amount=Decimal("5.00"))])
    assert change({"credit_limit_amount": None}, current) == {
        "credit_limit_amounts": [["write", [3], {"credit_limit_amount": None}]]
    }
    assert change({"credit_limit_amount": "0"}, current) == {
        "credit_limit_amounts": [["write", [3], {"credit_limit_amount": Decimal(0)}]]
    }
    assert change({}, current) == {}
    assert change({"credit_limit_amount": "5"}, current) == {}, "another spelling of the same amount"


def test_a_create_sets_its_own_companys_limit_by_the_plain_field_and_the_others_as_children() -> None:
    made = commands.creation(
        told(), {"name": "x", "credit_limit_amounts": {"1": "1.00", "2": "2.00"}}, "k", contact=False
    )
    assert made["credit_limit_amount"] == Decimal("1.00")
    assert made["credit_limit_amounts"] == [["create", [{"company": 2, "credit_limit_amount": Decimal("2.00")}]]]
    assert made["identifiers"] == [["create", [{"code": "ours:k"}]]]


def test_the_precondition_names_the_children_that_are_touched_and_no_others() -> None:
    current = party(addresses=[address(1, "Bonn"), address(2, "Kiel")])
    found = commands.update(told(), {"addresses": {"[city=Kiel]": {"city": "Lübeck"}}}, current)
    assert found.touched == {"party.address,2"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([{"city": "Bonn"}, {"city": "Kiel"}], []),
        ([{"city": "Kiel"}], [["write", [1], {"active": False}]]),
        ([], [["write", [1], {"active": False}], ["write", [2], {"active": False}]]),
        ([{"id": 2, "city": "Lübeck"}], [["write", [2], {"city": "Lübeck"}], ["write", [1], {"active": False}]]),
        (
            [{"city": "Bonn", "country": "DE", "postal_code": "53111"}, {"city": "Kiel"}],
            [["write", [1], {"postal_code": "53111"}]],
        ),
        (
            [{"city": "Bonn"}, {"city": "Kiel"}, {"city": "Köln", "country": "CN"}],
            [["create", [{"city": "Köln", "country": 11}]]],
        ),
    ],
)
def test_a_whole_list_keeps_who_is_alike_and_takes_out_of_use_who_is_not_named(
    wanted: list[Payload], expected: list[Any]
) -> None:
    current = party(addresses=[address(1, "Bonn"), address(2, "Kiel")])
    assert change({"addresses": wanted}, current).get("addresses", []) == expected


def test_two_alike_elements_are_two_elements() -> None:
    current = party(addresses=[address(1, "Bonn")])
    assert change({"addresses": [{"city": "Bonn"}, {"city": "Bonn"}]}, current) == {
        "addresses": [["create", [{"city": "Bonn"}]]]
    }


def test_a_subdivision_is_looked_for_within_its_country() -> None:
    current = party(addresses=[address(1, "Berlin")])
    assert change({"addresses": {"[city=Berlin]": {"subdivision": "DE-BE"}}}, current) == {
        "addresses": [["write", [1], {"subdivision": 90}]]
    }
    with pytest.raises(RejectedError, match="none goes by code"):
        change({"addresses": {"[city=Berlin]": {"country": "CN", "subdivision": "DE-BE"}}}, current)


def test_a_word_that_two_records_go_by_is_refused() -> None:
    with pytest.raises(RejectedError, match="two or more go by name"):
        change({"customer_payment_term": "x"}, party())


@pytest.mark.parametrize("selector", ["type=phone", "[type]", "[]", "phone", "[=x]"])
def test_what_is_no_selector_is_refused(selector: str) -> None:
    with pytest.raises(RejectedError, match="selector"):
        change({"contact_mechanisms": {selector: {"value": "1"}}}, party(contact_mechanisms=[]))


def test_an_id_of_somebody_elses_child_is_refused() -> None:
    with pytest.raises(RejectedError, match="no element 99"):
        change({"addresses": [{"id": 99, "city": "x"}]}, party(addresses=[address(1, "Bonn")]))


def test_the_second_spelling_that_the_server_keeps_is_not_written_back() -> None:
    phone = child(5, type="phone", value="+49 30 901820", value_compact="+4930901820", name=None, comment=None)
    current = party(contact_mechanisms=[phone | {"invoice": 0, "delivery": 0}])
    assert change({"contact_mechanisms": {"[type=phone]": {"value": "+4930901820"}}}, current) == {}
    assert change({"contact_mechanisms": {"[type=phone]": {"value": "+4930901821"}}}, current)


def test_our_key_is_no_identifier_of_theirs() -> None:
    ours = child(1, type=None, code="ours:abc", code_compact="ours:abc")
    theirs = child(2, type="eu_vat", code="DE1", code_compact="DE1")
    current = party(identifiers=[ours, theirs])
    assert current.key == "abc"
    assert [one["id"] for one in current.payload["identifiers"]] == [2]
    assert change({"identifiers": []}, current) == {"identifiers": [["write", [2], {"active": False}]]}


def test_the_version_is_another_one_whatever_child_is_touched_added_or_gone() -> None:
    base = party(addresses=[address(1, "Bonn"), address(2, "Kiel")])
    touched = party(addresses=[address(1, "Bonn"), address(2, "Kiel") | {"_timestamp": "1700000009.0"}])
    gone = party(addresses=[address(1, "Bonn")])
    added = party(addresses=[address(1, "Bonn"), address(2, "Kiel"), address(3, "Ulm")])
    assert len({one.version for one in (base, touched, gone, added)}) == 4
    assert touched.changed_at > base.changed_at
    assert party(addresses=[address(2, "Kiel"), address(1, "Bonn")]).version == base.version, "order is no change"
