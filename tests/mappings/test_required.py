"""A field that is required: no record is made anywhere without it."""

from pathlib import Path

import pytest

from mappings.loading import load_book
from mappings.ownership import CreateRule, Mode, Ownership, Rule, requiring
from tests.mappings.books import broken, write

OWNED = Ownership(
    "account",
    {
        "name": (Rule("name", Mode.DECIDES, ("erp", "crm")),),
        "number": (Rule("number", Mode.ISSUED, ("erp",)),),
        "limit": (Rule("limit", Mode.DECIDES, ("erp",), per="company"),),
    },
    create={
        "crm": CreateRule("crm", allowed=True),
        "erp": CreateRule("erp", allowed=True, needs=("tax_id", "name")),
        "shop": CreateRule("shop", allowed=False),
    },
)


@pytest.mark.parametrize(
    ("required", "crm", "erp"),
    [
        ([], (), ("tax_id", "name")),
        (["name"], ("name",), ("tax_id", "name")),
        (["country"], ("country",), ("tax_id", "name", "country")),
        (["number"], ("number",), ("tax_id", "name")),  # the ERP gives it to what is made there
        (["limit"], (), ("tax_id", "name")),  # one for each company: whose?
    ],
)
def test_a_create_waits_for_what_is_required(required: list[str], crm: tuple[str, ...], erp: tuple[str, ...]) -> None:
    create = requiring(OWNED, required).create
    assert (create["crm"].needs, create["erp"].needs) == (crm, erp)
    assert create["shop"] == OWNED.create["shop"]


def test_a_book_says_what_is_required(tmp_path: Path) -> None:
    files = broken("account/fields.yaml", "means: The stage.", "means: The stage., required: true")
    create = load_book(write(tmp_path, files)).entities["account"].ownership.create
    assert (create["crm"].needs, create["erp"].needs) == (("stage",), ("name", "stage"))
