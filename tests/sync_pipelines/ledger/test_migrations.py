"""The way of a filled ledger from its first version to this one."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, inspect, make_url, text

from sync_pipelines.ledger.opening import open_ledger, version_of
from sync_pipelines.ledger.sql import SqlLedger
from sync_pipelines.ledger.sql_transaction import Session
from sync_pipelines.ledger.tables import HEAD, METADATA, VERSION_TABLE
from sync_pipelines.ledger.upgrading import configuration, upgrade_tables
from tests.postgres import Databases
from tests.sync_pipelines.ledger.conftest import both_databases
from tests.sync_pipelines.ledger.facts import ACCOUNT, NOW, claim, coupling, crm
from tests.sync_pipelines.ledger.test_transactions import all_of_it, filled


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """A database without a ledger in it."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path')}/ledger.db"
    databases: Databases = request.getfixturevalue("postgres")
    return databases.create()


def session_of(url: str) -> Session:
    address = make_url(url)
    driver = "sqlite" if address.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return Session(create_engine(address.set(drivername=driver), poolclass=NullPool))


def test_a_filled_ledger_of_the_first_version_keeps_everything_on_its_way_to_this_one(empty_url: str) -> None:
    session = session_of(empty_url)
    upgrade_tables(session, "0001")
    session.execute(text("ALTER TABLE claim ADD COLUMN imprint TEXT NOT NULL DEFAULT ''"))  # what fills it is of today
    was = filled(SqlLedger(session, b"key"))
    session.execute(text("ALTER TABLE claim DROP COLUMN imprint"))
    session.close()
    ledger = open_ledger(empty_url)
    assert all_of_it(ledger) == was
    ledger.couple([coupling(crm("2"), "a2")])
    assert ledger.uncoupled(ACCOUNT) == []
    ledger.close()


def test_the_migrated_tables_are_those_the_code_declares(empty_url: str) -> None:
    open_ledger(empty_url).close()
    session = session_of(empty_url)
    options = {"compare_type": True, "version_table": VERSION_TABLE}
    assert compare_metadata(MigrationContext.configure(session.connection, opts=options), METADATA) == []
    declared = {table.name: set(table.primary_key.columns.keys()) for table in METADATA.sorted_tables}
    found = inspect(session.connection)
    assert {name: set(found.get_pk_constraint(name)["constrained_columns"]) for name in declared} == declared
    assert {name: found.get_pk_constraint(name)["name"] for name in declared} == {
        name: f"pk_{name}" for name in declared
    }
    session.close()


@pytest.mark.parametrize("index", ["ux_coupling_primary", "ux_question_open"])
def test_partial_unique_indexes_hold_only_where_their_condition_is_true(empty_url: str, index: str) -> None:
    open_ledger(empty_url).close()
    session = session_of(empty_url)
    where = "SELECT sql FROM sqlite_master WHERE name = :name"
    if session.dialect == "postgresql":
        where = "SELECT indexdef FROM pg_indexes WHERE indexname = :name"
    said = session.execute(text(where), {"name": index}).scalar_one()
    session.close()
    assert "UNIQUE" in said
    assert "WHERE" in said


def test_the_newest_migration_is_the_one_the_code_asks_for(sqlite_ledger_url: str) -> None:
    session = session_of(sqlite_ledger_url)
    assert ScriptDirectory.from_config(configuration(session)).get_heads() == [HEAD]
    assert version_of(session) == HEAD
    session.close()


@both_databases
def test_an_upgrade_that_fails_leaves_the_ledger_as_it_was(ledger_url: str) -> None:
    session = session_of(ledger_url)
    session.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0001'"))  # noqa: S608 - so 0002 runs a second time
    tables = sorted(inspect(session.connection).get_table_names())
    with pytest.raises(Exception, match="ix_claim_entity"):
        upgrade_tables(session)
    assert version_of(session) == "0001"
    assert sorted(inspect(session.connection).get_table_names()) == tables
    session.close()


def test_opening_twice_at_once_upgrades_once(empty_url: str) -> None:
    first = open_ledger(empty_url)
    second = open_ledger(empty_url)
    first.land([claim(crm("1"))])
    second.bury([crm("1")], NOW)
    assert first.record_ids("crm", "Account", gone=True) == ["1"]
    first.close()
    second.close()


def test_keys_are_ordered_by_code_point_whatever_language_the_server_speaks(postgres_ledger_url: str) -> None:
    session = session_of(postgres_ledger_url)
    collated = session.execute(text(_COLLATED)).all()
    session.close()
    assert len(collated) > 60
    assert {collation for *_, collation in collated} == {"C"}


_COLLATED = """
    SELECT DISTINCT t.relname, a.attname, c.collname
    FROM pg_index i
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY(i.indkey)
    JOIN pg_collation c ON c.oid = a.attcollation
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> 'concordat_alembic_version'
"""
