"""Every promise of the ledger is held against all three: in memory, on SQLite, on PostgreSQL."""

import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeAlias

import pytest
from sqlalchemy import make_url

from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.opening import open_ledger, upgrade_ledger
from sync_pipelines.ledger.port import Ledger
from tests.postgres import Databases

Opens: TypeAlias = Callable[[], Ledger]
KEY = b"a key of the tests"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger; a copy of its file is made faster than another one."""
    path = tmp_path_factory.mktemp("ledger") / "template.db"
    upgrade_ledger(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "ledger.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_template(postgres: Databases) -> str:
    url = postgres.create()
    upgrade_ledger(url)
    return str(make_url(url).database)


@pytest.fixture
def ledger_url(request: pytest.FixtureRequest) -> str:
    """A ledger of the test's own in the database that the test's parameter names."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    databases: Databases = request.getfixturevalue("postgres")
    return databases.create(template=request.getfixturevalue("postgres_template"))


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest) -> Generator[Ledger]:
    opened: Ledger
    if request.param == "memory":
        opened = MemoryLedger(KEY)
    elif request.param == "sqlite":
        opened = open_ledger(request.getfixturevalue("sqlite_url"), audit_key=KEY)
    else:
        databases: Databases = request.getfixturevalue("postgres")
        url = databases.create(template=request.getfixturevalue("postgres_template"))
        opened = open_ledger(url, audit_key=KEY)
    yield opened
    opened.close()


both_databases = pytest.mark.parametrize("ledger_url", ["sqlite", "postgres"], indirect=True)
