"""A full read through the engine: connector, HTTP door, landing, ledger. Run twice, it meets nothing new.

python -m bench.reading.ours URL HOME
"""

import argparse
from pathlib import Path

import orjson

from bench.standing import house_on, measured

_PAGE = "1000"


def read_all(url: str, home: Path, windows: int) -> dict[str, float]:
    """Read everything; seconds, MiB and what it came to."""
    settings = {"page_size": _PAGE, "bulk_above": "", "windows": str(windows)}
    with house_on({"crm": url}, home, settings) as house:
        house.connectors["crm"].fingerprint()  # opened and logged in: what is measured is the reading
        with measured() as figures:
            crawl = house.crawl("crm", "Account", full=True)
        if not crawl.complete:
            raise SystemExit(crawl.says)
    told = {"wall": figures.wall, "cpu": figures.cpu, "memory": figures.memory}
    return told | {"read": crawl.tally.read, "unchanged": crawl.tally.unchanged, "landed": crawl.tally.landed}


def main() -> None:
    """From the command line."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("url")
    wanted.add_argument("home", type=Path)
    wanted.add_argument("--windows", type=int, default=8)
    told = wanted.parse_args()
    print(orjson.dumps(read_all(told.url, told.home, told.windows)).decode())  # noqa: T201 - its figures


if __name__ == "__main__":
    main()
