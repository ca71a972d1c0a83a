"""The least that can be done: fetch each page, hash each row, write the hashes to SQLite.

python -m bench.reading.bare URL FILE
"""

import argparse
import sqlite3
from pathlib import Path

import httpx
import orjson
import xxhash

from bench.standing import measured


def read_all(url: str, file: Path) -> dict[str, float]:
    """Read everything; seconds, MiB and how many."""
    seen = 0
    with measured() as figures, httpx.Client(base_url=url, trust_env=False) as client:
        kept = sqlite3.connect(file)
        kept.execute("PRAGMA journal_mode=WAL")
        kept.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, hash TEXT) WITHOUT ROWID")
        place = "/listing/0"
        while place:
            page = orjson.loads(client.get(place).content)
            with kept:
                kept.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", [_seen(row) for row in page["records"]])
            seen += len(page["records"])
            place = page.get("nextRecordsUrl", "")
        kept.close()
    return {"wall": figures.wall, "cpu": figures.cpu, "memory": figures.memory, "read": seen}


def _seen(row: dict[str, object]) -> tuple[object, str]:
    return row["Id"], xxhash.xxh3_128_hexdigest(orjson.dumps(row, option=orjson.OPT_SORT_KEYS))


def main() -> None:
    """From the command line."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("url")
    wanted.add_argument("file", type=Path)
    told = wanted.parse_args()
    print(orjson.dumps(read_all(told.url, told.file)).decode())  # noqa: T201 - its figures


if __name__ == "__main__":
    main()
