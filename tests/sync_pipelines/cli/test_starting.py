"""A command loads what it needs and no more."""

import subprocess
import sys

import pytest

HEAVY = ("rich", "sqlalchemy", "alembic", "httpx", "pydantic", "yaml", "phonenumbers", "babel", "dagster", "orjson")
PROGRAM = """
import sys
from sync_pipelines.cli import run
run({arguments!r})
print("loaded:", *sorted(name for name in {heavy!r} if name in sys.modules))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"], []])
def test_help_and_mistakes_load_none_of_the_heavy_libraries(arguments: list[str]) -> None:
    program = PROGRAM.format(arguments=arguments, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded:"


@pytest.mark.parametrize("command", ["status", "why", "review", "quarantine", "check", "plan"])
def test_no_command_but_the_ui_loads_dagster(command: str) -> None:
    program = PROGRAM.format(arguments=[command, "--help"], heavy=("dagster", "starlette", "uvicorn", "alembic"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded:"
