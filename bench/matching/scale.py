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


def main() -> int:
    """Make the tables, match them in a process of its own, and tell time and memory."""
    new, known = (int(told) for told in [*sys.argv[1:], "1000", "1000000"][:2])
    with TemporaryDirectory() as scratch:
        left, right = Path(scratch) / "new.csv", Path(scratch) / "known.csv"
        written(left, (row_of(one) for one in islice(_accounts("shop"), new)))
        written(right, (row_of(one) for one in islice(_accounts("erp"), known)))
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


def _accounts(system: str) -> Iterator[Appearance]:
    told = (one for customer in customers(SEED) for one in customer.appearances)
    return (one for one in told if one.system == system and one.entity == "account")


if __name__ == "__main__":
    sys.exit(main())
