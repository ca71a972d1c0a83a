"""What a steward types, or an import holds, in the canonical form of its field."""

from typing import Any

import pytest

from mappings.book import FieldSpec
from mappings.canonical import canonical
from mappings.codec import CodecError

PLACES = FieldSpec(
    "places", "list", "", items={"code": FieldSpec("code", "text", ""), "phone": FieldSpec("phone", "phone", "")}
)


@pytest.mark.parametrize(
    ("spec", "said", "value"),
    [
        (FieldSpec("name", "text", ""), "  ACME ", "ACME"),
        (FieldSpec("name", "text", ""), "", None),
        (FieldSpec("phone", "phone", ""), "030 1234567", "+49301234567"),
        (FieldSpec("tax", "tax_id", ""), "136695976", "DE136695976"),
        (FieldSpec("stage", "choice", "", choices=("open", "won")), "won", "won"),
        (FieldSpec("terms", "code", ""), "net30", "net30"),
        (FieldSpec("limit", "money", ""), {"amount": "5.00", "currency": "eur"}, {"amount": "5", "currency": "EUR"}),
        (FieldSpec("live", "yes_no", ""), "no", False),
        (FieldSpec("home", "address", ""), {"city": " Köln ", "country": "Germany"}, {"city": "Köln", "country": "DE"}),
        (FieldSpec("home", "address", ""), {"city": ""}, None),
        (PLACES, [{"code": "A", "phone": "030 1234567"}], [{"code": "A", "phone": "+49301234567"}]),
    ],
)
def test_a_typed_value_gets_its_canonical_form(spec: FieldSpec, said: Any, value: Any) -> None:
    assert canonical(spec, said, country="DE") == value


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (FieldSpec("phone", "phone", ""), "what"),
        (FieldSpec("stage", "choice", "", choices=("open",)), "won"),
        (FieldSpec("name", "text", "", length=2), "abc"),
        (FieldSpec("limit", "money", ""), "5"),
        (FieldSpec("home", "address", ""), "Weg 1"),
        (FieldSpec("home", "address", ""), {"town": "Köln"}),
        (PLACES, {"code": "A"}),
        (PLACES, [{"weight": 1}]),
    ],
)
def test_a_typed_value_that_makes_no_sense_is_refused_in_one_line(spec: FieldSpec, said: Any) -> None:
    with pytest.raises(CodecError) as refused:
        canonical(spec, said)
    assert str(refused.value).isprintable()
