"""The README and the how-tos name commands, options and files that are there."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sync_pipelines.cli import SAYS, concordat

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs" / "howto").glob("*.md"))]
COMMAND = re.compile(r"(?:^ +|`|\s)concordat (?P<words>[a-z-][^`\n#(]*)", re.MULTILINE)


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for found in COMMAND.finditer(page.read_text(encoding="utf-8")):
            yield page.name, found["words"].strip()


def named(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that is meant, and what is left of the line."""
    while words[0] in ("--home", "--log"):
        words = words[2:]
    command = concordat.get_command(click.Context(concordat), words[0])
    assert command is not None, words
    below = getattr(command, "commands", {})
    if len(words) > 1 and words[1] in below:
        return below[words[1]], words[2:]
    return command, words[1:]


@pytest.mark.parametrize(("page", "line"), sorted(set(commands())))
def test_a_command_in_the_documents_exists_with_its_options(page: str, line: str) -> None:
    command, rest = named(line.split())
    options = {option for parameter in command.params for option in parameter.opts}
    unknown = [word for word in rest if word.startswith("--") and word not in options | {"--help"}]
    assert not unknown, page


def test_every_command_is_in_the_readme() -> None:
    text = PAGES[0].read_text(encoding="utf-8")
    assert [name for name in SAYS if f"`{name}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
