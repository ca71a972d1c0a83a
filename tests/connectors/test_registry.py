"""Connectors by name, imported when opened and not before."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from connectors.contract import Capabilities, Connector
from connectors.errors import MisconfiguredError
from connectors.registry import BUNDLED, open_connector
from connectors.testing.world import KindSpec, World
from tests.connectors.doors import Hands

PACKAGE = """
from connectors.testing.memory import open_connector as memory

def open_connector(system, options, seams):
    return memory(system, options, seams)
"""


def _options() -> dict[str, object]:
    return {"system": World().add("crm", KindSpec.of("Account")), "kinds": {"Account": Capabilities()}}


def _install(folder: Path, monkeypatch: pytest.MonkeyPatch, *, code: str = PACKAGE, package: str = "acme-sync") -> None:
    module = f"{package.replace('-', '_')}_{folder.name}"
    (folder / f"{module}.py").write_text(code, encoding="utf-8")
    info = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
    entry = f"[concordat.connectors]\nacme = {module}:open_connector\n"
    (info / "entry_points.txt").write_text(entry, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))


def test_a_bundled_connector_opens_by_name() -> None:
    connector = open_connector("crm", "memory", _options(), Hands().seams())
    assert isinstance(connector, Connector)
    assert connector.system == "crm"


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_every_bundled_name_leads_to_a_factory(name: str) -> None:
    assert callable(import_module(BUNDLED[name]).open_connector)


def test_naming_connectors_imports_none_of_them() -> None:
    code = (
        "import sys, connectors.registry; print(sorted({'httpx', 'pydantic', 'tenacity', 'orjson'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=Path.cwd())
    assert answer.stdout == "[]\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("salesfroce", "is 'salesforce' meant"), ("xyz", "bundled are kingdee, memory, salesforce, shopify, tryton")],
)
def test_an_unknown_name_is_said_so_with_what_there_is(name: str, hint: str) -> None:
    with pytest.raises(MisconfiguredError, match=hint):
        open_connector("crm", name, {}, Hands().seams())


def test_a_connector_of_a_users_own_package_opens_when_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, monkeypatch)
    connector = open_connector("crm", "acme", _options(), Hands().seams(), {"acme": "Acme_Sync"})
    assert connector.system == "crm"


def test_a_package_that_the_book_does_not_name_never_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(tmp_path, monkeypatch, code="raise SystemExit('it ran')")
    for packages in (None, {"other": "acme-sync"}, {"acme": "another-package"}):
        with pytest.raises(MisconfiguredError):
            open_connector("crm", "acme", {}, Hands().seams(), packages)


def test_a_package_that_breaks_on_loading_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(tmp_path, monkeypatch, code="import nothing_of_this_name")
    with pytest.raises(MisconfiguredError, match="acme-sync cannot be loaded: ModuleNotFoundError"):
        open_connector("crm", "acme", {}, Hands().seams(), {"acme": "acme-sync"})


def test_a_package_that_is_not_installed_is_asked_for() -> None:
    with pytest.raises(MisconfiguredError, match=r"not at all .* is it installed here"):
        open_connector("crm", "acme", {}, Hands().seams(), {"acme": "acme-sync"})
