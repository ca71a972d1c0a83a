"""Broken books, one for each thing that can be wrong. Code, file and line are asserted; the wording is expected files.

Where a wording was changed on purpose: `ACCEPT=1 pytest tests/sync_pipelines/checking` writes the expected files anew.
"""

import os
from collections.abc import Callable
from itertools import groupby
from typing import TypeAlias

import pytest

from mappings.complaints import Complaint
from mappings.loading import BUNDLED
from sync_pipelines.checking.checks import check_folder, faults
from sync_pipelines.checking.codes import CODES
from sync_pipelines.checking.codes_of_loading import LOADING
from sync_pipelines.checking.rendering import render
from tests.sync_pipelines.checking.books import EXPECTED, GOOD, Case, cases, marks

CASES = cases()
FAMILIES = {family: list(members) for family, members in groupby(CASES, key=lambda case: case.family)}


Finding: TypeAlias = Callable[[Case], list[Complaint]]


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Finding:
    """What is found in a case; each is made and checked once."""
    known: dict[str, list[Complaint]] = {}

    def find(case: Case) -> list[Complaint]:
        if case.name not in known:
            known[case.name] = case.complaints(tmp_path_factory.mktemp("book"))
        return known[case.name]

    return find


def test_the_good_book_has_nothing_wrong() -> None:
    assert render(check_folder(GOOD)) == "nothing to complain of\n"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_broken_book_brings_exactly_these_complaints_at_these_lines(case: Case, found: Finding) -> None:
    assert marks(found(case)) == case.expect


@pytest.mark.parametrize("family", FAMILIES)
def test_complaints_read_as_they_are_expected_to(family: str, found: Finding) -> None:
    told = [f"== {case.name}\n{render(found(case))}" for case in FAMILIES[family]]
    expected = EXPECTED / f"{family}.txt"
    if os.environ.get("ACCEPT"):
        expected.write_text("\n".join(told), encoding="utf-8")
    assert "\n".join(told) == expected.read_text(encoding="utf-8")


def test_every_code_of_the_checks_has_a_broken_book() -> None:
    shown = {mark.partition(" ")[0] for case in CASES for mark in case.expect}
    assert set(CODES) - set(LOADING) - shown == set()


def test_names_of_broken_books_are_told_apart() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_the_bundled_book_has_no_fault() -> None:
    assert faults(check_folder(BUNDLED)) == []
