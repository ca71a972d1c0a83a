"""`concordat demo`: prepares a house of its own, plays, and says where to look next."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import click
from rich.text import Text

from sync_pipelines.commands.book import copy_book
from sync_pipelines.commands.office import FINE, LOOK, Office, office
from sync_pipelines.settings import BUNDLED_BOOK

HOME, CACHE = Path(".concordat/demo"), Path(".concordat/tryton")


@click.command(short_help="two systems with 300 firms brought into agreement, step by step")
@click.option("--keep", is_flag=True, help="Leave both systems running at the end, until Ctrl-C.")
@office
def demo(office: Office, *, keep: bool) -> int:
    """Bring a simulated Salesforce and a real Tryton with 300 firms into agreement, step by step.

    Everything lies in .concordat/demo, which is emptied first and left for you to look at.
    """
    from sync_pipelines.demo.acts import Play
    from sync_pipelines.demo.firms import firms
    from sync_pipelines.demo.stage import Stage
    from sync_pipelines.demo.systems import DemoSystems

    home = fresh_home(HOME)
    office.print(*_welcome())
    with DemoSystems(home, CACHE, lambda says: office.print(f"  {says} …")) as systems:
        started = time.monotonic()
        office.print("  300 firms are entered into both systems …")
        systems.fill(firms())
        stage = Stage(office)
        Play(stage, systems, home).all()
        office.print(*_farewell(stage.kept, stage.failed, time.monotonic() - started, systems))
        if keep:
            _wait(office, systems)
    return LOOK if stage.failed else FINE


def fresh_home(home: Path) -> Path:
    """An empty house with a copy of the bundled book, which everything started from here will use."""
    shutil.rmtree(home, ignore_errors=True)
    copy_book(BUNDLED_BOOK, home / "book")
    for name in [name for name in os.environ if name.startswith("CONCORDAT_")]:
        del os.environ[name]  # a house of the user's own is none of the demo's business
    os.environ["CONCORDAT_HOME"] = str(home)
    return home


def _welcome() -> Iterator[Any]:
    yield Text("Concordat: an agreement between powers about who decides what", "bold")
    yield "A CRM (a Salesforce simulator, over HTTP) and an ERP (a real Tryton server) share 300 firms."
    yield "Who decides which field stands in the book of rules: mappings/account/ownership.yaml"


def _farewell(kept: list[str], failed: list[str], seconds: float, systems: Any) -> Iterator[Any]:
    yield ""
    if failed:
        yield Text(f"{len(failed)} of {len(kept) + len(failed)} claims did not hold:", "bold red")
        yield from (Text(f"  ✗ {says}", "red") for says in failed)
    else:
        yield Text(f"All {len(kept)} claims held, in {seconds:.0f} seconds.", "bold green")
    yield f"Calls that arrived at the CRM: {len(systems.org.requests):,}"
    yield "\nLook around (everything lies in .concordat/demo):"
    home = f"{_program()} --home {HOME}"
    yield f"  {home} status"
    yield f"  {home} why account crm/Account/{_first(systems)} credit_limit"
    yield "  make ui                            Dagster on this house, with both systems running"
    yield "  mappings/account/ownership.yaml    the rules; docs/howto/ says how to write yours"


def _program() -> str:
    """As one would type it here."""
    return "concordat" if shutil.which("concordat") else os.path.relpath(sys.argv[0])


def _first(systems: Any) -> str:
    return str(systems.crm.living("Account")[0].id)


def _wait(office: Office, systems: Any) -> None:
    office.print(
        f"\nBoth systems stay up until Ctrl-C.  Tryton: {systems.erp.url}, database {systems.erp.database},",
        f"user finance, password {systems.erp.logins['finance'].password}.  In another terminal:",
        f"  {_program()} --home {HOME} apply",
    )
    try:
        Event().wait()
    except KeyboardInterrupt:
        office.print("stopped.")
