"""The story of the four records with a real Tryton in accounting."""

from pathlib import Path

import pytest

from tests.real.tryton.conftest import CACHE
from tests.sync_pipelines.demo.four_records import firm, merges, story


@pytest.mark.slow
def test_four_records_become_one_account_and_a_merge_in_the_crm_leaves_it_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with firm("tryton", tmp_path / "house", CACHE, monkeypatch) as told:
        story(told)
        merges(told)
