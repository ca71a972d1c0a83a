"""Who edits between a write and the look at it; where nothing is sent, the last editor may have come years ago."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from connectors.contract import RecordRef, Update, Written
from connectors.tryton.documents import Document, Told
from connectors.tryton.shape import PARTY, Shape
from connectors.tryton.writing import Writer

WE, ANNA = 1, 42
LAST_YEAR = datetime(2025, 1, 1, tzinfo=UTC)
ACME = {"id": 7, "name": "Acme", "active": True}
STANDS = Document(7, {"id": 7}, ACME, "v1", {f"{PARTY},7": "1"}, LAST_YEAR, "anna", "", ANNA)


def _writer(after: Document) -> Writer:
    """Of a server that tells `after` from the second look on."""
    looks = iter([STANDS])
    words: Any = SimpleNamespace(forget=lambda: None)
    told = Told(Shape({PARTY: frozenset({"name", "active"})}), words, "CC:", "contact", None, {})
    reader = SimpleNamespace(words=words, told=told, by_id=lambda _kind, _ids: {7: next(looks, after)})
    session = SimpleNamespace(user=WE, write=lambda *_, **__: None)
    return Writer(cast("Any", session), cast("Any", reader), "erp", "party")


@pytest.mark.parametrize(
    ("name", "after", "touched"),
    [
        ("Acme", STANDS, False),  # it is already so
        ("Acme", replace(STANDS, version="v2"), True),
        ("Borg", replace(STANDS, version="v2", user=WE), False),
        ("Borg", replace(STANDS, version="v3", user=ANNA), True),
        ("Borg", replace(STANDS, version="v2", user=None), False),  # of whom nothing is told
    ],
)
def test_an_edit_between_a_write_and_the_look_at_it_is_told_as_such(
    name: str, after: Document, *, touched: bool
) -> None:
    (result,) = _writer(after).update([Update("k", RecordRef("erp", "party", "7"), {"name": name})])
    assert isinstance(result, Written), result
    assert result.touched is touched
