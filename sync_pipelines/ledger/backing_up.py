"""A copy of the whole ledger while it is used, and the drill that shows that it can be brought back.

SQLite is copied by its own online backup, PostgreSQL by `pg_dump`; beside the copy lie the audit key (without it the
chain cannot be followed) and a manifest with what was counted in it. A copy that is not finished bears another name.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import NullPool, create_engine, func, inspect, make_url, select, text
from sqlalchemy.engine import URL, Connection

from sync_pipelines.ledger import dumping
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.ledger.tables import METADATA, VERSION_TABLE

_PREFIX, _PARTIAL = "concordat-", ".unfinished"
_LEDGER, _KEY, _MANIFEST = "ledger.sqlite", "ledger.sqlite.audit-key", "manifest.json"
_PAGES = 4096  # copied at once, between which others may write
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy. `rows` by table, as they were counted in the copy itself."""

    name: str
    made_at: str
    kind: str  # sqlite | postgresql
    version: str  # of the tables
    size: int
    digest: str
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drilled:
    """What bringing a copy back came to."""

    backup: Backup
    audited: int  # links of the audit chain that were followed
    tables: int
    rows: int


# --- making ---------------------------------------------------------------------------------------------------------


def back_up(url: str, folder: Path, now: datetime, *, audit_key: bytes = b"", keep: int = 7) -> Backup:
    """Copy the ledger into a folder of its own; older copies than the newest `keep` go. Raises LedgerError."""
    name = f"{_PREFIX}{now:%Y%m%dT%H%M%SZ}"
    partial = folder / f"{name}{_PARTIAL}"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=0o700)
        backup = _copied(make_url(url), partial, name, now, audit_key)
        _write(partial / _MANIFEST, json.dumps(asdict(backup), indent=2).encode())
        partial.rename(folder / name)
    except OSError as error:
        raise LedgerError(f"no backup in {folder}: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    for old in backups(folder)[keep:]:
        shutil.rmtree(folder / old.name, ignore_errors=True)
    return backup


def backups(folder: Path) -> Sequence[Backup]:
    """All finished ones, newest first."""
    found = sorted(folder.glob(f"{_PREFIX}*/{_MANIFEST}"), reverse=True)
    return [Backup(**json.loads(file.read_text(encoding="utf-8"))) for file in found if _is_finished(file.parent)]


def _is_finished(place: Path) -> bool:
    return not place.name.endswith(_PARTIAL)


def _copied(where: URL, into: Path, name: str, now: datetime, audit_key: bytes) -> Backup:
    if where.get_backend_name() == "sqlite":
        rows, version = _copied_sqlite(where, into)
        copy = into / _LEDGER
    else:
        copy = into / dumping.DUMP
        rows, version = dumping.dump(where, copy, _counted)
    _write(into / _KEY, _key_of(where, audit_key))
    return Backup(
        name, now.isoformat(), where.get_backend_name(), version, copy.stat().st_size, _digest(copy), dict(rows)
    )


def _copied_sqlite(where: URL, into: Path) -> tuple[Mapping[str, int], str]:
    file = Path(where.database or "")
    if not file.is_file():
        raise LedgerError(f"{file} is not there: nothing to back up")
    _write(into / _LEDGER, b"")
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(into / _LEDGER)) as copy:
            source.backup(copy, pages=_PAGES)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    except sqlite3.Error as error:
        raise LedgerError(f"{file} cannot be copied: {error}") from error
    return _looked_at(f"sqlite:///{into / _LEDGER}", _counted)


def _looked_at(url: str, look: Callable[[Connection], tuple[Mapping[str, int], str]]) -> tuple[Mapping[str, int], str]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return look(connection)


def _counted(connection: Connection) -> tuple[Mapping[str, int], str]:
    """Rows by table, and the version of the tables."""
    there = set(inspect(connection).get_table_names())
    tables = [table for table in METADATA.sorted_tables if table.name in there]
    counts = [(table.name, select(func.count()).select_from(table)) for table in tables]
    rows = {name: int(connection.execute(count).scalar_one()) for name, count in counts}
    version = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one()  # noqa: S608 - our word
    return rows, str(version)


def _key_of(where: URL, audit_key: bytes) -> bytes:
    """As `opening` finds it: passed in, else beside the file of a SQLite ledger."""
    if where.get_backend_name() != "sqlite" or audit_key:
        return audit_key.hex().encode()
    beside = Path(f"{where.database}.audit-key")
    return beside.read_bytes() if beside.is_file() else b""


# --- bringing back --------------------------------------------------------------------------------------------------


def drill(backup: Backup, folder: Path, scratch: Path, url: str) -> Drilled:
    """Bring a copy back into a place of its own, open it as the program would, and hold it against its manifest.

    `url` is the ledger's: of PostgreSQL a database is made beside it, and dropped. Raises LedgerError.
    """
    place = folder / backup.name
    copy = place / (_LEDGER if backup.kind == "sqlite" else dumping.DUMP)
    if not copy.is_file() or _digest(copy) != backup.digest:
        raise LedgerError(f"{copy} is not the file that was written: its content is another one")
    key = bytes.fromhex((place / _KEY).read_text(encoding="ascii"))
    if backup.kind == "sqlite":
        shutil.copyfile(copy, scratch / _LEDGER)
        (scratch / _LEDGER).chmod(0o600)
        return _examined(backup, f"sqlite:///{scratch / _LEDGER}", key)
    with dumping.restored(make_url(url), copy) as there:
        return _examined(backup, there, key)


def _examined(backup: Backup, url: str, key: bytes) -> Drilled:
    found, _ = _looked_at(_driven(url), _counted)
    different = sorted(name for name in {*found, *backup.rows} if found.get(name) != backup.rows.get(name))
    if different:
        raise LedgerError(f"{backup.name}: other rows came back than were written: {', '.join(different)}")
    _looked_at(_driven(url), _whole)
    ledger = open_ledger(url, audit_key=key)
    try:
        audited = ledger.verify_audit() if backup.rows.get("audit") else 0
    finally:
        ledger.close()
    return Drilled(backup, audited, len(found), sum(found.values()))


def _whole(connection: Connection) -> tuple[Mapping[str, int], str]:
    """SQLite says of itself whether it is; PostgreSQL has checked with the restore."""
    if connection.dialect.name == "sqlite":
        said = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        loose = connection.execute(text("PRAGMA foreign_key_check")).all()
        if said != ["ok"]:
            raise LedgerError(f"the copy is damaged: {said[0]}")
        if loose:
            raise LedgerError(f"the copy is damaged: {len(loose)} rows belong to nothing")
    return {}, ""


def _driven(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


# --- files ----------------------------------------------------------------------------------------------------------


def _write(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as out:
        out.write(content)


def _digest(file: Path) -> str:
    made = hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            made.update(chunk)
    return made.hexdigest()
