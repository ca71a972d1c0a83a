"""Break the engine once in a copy of the code, and see which check notices it.

    python -m tests.mutants.run                  all that were not tried on this very code yet
    python -m tests.mutants.run --only L4        one law, or one fear
    python -m tests.mutants.run --minutes 10     begin nothing new after that; the next call goes on from there
    python -m tests.mutants.run --again          all anew, as if nothing had ever been tried
    python -m tests.mutants.run --write          … and the table into README.md

What was found is kept in build/mutants/found.json. Exit code 1 where one lives or was not tried.
"""

import argparse
import json
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any

from tests.mutants.patches import Mutant
from tests.mutants.table import GROUPS, MUTANTS
from tests.mutants.trying import Bench, Killers, end_all, name_of

HOUSE = Path(__file__).parents[2]
README = Path(__file__).with_name("README.md")
FOUND = HOUSE / "build" / "mutants" / "found.json"
SEEDS = 20_000
NOT_TRIED = "not run"
_LIVES = "survived"


def main(words: Sequence[str] | None = None) -> int:
    """Try what is asked for and tell."""
    asked = _asked(words)
    chosen = [mutant for mutant in MUTANTS if asked.only in ("", mutant.law)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        house = Path(folder)
        benches = [
            Bench.in_folder(house / str(number), HOUSE, asked.seeds, committed=asked.committed)
            for number in range(asked.jobs)
        ]
        campaign = Campaign(
            benches, Found.read(FOUND, README, again=asked.again), time.monotonic() + asked.minutes * 60
        )
        verdicts = _attempt_all(campaign, chosen, asked.jobs)
        if asked.write:
            README.write_text(_read_me({str(m): campaign.last(m) for m in MUTANTS}), encoding="utf-8")
    _sum_up(verdicts)
    return int(any(verdict == NOT_TRIED or verdict.startswith(_LIVES) for verdict in verdicts.values()))


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", choices=["", *GROUPS], help="one law, or one fear")
    parser.add_argument("--minutes", type=float, default=600, help="begin nothing new after that")
    parser.add_argument("--jobs", type=int, default=2, help="so many beside each other, each in a copy of its own")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="histories, where no test fails")
    parser.add_argument("--committed", action="store_true", help="the code as committed, not as it lies there")
    parser.add_argument("--again", action="store_true", help="all anew, and without a look at what noticed them before")
    parser.add_argument("--write", action="store_true", help="write README.md")
    return parser.parse_args(words)


