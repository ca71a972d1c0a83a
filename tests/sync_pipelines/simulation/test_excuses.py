"""What a checker lets pass, and what looks like it and is a fault: each on logs and testimony made by hand."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.testing.world import MIDDLEWARE
from sync_pipelines.simulation.invariants.emptying import silence_is_not_null
from sync_pipelines.simulation.invariants.parting import stays_two
from sync_pipelines.simulation.invariants.retiring import nothing_deleted
from sync_pipelines.simulation.invariants.table import Checker
from sync_pipelines.simulation.invariants.values import somebody_said_it
from sync_pipelines.simulation.invariants.writing import (
    made_belongs_somewhere,
    no_blind_overwrite,
    once,
    once_for_each_source,
    sovereignty,
)
from sync_pipelines.simulation.little_book import KINDS
from tests.sync_pipelines.simulation.told import ERP, FIRST, OTHER, SECOND, Told


def _told() -> Told:
    return Told()


def _two_firms() -> Told:
    return Told().coupled("A", ERP, FIRST).coupled("B", OTHER, SECOND)


Tells = Callable[[], Told]


def _shared() -> Told:
    """A phone that a person typed in the ERP, and we wrote to the CRM; and another firm with the same."""
    told = _two_firms().line("create", ERP, Phone="1").line("create", FIRST, MIDDLEWARE, Phone="1")
    return told.line("create", OTHER, Phone="1")


def _ours(**values: Any) -> Told:
    """A record in the CRM of our making."""
    return Told().coupled("A", ERP, FIRST).line("create", FIRST, MIDDLEWARE, **values)


def _kept(value: str) -> Told:
    """Of a name that a person typed, and what the CRM kept of it when we sent it."""
    return Told().line("create", ERP, Name="Borg").line("create", FIRST, MIDDLEWARE, key="lost", Name=value)


def _places(town: str) -> Told:
    """A place that we wrote, that a person saves again, and that goes after a split."""
    told = _ours(Places=[{"code": "B", "town": "Ulm", "hint": None}])
    told = told.line("update", FIRST, Places=[{"code": "B", "town": town}]).parted(FIRST, ERP)
    return told.line("update", FIRST, MIDDLEWARE, Places=None)


def _addresses(**theirs: Any) -> Told:
    """Two that differ, an answer, and one part that goes."""
    told = _ours(City="B").line("create", ERP, **theirs).answered().line("update", FIRST, Street="S", City="C")
    return told.line("update", FIRST, MIDDLEWARE, City=None)


def _note(told: Told) -> Told:
    return told.line("note", FIRST, MIDDLEWARE, text="Concordat took back an edit: credit_limit is decided elsewhere.")


def _filled_and_given_back(field: str) -> Told:
    """A person fills a blank; it is taken out, an undo puts it back, and it is taken out once more."""
    filled: dict[str, Any] = {field: "9"}
    none: dict[str, Any] = {field: None}
    told = _ours(**none).line("update", FIRST, **filled).line("update", FIRST, MIDDLEWARE, **none)
    return told.line("update", FIRST, MIDDLEWARE, **filled).line("update", FIRST, MIDDLEWARE, **none)


def _twin_is_given(told: Told) -> Told:
    """What the one said is cleared, it is deleted, and its twin in the ERP is given what it had said."""
    told = told.line("update", ERP, Credit=None).line("delete", ERP).line("create", OTHER, Credit=None)
    return told.line("update", OTHER, MIDDLEWARE, Credit="7")


def _said_before_it_was_gone() -> Told:
    return Told().coupled("A", ERP, OTHER).line("create", ERP, Credit="7")


def _cleared(home: str, field: str, value: str | None) -> Told:
    """What a person typed is taken out, after somebody was asked."""
    told = _ours(Phone=None).coupled("B", OTHER).line("update", FIRST, Phone="2")
    return told.verdict(home, field, value).line("update", FIRST, MIDDLEWARE, Phone=None)


LET_PASS: list[tuple[str, Checker, Tells]] = [
    (
        "one that was deleted before is made once more",
        once,
        lambda: _told().made(FIRST, key="k").line("delete", FIRST).made(SECOND, key="k"),
    ),
    (
        "one was merged away before recovery found it",
        made_belongs_somewhere,
        lambda: _told().noted("found by recovery"),
    ),
    (
        "one was merged away before it was found after a restore",
        made_belongs_somewhere,
        lambda: _told().noted("made before an older copy of the ledger was put in place"),
    ),
    (
        "both sides of a split are made in a system",
        once_for_each_source,
        lambda: _told().made(FIRST, ERP, OTHER).parted(OTHER, ERP, FIRST).made(SECOND, OTHER),
    ),
    (
        "one that nobody saw when they were parted is on a side",
        once_for_each_source,
        lambda: _told().made(FIRST, ERP, OTHER).parted(OTHER, ERP).made(SECOND, OTHER).coupled("A", ERP, FIRST),
    ),
    (
        "a person says of what was forgotten that it is somebody else",
        once_for_each_source,
        lambda: _told().restored().made(FIRST, ERP).made(SECOND, ERP).apart(ERP, FIRST),
    ),
    (
        "nothing was shown to the ledger that was put back, of which nobody knew that it is older",
        once_for_each_source,
        lambda: _told().made(FIRST, ERP).unseen(FIRST).made(SECOND, ERP),
    ),
    (
        "it was sent while nothing was shown, and executed only afterwards",
        once_for_each_source,
        lambda: _told().made(FIRST, ERP).unseen(FIRST, seconds=0).made(SECOND, ERP, late=1),
    ),
    (
        "what was forgotten was renamed",
        once_for_each_source,
        lambda: _told().restored().made(FIRST, ERP).line("update", FIRST, Name="x").made(SECOND, ERP),
    ),
    (
        "another of the entity was deleted",
        nothing_deleted,
        lambda: _two_firms().line("delete", ERP).archived(FIRST, "A"),
    ),
    (
        "a system merges those who were parted",
        stays_two,
        lambda: _told().parted(SECOND, FIRST).line("merge", SECOND).coupled("A", FIRST, SECOND),
    ),
    (
        "somebody emptied it in another record of the same one",
        silence_is_not_null,
        lambda: _shared().line("update", ERP, Phone=None).line("update", FIRST, MIDDLEWARE, Phone=None),
    ),
    ("nobody knows any more that it was sent, and cut", somebody_said_it, lambda: _kept("Bor").forgotten("Bor")),
    ("a person saved a place of ours as it was", silence_is_not_null, lambda: _places("Ulm")),
    (
        "a blank was filled where others decide",
        silence_is_not_null,
        lambda: _ours(Credit=None).line("update", FIRST, Credit="9").line("update", FIRST, MIDDLEWARE, Credit=None),
    ),
    (
        "an undo gave back what a person typed in a blank where others decide",
        silence_is_not_null,
        lambda: _filled_and_given_back("Credit").undone(),
    ),
    ("a person said, when asked, that nothing stands", silence_is_not_null, lambda: _cleared("A", "phone", None)),
    (
        "a twin is given what a gone record said when a run was over, and cleared unread",
        sovereignty,
        lambda: _twin_is_given(_said_before_it_was_gone().ran()),
    ),
    ("a run is taken back that filled it", silence_is_not_null, lambda: _ours(Phone="1").taken_back(FIRST, Phone=None)),
    (
        "what came from the other side goes with a split",
        silence_is_not_null,
        lambda: _ours(Phone="1").parted(FIRST, ERP).line("update", FIRST, MIDDLEWARE, Phone=None),
    ),
    (
        "an edit where nobody decides is taken back after a split, and its editor is told",
        silence_is_not_null,
        lambda: _note(
            _ours(Credit="5")
            .line("update", FIRST, Credit="9")
            .parted(FIRST, ERP)
            .line("update", FIRST, MIDDLEWARE, Credit=None)
        ),
    ),
    ("a steward says which address stands", silence_is_not_null, lambda: _addresses(Street="S", City=None)),
    (
        "another that a restored ledger forgot was deleted",
        nothing_deleted,
        lambda: _told().line("delete", ERP).archived(FIRST, "A", of=(ERP, FIRST)),
    ),
    ("a person said so", nothing_deleted, lambda: _two_firms().let_go("A").archived(FIRST, "A")),
    ("a run is taken back", nothing_deleted, lambda: _two_firms().undoing("back").archived(FIRST, "A", "back")),
    (
        "a value slipped in without a new version",
        no_blind_overwrite,
        lambda: _told().line("create", ERP, version=7).line("update", ERP, version=7, Phone="1").overwritten("0", "1"),
    ),
]
FAULTS: list[tuple[str, Checker, Tells]] = [
    (
        "the first of two is deleted only afterwards",
        once,
        lambda: _told().made(FIRST, key="k").made(SECOND, key="k").line("delete", FIRST),
    ),
    ("one was merged away after we knew of it", made_belongs_somewhere, lambda: _told().noted("")),
    (
        "two were there before they were parted",
        once_for_each_source,
        lambda: _told().made(FIRST, ERP, OTHER).made(SECOND, OTHER).parted(OTHER, ERP, FIRST),
    ),
    (
        "others were parted",
        once_for_each_source,
        lambda: _told().made(FIRST, ERP, OTHER).parted(OTHER, ERP).made(SECOND, ERP).coupled("A", ERP, FIRST),
    ),
    (
        "nothing was shown, but it was made after the ledger had been put back",
        once_for_each_source,
        lambda: _told().unseen(FIRST).made(FIRST, ERP).made(SECOND, ERP),
    ),
    (
        "nothing is shown of others",
        once_for_each_source,
        lambda: _told().made(FIRST, ERP).unseen(ERP).made(SECOND, ERP),
    ),
    (
        "it is shown again",
        once_for_each_source,
        lambda: _told().made(FIRST, ERP).unseen(FIRST, seconds=0).made(SECOND, ERP),
    ),
    (
        "of others it was said that they are several",
        once_for_each_source,
        lambda: _told().restored().made(FIRST, ERP).made(SECOND, ERP).apart(OTHER, FIRST),
    ),
    (
        "what was forgotten was edited, and is who it was",
        once_for_each_source,
        lambda: _told().restored().made(FIRST, ERP).line("update", FIRST, Remark="x").made(SECOND, ERP),
    ),
    (
        "the first is put out of use only afterwards",
        once_for_each_source,
        lambda: _told().made(FIRST, ERP).made(SECOND, ERP).line("archive", FIRST),
    ),
    ("who was parted is one again", stays_two, lambda: _told().parted(SECOND, FIRST).coupled("A", FIRST, SECOND)),
    (
        "one of those who were parted had been merged into somebody else before",
        stays_two,
        lambda: _told().line("merge", SECOND).parted(SECOND, FIRST).coupled("A", FIRST, SECOND),
    ),
    (
        "somebody emptied it in another firm's record",
        silence_is_not_null,
        lambda: _shared().line("update", OTHER, Phone=None).line("update", FIRST, MIDDLEWARE, Phone=None),
    ),
    ("what was sent and forgotten says something else", somebody_said_it, lambda: _kept("Bar").forgotten("Bar")),
    ("a person typed over a place of ours", silence_is_not_null, lambda: _places("Bonn")),
    (
        "somebody emptied it only afterwards",
        silence_is_not_null,
        lambda: _shared().line("update", FIRST, MIDDLEWARE, Phone=None).line("update", ERP, Phone=None),
    ),
    (
        "somebody emptied another field",
        silence_is_not_null,
        lambda: (
            _shared()
            .line("update", ERP, Name="x")
            .line("update", ERP, Name=None)
            .line("update", FIRST, MIDDLEWARE, Phone=None)
        ),
    ),
    (
        "a blank was filled where nobody stands before those who did",
        silence_is_not_null,
        lambda: _ours(Phone=None).line("update", FIRST, Phone="1").line("update", FIRST, MIDDLEWARE, Phone=None),
    ),
    (
        "what a person typed in a blank where others decide is written by us, and no run was taken back",
        silence_is_not_null,
        lambda: _filled_and_given_back("Credit"),
    ),
    (
        "a person said, when asked, that something else stands",
        silence_is_not_null,
        lambda: _cleared("A", "phone", "1"),
    ),
    (
        "a twin is given what a gone record said while nobody looked",
        sovereignty,
        lambda: _twin_is_given(_said_before_it_was_gone()),
    ),
    (
        "a twin is given what a gone record had cleared when the next run was over",
        sovereignty,
        lambda: _twin_is_given(_said_before_it_was_gone().line("update", ERP, Credit=None).ran()),
    ),
    ("a person said of another field that nothing stands", silence_is_not_null, lambda: _cleared("A", "remark", None)),
    ("a person said of another firm that nothing stands", silence_is_not_null, lambda: _cleared("B", "phone", None)),
    (
        "a person typed something else where others decide",
        silence_is_not_null,
        lambda: _ours(Terms="N30").line("update", FIRST, Terms="N60").line("update", FIRST, MIDDLEWARE, Terms=None),
    ),
    (
        "a run is taken back, and a person typed there since",
        silence_is_not_null,
        lambda: _ours(Phone="1").line("update", FIRST, Phone="2").taken_back(FIRST, Phone=None),
    ),
    (
        "what a person typed goes with a split",
        silence_is_not_null,
        lambda: (
            _ours(Rating="0")
            .line("update", FIRST, Rating="flip")
            .parted(FIRST, ERP)
            .line("update", FIRST, MIDDLEWARE, Rating=None)
        ),
    ),
    (
        "others were parted, and what is ours goes",
        silence_is_not_null,
        lambda: _ours(Phone="1").parted(SECOND, OTHER).line("update", FIRST, MIDDLEWARE, Phone=None),
    ),
    (
        "it was parted only afterwards",
        silence_is_not_null,
        lambda: _ours(Phone="1").line("update", FIRST, MIDDLEWARE, Phone=None).parted(FIRST, ERP),
    ),
    (
        "an edit where nobody decides is taken back after a split, and nobody is told",
        silence_is_not_null,
        lambda: (
            _ours(Credit="5")
            .line("update", FIRST, Credit="9")
            .parted(FIRST, ERP)
            .line("update", FIRST, MIDDLEWARE, Credit=None)
        ),
    ),
    (
        "a steward answers, and what is left is nobody's address",
        silence_is_not_null,
        lambda: _addresses(Street="S", City="D"),
    ),
    ("another firm was deleted", nothing_deleted, lambda: _two_firms().line("delete", OTHER).archived(FIRST, "A")),
    (
        "its own one is deleted only afterwards",
        nothing_deleted,
        lambda: _two_firms().archived(FIRST, "A").line("delete", ERP),
    ),
    (
        "one that came to it only afterwards was deleted",
        nothing_deleted,
        lambda: _two_firms().line("delete", ERP).archived(FIRST, "A", of=(FIRST,)),
    ),
    ("a person said it of another", nothing_deleted, lambda: _two_firms().let_go("B").archived(FIRST, "A")),
    ("another run is taken back", nothing_deleted, lambda: _two_firms().undoing("back").archived(FIRST, "A")),
    ("nobody did anything", nothing_deleted, lambda: _two_firms().archived(FIRST, "A")),
    (
        "what slipped in was read with the version after it",
        no_blind_overwrite,
        lambda: (
            _told()
            .line("create", ERP, version=7)
            .line("update", ERP, version=7, Phone="1")
            .line("update", ERP, version=8, Remark="x")
            .overwritten("0", "1")
        ),
    ),
    (
        "another field slipped in",
        no_blind_overwrite,
        lambda: _told().line("create", ERP, version=7).line("update", ERP, version=7, Name="1").overwritten("0", "1"),
    ),
]


def _ids(cases: list[tuple[str, Checker, Tells]]) -> Iterator[str]:
    return (says for says, _, _ in cases)


@pytest.mark.parametrize(("says", "check", "tell"), LET_PASS, ids=_ids(LET_PASS))
def test_what_nobody_could_do_better_is_let_pass(says: str, check: Checker, tell: Tells) -> None:
    assert list(check(tell().evidence)) == [], says


@pytest.mark.parametrize(("says", "check", "tell"), FAULTS, ids=_ids(FAULTS))
def test_what_only_looks_like_an_excuse_is_none(says: str, check: Checker, tell: Tells) -> None:
    assert len(list(check(tell().evidence))) == 1, says


def test_the_records_told_of_are_of_the_kinds_of_the_little_book() -> None:
    assert {ref[1] for ref in (ERP, FIRST)} == {KINDS["erp"], KINDS["crm"]}
