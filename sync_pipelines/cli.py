"""`concordat`: one group of commands that are loaded when they are called, and one line for whatever goes wrong.

Exit codes: 0 fine · 1 something to look at · 2 used wrongly or misconfigured.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, cast

import click

from sync_pipelines.commands.office import LOOK, Office

_WRONG = 2
_COMMANDS = "sync_pipelines.commands"

# name → module and command, and what `--help` says of it: listing them imports nothing
SAYS = {
    "demo": (
        "sync_pipelines.demo.command:demo",
        "CRM, shop and ERP brought into agreement, in four stories",
    ),
    "init": (f"{_COMMANDS}.beginning:init", "a book of your own, and the way to a first plan"),
    "check": (f"{_COMMANDS}.book:check", "read the book and name every fault, with file and line"),
    "doctor": (f"{_COMMANDS}.systems:doctor", "reach every system: login, rights, clock, budget"),
    "certify": (f"{_COMMANDS}.certify:certify", "hold a system's connector to what it promises, on the system itself"),
    "adopt": (f"{_COMMANDS}.adopting:adopt", "day one: recognise what is on both sides, and take it as agreed"),
    "plan": (f"{_COMMANDS}.syncing:plan", "read, decide, and show what would be written"),
    "apply": (f"{_COMMANDS}.syncing:apply", "write it, until nothing is left to write"),
    "approve": (f"{_COMMANDS}.syncing:approve", "let a held part of a plan through"),
    "status": (f"{_COMMANDS}.status:status", "what was done, what waits, and for whom"),
    "why": (f"{_COMMANDS}.explaining:why", "why a field has its value"),
    "review": (f"{_COMMANDS}.reviewing:review", "answer what the rules leave open, here or in a spreadsheet"),
    "early": (f"{_COMMANDS}.early:early", "who waits for accounting, since when, and for what"),
    "quarantine": (f"{_COMMANDS}.holding:quarantine", "records that cannot go on, and codes nobody mapped"),
    "match": (f"{_COMMANDS}.matching:match", "who is who in two tables, with reasons"),
    "split": (f"{_COMMANDS}.splitting:split", "make two again of what was taken for one"),
    "crosswalk": (f"{_COMMANDS}.crossing:crosswalk", "which record is which, as a CSV; adopt takes it back in"),
    "undo": (f"{_COMMANDS}.undoing:undo", "take back what a run wrote, where nobody has edited since"),
    "erase": (f"{_COMMANDS}.erasing:erase_command", "forget a person: what is kept goes, and nobody makes them again"),
    "watch": (f"{_COMMANDS}.alerting:watch", "look whether all is well, and tell whoever it concerns"),
    "alerts": (f"{_COMMANDS}.alerting:alerts", "what is wrong just now; take one over"),
    "exporter": (f"{_COMMANDS}.alerting:exporter", "serve how everything stands to Prometheus"),
    "prune": (f"{_COMMANDS}.pruning:prune_command", "take out history that is older than it is needed"),
    "backup": (f"{_COMMANDS}.safekeeping:backup", "copy the ledger while it is used; --drill brings a copy back"),
    "bundle": (f"{_COMMANDS}.bundling:bundle", "all that helps to find a fault, without secrets and personal data"),
    "simulate": (f"{_COMMANDS}.simulating:simulate", "random histories of systems that fail, and what they break"),
    "ui": (f"{_COMMANDS}.showing:ui", "open Dagster on this house"),
    "serve": (f"{_COMMANDS}.serving:serve", "the gate: Dagster behind logins and roles, metrics, webhooks"),
    "users": (f"{_COMMANDS}.logins:users", "who may pass the gate, and as what"),
    "inbox": (f"{_COMMANDS}.announced:inbox", "what systems announced by webhook; replay it"),
}


class Lazy(click.Group):
    """Knows its commands by name and loads the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the shape of the hook
        """In the order in which one meets them."""
        return list(SAYS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import it now."""
        if cmd_name not in SAYS:
            return None
        module, _, name = SAYS[cmd_name][0].partition(":")
        return cast("click.Command", getattr(import_module(module), name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """From the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in SAYS.items()])


def _version() -> str:
    try:
        return version("concordat")
    except PackageNotFoundError:
        return "not installed"


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--home", metavar="DIR", help="Where book, ledger and secrets lie (CONCORDAT_HOME; default .concordat).")
@click.option("--log", metavar="FILE", help="Write a log, as JSON: a file, or `stderr` (CONCORDAT_LOG).")
@click.version_option(_version(), prog_name="concordat")
def concordat(home: str | None, log: str | None) -> None:
    """Keep customer data in agreement between CRM, shop and ERP: who decides what is written in the book of rules.

    A first look:  concordat demo
    """
    if home is not None:
        os.environ["CONCORDAT_HOME"] = home
    if log is not None:
        os.environ["CONCORDAT_LOG"] = log


def main() -> None:
    """The program."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], office: Office | None = None) -> int:
    """One command; answers the exit code. Whatever goes wrong is one line on stderr."""
    office = office or Office()
    try:
        code: Any = concordat.main(list(arguments), prog_name="concordat", standalone_mode=False, obj=office)
    except click.exceptions.Abort:
        return _say("stopped", LOOK)
    except click.ClickException as error:
        return _say(_used_wrongly(error), _WRONG)
    except BrokenPipeError:  # `concordat … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return LOOK
    except Exception as error:  # noqa: BLE001 - a traceback shown to a user is a bug
        from sync_pipelines.commands.complaining import told

        return _say(*told(error))
    return code if isinstance(code, int) else 0


def _used_wrongly(error: click.ClickException) -> str:
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "concordat"
    hint = f"; `{where} --help` says how" if isinstance(error, click.UsageError) else ""
    return f"{error.format_message().rstrip('.')}{hint}"


def _say(line: str, code: int) -> int:
    click.echo(f"concordat: {line}", err=True)
    return code


if __name__ == "__main__":
    main()
