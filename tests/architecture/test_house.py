"""The files around the code: locks without addresses, no trace of a machine, one Dagster family, reasons."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from dagster import DagsterInstance

HERE = Path(__file__).parents[2]
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = sorted((HERE / "requirements").glob("*.txt"))

_MADE_BY_TOOLS = re.compile(r"\.(?!ci\b|gitignore|github).*|__pycache__|.*\.egg-info|dist|build|htmlcov|node_modules")
# Written so that this file does not contain what it looks for.
_REGISTRIES = re.compile(r"(?:pyp[i]|pythonhoste[d]|npmj[s]|deb\.debia[n])\.(?:org|com)\b")
_MACHINE_PATHS = re.compile(r"(?<![\w.~$}-])/(?:wor[k]|roo[t]|opt/pyp[i]|tmp/tea[m])(?:/|\b)")


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if _MADE_BY_TOOLS.fullmatch(path.name):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []  # a picture, a font


def _traces(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)}:{number} {found.group()}"
        for path in _files(root)
        for number, line in enumerate(_lines(path), start=1)
        for pattern in (_REGISTRIES, _MACHINE_PATHS)
        if (found := pattern.search(line))
    ]


def test_no_file_names_a_registry_or_a_path_of_the_machine_it_was_written_on() -> None:
    assert _traces(HERE) == []


@pytest.mark.parametrize(
    "trace", ["see https://{}/simple".format("pypi" + ".org"), "cd " + "/" + "work/main", "/" + "root/.x"]
)
def test_a_trace_would_be_found(trace: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(f"a line\n{trace}\n", encoding="utf-8")
    assert [found.split(" ")[0] for found in _traces(tmp_path)] == ["README.md:2"]


def _pins(lock: Path) -> dict[str, str]:
    """Distribution -> its exact version."""
    found = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(found)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_everything_by_hash_and_names_no_index(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    wanted = re.split(r"\n(?=[A-Za-z])", re.sub(r"^#.*\n|^ +#.*\n", "", text, flags=re.MULTILINE).strip())
    assert [
        entry
        for entry in wanted
        if not re.match(r"[\w.-]+(\[[\w,]+\])?==\S+[^\n]*(\\\n    --hash=sha256:[0-9a-f]{64} ?)+$", entry)
    ] == []
    assert not re.search(r"://|^\s*-(?!-hash)|file:| @ ", text, flags=re.MULTILINE)


def test_what_tests_run_on_is_what_users_run_on() -> None:
    runtime, dev = _pins(HERE / "requirements/runtime.txt"), _pins(HERE / "requirements/dev.txt")
    assert {name: dev.get(name) for name in runtime} == runtime


def test_every_dependency_of_the_project_is_locked() -> None:
    locked = _pins(HERE / "requirements/runtime.txt")
    wanted = {re.split(r"[\[<>=~! ]", line)[0] for line in PROJECT["project"]["dependencies"]}
    assert wanted - locked.keys() == set()


def test_the_dagster_family_is_pinned_to_one_number() -> None:
    pinned = {name: version for name, version in _pins(HERE / "requirements/runtime.txt").items() if "dagster" in name}
    core = pinned.pop("dagster")
    libraries = pinned.pop("dagster-postgres")
    assert set(pinned.values()) == {core}
    assert libraries.split(".")[-1] == core.split(".")[-1]


def _exceptions(pyproject: str) -> list[str]:
    """The lines of the lists in which ruff and pytest are told what to let pass."""
    return [line for line in pyproject.splitlines() if re.match(r'\s+"[A-Z]{1,4}\d*",', line)]


def test_every_lint_rule_that_is_off_has_its_reason() -> None:
    exceptions = _exceptions((HERE / "pyproject.toml").read_text(encoding="utf-8"))
    assert len(exceptions) > 20
    assert [line for line in exceptions if not re.search(r"#\s+\w", line)] == []
    assert PROJECT["tool"]["ruff"]["lint"]["select"] == ["ALL"]


def test_the_two_dagster_instances_differ_in_storage_only() -> None:
    with_sqlite = yaml.safe_load((HERE / "dagster.yaml").read_text(encoding="utf-8"))
    with_postgres = yaml.safe_load((HERE / "deploy/postgres/dagster.yaml").read_text(encoding="utf-8"))
    storage = with_postgres.pop("storage")
    assert with_postgres == with_sqlite
    assert storage["postgres"]["postgres_db"]["scheme"] == "postgresql+psycopg2"


def test_dagster_accepts_our_instance_and_reports_to_nobody(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text((HERE / "dagster.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.telemetry_enabled is False
        assert instance.run_retries_enabled is True
        assert instance.run_retries_max_retries == 0
