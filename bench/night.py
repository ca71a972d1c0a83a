"""Day one and a night: everything read for the first time, adopted, read again unchanged, and a hundredth edited.

    python -m bench.night --count 100000

Three systems hold the same accounts; the hundredth is edited in the first of them. Each step says seconds, and the
memory that the process had at its highest.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import httpx

from bench.book import ROLES
from bench.standing import house_on, line, measured, pages
from sync_pipelines.flow.adopting import adopt
from sync_pipelines.flow.run import House

T = TypeVar("T")
_ACCOUNT = "account"
_SETTINGS = {"page_size": "1000", "bulk_above": ""}


def night(count: int, share: float, home: Path, *, load_only: bool = False) -> None:
    """All steps, one after the other."""
    with (
        pages(count) as url,
        pages(count) as other,
        house_on({**dict.fromkeys(ROLES, other), ROLES[0]: url}, home, _SETTINGS) as house,
    ):
        _step("first load", lambda: _read(house, full=True))
        size = (home / "ledger.sqlite").stat().st_size
        line(f"  ledger {size / 2**20:.0f} MiB, {size / count / len(ROLES):.0f} bytes a record")
        _step("full read, unchanged", lambda: _read(house, full=True))
        if load_only:
            return
        _step("adopt", lambda: adopt(house, _ACCOUNT))
        size = (home / "ledger.sqlite").stat().st_size
        line(f"  ledger {size / 2**20:.0f} MiB, {size / count / len(ROLES):.0f} bytes a record")
        _step("a night, unchanged", lambda: _run(house))
        httpx.post(f"{url}/edit", content=str(round(count * share)), trust_env=False)
        _step("read, some edited", lambda: _read(house, full=False))
        _step("plan", lambda: _plan(house))


def _step(name: str, act: Callable[[], T]) -> T:
    with measured() as figures:
        done = act()
    line(f"  {name:22} {figures.wall:8.1f} s  cpu {figures.cpu:8.1f} s  up to {figures.memory:6.0f} MiB")
    return done


def _read(house: House, *, full: bool) -> None:
    result = house.begin(_ACCOUNT, "sync")
    house.read(result, full=full)
    house.end(result)
    for crawl in result.crawls:
        if not crawl.complete:
            raise SystemExit(crawl.says)
    line(f"  {[(crawl.tally.read, crawl.tally.landed) for crawl in result.crawls]} read and landed")


def _run(house: House) -> None:
    result = house.run(_ACCOUNT)
    if result.changes:
        raise SystemExit(f"nothing was edited, and {result.changes} changes are planned")


def _plan(house: House) -> None:
    result = house.begin(_ACCOUNT, "sync")
    draft = house.plan(result)
    house.end(result)
    line(f"  {draft.looked_at} entities looked at, {draft.counts.total()} changes")


def main() -> None:
    """From the command line."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--count", type=int, default=100_000)
    wanted.add_argument("--share", type=float, default=0.01, help="of the accounts is edited")
    wanted.add_argument("--load-only", action="store_true", help="the two readings alone")
    told = wanted.parse_args()
    line(f"{told.count} accounts in each of {len(ROLES)} systems")
    with TemporaryDirectory() as folder:
        night(told.count, told.share, Path(folder), load_only=told.load_only)


if __name__ == "__main__":
    main()
