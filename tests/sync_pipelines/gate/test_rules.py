"""How the gate is set, and what it refuses to be set to."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.errors import MisconfiguredError
from sync_pipelines.gate.people import Role
from sync_pipelines.gate.rules import Rules, from_environment, rules_of
from sync_pipelines.gate.serving import sealing_key


def ruled(environment: Mapping[str, str] | None = None, host: str = "127.0.0.1", *, tls: bool = False) -> Rules:
    return rules_of(from_environment(environment or {}), host, 3000, tls=tls)


def test_on_ones_own_machine_nothing_need_be_said() -> None:
    found = ruled()
    assert found.origins == {"http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"}
    assert (found.cookie, found.lasts, found.metrics_open) == ("concordat", timedelta(hours=8), False)


def test_people_from_elsewhere_come_by_an_address_that_is_told() -> None:
    found = ruled({"CONCORDAT_GATE_URL": "https://Concordat.example/"}, "0.0.0.0")  # noqa: S104 - only named
    assert (found.hosts, found.secure, found.cookie) == (("concordat.example",), True, "__Host-concordat")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "set CONCORDAT_GATE_URL=https://name"),
        ({"CONCORDAT_GATE_URL": "concordat.example"}, "write https://host"),
        ({"CONCORDAT_GATE_URL": "https://concordat.example/ui"}, "without a path"),
        ({"CONCORDAT_GATE_URL": "ftp://x"}, "write https://host"),
    ],
)
def test_without_it_the_gate_does_not_open_to_others(environment: Mapping[str, str], says: str) -> None:
    with pytest.raises(MisconfiguredError, match=says):
        ruled(environment, "0.0.0.0")  # noqa: S104 - only named


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"CONCORDAT_GATE_USER_HEADER": "X-User"}, "would let anybody be anybody"),
        ({"CONCORDAT_GATE_PROXIES": "10.0.0.300"}, "write addresses as"),
        ({"CONCORDAT_GATE_PROXY_ROLE": "root"}, "write viewer, operator or admin"),
        ({"CONCORDAT_GATE_HOURS": "0"}, "write 1 to 168"),
        ({"CONCORDAT_GATE_HOURS": "a day"}, "write 1 to 168"),
    ],
)
def test_what_cannot_be_is_said_with_the_variable(environment: Mapping[str, str], says: str) -> None:
    with pytest.raises(MisconfiguredError, match=says) as told:
        ruled(environment)
    assert next(iter(environment)) in str(told.value)


def test_everything_can_be_set() -> None:
    found = ruled(
        {
            "CONCORDAT_GATE_PROXIES": "10.0.0.7, 10.1.0.0/16",
            "CONCORDAT_GATE_USER_HEADER": "X-Forwarded-User",
            "CONCORDAT_GATE_PROXY_ROLE": "viewer",
            "CONCORDAT_GATE_HOURS": "12",
            "CONCORDAT_GATE_METRICS": "a token for prometheus",
        },
        tls=True,
    )
    assert (found.user_header, found.proxy_role, found.lasts) == ("x-forwarded-user", Role.VIEWER, timedelta(hours=12))
    assert [found.trusts(peer) for peer in ("10.0.0.7", "10.1.2.3", "10.0.0.8", "x")] == [True, True, False, False]
    assert (found.metrics_token, found.secure) == ("a token for prometheus", True)


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = sealing_key("", tmp_path / "home")
    assert len(first) == 64
    assert sealing_key("", tmp_path / "home") == first
    assert (tmp_path / "home" / "gate.key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    assert sealing_key("k" * 32, tmp_path) == b"k" * 32
    with pytest.raises(MisconfiguredError, match="CONCORDAT_GATE_KEY is too short"):
        sealing_key("k" * 31, tmp_path)
