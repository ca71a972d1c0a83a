"""What was sent while its record did not show it, once it does."""

from typing import Any

import pytest

from connectors.contract import Record, RecordRef
from mappings.values import Value
from sync_pipelines.intake.landing import Landing, payload_digest
from sync_pipelines.intake.readers import readers_of
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.claims import Agreed, Claim, Stance
from sync_pipelines.model.records import Coupling
from tests.laws.little_book import little_book
from tests.sync_pipelines.intake.rooms import NOW

REF = RecordRef("crm", "Account", "1")
NAMES = {"name": "Name", "credit_limit": "Credit", "remark": "Remark"}


class Desk:
    """A record of the CRM that we made, with a field that it did not show then."""

    def __init__(self, key: str, sent: Value) -> None:
        self.key = key
        self.ledger = MemoryLedger()
        self.landing = Landing(self.ledger, readers_of(little_book()))
        self.lands()
        self.ledger.couple([Coupling(REF, "account", "e1")])
        self.ledger.agree([(REF, "account", "", {key: Agreed(sent, sent, shown=False)})])

    def lands(self, **payload: Any) -> Claim:
        """The record as it is read now."""
        self.landing.land([Record(REF, {"Status": "Open", "Active": True, **payload})], NOW, strong=True)
        (claim,) = self.ledger.claims_at("account", [REF])
        return claim

    def shows(self, value: Any) -> Claim:
        """The field is shown."""
        return self.lands(**{NAMES[self.key]: value})

    def told(self) -> list[tuple[str, str, str]]:
        """(reason, field, what is said)"""
        return [(entry.reason, entry.field, entry.says) for entry in self.ledger.quarantined()]


@pytest.mark.parametrize(
    ("key", "sent", "said", "agreed", "stance"),
    [
        ("name", "Borg", "Borg", Agreed("Borg", "Borg"), Stance.REST),
        ("name", "Borg", "Acme", Agreed("Borg", "Borg", shown=False), Stance.FRESH),  # somebody typed it
        ("name", "Borg", "Borg GmbH", Agreed("Borg", "Borg", shown=False), Stance.FRESH),
        ("name", "Borg", None, Agreed("Borg", "Borg", shown=False), Stance.FRESH),  # never kept, or emptied
        ("credit_limit", "100", "10", Agreed("100", "100", shown=False), Stance.FRESH),  # no text is cut there
    ],
)
def test_what_shows_for_the_first_time_is_what_we_wrote_or_somebody_s_word(
    key: str, sent: Value, said: Any, agreed: Agreed, stance: Stance
) -> None:
    desk = Desk(key, sent)
    claim = desk.shows(said)
    assert (claim.baseline[key], claim.stance(key)) == (agreed, stance)
    assert desk.told() == []


@pytest.mark.parametrize("said", ["Bor", "BOR"])
def test_the_beginning_of_what_was_sent_unseen_is_nobody_s_word_and_is_told(said: str) -> None:
    desk = Desk("name", "Borg")
    claim = desk.shows(said)
    assert (claim.baseline["name"], claim.stance("name")) == (Agreed(said, said), Stance.REST)
    assert not claim.holds("name", "Borg"), "it is wanted there still"
    assert desk.told() == [("rejected", "Name", "the system took Name and kept the first 3 of 4 signs of it")]
    assert desk.ledger.quarantined()[0].payload_hash == payload_digest({"Name": "Borg"}), "and is not sent unasked"
    assert desk.ledger.attended("account") == ["e1"]


def test_a_part_of_an_address_that_was_cut_unseen_is_told_by_its_own_name() -> None:
    desk = Desk("address", {"street": "Main St 1", "city": "Berlin", "country": "DE"})
    claim = desk.lands(Street="Main St 1", City="Ber", Country="DE")
    assert claim.stance("address") is Stance.REST
    assert [field for _, field, _ in desk.told()] == ["City"]


def test_what_is_never_shown_changes_nothing_however_often_it_is_read() -> None:
    desk = Desk("name", "Borg")
    claims = [desk.lands(Phone=str(number)) for number in range(3)]
    assert {claim.stance("name") for claim in claims} == {Stance.SILENT}
    assert {claim.baseline["name"] for claim in claims} == {Agreed("Borg", "Borg", shown=False)}
    assert desk.told() == []


@pytest.mark.parametrize("first", ["Borg", "Acme"])
def test_who_shortens_it_after_it_was_seen_has_edited_it(first: str) -> None:
    desk = Desk("name", "Borg")
    desk.shows(first)
    assert desk.shows("Bor").stance("name") in (Stance.MOVED, Stance.FRESH)
    assert desk.told() == []
