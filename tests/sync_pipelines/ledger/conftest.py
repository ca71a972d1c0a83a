"""Every promise of the ledger is held against all three: in memory, on SQLite, on PostgreSQL."""

import shutil
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from monitoring.journal import Teller
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.opening import open_ledger, upgrade_ledger
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.ledger.tables import HEAD, METADATA, VERSION_TABLE
from sync_pipelines.ledger.telling import telling
from tests.postgres import Databases

KEY = b"a key of the tests"
AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger; a copy of its file is made faster than another one."""
    path = tmp_path_factory.mktemp("ledger") / "template.db"
    upgrade_ledger(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_ledger_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "ledger.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_template(postgres: Databases) -> str:
    url = postgres.create()
    upgrade_ledger(url)
    return str(make_url(url).database)


@pytest.fixture(scope="module")
def emptied_url(postgres: Databases, postgres_template: str) -> str:
    """The module's own database, which `postgres_ledger_url` empties for each test."""
    return postgres.create(template=postgres_template)


@pytest.fixture
def postgres_ledger_url(emptied_url: str) -> str:
    engine = create_engine(emptied_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role TO replica"))  # past the guards of the audit trail
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{HEAD}'"))  # noqa: S608 - our own words
    return emptied_url


@pytest.fixture
def ledger_url(request: pytest.FixtureRequest) -> str:
    """An empty ledger of the test's own, in the database that the test's parameter names."""
    return str(request.getfixturevalue(f"{request.param}_ledger_url"))


@pytest.fixture(params=["memory", "sqlite", "postgres", "telling"])
def ledger(request: pytest.FixtureRequest) -> Generator[Ledger]:
    opened: Ledger
    if request.param == "memory":
        opened = MemoryLedger(KEY)
    elif request.param == "telling":  # one that writes a log keeps every promise
        opened = telling(MemoryLedger(KEY), Teller(lambda _: None, lambda: AT))
    else:
        opened = open_ledger(request.getfixturevalue(f"{request.param}_ledger_url"), audit_key=KEY)
    yield opened
    opened.close()


both_databases = pytest.mark.parametrize("ledger_url", ["sqlite", "postgres"], indirect=True)
