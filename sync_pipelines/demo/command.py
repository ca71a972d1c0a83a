"""`concordat demo`: prepares a house of its own, plays, and says where to look next."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click
from rich.text import Text

from sync_pipelines.commands.office import FINE, LOOK, Office, office
from sync_pipelines.demo.home import fresh_home

if TYPE_CHECKING:  # the simulators take their time to import
    from sync_pipelines.demo.stage import Stage
    from sync_pipelines.demo.systems import DemoSystems

HOME, CACHE = Path(".concordat/demo"), Path(".concordat/tryton")
_ERPS = {"kingdee": "Kingdee 云星空 (a simulator, over HTTP)", "tryton": "Tryton (a real server)"}


@click.command(short_help="CRM, shop and ERP brought into agreement, in four stories")
@click.option("--erp", type=click.Choice(list(_ERPS)), default="kingdee", show_default=True, help="Which ERP plays.")
@click.option("--keep", is_flag=True, help="Leave the systems running at the end, until Ctrl-C.")
@office
def demo(office: Office, erp: str, *, keep: bool) -> int:
    """Bring a CRM (Salesforce), a shop (Shopify) and an ERP with 300 firms into agreement; live through four stories.

    Salesforce, Shopify and Kingdee are simulators that speak the vendors' own dialects over HTTP; nothing is installed.
    With --erp tryton a real Tryton server is the ERP. Everything lies in .concordat/demo, which is emptied first and
    left for you to look at.
    """
    from sync_pipelines.demo.systems import DemoSystems
    from sync_pipelines.settings import Place, read_book

    home = fresh_home(HOME, erp)
    office.print(*_welcome(erp))
    with DemoSystems(home, read_book(Place.found()), erp, CACHE, lambda says: office.print(f"  {says} …")) as systems:
        prepared = time.monotonic()
        stage = _played(office, systems, home)
        office.print(*_farewell(stage, time.monotonic() - prepared, systems))
        if keep:
            _wait(office, systems)
    return LOOK if stage.failed else FINE


def _played(office: Office, systems: "DemoSystems", home: Path) -> "Stage":
    """The acts, in their order; they build on one another."""
    from sync_pipelines.demo.acts import accidents, codes, day_one, deciding, sunday
    from sync_pipelines.demo.acts.play import Play
    from sync_pipelines.demo.cast import cast
    from sync_pipelines.demo.stage import Stage

    firms, stage = cast(), Stage(office)
    office.print(f"  {len(firms)} firms are entered into the three systems …")
    play = Play(stage, systems, home, firms, systems.fill(firms))
    sunday.begins(play)
    for act in (*day_one.ACTS, *sunday.ACTS, *deciding.ACTS, *codes.ACTS, *accidents.ACTS):
        act(play)
    return stage


def _welcome(erp: str) -> Iterator[str | Text]:
    yield Text("Concordat: an agreement between powers about who decides what", "bold")
    yield f"CRM: Salesforce · shop: Shopify (simulators, over HTTP) · ERP: {_ERPS[erp]}. They share 300 firms."
    yield "Who decides which field stands in the book of rules: mappings/account/ownership.yaml"


def _farewell(stage: "Stage", seconds: float, systems: "DemoSystems") -> Iterator[str | Text]:
    kept, failed = stage.kept, stage.failed
    yield ""
    if failed:
        yield Text(f"{len(failed)} of {len(kept) + len(failed)} claims did not hold:", "bold red")
        yield from (Text(f"  ✗ {says}", "red") for says in failed)
    else:
        yield Text(f"All {len(kept)} claims held, in {seconds:.0f} seconds.", "bold green")
    calls = len(systems.org.requests), len(systems.shopfront.documents)
    yield f"Calls that arrived: {calls[0]:,} at the CRM, {calls[1]:,} at the shop"
    yield "\nLook around (everything lies in .concordat/demo):"
    home = f"{_program()} --home {HOME}"
    yield f"  {home} status"
    yield f"  {home} why account crm/Account/{systems.sales.accounts()[0].id} credit_limit"
    yield "  make ui                            Dagster on this house, with all three systems running"
    if systems.erp_name != "tryton":
        yield "  make demo ERP=tryton               the same with a real ERP server (installs it: a few minutes)"
    yield "  mappings/account/ownership.yaml    the rules; docs/howto/ says how to write yours"


def _program() -> str:
    """As one would type it here."""
    return "concordat" if shutil.which("concordat") else os.path.relpath(sys.argv[0])


def _wait(office: Office, systems: "DemoSystems") -> None:
    urls = ", ".join(f"{name} {url}" for name, url in systems.urls.items())
    office.print(f"\nThe systems stay up until Ctrl-C: {urls}", "In another terminal:")
    office.print(f"  {_program()} --home {HOME} apply")
    try:
        Event().wait()
    except KeyboardInterrupt:
        office.print("stopped.")
