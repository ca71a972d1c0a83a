"""The house keeps its rules, and each rule can be broken: it is shown an offender, and an innocent much like one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture import house, rules

HERE = Path(__file__).parents[2]


def _offences(module: rules.Module) -> Iterator[str]:
    for rule in rules.RULES:
        yield from rule(module)


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Callable[[rules.Module], Iterator[str]]) -> None:
    offences = [offence for module in rules.modules_of(HERE) for offence in rule(module)]
    assert not offences, "\n".join(["", *offences])


def test_the_rules_are_shown_every_room() -> None:
    assert {module.room for module in rules.modules_of(HERE)} >= house.ROOMS | {"tests"}


OFFENDERS = [
    # R1: leaves know nobody
    ("connectors/acme/connector.py", "import mappings.codecs", "R1: the leaf connectors imports mappings.codecs"),
    (
        "mappings/codecs.py",
        "from connectors.errors import StaleError",
        "R1: the leaf mappings imports connectors.errors",
    ),
    ("monitoring/events.py", "from sync_pipelines import flow", "R1: the leaf monitoring imports sync_pipelines.flow"),
    (
        "mappings/loading.py",
        "import importlib\nimportlib.import_module('connectors.registry')",
        "R1: the leaf mappings",
    ),
    # R2: right never imports left
    ("sync_pipelines/model/records.py", "from sync_pipelines.identity import matching", "R2: model may not import"),
    ("sync_pipelines/planning/plan.py", "from sync_pipelines import ledger", "R2: planning may not import"),
    ("sync_pipelines/flow.py", "import sync_pipelines.settings", "R2: flow may not import sync_pipelines.settings"),
    ("sync_pipelines/settings.py", "from sync_pipelines.defs import crm", "R2: settings may not import"),
    ("sync_pipelines/entity_assets.py", "from sync_pipelines.definitions import defs", "R2: entity_assets may not"),
    ("sync_pipelines/checking/faults.py", "from sync_pipelines.ledger import port", "R2: checking may not import"),
    ("sync_pipelines/planning/plan.py", "from sync_pipelines.checking import faults", "R2: planning may not import"),
    ("sync_pipelines/simulation/nemesis.py", "from sync_pipelines import settings", "R2: simulation may not import"),
    ("sync_pipelines/flow.py", "from sync_pipelines.simulation import nemesis", "R2: flow may not import"),
    ("sync_pipelines/odds_and_ends.py", "", "R2: odds_and_ends has no place in the order"),
    # R3: one door per library
    ("sync_pipelines/flow.py", "import httpx", "R3: httpx is imported outside its door"),
    ("connectors/acme/connector.py", "from httpx import Client", "R3: httpx is imported outside its door"),
    ("connectors/acme/connector.py", "import urllib.request", "R3: urllib.request is imported outside its door"),
    ("connectors/acme/connector.py", "from http import client", "R3: http.client is imported outside its door"),
    ("connectors/sqlish/connector.py", "from sqlalchemy.orm import Session", "R3: sqlalchemy is imported outside"),
    ("mappings/fieldmap.py", "import yaml", "R3: yaml is imported outside its door"),
    ("sync_pipelines/applying/send.py", "import orjson", "R3: orjson is imported outside its door"),
    ("sync_pipelines/flow.py", "def run():\n    import dagster as dg", "R3: dagster is imported outside its door"),
    ("connectors/acme/connector.py", "import pandas", "R3: pandas has no door"),
    # R4: deciding rooms are pure
    ("sync_pipelines/model/records.py", "import time", "R4: a deciding room imports time"),
    ("sync_pipelines/identity/keys.py", "from uuid import uuid4", "R4: a deciding room imports uuid"),
    ("sync_pipelines/ownership/shared.py", "import random", "R4: a deciding room imports random"),
    ("sync_pipelines/planning/plan.py", "from os import environ", "R4: a deciding room imports os"),
    ("sync_pipelines/planning/plan.py", "import logging", "R4: a deciding room imports logging"),
    ("mappings/codes.py", "from pathlib import Path", "R4: a deciding room imports pathlib"),
    ("mappings/codes.py", "def rows():\n    return open('x.csv')", "R4: a deciding room calls open()"),
    ("mappings/codecs.py", "import datetime\nnow = datetime.datetime.now()", "R4: a deciding room asks the clock"),
    ("mappings/codecs.py", "from datetime import date\nclock = date.today", "R4: a deciding room asks the clock"),
    # R5: absolute imports, short files
    ("connectors/acme/connector.py", "from .settings import Settings", "R5: a relative import"),
    ("tests/mappings/test_codecs.py", "from . import books", "R5: a relative import"),
    ("connectors/http.py", "x = 1\n" * 401, "R5: 401 lines, more than 400"),
    # R6: names say something
    ("connectors/utils.py", "", "R6: 'utils' names nothing"),
    ("sync_pipelines/flow/helpers/x.py", "", "R6: 'helpers' names nothing"),
    ("tests/mappings/test_common.py", "", "R6: 'test_common' names nothing"),
    # R7: no code asks whether it runs under test
    (
        "sync_pipelines/flow.py",
        "import sys\nif 'pytest' in sys.modules: pass",
        "R7: asks whether it runs under test (pytest)",
    ),
    ("connectors/http.py", "import os\nx = os.environ.get('PYTEST_CURRENT_TEST')", "R7: asks whether"),
    ("connectors/http.py", "from os import getenv\nx = getenv('CI')", "R7: asks whether it runs under test (CI)"),
    ("monitoring/notify.py", "import os\nx = os.environ['TESTING']", "R7: asks whether it runs under test (TESTING)"),
    ("connectors/testing/contract.py", "import pytest", "R7: shipped code imports pytest"),
    ("sync_pipelines/simulation/histories.py", "from tests.worlds import world", "R7: shipped code imports tests"),
    # What a check overlooks says why
    ("connectors/http.py", "x = eval('1')  # noqa: S307", "silenced without a reason: # noqa: S307"),
    ("connectors/http.py", "x: int = ''  # type: ignore[assignment]", "silenced without a reason: # type: ignore"),
    ("tests/test_x.py", "import os  # noqa", "silenced without a reason: # noqa"),
]


@pytest.mark.parametrize(("path", "text", "words"), OFFENDERS)
def test_an_offender_is_found(path: str, text: str, words: str) -> None:
    found = list(_offences(rules.Module(path, text)))
    assert any(words in offence for offence in found), found
    assert all(offence.startswith(f"{path}:") for offence in found)


INNOCENTS = [
    ("connectors/acme/connector.py", "from connectors.http import Door"),
    ("connectors/acme/simulator.py", "from starlette.applications import Starlette\nimport random"),
    ("connectors/http.py", "import httpx\nfrom urllib.parse import urljoin"),
    ("mappings/codecs_phone.py", "import phonenumbers\nfrom datetime import datetime, time, timezone"),
    ("mappings/loading.py", "from pathlib import Path\nimport yaml\ntext = open('x')"),
    ("mappings/account/settings.py", "from mappings import codes"),
    ("sync_pipelines/model/claims.py", "def age(situation):\n    return situation.now - situation.since"),
    ("sync_pipelines/model/__init__.py", ""),
    ("sync_pipelines/__init__.py", ""),
    ("sync_pipelines/ledger/sqlite.py", "import sqlalchemy as sa\nfrom sync_pipelines.planning import plan"),
    ("sync_pipelines/cli.py", "from sync_pipelines import console\nfrom sync_pipelines.simulation import histories"),
    ("sync_pipelines/checking/reach.py", "from mappings import ownership\nfrom sync_pipelines.model import records"),
    (
        "sync_pipelines/simulation/histories.py",
        "from sync_pipelines import flow\nfrom connectors.testing import system",
    ),
    ("tests/mappings/test_codecs.py", "import pytest, httpx\nfrom sync_pipelines import cli"),
    ("connectors/http.py", "x = eval('1')  # noqa: S307 - a constant"),
    ("connectors/http.py", "x: int = ''  # type: ignore[assignment]  # the stub is wrong"),
    ("sync_pipelines/flow.py", "country = payload['CI' + 'V']\nkind = 'pytest'"),
]


@pytest.mark.parametrize(("path", "text"), INNOCENTS)
def test_an_innocent_is_left_alone(path: str, text: str) -> None:
    assert list(_offences(rules.Module(path, text))) == []


def test_offenders_are_found_in_a_tree_of_files(tmp_path: Path) -> None:
    planted = tmp_path / "sync_pipelines" / "planning" / "plan.py"
    planted.parent.mkdir(parents=True)
    planted.write_text("import time\n", encoding="utf-8")
    found = [offence for module in rules.modules_of(tmp_path) for offence in _offences(module)]
    assert found == ["sync_pipelines/planning/plan.py:1 R4: a deciding room imports time"]
