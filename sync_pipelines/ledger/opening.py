"""Opens a ledger by its URL: `sqlite:////var/lib/concordat/ledger.db` or `postgresql+psycopg://user@host/concordat`."""

import secrets
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.ledger.sql import SqlLedger
from sync_pipelines.ledger.sql_transaction import Session
from sync_pipelines.ledger.sqlite_file import audit_key_beside, prepare
from sync_pipelines.ledger.tables import HEAD, VERSION_TABLE

_DRIVERS = MappingProxyType({"sqlite": "sqlite", "postgresql": "postgresql+psycopg"})
_OLDEST_POSTGRES = 15
_PATIENCE = 30.0  # seconds to wait for another writer


def open_ledger(url: str, *, audit_key: bytes = b"", upgrade: bool = True, patience: float = _PATIENCE) -> SqlLedger:
    """Opens the ledger, makes it where there is none, and brings an older one to this version.

    With `upgrade=False` an older one is refused instead; a newer one always is. The key of the audit chain is passed
    in; else it lies beside the SQLite file (`<file>.audit-key`, mode 0600, made at first use). PostgreSQL has no such
    place: there a ledger without a passed-in key refuses to audit.
    """
    where = _address(url)
    path = _file_of(where)
    if path is not None:
        prepare(path)
        audit_key = audit_key or audit_key_beside(path)
    elif where.get_backend_name() == "sqlite":
        audit_key = audit_key or secrets.token_bytes(32)  # a ledger in memory ends with its key
    session = Session(_engine(where, patience))
    try:
        _check_server(session)
        _check_version(session, upgrade=upgrade)
    except BaseException:
        session.close()
        raise
    return SqlLedger(session, audit_key)


def upgrade_ledger(url: str, *, patience: float = _PATIENCE) -> None:
    """Only brings the tables to this version."""
    open_ledger(url, patience=patience).close()


def version_of(session: Session) -> str:
    """The version of the ledger's tables; empty where there are none yet."""
    if not inspect(session.connection).has_table(VERSION_TABLE):
        return ""
    return str(session.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one())  # noqa: S608 - our word


def _address(url: str) -> URL:
    try:
        where: URL | None = make_url(url)
    except ArgumentError:
        where = None
    driver = _DRIVERS.get(where.get_backend_name()) if where else None
    if where is None or driver is None:
        raise LedgerError("the ledger's URL is not understood: write sqlite:////path/ledger.db or postgresql://…")
    return where.set(drivername=driver)


def _file_of(where: URL) -> Path | None:
    """The file of a SQLite ledger, where it has one."""
    name = where.database if where.get_backend_name() == "sqlite" else None
    return Path(name) if name and name != ":memory:" else None


def _engine(where: URL, patience: float) -> Engine:
    """A ledger holds one connection, so there is nothing to pool."""
    if where.get_backend_name() == "sqlite":
        engine = create_engine(where, hide_parameters=True, poolclass=NullPool, connect_args={"timeout": patience})
        manners = ["PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"]
    else:
        engine = create_engine(where, hide_parameters=True, poolclass=NullPool)
        manners = [
            "SET synchronous_commit TO on",
            "SET timezone TO 'UTC'",
            f"SET lock_timeout TO {patience * 1000:.0f}",
            # A process that was stopped in the middle of a transaction must not lock all others out.
            "SET idle_in_transaction_session_timeout TO 60000",
        ]
    event.listen(engine, "connect", lambda connection, _: _teach(connection, manners))
    return engine


def _teach(connection: Any, manners: list[str]) -> None:
    for each in manners:
        connection.execute(each)
    connection.commit()


def _check_server(session: Session) -> None:
    dialect = session.connection.dialect
    if dialect.name != "postgresql":
        return
    if int(session.execute(text("SHOW server_version_num")).scalar_one()) // 10_000 < _OLDEST_POSTGRES:
        raise LedgerError(f"the ledger needs PostgreSQL {_OLDEST_POSTGRES} or newer: this server is older")
    if session.execute(text("SHOW server_encoding")).scalar_one() != "UTF8":
        raise LedgerError("the ledger's database has to be in UTF8: create it with ENCODING 'UTF8'")


def _check_version(session: Session, *, upgrade: bool) -> None:
    """Both ways: an older program must not write into newer tables, nor a newer one into older ones."""
    version = version_of(session)
    if version == HEAD:
        return
    if version > HEAD:
        raise LedgerError(f"a newer Concordat made this ledger (version {version}, this one knows {HEAD}): upgrade it")
    if version and not upgrade:
        raise LedgerError(f"the ledger has version {version} and this Concordat needs {HEAD}: open it with an upgrade")
    from sync_pipelines.ledger.upgrading import upgrade_tables  # noqa: PLC0415 - alembic takes a while to load

    upgrade_tables(session)
