"""Writes updates to a system that allows so many calls a second: how near to that the engine comes.

    python -m bench.applying --count 10000 --limit 10

A CRM (prepared pages) and an ERP (a simulated org that counts) hold the same accounts. All are edited in the CRM, then
one plan is applied. The pace is that of the calls the ERP let through while it was applied.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bench.standing import child, house_on, line, measured, pages
from sync_pipelines.flow.adopting import adopt
from sync_pipelines.flow.run import House, RunResult

_ACCOUNT = "account"


def apply_all(count: int, limit: int, home: Path) -> None:
    """Adopt, edit, plan, apply."""
    with pages(count) as crm, child("bench.limited", "--count", str(count), "--limit", str(limit)) as org:
        erp, client, secret = org.split()
        settings = {"bulk_above": "", "client_id": client, "client_secret": secret, "windows": "1"}
        with house_on({"crm": crm, "erp": erp}, home, settings, {"erp": limit}) as house:
            adopt(house, _ACCOUNT)
            house.run(_ACCOUNT)
            httpx.post(f"{crm}/edit", content=str(count), trust_env=False)
            result = _planned(house)
            before = _told(erp)
            with measured() as figures:
                house.apply(result)
            after = _told(erp)
            house.end(result)
    calls, refused = after["through"] - before["through"], after["refused"] - before["refused"]
    pace = calls / figures.wall
    line(f"{result.applied.total('updates')} of {result.changes} updates in {figures.wall:.1f} s: {result.says}")
    line(f"  {calls} calls let through, {refused} refused; {pace:.2f} a second of {limit}: {pace / limit:.0%}")
    line(f"  cpu {figures.cpu:.1f} s")


def _planned(house: House) -> RunResult:
    result = house.begin(_ACCOUNT, "sync")
    house.read(result)
    house.plan(result)
    house.judge(result)
    return result


def _told(url: str) -> dict[str, Any]:
    told: dict[str, Any] = httpx.get(f"{url}/told", trust_env=False).json()
    return told


def main() -> None:
    """From the command line."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--count", type=int, default=10_000)
    wanted.add_argument("--limit", type=int, default=10, help="calls a second")
    told = wanted.parse_args()
    with TemporaryDirectory() as folder:
        apply_all(told.count, told.limit, Path(folder))


if __name__ == "__main__":
    main()
