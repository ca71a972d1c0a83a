"""`doctor`: the systems, as they are now."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import click
from rich.padding import Padding
from rich.text import Text

from connectors.contract import Finding
from connectors.errors import ConnectorError, MisconfiguredError
from sync_pipelines.commands.office import FINE, LOOK, Office, by_option, json_option, office
from sync_pipelines.commands.plans import many, table
from sync_pipelines.flow.drifting import HARMLESS, describe_system, schema_changes
from sync_pipelines.flow.drifting import accept as accept_description
from sync_pipelines.flow.emptiness import unbelieved_since
from sync_pipelines.flow.run import House
from sync_pipelines.intake.vanishing import say_gone, vanished
from sync_pipelines.ledger.port import LedgerError

_WRONG = 2


@click.command(short_help="reach every system: login, rights, clock, budget")
@click.argument("systems", metavar="[SYSTEM]...", nargs=-1)
@click.option("--accept", is_flag=True, help="The maps fit these systems as they describe themselves now.")
@click.option("--gone", metavar="KIND", multiple=True, help="All records of this kind that vanished were deleted.")
@by_option
@json_option
@office
def doctor(
    office: Office, systems: tuple[str, ...], gone: tuple[str, ...], by: str | None, *, accept: bool, as_json: bool
) -> int:
    """Look whether every system can be reached and used: login, rights, clock, room in the budget, the right tenant.

    Where a system describes fields of a map in another way than before, nothing is written by that map until it is
    mended, the system is as before, or a person says with --accept that it fits.

    Where a kind shows nothing any more, none of its records is taken for deleted and nothing is written there until one
    is seen again, or a person who has looked says with --gone that they were deleted: the next run follows that word.
    """
    if accept and not systems:
        raise click.UsageError("--accept wants the systems by name")
    if gone and len(systems) != 1:
        raise click.UsageError("--gone wants the one system by name")
    with office.open_house() as house:
        names = [known_system(house, name) for name in systems] or list(house.book.systems)
        asked = {name: [*examined(house, name), *_asked(house, name, office.clock())] for name in names}
        for kind in gone:
            say_gone(house.ledger, names[0], kind, by or office.user(), office.clock())
        if accept:
            for name in names:
                accept_description(house.ledger, house.book, name, by or office.user(), office.clock())
        found = {
            name: [*told, *_changed(house, name, office.clock()), *_unmet(house, name), *_vanished(house, name)]
            for name, told in asked.items()
        }
        house.at_rest()  # keeps what was heard of clocks and certificates
        if as_json:
            office.json({"systems": found})
        else:
            office.print(*doctor_lines(house, found))
    return _code(found)


def known_system(house: House, name: str) -> str:
    """The name, where the book knows it. Raises LedgerError."""
    if name not in house.book.systems:
        message = f"the book has no system {name!r}; there are: {', '.join(house.book.systems)}"
        raise LedgerError(message)
    return name


def examined(house: House, name: str) -> list[Finding]:
    """What the system says of login, rights, clock and budget, and whether it is the tenant of this ledger."""
    try:
        connector = house.connectors[name]
        return [*connector.check(), _tenant(house, name, connector.fingerprint())]
    except MisconfiguredError as error:
        return [Finding(ok=False, about="set up", says=str(error), do="misconfigured")]
    except ConnectorError as error:
        return [Finding(ok=False, about="reached", says=str(error), do="try again; is the system up?")]


def _asked(house: House, name: str, now: datetime) -> Sequence[Finding]:
    """How the system describes its kinds is kept, so that a change is noticed; what cannot be asked is told above."""
    with suppress(ConnectorError):
        describe_system(house.ledger, house.book, house.connectors, name, now)
    return ()


def _changed(house: House, name: str, now: datetime) -> Iterator[Finding]:
    for change in schema_changes(house.ledger, house.book, now):
        if change.system == name:
            fine = change.level == HARMLESS
            paused = "" if fine else "; nothing is written by its map"
            do = "" if fine else f"mend the map and run concordat check, or concordat doctor {name} --accept"
            yield Finding(fine, "schema", f"{change.kind}: {change.says}{paused}", do)


def _unmet(house: House, name: str) -> Iterator[Finding]:
    """A right that is missing may be all that keeps records from us."""
    for kind in _kinds(house, name):
        if since := unbelieved_since(house.ledger, house.book, name, kind):
            says = f"{kind}: nothing was ever found there (read since {since:%Y-%m-%d}); nothing is written to it"
            do = f"may our user see it? Where it is empty indeed: `may_be_empty: [{kind}]` under {name} in systems.yaml"
            yield Finding(ok=False, about="empty", says=says, do=do)


def _vanished(house: House, name: str) -> Iterator[Finding]:
    """What was there is not shown any more."""
    for kind in _kinds(house, name):
        known = vanished(house.ledger, name, kind)
        if known and known.doubted:
            says = f"{kind}: {known.found} (since {known.since:.10}); none is taken for deleted, nothing is written"
            do = f"look with the user we log in as: may it still see them? Where all are gone indeed: {known.way_out}"
            yield Finding(ok=False, about="empty", says=says, do=do)
        elif known:
            says = f"{kind}: nothing is shown any more, and {known.by} says that all of it is gone"
            yield Finding(ok=True, about="empty", says=says)


def _kinds(house: House, name: str) -> Sequence[str]:
    return sorted({spec.maps[name].kind for spec in house.book.entities.values() if name in spec.maps})


def _tenant(house: House, name: str, now: str) -> Finding:
    pinned = house.ledger.get_pin(f"tenant:{name}")
    if pinned in ("", now):
        known = "the one this ledger knows" if pinned else "not written to by this ledger yet"
        return Finding(ok=True, about="tenant", says=f"{now}, {known}")
    says = f"{now}, but this ledger belongs to {pinned}"
    return Finding(ok=False, about="tenant", says=says, do="point the connection back, or use a ledger of its own")


def doctor_lines(house: House, found: Mapping[str, list[Finding]]) -> Iterator[Any]:
    """A block for each system."""
    for name, findings in found.items():
        system = house.book.systems[name]
        well = all(finding.ok for finding in findings)
        mark = Text("well", "green") if well else Text("look at this", "bold red")
        yield Text.assemble((name, "bold"), f"   {system.role}, {system.connector}, write: {system.write}   ", mark)
        yield Padding(findings_table(findings), (0, 0, 1, 2))
    bad = [name for name, findings in found.items() if not all(finding.ok for finding in findings)]
    yield f"{', '.join(bad)}: something to look at." if bad else f"{many(len(found), 'system')}, all well."


def findings_table(findings: Sequence[Finding]) -> Any:
    """A line for each, and what to do about it."""
    made = table("", "", "")
    made.show_header = False
    for finding in findings:
        do = f"\n→ {finding.do}" if finding.do and not finding.ok and finding.do != "misconfigured" else ""
        mark = Text("ok", "green") if finding.ok else Text("!!", "bold red")
        made.add_row(mark, finding.about, f"{finding.says}{do}")
    return made


def _code(found: Mapping[str, list[Finding]]) -> int:
    findings = [finding for some in found.values() for finding in some]
    if any(finding.do == "misconfigured" for finding in findings):
        return _WRONG
    return FINE if all(finding.ok for finding in findings) else LOOK
