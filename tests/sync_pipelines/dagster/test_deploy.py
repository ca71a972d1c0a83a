"""The files a deployment starts from are read by Dagster itself."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from sqlalchemy import make_url

from tests.postgres import running_postgres
from tests.sync_pipelines.dagster.rig import Rig

ROOT = Path(__file__).parents[3]
SQLITE = ROOT / "dagster.yaml"
POSTGRES = ROOT / "deploy" / "postgres" / "dagster.yaml"


def read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_the_two_differ_in_where_things_are_kept_and_in_nothing_else() -> None:
    there = read(POSTGRES)
    assert set(there.pop("storage")) == {"postgres"}
    assert there == read(SQLITE)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


def test_dagster_takes_the_file_for_one_machine(home: Path) -> None:
    (home / "dagster.yaml").write_bytes(SQLITE.read_bytes())
    with dg.DagsterInstance.get() as instance:
        assert instance.run_coordinator.dequeue_interval_seconds == 1  # type: ignore[attr-defined]  # of the queue
        assert instance.run_retries_enabled
        assert instance.get_settings("concurrency")["runs"]["max_concurrent_runs"] == 4
        assert not instance.telemetry_enabled


@pytest.mark.slow
def test_a_run_is_kept_in_postgresql_by_the_file_for_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "dagster.yaml").write_bytes(POSTGRES.read_bytes())
    with running_postgres() as databases:
        where = make_url(databases.create())
        # Ours listens on a socket in a folder, which a host's name in Dagster's file cannot say; libpq's variable can.
        monkeypatch.setenv("PGHOST", str(where.query.get("host") or where.host))
        given = {"HOST": "", "PORT": where.port or 5432, "DB": where.database, "USER": where.username}
        for name, value in {**given, "PASSWORD": where.password or "none"}.items():
            monkeypatch.setenv(f"DAGSTER_PG_{name}", str(value))
        with dg.DagsterInstance.get() as instance:
            ran = Rig(instance).run()
            assert ran.ok
            assert instance.get_run_by_id(ran.id) is not None
            assert not list(home.rglob("*.db"))
