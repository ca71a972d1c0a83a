"""Empty ledgers, one after another, for histories that are played: the audit of a used one is append-only for good."""

import shutil
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.sql import SqlLedger


class Copies:
    """Of one empty SQLite ledger in a folder: making the tables takes longer than copying them."""

    def __init__(self, folder: Path, audit_key: bytes) -> None:
        self._first, self._used, self._key = folder / "empty.sqlite", folder / "used.sqlite", audit_key
        open_ledger(f"sqlite:///{self._first}", audit_key=audit_key).close()

    def fresh(self) -> SqlLedger:
        """An empty one, in the place of the one before."""
        for left in self._used.parent.glob(f"{self._used.name}*"):
            left.unlink()
        shutil.copyfile(self._first, self._used)
        self._used.chmod(0o600)
        return open_ledger(f"sqlite:///{self._used}", audit_key=self._key)


def emptied(url: str, audit_key: bytes) -> SqlLedger:
    """A PostgreSQL database of which nothing is left but an empty ledger. There is no way back."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return open_ledger(url, audit_key=audit_key)
