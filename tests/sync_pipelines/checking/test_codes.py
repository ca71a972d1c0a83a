"""Codes are stable and explained; complaints are printed as a compiler prints them."""

import re
from pathlib import Path

import pytest

from mappings.complaints import Complaint
from mappings.values import Where
from sync_pipelines.checking.checks import faults
from sync_pipelines.checking.codes import CODES, Severity, complaint, severity_of
from sync_pipelines.checking.codes_of_loading import LOADING
from sync_pipelines.checking.rendering import render, table

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "howto" / "check.md"
# Where loading names a code: `complaints.add("code", …)`, `complain("code", …)`, `unknown("code", …)`,
# `yield "code", …` and, in its reader of YAML, an error that becomes a complaint.
NAMED = re.compile(r'(?:\.add|\bcomplain|\bunknown|yield|_RefusedError)[\s(]+"([a-z0-9]+(?:-[a-z0-9]+)*)"')


def named_by_loading() -> set[str]:
    paths = [*(ROOT / "mappings").glob("loading*.py"), *(ROOT / "mappings" / "loading").glob("**/*.py")]
    texts = (path.read_text(encoding="utf-8") for path in paths)
    return {code for text in texts for code in NAMED.findall(text)}


def test_every_code_that_loading_names_is_explained() -> None:
    named = named_by_loading()
    assert len(named) > 40
    assert named - set(LOADING) == set()


def test_every_explained_code_of_loading_is_named_there() -> None:
    built = {f"unknown-{what}" for what in ("role", "field")}  # `unknown-{what}` in its conditions
    built.add("alerts")  # by whoever reads alerts.yaml
    assert set(LOADING) - named_by_loading() - built == set()


def test_a_code_that_nobody_explains_cannot_be_used() -> None:
    with pytest.raises(KeyError, match="made-up"):
        complaint("made-up", Where("a.yaml", 1), "says")


def test_a_code_of_somebody_else_is_a_fault() -> None:
    assert severity_of(Complaint("from-elsewhere", "a.yaml", 1, "says")) is Severity.FAULT


def test_the_howto_shows_every_code() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8"), "run: python -m tests.sync_pipelines.checking.document"


def test_complaints_are_printed_by_file_and_line_each_once_and_counted() -> None:
    late = complaint("rule-dead", Where("b.yaml", 2), "never applies", "take it out")
    early = complaint("rule-dead", Where("b.yaml", 1), "never applies")
    warning = complaint("write-once", Where("a.yaml", 9), "does not follow")
    note = complaint("role-unplayed", Where("a.yaml", 10), "nobody plays it")
    assert render([late, early, note, warning, late]) == (
        "a.yaml:9: warning write-once: does not follow\n"
        "a.yaml:10: note role-unplayed: nobody plays it\n"
        "b.yaml:1: fault rule-dead: never applies\n"
        "b.yaml:2: fault rule-dead: never applies — take it out\n"
        "2 faults, 1 warning, 1 note\n"
    )


def test_only_faults_keep_a_book_from_being_run() -> None:
    bad = complaint("rule-dead", Where("b.yaml", 2), "never applies")
    others = [
        complaint("write-once", Where("a.yaml", 9), "says"),
        complaint("role-unplayed", Where("a.yaml", 8), "says"),
    ]
    assert faults([*others, bad]) == [bad]


@pytest.mark.parametrize("code", CODES)
def test_an_explanation_is_two_sentences_that_end(code: str) -> None:
    told = CODES[code]
    assert told.means.endswith(".")
    assert told.mend.endswith(".")
    assert "|" not in (told.means + told.mend).replace("by |", ""), "it stands in a table"
