"""What two records must have in common to be looked at together."""

import pytest

from connectors.contract import RecordRef
from mappings.matching import Level, Matching
from mappings.values import Value
from sync_pipelines.identity.keys import match_keys, spelling
from sync_pipelines.model.claims import Claim

TAX = Level("tax", ("tax_id",), "link")
NAME = Level("name", ("name", "address"), "ask", compare={"name": "name", "address": "country"})
SITE = Level("site", ("email",), "ask", compare={"email": "domain"})
STAFF = Level("staff", ("email", "account"), "link")
MATCHING = Matching("account", (TAX, NAME, SITE, STAFF), never={"email": ("gmail.example",)})


def claim(**values: Value) -> Claim:
    return Claim(RecordRef("crm", "Account", "1"), "account", values)


@pytest.mark.parametrize(
    ("level", "name", "value", "spelled"),
    [
        (TAX, "tax_id", "DE 1", "de 1"),
        (TAX, "tax_id", " de1 ", "de1"),
        (TAX, "tax_id", "ＤＥ１", "de1"),  # full-width
        (TAX, "tax_id", None, ""),
        (TAX, "tax_id", "", ""),
        (TAX, "tax_id", [], ""),
        (TAX, "tax_id", "0", "0"),
        (NAME, "name", "Acme, GmbH!", "acme gmbh"),
        (NAME, "name", "STRASSE", "strasse"),
        (NAME, "name", "Straße", "strasse"),
        (NAME, "name", "北京晨光（有限）公司", "北京晨光 有限 公司"),
        (NAME, "name", "!!!", ""),
        (NAME, "address", {"country": "DE", "city": "Bonn"}, "de"),
        (NAME, "address", {"city": "Bonn"}, ""),
        (SITE, "email", "anna@WWW.Acme.example", "acme.example"),
        (SITE, "email", "https://www.acme.example/about", "acme.example"),
        (SITE, "email", "acme.example", "acme.example"),
        (SITE, "email", "ben@gmail.example", ""),  # proves nothing
    ],
)
def test_how_a_value_is_compared(level: Level, name: str, value: Value, spelled: str) -> None:
    assert spelling({name: value}, name, level, MATCHING) == spelled


def test_a_record_is_found_under_each_level_it_can_be_told_by() -> None:
    told = claim(tax_id="DE1", name="Acme", address={"country": "DE"}, email="a@acme.example")
    assert match_keys(told.values, MATCHING, frozenset({"account"})) == [
        "name:acme|de",
        "site:acme.example",
        "staff:a@acme.example",
        "tax:de1",
    ]


def test_a_level_of_which_one_field_is_blank_finds_nothing() -> None:
    assert match_keys({"name": "Acme"}, MATCHING, frozenset()) == []


def test_references_are_compared_and_not_looked_up() -> None:
    alone = Matching("contact", (Level("account", ("account",), "ask"),))
    assert match_keys({"account": "a1"}, alone, frozenset({"account"})) == []
