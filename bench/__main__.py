"""All benchmarks, one after the other; what each measures, and how it stood, says README.md beside this file.

python -m bench
python -m bench --small
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence

from bench.standing import TOP, line

_ALL: Sequence[Sequence[str]] = (
    ("bench.reading", "--pause", "0"),
    ("bench.reading", "--pause", "0.05"),
    ("bench.night", "--count", "100000"),
    ("bench.applying", "--count", "10000", "--limit", "10"),
    ("bench.checking",),
    ("bench.day_one", "--times", "17", "--erp", "kingdee"),
    ("bench.dagster",),
)
_SMALL: Sequence[Sequence[str]] = (
    ("bench.reading", "--pause", "0", "--count", "20000", "--without-dlt"),
    ("bench.night", "--count", "2000"),
    ("bench.applying", "--count", "1000", "--limit", "10"),
    ("bench.checking", "--runs", "1"),
    ("bench.day_one", "--times", "1", "--erp", "kingdee"),
    ("bench.dagster", "--runs", "1"),
)


def main() -> int:
    """Go on with the others where one fails; say so at the end."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument(
        "--small", action="store_true", help="a look in a minute or two, at a tenth of the size and less"
    )
    failed = 0
    for module, *told in _SMALL if wanted.parse_args().small else _ALL:
        line(f"\n=== python -m {' '.join((module, *told))}")
        done = subprocess.run([sys.executable, "-m", module, *told], cwd=TOP, check=False)  # noqa: S603 - our own
        failed += done.returncode != 0
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
