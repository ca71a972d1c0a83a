"""Codecs of a user's own package: loaded where the book names them, and nowhere else."""

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from mappings.loading import loader
from mappings.reading import reader_of
from tests.mappings.books import SOUND, added, broken
from tests.mappings.test_loading import CRM, SYSTEMS, complaints, loaded


class Iban:
    """A user's codec."""

    options: dict[str, Any] = {}  # noqa: RUF012 - as a user would write it

    def decode(self, raw: Any, context: Any) -> Any:
        return f"{raw}".upper() if context else None

    def encode(self, value: Any, context: Any) -> Any:
        return value if context else None


class Half:
    """Something that is no codec."""


def installed(monkeypatch: pytest.MonkeyPatch, target: str, package: str = "acme-concordat") -> None:
    class Distribution:
        name = package

    point = EntryPoint("iban", target, "concordat.codecs")
    vars(point)["dist"] = Distribution()

    def found(*, group: str, name: str) -> list[EntryPoint]:
        return [point] if (group, name) == ("concordat.codecs", "iban") else []

    monkeypatch.setattr(loader, "entry_points", found)


PLUGIN = {
    **broken(CRM, "at: Name, as: text", "at: Name, as: iban"),
    SYSTEMS: SOUND[SYSTEMS] + "plugins:\n  - {package: acme_concordat, codecs: [iban]}\n",
}


def test_a_users_own_codec_is_loaded_where_the_book_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, f"{__name__}:Iban")
    book = loaded(tmp_path, PLUGIN)
    assert set(book.codecs) == {"iban"}
    assert reader_of(book, "account", "crm")({"Name": "de1"}).values == {"name": "DE1"}


def test_an_installed_codec_that_the_book_does_not_name_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, "a_module_that_does_not_exist:Iban")
    assert loaded(tmp_path / "a", SOUND).codecs == {}
    told = complaints(tmp_path / "b", {**PLUGIN, SYSTEMS: SOUND[SYSTEMS]})
    assert [one.code for one in told] == ["unknown-codec"]


@pytest.mark.parametrize(
    ("target", "package", "code"),
    [
        (f"{__name__}:Iban", "somebody-else", "plugin-missing"),
        ("a_module_that_does_not_exist:Iban", "acme-concordat", "plugin-failed"),
        (f"{__name__}:Half", "acme-concordat", "plugin-shape"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_a_complaint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, package: str, code: str
) -> None:
    installed(monkeypatch, target, package)
    assert (code, SYSTEMS, 7) in {(one.code, one.file, one.line) for one in complaints(tmp_path, PLUGIN)}


def test_a_plugin_cannot_take_the_name_of_a_codec_of_ours(tmp_path: Path) -> None:
    files = added(SYSTEMS, "plugins:\n  - {package: acme_concordat, codecs: [text]}\n")
    assert "plugin-twice" in {one.code for one in complaints(tmp_path, files)}
