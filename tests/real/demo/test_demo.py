"""The demo, from its first line to its last, with either ERP: every claim it makes is true."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CACHE = Path(__file__).parents[3] / ".concordat" / "tryton"
LONGEST = 900  # seconds; it takes one to two minutes, once Tryton is prepared


@pytest.mark.slow
@pytest.mark.parametrize("erp", ["kingdee", "tryton"])
def test_every_claim_of_the_demo_holds_and_its_house_can_be_looked_at_afterwards(erp: str, tmp_path: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    (tmp_path / ".concordat").mkdir()
    (tmp_path / ".concordat" / "tryton").symlink_to(CACHE)
    code, told = concordat(tmp_path, "demo", "--erp", erp)
    assert (code, "✗" in told) == (0, False), told
    assert "claims held" in told
    assert max(len(line) for line in told.splitlines() if not line.startswith("$")) <= 200
    assert concordat(tmp_path, "--home", ".concordat/demo", "status")[0] == 0
    assert concordat(tmp_path, "--home", ".concordat/demo", "review", "list") == (0, "No question is open.\n")


def concordat(folder: Path, *arguments: str) -> tuple[int, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("CONCORDAT_")}
    done = subprocess.run(
        [sys.executable, "-m", "sync_pipelines.cli", *arguments],
        cwd=folder,
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return done.returncode, done.stdout
