"""A ledger in PostgreSQL, out of its server and back: by the server's own tools, which have to be there."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from sync_pipelines.ledger.port import LedgerError

DUMP = "ledger.dump"
_DRIVER = "postgresql+psycopg"
_LONGEST = 3600  # seconds


def dump(
    where: URL, into: Path, look: Callable[[Connection], tuple[Mapping[str, int], str]]
) -> tuple[Mapping[str, int], str]:
    """Write it out; what `look` answers is of the very moment that was written."""
    engine = create_engine(where.set(drivername=_DRIVER), poolclass=NullPool, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        told = look(connection)
        _run("pg_dump", where, "--format=custom", f"--file={into}", f"--snapshot={moment}", "--no-owner")
    into.chmod(0o600)
    return told


@contextmanager
def restored(where: URL, copy: Path) -> Iterator[str]:
    """Into a database of its own beside the ledger's, which is dropped again."""
    name = f"concordat_drill_{secrets.token_hex(4)}"
    try:
        _say(where, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    except SQLAlchemyError as error:
        raise LedgerError(
            "the restore drill makes a database of its own: let the ledger's user make one (ALTER ROLE … CREATEDB)"
        ) from error
    there = where.set(database=name)
    try:
        _run("pg_restore", there, "--exit-on-error", "--no-owner", f"--dbname={name}", str(copy))
        yield there.set(drivername="postgresql").render_as_string(hide_password=False)
    finally:
        _say(where, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _say(where: URL, statement: str) -> None:
    engine = create_engine(where.set(drivername=_DRIVER), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))


def _run(tool: str, where: URL, *arguments: str) -> None:
    """The password goes by the environment: the command line is everybody's to read."""
    program = shutil.which(tool)
    if program is None:
        raise LedgerError(f"{tool} is not there: install PostgreSQL's client programs, as new as the server")
    host = where.host or where.query.get("host", "")
    told = {"PGHOST": host, "PGPORT": where.port, "PGUSER": where.username, "PGPASSWORD": where.password}
    known = {name: str(said) for name, said in told.items() if said}
    environment = {**os.environ, **known, "PGDATABASE": where.database or ""}
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        [program, *arguments], env=environment, capture_output=True, text=True, timeout=_LONGEST, check=False
    )
    if done.returncode:
        raise LedgerError(f"{tool} failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}")
