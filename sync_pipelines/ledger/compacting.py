"""Makes the room that pruning left free smaller: SQLite keeps it inside its file for later, for ever."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.engine import URL

from sync_pipelines.ledger.port import LedgerError

WORTHWHILE = 0.25  # of the file that is free
_ASKED = ("PRAGMA freelist_count", "PRAGMA page_count")


def wasted(url: str) -> float:
    """The share of a SQLite file that is free inside; of PostgreSQL 0, which cleans up by itself."""
    where = make_url(url)
    file = Path(where.database or "")
    if where.get_backend_name() != "sqlite" or not file.is_file():
        return 0.0
    with closing(sqlite3.connect(file)) as connection:
        free, pages = (int(connection.execute(asked).fetchone()[0]) for asked in _ASKED)
    return free / pages if pages else 0.0


def compact(url: str) -> int:
    """Give free room back to the disk; answers the bytes. Nobody else can write meanwhile. Raises LedgerError."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        return _compact_file(Path(where.database or ""))
    return _compact_server(where)


def _compact_file(file: Path) -> int:
    if not file.is_file():
        return 0
    before = _size(file)
    try:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise LedgerError(f"{file} cannot be made smaller just now: {error}; it takes as much room again") from error
    return max(0, before - _size(file))


def _size(file: Path) -> int:
    return sum(part.stat().st_size for part in (file, file.with_name(f"{file.name}-wal")) if part.is_file())


def _compact_server(where: URL) -> int:
    engine = create_engine(where.set(drivername="postgresql+psycopg"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM (ANALYZE)"))
    return 0