def _attempt_all(campaign: "Campaign", chosen: Sequence[Mutant], jobs: int) -> Mapping[str, str]:
    """Whoever ends it ends what it began, too; what was found until then is kept."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ThreadPoolExecutor(jobs) as hands:
        try:
            return dict(zip(map(str, chosen), hands.map(campaign.attempt, chosen), strict=True))
        except KeyboardInterrupt:
            hands.shutdown(wait=False, cancel_futures=True)
            end_all()
            raise SystemExit(130) from None


# --- what was found ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Found:
    """What became of each mutant: of this very code, or of its older self."""

    path: Path
    by_name: dict[str, dict[str, Any]]
    table: str = ""  # as the README has it
    lock: Any = field(default_factory=Lock)

    @classmethod
    def read(cls, path: Path, table: Path, *, again: bool) -> "Found":
        """As it was left; `again`: as if nothing had ever been tried."""
        if again:
            return cls(path, {})
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return cls(path, known, table.read_text(encoding="utf-8") if table.exists() else "")

    def on(self, mutant: Mutant, code: str, tried: str) -> Killers | None:
        """What killed it on this very code, empty where nothing did; None where that is not known."""
        known = self.by_name.get(str(mutant), {})
        is_same = known.get("code") == code and (known["killed_by"] or known["tried"] == tried)
        return tuple(known["killed_by"]) if is_same else None

    def before(self, mutant: Mutant) -> Killers:
        """What killed it last, here or as the table has it."""
        known = self.by_name.get(str(mutant), {}).get("killed_by")
        return tuple(known or _told_in(self.table, mutant))

    def keep(self, mutant: Mutant, code: str, killers: Killers, tried: str) -> None:
        """In the file, too, since the next one may be cut off."""
        with self.lock:
            self.by_name[str(mutant)] = {"code": code, "killed_by": killers, "tried": tried}
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(self.by_name, indent=1, ensure_ascii=False), encoding="utf-8")


def _told_in(table: str, mutant: Mutant) -> Killers:
    row = next((line for line in table.splitlines() if line.startswith(f"| {mutant.law} | {mutant.says} |")), "")
    said = row.rpartition(" | ")[2].strip("| ").replace("`", "")
    return tuple(one.rpartition(": ")[2] if "test_" in one else one for one in said.split(", ") if one)


class Campaign:
    """Tries mutants beside each other, each on a bench that is free."""

    def __init__(self, benches: Sequence[Bench], found: Found, until: float) -> None:
        """Before anything is broken: a mutant of this very code is another one where its file changes."""
        self._found, self._until, self._seeds = found, until, benches[0].seeds
        sound = benches[0].folder
        self._codes = {mutant: _code(mutant, sound) for mutant in MUTANTS}
        self._tried = f"{self._seeds} {_digest(sound)}"  # one that lived is tried anew where anything changed
        benches[0].learn([one for mutant in MUTANTS if self._is_due(mutant) for one in found.before(mutant)])
        self._free: SimpleQueue[Bench] = SimpleQueue()
        for bench in benches:
            bench.sound, bench.unsound = benches[0].sound, benches[0].unsound  # what one has learnt all know
            self._free.put(bench)

    def attempt(self, mutant: Mutant) -> str:
        """One of them, unless it was tried or the time is up."""
        if self._is_due(mutant):
            bench = self._free.get()
            try:
                killers = bench.killers(mutant, self._found.before(mutant))
            finally:
                self._free.put(bench)
            self._found.keep(mutant, self._codes[mutant], killers, self._tried)
        verdict = self.verdict(mutant)
        sys.stdout.write(f"{mutant}\n    {verdict}\n")
        sys.stdout.flush()
        return verdict

    def verdict(self, mutant: Mutant) -> str:
        """In words."""
        killers = self._known(mutant)
        if killers is None:
            return NOT_TRIED
        return ", ".join(dict.fromkeys(map(name_of, killers))) or f"{_LIVES} {self._seeds} histories"

    def last(self, mutant: Mutant) -> str:
        """What noticed it when it was last tried, maybe before its file was changed elsewhere."""
        verdict = self.verdict(mutant)
        if verdict != NOT_TRIED:
            return verdict
        known = self._found.by_name.get(str(mutant), {"killed_by": self._found.before(mutant)})
        return ", ".join(dict.fromkeys(map(name_of, known["killed_by"]))) or (_LIVES if "code" in known else verdict)

    def _is_due(self, mutant: Mutant) -> bool:
        return bool(self._codes[mutant]) and self._known(mutant) is None and time.monotonic() < self._until

    def _known(self, mutant: Mutant) -> Killers | None:
        return self._found.on(mutant, self._codes[mutant], self._tried)


def _code(mutant: Mutant, sound: Path) -> str:
    """Of its file with the patch; empty where that does not apply any more, which `test_table.py` says."""
    try:
        return sha256(mutant.patched(sound).encode()).hexdigest()[:12]
    except (ValueError, FileNotFoundError):
        return ""


def _digest(folder: Path) -> str:
    """Of all the code and all the tests."""
    return sha256(b"".join(path.read_bytes() for path in sorted(folder.rglob("*.py")))).hexdigest()[:12]


# --- telling ----------------------------------------------------------------------------------------------------------


def _sum_up(verdicts: Mapping[str, str]) -> None:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    lives = [name for name, verdict in verdicts.items() if verdict.startswith(_LIVES)]
    untried = sum(verdict == NOT_TRIED for verdict in verdicts.values())
    dead = len(verdicts) - len(lives) - untried
    sys.stdout.write(
        f"\n{len(verdicts)} broken engines: {dead} noticed, {len(lives)} not noticed, {untried} not tried\n"
    )
    sys.stdout.write("".join(f"    lives: {name}\n" for name in lives))
    minutes, cpu = (time.monotonic() - _BEGAN) / 60, (used.ru_utime + used.ru_stime) / 60
    sys.stdout.write(f"{minutes:.1f} minutes, {cpu:.1f} minutes of one core\n")


def _read_me(verdicts: Mapping[str, str]) -> str:
    head = README.read_text(encoding="utf-8").partition("| law |")[0] if README.exists() else ""
    rows = [f"| {mutant.law} | {mutant.says} | `{mutant.file}` | {verdicts[str(mutant)]} |" for mutant in MUTANTS]
    return "\n".join([f"{head}| law | broken so | in | noticed by |", "|--|--|--|--|", *rows, ""])


_BEGAN = time.monotonic()


if __name__ == "__main__":
    raise SystemExit(main())
