"""Every alert has a runbook, and every command that a runbook or an alert names is there."""

import re
from pathlib import Path

import click
import pytest

from monitoring.kinds import KINDS, Limits
from monitoring.watching import look
from sync_pipelines.cli import SAYS, concordat
from tests.monitoring.test_rules import rules
from tests.monitoring.test_watching import CASES

RUNBOOKS = Path(__file__).parents[2] / "monitoring" / "runbooks"
COMMAND = re.compile(r"`concordat ([^`]+)`")


def commands() -> list[tuple[str, str]]:
    told = [(page.stem, found) for page in sorted(RUNBOOKS.glob("*.md")) for found in COMMAND.findall(page.read_text())]
    named = [p.command.removeprefix("concordat ") for s in CASES.values() for p in look(s, Limits()).problems]
    named += [rule["annotations"]["command"].removeprefix("concordat ") for rule in rules()]
    return told + [("an alert", command) for command in sorted(set(named))]


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    only_prometheus_sees = {"exporter_down", "watch_dead"}
    assert {page.stem for page in RUNBOOKS.glob("*.md")} == {kind.name for kind in KINDS} | only_prometheus_sees


@pytest.mark.parametrize(("where", "command"), commands())
def test_a_command_that_people_are_told_to_type_exists_with_its_options(where: str, command: str) -> None:
    words = command.partition("#")[0].split()
    context = click.Context(concordat)
    assert words[0] in SAYS, where
    found = concordat.get_command(context, words[0])
    if isinstance(found, click.Group) and len(words) > 1 and not words[1].startswith("-"):
        found = found.get_command(context, words[1])
    assert found is not None, where
    known = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known | {"--help"}, where
