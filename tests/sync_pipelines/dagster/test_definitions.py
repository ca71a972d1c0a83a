"""What Dagster is told: the graph, under the bundled book and others, alone and beside another project."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import pytest

from sync_pipelines.definitions import (
    UnusableBookError,
    chores_of,
    connections_of,
    define,
    examines_of,
    hears_of,
    outbox_of,
)
from sync_pipelines.definitions import defs as told
from sync_pipelines.settings import BUNDLED_BOOK, Place, open_house, read_book
from tests.sync_pipelines.dagster.rig import Rig

EXPECTED = Path(__file__).parent / "expected"
ROOT = Path(__file__).parents[3]
NEIGHBOUR = """
import dagster as dg

@dg.asset(group_name="account")
def account_plan() -> None: ...

@dg.asset(key=["account", "account_applied"], deps=[account_plan])
def account_applied() -> None: ...

@dg.run_failure_sensor(name="concordat_run_failed")
def failed(context: dg.RunFailureSensorContext) -> None: ...

job = dg.define_asset_job("account_sync", [account_plan])
defs = dg.Definitions([account_plan, account_applied], jobs=[job], sensors=[failed])
"""


def clean(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """Without anything that says where a house is, and with a home of its own."""
    kept = {name: value for name, value in environment.items() if not name.startswith("CONCORDAT_")}
    return {**kept, "CONCORDAT_HOME": str(home)}


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No connection, no book of one's own, no ledger."""
    for name in [name for name in os.environ if name.startswith("CONCORDAT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CONCORDAT_HOME", str(tmp_path / "home"))
    return tmp_path


# --- the graph ------------------------------------------------------------------------------------------------------


def graph(defs: dg.Definitions) -> str:
    """Everything a person sees of the graph, one line each."""
    lines = []
    for spec in sorted(defs.resolve_all_asset_specs(), key=lambda spec: spec.key):
        lines.append(f"{spec.key.to_user_string()}  [{spec.group_name}] {', '.join(sorted(spec.kinds))}")
        lines.extend(
            f"    after {dep.asset_key.to_user_string()}" for dep in sorted(spec.deps, key=lambda d: d.asset_key)
        )
        lines.append(f"    for {', '.join(spec.owners) or 'nobody'}" + _fresh(spec))
    for check in sorted(defs.resolve_asset_graph().asset_check_keys, key=lambda key: (key.asset_key, key.name)):
        blocks = defs.resolve_asset_graph().get_check_spec(check).blocking
        lines.append(f"check {check.to_user_string()}{', blocking' if blocks else ''}")
    for schedule in sorted(defs.schedules or [], key=lambda one: one.name):
        assert isinstance(schedule, dg.ScheduleDefinition)
        when = f"{schedule.cron_schedule} {schedule.execution_timezone}"
        lines.append(f"schedule {schedule.name}: {schedule.job_name} at {when}, {schedule.default_status.value}")
    lines += [f"job {name}" for name in sorted(job.name for job in defs.resolve_all_job_defs() if "__" not in job.name)]
    lines += [f"sensor {sensor.name}" for sensor in defs.sensors or []]
    return "\n".join([*lines, ""])


def _fresh(spec: dg.AssetSpec) -> str:
    policy = spec.freshness_policy
    return f", fresh within {policy.fail_window.to_timedelta()}" if policy else ""  # type: ignore[attr-defined]  # a window


def test_the_graph_of_the_little_book_is_as_expected(rig: Rig) -> None:
    expected = EXPECTED / "little_book.txt"
    shown = graph(rig.defs)
    assert shown == expected.read_text(encoding="utf-8"), f"if that is right, write this into {expected}:\n{shown}"


def test_the_last_part_of_a_key_tells_assets_apart_since_the_graph_shows_nothing_else(rig: Rig) -> None:
    lasts = Counter(spec.key.path[-1] for spec in rig.defs.resolve_all_asset_specs())
    assert [last for last, count in lasts.items() if count > 1] == []


def test_the_names_of_steps_are_short_since_the_run_page_cuts_them(rig: Rig) -> None:
    steps = rig.defs.resolve_job_def("account_sync").graph.node_names()
    assert sorted(steps) == [
        "account_applied", "account_plan", "account_recovered", "crm_Account", "erp_Customer", "shop_Buyer",
    ]  # fmt: skip


def test_a_run_is_one_process(rig: Rig) -> None:
    assert rig.defs.resolve_job_def("account_sync").executor_def is dg.in_process_executor


def test_runs_of_an_entity_wait_for_each_other_and_are_not_repeated(rig: Rig) -> None:
    assert rig.defs.resolve_job_def("account_sync").run_tags == {
        "sync/entity": "account",
        "sync/lock": "account",
        "dagster/max_runtime": "7200",
        "dagster/max_retries": "0",
    }


def test_the_launchpad_asks_for_two_things_and_no_address_or_secret(rig: Rig) -> None:
    job = rig.defs.resolve_job_def("account_sync")
    fields = job.run_config_schema.config_type.fields  # type: ignore[attr-defined]  # a shape, as it is a config class
    assert {name: field.default_value for name, field in fields.items()} == {"full": False, "dry_run": False}
    assert all(field.description for field in fields.values())


def test_the_house_has_no_setting_that_the_launchpad_could_turn(rig: Rig) -> None:
    resource = rig.defs.resolve_implicit_global_asset_job_def().resource_defs["concordat_house"]
    assert not getattr(resource.config_schema.config_type, "fields", {})


# --- under each book ------------------------------------------------------------------------------------------------


def test_the_bundled_book_loads_without_any_connection(nowhere: Path) -> None:
    keys = {spec.key.path[-1] for spec in told().resolve_all_asset_specs()}
    assert {
        "account_plan",
        "account_applied",
        "contact_plan",
        "user_plan",
        "crm_Account",
        "shop_Customer",
        "erp_BD_Customer",
    } <= keys
    assert not (nowhere / "home").exists()


def test_running_without_a_connection_says_what_to_set(nowhere: Path) -> None:
    place = Place(BUNDLED_BOOK, f"sqlite:///{nowhere / 'ledger.sqlite'}")
    book = read_book(place)
    defs = define(
        book,
        lambda: open_house(place, book=book),
        outbox_of(place),
        connections_of(book),
        chores_of(place, book),
        hears_of(place, book),
        examines_of(place),
    )
    with dg.DagsterInstance.ephemeral(tempdir=str(nowhere)) as instance:
        result = defs.resolve_job_def("account_sync").execute_in_process(instance=instance, raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_key == "account_plan"
    data = failed.step_failure_data.user_failure_data
    assert data is not None
    says = str(data.description)
    assert says.startswith("no system could be read; crm/Account: crm is not set up: CONCORDAT_CRM_URL is missing")
    assert "CONCORDAT_ERP_URL is missing" in says
    assert "\n" not in says


def test_a_book_of_ones_own_is_told_instead(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = nowhere / "book"
    shutil.copytree(
        BUNDLED_BOOK, book, ignore=shutil.ignore_patterns("*.py", "__pycache__", "py.typed", "*.md", "contact")
    )
    monkeypatch.setenv("CONCORDAT_BOOK", str(book))
    keys = {spec.key.path[-1] for spec in told().resolve_all_asset_specs()}
    assert "account_plan" in keys
    assert "contact_plan" not in keys


def test_a_broken_book_is_one_error_that_lists_every_fault(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = nowhere / "book"
    shutil.copytree(BUNDLED_BOOK, book, ignore=shutil.ignore_patterns("*.py", "__pycache__", "py.typed", "*.md"))
    for entity in ("account", "contact"):
        rules = book / entity / "ownership.yaml"
        rules.write_text(rules.read_text(encoding="utf-8").replace("every: ", "every: soon, was: "), encoding="utf-8")
    monkeypatch.setenv("CONCORDAT_BOOK", str(book))
    with pytest.raises(UnusableBookError) as error:
        told()
    head, *faults = str(error.value).splitlines()
    assert head == f"the book cannot be used; it has {len(faults)} faults (`concordat check` lists them too):"
    assert {fault.split(":")[0].strip() for fault in faults} == {"account/ownership.yaml", "contact/ownership.yaml"}
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


def test_a_folder_that_is_no_book_is_one_line(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORDAT_BOOK", str(nowhere))
    with pytest.raises(UnusableBookError, match=r"^CONCORDAT_BOOK names .*, which holds no systems\.yaml"):
        told()


# --- beside another project -----------------------------------------------------------------------------------------


def test_our_assets_are_ours_alone_beside_a_project_that_uses_the_same_words(rig: Rig, tmp_path: Path) -> None:
    neighbour: dict[str, object] = {}
    exec(NEIGHBOUR, neighbour)  # noqa: S102 - the text above
    theirs = neighbour["defs"]
    assert isinstance(theirs, dg.Definitions)
    ours = {spec.key for spec in rig.defs.resolve_all_asset_specs()}
    assert ours.isdisjoint(spec.key for spec in theirs.resolve_all_asset_specs())
    assert {key.path[0] for key in ours} == {"concordat"}


@pytest.mark.slow
def test_dagster_itself_loads_both_locations_from_one_workspace(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text(NEIGHBOUR, encoding="utf-8")
    shutil.copy(ROOT / "deploy" / "workspace.yaml", tmp_path / "workspace.yaml")
    found = dagster(tmp_path, "definitions", "validate", "--workspace", "workspace.yaml")
    assert found.returncode == 0, found.stderr
    for location in ("concordat", "neighbour"):
        assert f"Validation successful for code location {location}" in found.stderr + found.stdout


@pytest.mark.slow
def test_dagster_itself_shows_the_faults_of_a_broken_book(tmp_path: Path) -> None:
    book = tmp_path / "book"
    book.mkdir()
    (book / "systems.yaml").write_text(
        "systems: {crm: {role: crm, connector: salesforce, write: perhaps}}\n", encoding="utf-8"
    )
    found = dagster(tmp_path, "definitions", "validate", "-m", "sync_pipelines.definitions", CONCORDAT_BOOK=str(book))
    assert found.returncode != 0
    assert "UnusableBookError: the book cannot be used; it has" in found.stderr + found.stdout
    assert "systems.yaml:1:" in found.stderr + found.stdout


def dagster(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The real command, from a folder that is not ours."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("dagster")), *arguments],
        cwd=folder,
        env={**clean(os.environ, folder / "home"), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
