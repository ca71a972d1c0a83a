"""The story of the four records on simulators of Salesforce, Shopify and Kingdee, over HTTP."""

from pathlib import Path

import pytest

from tests.sync_pipelines.demo.four_records import firm, merges, story


def test_four_records_become_one_account_and_a_merge_in_the_crm_leaves_it_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with firm("kingdee", tmp_path / "house", tmp_path / "cache", monkeypatch) as told:
        story(told)
        merges(told)
