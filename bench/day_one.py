"""Day one on systems that are full: from an empty folder to a first plan, with the commands that a person would type.

    python -m bench.day_one --times 17                real Tryton; 5,100 firms, 3,451 of them in it and 3,825 in the CRM
    python -m bench.day_one --times 500 --erp kingdee     150,000 firms, two thirds of them known on several sides
    python -m bench.day_one --times 735 --erp kingdee --dry   100,000 pairs; what `adopt --dry` says comes first
    python -m bench.day_one --kill 60 --kept FOLDER   the first adoption is killed after 60 s and typed again; what
                                                      the commands said, and the house itself, stay in FOLDER

Salesforce and Shopify are simulators, Tryton is the real server. Filling them does not count. In the end it says how
many of the firms that are known on several sides were recognised, and how many were taken for somebody else.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.standing import TOP, line
from connectors.contract import RecordRef
from sync_pipelines.demo.cast import CRM, ERP, SHOP, Firm, cast
from sync_pipelines.demo.home import fresh_home
from sync_pipelines.demo.systems import ERPS, DemoSystems
from sync_pipelines.settings import Place, open_ledger_at, read_book

_DRY = ("adopt", "--dry")
_STEPS: Sequence[Sequence[str]] = (
    ("doctor",),
    ("check", "--systems"),
    _DRY,
    ("adopt",),
    ("plan", "account"),
    ("plan", "contact"),
)
_SHOWN = 12  # lines of what a command says
_LOOKS = 0.1  # seconds between two looks at a running command
_FINE = (0, 1)  # 1: something waits for a person
_Records = Mapping[str, Mapping[str, str]]


def day_one(times: int, erp: str, home: Path, kill: float | None = None, *, dry: bool = False) -> int:
    """All steps; how many of them failed. `kill`: so many seconds into the first adoption its process dies.

    `dry`: before anything is adopted it is only told what would be.
    """
    fresh_home(home, erp)
    firms = cast(times)
    with DemoSystems(home, read_book(Place.found()), erp, TOP / ".concordat" / "tryton", line) as systems:
        records = _filled(systems, firms)
        before = len(systems.world.log())
        steps = [step for step in _STEPS if dry or step != _DRY]
        failed = sum(_typed(home, *words, kill=kill if words == ("adopt",) else None) for words in steps)
        written = [entry for entry in systems.world.log()[before:] if entry.op in ("create", "update")]
        line(f"  {len(written)} records of the simulators were written to; a plan writes nothing")
    _told(systems.finance.kind, firms, records)
    return failed + bool(written)


def _filled(systems: DemoSystems, firms: Sequence[Firm]) -> _Records:
    begun = time.perf_counter()
    records = systems.fill(firms)
    told = ", ".join(f"{len(ids):,} in {system}" for system, ids in records.items())
    line(f"{len(firms):,} firms: {told}; filled in {time.perf_counter() - begun:.0f} s")
    return records


def _typed(home: Path, *words: str, kill: float | None = None) -> bool:
    """One command, in a process of its own as a person's would be; whether it failed."""
    told = home.parent / f"{'-'.join(words)}.txt"
    if kill is not None:
        _killed(home, told, kill, *words)
    code, figures = _run(home, told, None, *words)
    said = [each for each in told.read_text(encoding="utf-8").splitlines() if each.strip()]
    line(f"  concordat {' '.join(words):22} {figures}   exit {code}, {len(said)} lines")
    for each in said[: _SHOWN if code in _FINE else len(said)]:
        line(f"      {each}")
    return code not in _FINE


def _killed(home: Path, told: Path, seconds: float, *words: str) -> None:
    code, figures = _run(home, told, seconds, *words)
    line(f"  concordat {' '.join(words):22} {figures}   {'killed' if code < 0 else 'ended before it could be killed'}")


def _run(home: Path, told: Path, seconds: float | None, *words: str) -> tuple[int, str]:
    """Its exit code and what it took. The most memory is that of the program, and not of us who started it."""
    begun, most = time.perf_counter(), 0
    command = [sys.executable, "-m", "sync_pipelines.cli", "--home", str(home), *words]
    with told.open("wb") as out, subprocess.Popen(command, cwd=TOP, stdout=out, stderr=out) as process:  # noqa: S603 - our own
        left, status, used = os.wait4(process.pid, os.WNOHANG)
        while not left:
            time.sleep(_LOOKS)
            most = _memory(process.pid) or most
            if seconds is not None and time.perf_counter() - begun > seconds:
                os.kill(process.pid, signal.SIGKILL)  # not `process.kill`, which takes its end away from us
            left, status, used = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
    cpu = used.ru_utime + used.ru_stime
    return process.returncode, f"{time.perf_counter() - begun:8.1f} s, cpu {cpu:7.1f} s, {most / 1024:5.0f} MiB"


def _memory(pid: int) -> int:
    """The most that a process had so far, in KiB; nothing where the machine does not tell, or once it has ended."""
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return next((int(each.split()[1]) for each in told.splitlines() if each.startswith("VmHWM:")), 0)


def _told(kind: str, firms: Sequence[Firm], records: _Records) -> None:
    kinds = {CRM: "Account", SHOP: "Customer", ERP: kind}
    refs = {(f.id, s): RecordRef(s, kinds[s], records[s][f.id]) for f in firms for s in f.where}
    with open_ledger_at(Place.found()) as ledger:
        found = ledger.couplings_at("account", sorted(set(refs.values())))
        asked = len({question.entity_id for question in ledger.questions(entity="account")})
    homes: dict[str, set[str]] = {}
    ids: dict[str, set[str]] = {}
    for (firm, _), ref in refs.items():
        if ref in found:
            homes.setdefault(found[ref].entity_id, set()).add(firm)
            ids.setdefault(firm, set()).add(found[ref].entity_id)
    several = [firm.id for firm in firms if len(firm.where) > 1]
    joined = sum(len(ids.get(firm, ())) == 1 for firm in several)
    wrong = sum(len(some) > 1 for some in homes.values())
    line(f"  {joined:,} of {len(several):,} firms on several sides recognised, {asked:,} asked about, {wrong} mistaken")


def main() -> None:
    """From the command line."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--times", type=int, default=17, help="so many times 300 firms")
    wanted.add_argument("--erp", choices=ERPS, default="tryton")
    wanted.add_argument("--kill", type=float, help="seconds after which the first adoption is killed")
    wanted.add_argument("--dry", action="store_true", help="first of all say what would be adopted")
    wanted.add_argument("--kept", type=Path, help="a folder for what the commands say, and the house")
    told = wanted.parse_args()
    with nullcontext(told.kept) if told.kept else TemporaryDirectory() as folder:
        home = Path(folder).resolve() / "home"
        home.parent.mkdir(parents=True, exist_ok=True)
        sys.exit(day_one(told.times, told.erp, home, told.kill, dry=told.dry))


if __name__ == "__main__":
    main()
