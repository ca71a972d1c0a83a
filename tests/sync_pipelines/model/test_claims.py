"""What a record says now, held against what it last agreed to."""

import pytest

from connectors.contract import RecordRef
from mappings.values import Value
from sync_pipelines.model.claims import Agreed, Claim, Stance

NOT_SAID = object()
REF = RecordRef("crm", "Account", "1")


def claim(said: object, agreed: Agreed | None = None, *, gone: bool = False) -> Claim:
    values: dict[str, Value] = {} if said is NOT_SAID else {"phone": said}  # type: ignore[dict-item]  # what a case says
    return Claim(REF, "account", values, baseline={"phone": agreed} if agreed else {}, gone=gone)


@pytest.mark.parametrize(
    ("said", "agreed", "stance"),
    [
        (NOT_SAID, None, Stance.SILENT),
        (NOT_SAID, Agreed("1", "1"), Stance.SILENT),  # hidden today: that is no edit
        ("1", None, Stance.FRESH),
        (None, None, Stance.FRESH),  # null is something said
        ("1", Agreed("1", "1"), Stance.REST),
        ("BORG", Agreed("Borg", "BORG"), Stance.REST),  # as the system spells it
        ("Borg", Agreed("Borg", "BORG"), Stance.REST),  # as we sent it
        ("2", Agreed("1", "1"), Stance.MOVED),
        (None, Agreed("1", "1"), Stance.MOVED),
        ("0", Agreed(None, None), Stance.MOVED),  # zero is not null
        ("1", Agreed(None, None), Stance.MOVED),
        (NOT_SAID, Agreed("1", "1", shown=False), Stance.SILENT),
        ("1", Agreed("1", "1", shown=False), Stance.REST),
        (
            "2",
            Agreed("1", "1", shown=False),
            Stance.FRESH,
        ),  # it may have been so before
        (None, Agreed("1", "1", shown=False), Stance.FRESH),
    ],
)
def test_how_a_record_stands_to_a_field(said: object, agreed: Agreed | None, stance: Stance) -> None:
    assert claim(said, agreed).stance("phone") is stance


def test_what_may_be_our_own_write_is_no_edit_in_its_fields_alone() -> None:
    """A write without an outcome: nobody knows yet whose word it is."""
    said = Claim(REF, "account", {"phone": "2", "name": "B"}, baseline={k: Agreed("1", "1") for k in ("phone", "name")})
    rested = said.resting({"phone", "remark"})
    assert (rested.stance("phone"), rested.stance("name")) == (Stance.REST, Stance.MOVED)
    assert rested.stance("remark") is Stance.SILENT
    assert rested.values == said.values


def test_a_record_that_is_gone_is_silent() -> None:
    assert claim("2", Agreed("1", "1"), gone=True).stance("phone") is Stance.SILENT


@pytest.mark.parametrize(
    ("said", "agreed", "golden", "holds"),
    [
        ("1", None, "1", True),
        ("2", None, "1", False),
        (NOT_SAID, None, None, False),  # silence agrees to nothing, not even to null
        (None, None, None, True),
        ("BORG", Agreed("Borg", "BORG"), "Borg", True),
        ("BORG", Agreed("Borg", "BORG"), "Acme", False),  # it agreed to another value
        ("Bork", Agreed("Borg", "BORG"), "Borg", False),  # edited since
        ("B", Agreed("A", "B"), "A", True),  # a difference that was accepted
    ],
)
def test_whether_a_record_is_as_the_golden_value_wants_it(
    said: object, agreed: Agreed | None, golden: Value, *, holds: bool
) -> None:
    assert claim(said, agreed).holds("phone", golden) is holds


def test_what_was_sent_unseen_is_agreed_to_once_it_is_seen() -> None:
    assert not claim("1", Agreed("1", "1", shown=False)).has_agreed("phone", "1")
    assert claim("1", Agreed("1", "1")).has_agreed("phone", "1")
