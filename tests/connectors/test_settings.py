"""Connections by the system's name: from environment, named files, secrets folder and book, all complaints at once."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.errors import MisconfiguredError
from connectors.settings import ConnectionSettings, load, prefix_of


class Vendor(ConnectionSettings):
    client_id: str
    client_secret: SecretStr
    page_size: int = 200


def complete(monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    said = {"URL": "https://crm.example", "CLIENT_ID": "id-1", "CLIENT_SECRET": "s3cret", **more}
    for name, value in said.items():
        monkeypatch.setenv(f"CONCORDAT_CRM_{name}", value)


def test_the_environment_sets_a_connection_up_by_the_systems_name(monkeypatch: pytest.MonkeyPatch) -> None:
    complete(monkeypatch, ON_PREMISE="true", PAGE_SIZE="50")
    found = load(Vendor, "crm")
    assert (found.url, found.client_id, found.on_premise, found.page_size) == ("https://crm.example", "id-1", True, 50)
    assert found.client_secret.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(found)
    assert found.address().host == "crm.example"


@pytest.mark.parametrize(
    ("system", "prefix"), [("crm", "CONCORDAT_CRM_"), ("crm-eu.2", "CONCORDAT_CRM_EU_2_"), ("Erp", "CONCORDAT_ERP_")]
)
def test_a_systems_name_becomes_a_prefix(system: str, prefix: str) -> None:
    assert prefix_of(system) == prefix


def test_a_secret_may_lie_in_a_named_file_or_in_the_secrets_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "anywhere").write_text("from-a-file\n", encoding="utf-8")
    (tmp_path / "concordat_crm_client_secret").write_text("from-the-folder\n", encoding="utf-8")
    monkeypatch.setenv("CONCORDAT_CRM_URL", "https://crm.example")
    monkeypatch.setenv("CONCORDAT_CRM_CLIENT_ID_FILE", str(tmp_path / "anywhere"))
    monkeypatch.setenv("CONCORDAT_SECRETS", str(tmp_path))
    found = load(Vendor, "crm")
    assert (found.client_id, found.client_secret.get_secret_value()) == ("from-a-file", "from-the-folder")


def test_the_environment_stands_over_the_book(monkeypatch: pytest.MonkeyPatch) -> None:
    complete(monkeypatch)
    found = load(Vendor, "crm", {"url": "https://other.example", "page_size": 7})
    assert (found.url, found.page_size) == ("https://crm.example", 7)


def test_all_complaints_come_at_once_and_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORDAT_CRM_CLIENT_IDD", "id-1")
    monkeypatch.setenv("CONCORDAT_CRM_PAGE_SIZE", "many-secrets")
    with pytest.raises(MisconfiguredError) as error:
        load(Vendor, "crm", {"pages": 3})
    assert str(error.value) == (
        "crm is not set up: CONCORDAT_CRM_URL is missing; "
        "CONCORDAT_CRM_CLIENT_ID is missing (is CONCORDAT_CRM_CLIENT_IDD meant for it?); "
        "CONCORDAT_CRM_CLIENT_SECRET is missing; "
        "CONCORDAT_CRM_PAGE_SIZE: input should be a valid integer, unable to parse string as an integer; "
        "the book says pages, which this connector does not know"
    )


def test_a_secret_in_the_book_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    complete(monkeypatch)
    with pytest.raises(MisconfiguredError, match="does not belong into the book") as error:
        load(Vendor, "crm", {"client_secret": "in-git"})
    assert "in-git" not in str(error.value)


def test_a_value_and_its_file_together_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    complete(monkeypatch, CLIENT_SECRET_FILE=str(tmp_path / "x"))
    with pytest.raises(MisconfiguredError, match="both set"):
        load(Vendor, "crm")


@pytest.mark.parametrize("variable", ["CONCORDAT_SECRETS", "CONCORDAT_CRM_PAGE_SIZE_FILE"])
def test_a_place_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str) -> None:
    complete(monkeypatch)
    monkeypatch.setenv(variable, str(tmp_path / "nowhere"))
    with pytest.raises(MisconfiguredError, match=f"{variable} names .*nowhere"):
        load(Vendor, "crm")
