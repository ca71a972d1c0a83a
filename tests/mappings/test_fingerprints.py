"""A change of the book concerns those entities whose meaning it changes, and no others."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from mappings.fingerprints import Fingerprint, fingerprints
from mappings.loading import load_book
from sync_pipelines.demo.home import book_with

ACCOUNT, CONTACT = "account", "contact"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return book_with(tmp_path / "book", "kingdee")


def words(folder: Path) -> Mapping[str, Fingerprint]:
    return fingerprints(load_book(folder))


def edited(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def changed(folder: Path, name: str, old: str, new: str) -> set[str]:
    before = words(folder)
    edited(folder, name, old, new)
    after = words(folder)
    assert before.keys() == after.keys()
    return {
        f"{entity}.{part}"
        for entity, one in before.items()
        for part in ("read", "rules")
        if getattr(one, part) != getattr(after[entity], part)
    }


@pytest.mark.parametrize(
    ("name", "old", "new", "concerned"),
    [
        ("account/ownership.yaml", "phone:           {shared: [crm, shop, erp]", "phone: {shared: [crm, erp]", "rules"),
        ("account/ownership.yaml", "on_leave: freeze", "on_leave: review", "rules"),
        ("account/matching.yaml", "ask: 5 ", "ask: 6 ", "rules"),
        ("account/fields.yaml", "length: 255", "length: 200", "read"),
        ("account/salesforce.yaml", "at: Name", "at: Legal_Name__c", "read"),
        ("codes/payment_terms.csv", "NET10|Net 10", "NET10", "read"),
    ],
)
def test_a_change_of_one_entity_concerns_that_one_alone(
    folder: Path, name: str, old: str, new: str, concerned: str
) -> None:
    assert changed(folder, name, old, new) == {f"{ACCOUNT}.{concerned}"}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("account/ownership.yaml", "# given once", "# given once and for all"),
        ("account/ownership.yaml", "entity: account\n", "# a new first line\nentity: account\n"),
        ("account/ownership.yaml", "every: 5m", "every: 10m"),
        ("account/fields.yaml", "What the firm is to us;", "What the firm means to us;"),
        ("systems.yaml", "calls_per_day: 15000", "calls_per_day: 20000"),
    ],
)
def test_what_changes_nothing_of_what_is_read_or_decided_concerns_nobody(
    folder: Path, name: str, old: str, new: str
) -> None:
    version = load_book(folder).version
    assert changed(folder, name, old, new) == set()
    assert load_book(folder).version != version


def test_the_hour_of_comparing_concerns_no_entity(folder: Path) -> None:
    assert changed(folder, "systems.yaml", '"10 4 * * *"', "never") == set()


def test_the_order_of_entries_says_nothing(folder: Path) -> None:
    lines = (folder / "account/ownership.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    (at,) = [number for number, line in enumerate(lines) if line.startswith("  segment:")]
    before = words(folder)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    (folder / "account/ownership.yaml").write_text("".join(lines), encoding="utf-8")
    assert words(folder) == before


def test_a_systems_write_switch_concerns_all_that_is_kept_there(folder: Path) -> None:
    found = changed(folder, "systems.yaml", "write: on", "write: review")
    assert {f"{ACCOUNT}.rules", f"{CONTACT}.rules"} <= found
    assert not {one for one in found if one.endswith(".read")}


def test_a_book_bears_the_same_words_in_every_process(folder: Path, tmp_path: Path) -> None:
    assert words(folder) == words(book_with(tmp_path / "elsewhere", "kingdee"))
