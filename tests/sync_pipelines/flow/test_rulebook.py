"""A book under somebody's pen is a book with faults, wherever the pen just is."""

from pathlib import Path

import pytest

from sync_pipelines.demo.home import book_with
from sync_pipelines.flow.rulebook import examine


@pytest.mark.parametrize("entity", ["account", "contact", "user"])
def test_a_file_that_breaks_off_anywhere_or_lacks_any_line_has_faults_or_none_and_is_no_error(
    tmp_path: Path, entity: str
) -> None:
    folder = book_with(tmp_path / "book", "kingdee")
    file = folder / entity / "ownership.yaml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    told = set()
    for number in range(len(lines)):
        for kept in (lines[:number], lines[:number] + lines[number + 1 :]):
            file.write_text("".join(kept), encoding="utf-8")
            told.add(bool(examine(folder).faults))
    assert told == {True, False}


def test_a_field_that_is_waited_for_and_that_nobody_decides_is_told_once(tmp_path: Path) -> None:
    folder = book_with(tmp_path / "book", "kingdee")
    file = folder / "account" / "ownership.yaml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith("  tax_id:")), encoding="utf-8")
    assert [fault for fault in examine(folder).faults if "`tax_id`" in fault and "decide" in fault]
