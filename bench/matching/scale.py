"""New accounts against many known ones: `python -m bench.matching.scale [NEW] [KNOWN]`, by default 1000 and 1000000."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.matching import say
from bench.matching.customers import SEED, row_of, written
from sync_pipelines.simulation.customers.stream import customers
from sync_pipelines.simulation.customers.truth import Appearance

_MADE_UP = 20_000
_SYLLABLES = ("ka", "ro", "mi", "ten", "sol", "ver", "lan", "dor", "bri", "pex", "mo", "nu", "ti", "gra", "hel", "wo")


def main() -> int:
    """Make the tables, match them in a process of its own, and tell time and memory."""
    new, known = (int(told) for told in [*sys.argv[1:], "1000", "1000000"][:2])
    with TemporaryDirectory() as scratch:
        left, right = Path(scratch) / "new.csv", Path(scratch) / "known.csv"
        written(left, (row_of(one) for one in islice(_accounts("shop"), new)))
        written(right, _known(known))
        begun = time.perf_counter()
        subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "-m", "sync_pipelines.cli", "match", str(left), str(right), "--json"],
            check=False,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"CONCORDAT_HOME": scratch},
        )
        took = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    say(
        f"{new:,} new, {known:,} known: {took:.1f} s, {cpu:.1f} s of processor, {memory:,.0f} MB in the largest process"
    )
    return int(took > 60 or memory > 1_500)  # noqa: PLR2004 - the target


def _known(count: int) -> Iterator[dict[str, str]]:
    """Made-up accounts, then the same ones again under other names and numbers: making each anew would take an hour."""
    rows = [row_of(one) for one in islice(_accounts("erp"), min(count, _MADE_UP))]
    yield from rows
    for number in range(len(rows), count):
        row, turn = rows[number % len(rows)], number // len(rows)
        yield row | {
            "id": f"{row['id']}-{turn}",
            "name": _renamed(row["name"], turn),
            "street": f"{row['street']}{turn % 90 + 1}" if row["street"] else "",
            "phone": f"{row['phone'][:-6]}{number * 7919 % 1_000_000:06}" if row["phone"] else "",
            "website": f"{_sounds(turn)}{row['website']}" if row["website"] else "",
            "tax_id": f"{row['tax_id'][:-8]}{number * 104_729 % 100_000_000:08}" if row["tax_id"] else "",
        }


def _renamed(name: str, turn: int) -> str:
    if name.isascii() or not "\u4e00" <= name[0] <= "\u9fff":
        return f"{_sounds(turn).capitalize()}{name.lower()}"
    signs = [chr(0x4E00 + (turn * 97 + place * 131) % 6_000) for place in range(2)]
    return f"{name[:2]}{''.join(signs)}{name[4:]}"


def _sounds(turn: int) -> str:
    return "".join(_SYLLABLES[turn // len(_SYLLABLES) ** place % len(_SYLLABLES)] for place in range(2))


def _accounts(system: str) -> Iterator[Appearance]:
    told = (one for customer in customers(SEED) for one in customer.appearances)
    return (one for one in told if one.system == system and one.entity == "account")


if __name__ == "__main__":
    sys.exit(main())
