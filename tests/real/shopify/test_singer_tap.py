"""The simulated shop is proven by a client that others wrote against the real one: a Singer tap drives it.

The tap brings its own documents, its own way of logging in, of paging and of going on where it stopped.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.shopify.simulator import ShopifySimulator, standard_kinds
from connectors.testing.environments import programs_of
from connectors.testing.faults import Fault
from connectors.testing.world import START, System, World

_TOP = Path(__file__).parents[3]
_LED = Path(__file__).with_name("led")
_NOT_SERVED = {"emailMarketingConsent", "smsMarketingConsent", "lastOrder"}  # orders, and whom one may write to
Said = list[Mapping[str, Any]]


@pytest.fixture(scope="session")
def programs() -> Path:
    return programs_of(_TOP / "requirements" / "tap.txt", _TOP / ".venv-tap")


@pytest.fixture
def at() -> System:
    return World(seed=7).add("acme", *standard_kinds())


@pytest.fixture
def shop(at: System) -> Iterator[ShopifySimulator]:
    with ShopifySimulator(at) as serving:
        yield serving


class Tap:
    """Runs it; what it says comes line by line."""

    def __init__(self, programs: Path, shop: ShopifySimulator, folder: Path, **settings: str) -> None:
        self._program, self._shop, self._folder = programs / "tap-shopify", shop, folder
        told = {
            "shop": "acme",
            "client_id": shop.app.client_id,
            "client_secret": shop.app.client_secret,
            "start_date": (START - timedelta(days=1)).isoformat(),
            "date_window_size": "36500",
            "results_per_page": "4",
        }
        self._keep("config", told | settings)

    def discover(self) -> Sequence[Mapping[str, Any]]:
        found = json.loads(self._run("--discover").stdout)["streams"]
        customers = [one for one in found if one["stream"] == "customers"]
        for told in customers[0]["metadata"]:
            told["metadata"]["selected"] = not {*told["breadcrumb"]} & _NOT_SERVED
        self._keep("catalog", {"streams": customers})
        return customers

    def sync(self, state: Mapping[str, Any] | None = None) -> Said:
        self._keep("state", state or {})
        ran = self._run("--catalog", self._at("catalog"), "--state", self._at("state"))
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def _run(self, *told: str) -> subprocess.CompletedProcess[str]:
        led = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_LED), "SHOP_AT": self._shop.url}
        command = [str(self._program), "--config", self._at("config"), *told]
        ran = subprocess.run(command, env=led, capture_output=True, text=True, check=False, timeout=120)
        assert ran.returncode == 0, ran.stderr[-2000:]
        return ran

    def _at(self, name: str) -> str:
        return str(self._folder / f"{name}.json")

    def _keep(self, name: str, value: Mapping[str, Any]) -> None:
        Path(self._at(name)).write_text(json.dumps(value), encoding="utf-8")


@pytest.fixture
def tap(programs: Path, shop: ShopifySimulator, tmp_path: Path) -> Tap:
    made = Tap(programs, shop, tmp_path)
    made.discover()
    return made


def people(at: System, number: int, first: int = 0) -> list[str]:
    lives = {"id": "gid://shopify/MailingAddress/1?model_name=CustomerAddress", "city": "上海", "countryCodeV2": "CN"}
    return [
        at.create(
            "Customer",
            {"firstName": f"P{n}", "email": f"p{n}@acme.example", "tags": ["a"], "addresses": [lives]},
            by="user:anna",
        ).id
        for n in range(first, first + number)
    ]


def records(said: Said) -> list[Mapping[str, Any]]:
    return [line["record"] for line in said if line["type"] == "RECORD"]


def state(said: Said) -> Mapping[str, Any]:
    told: Mapping[str, Any] = [line["value"] for line in said if line["type"] == "STATE"][-1]
    return told


def gids(ids: Sequence[str]) -> list[str]:
    return [f"gid://shopify/Customer/{one}" for one in ids]


def test_it_logs_in_with_client_credentials_and_finds_whose_shop_it_is(tap: Tap, shop: ShopifySimulator) -> None:
    assert shop.tokens.issued == 1
    assert tap.sync()[0]["stream"] == "customers"


def test_it_reads_everybody_once_page_by_page(tap: Tap, at: System, shop: ShopifySimulator) -> None:
    made = people(at, 11)
    found = records(tap.sync())
    assert [one["id"] for one in found] == gids(made)
    assert {(one["_sdc_shop_name"], one["displayName"][:1]) for one in found} == {(at.tenant, "P")}
    assert [told.get("first") for told in shop.requests].count(4) == 3


def test_it_reads_what_stands_there(tap: Tap, at: System) -> None:
    people(at, 1)
    (found,) = records(tap.sync())
    wanted = {"firstName": "P0", "email": "p0@acme.example", "tags": ["a"], "state": "DISABLED", "taxExempt": False}
    assert {name: found[name] for name in wanted} == wanted
    (address,) = found["addresses"]
    assert (address["city"], address["country"], address["countryCodeV2"]) == ("上海", "China", "CN")


def test_it_goes_on_where_it_stopped(tap: Tap, at: System) -> None:
    early = people(at, 5)
    at.clock.advance(timedelta(minutes=5))
    late = people(at, 1, 5)
    known = state(tap.sync())
    at.clock.advance(timedelta(minutes=5))
    at.update("Customer", early[3], {"note": "edited"}, by="user:ben")
    assert [one["id"] for one in records(tap.sync(known))] == gids([late[0], early[3]])


def test_a_token_that_ends_midway_is_replaced_and_nothing_is_missed(
    tap: Tap, at: System, shop: ShopifySimulator
) -> None:
    made = people(at, 6)
    shop.tokens.revoke()
    assert [one["id"] for one in records(tap.sync())] == gids(made)
    assert shop.tokens.issued == 2


def test_a_call_that_is_throttled_is_made_again(tap: Tap, at: System, shop: ShopifySimulator) -> None:
    made = people(at, 2)
    at.faults.force(Fault.THROTTLED, "acme.changes")
    assert [one["id"] for one in records(tap.sync())] == gids(made)
    assert len([text for text in shop.documents if "customers(" in text]) == 2
