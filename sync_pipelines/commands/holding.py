"""`quarantine`: records that cannot go on, and codes nobody mapped."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import click
from rich.padding import Padding

from sync_pipelines.commands.office import FINE, LOOK, Office, json_option, office
from sync_pipelines.commands.plans import many, table
from sync_pipelines.commands.status import ago
from sync_pipelines.flow.releasing import named, release
from sync_pipelines.flow.run import House
from sync_pipelines.model.records import OpenGap, Quarantined

_SHOWN = 40
_REASONS = click.Choice(["gap", "fault", "rejected"])


@click.group(short_help="records that cannot go on, and codes nobody mapped")
def quarantine() -> None:
    """Records that cannot go on, each with its reason; and the codes that nobody mapped yet.

    A record that waits for a code goes on by itself once the code is mapped. A refused one is tried again when it
    would be sent differently, or with `replay`.
    """


@quarantine.command("list")
@click.option("--entity", help="Only of this entity.")
@click.option("--system", help="Only of this system.")
@click.option("--reason", type=_REASONS, help="Only for this reason.")
@click.option("--all", "everything", is_flag=True, help=f"All of them, not the first {_SHOWN}.")
@json_option
@office
def list_(
    office: Office, entity: str | None, system: str | None, reason: str | None, *, everything: bool, as_json: bool
) -> int:
    """List what waits, oldest first, and the codes that are missing."""
    with office.open_house() as house:
        found = _waiting(house, entity, system, reason)
        gaps = house.ledger.gaps()
        if as_json:
            office.json({"records": [_data(entry) for entry in found], "gaps": [_gap(house, gap) for gap in gaps]})
        elif found or gaps:
            office.print(*_lines(house, found, gaps, None if everything else _SHOWN, office))
        else:
            office.print("Nothing is in quarantine.")
    return LOOK if found or gaps else FINE


def _waiting(house: House, entity: str | None, system: str | None, reason: str | None) -> list[Quarantined]:
    found = house.ledger.quarantined(entity=entity or "", system=system or "")
    return [entry for entry in found if reason is None or entry.reason == reason]


def _lines(
    house: House, found: Sequence[Quarantined], gaps: Sequence[OpenGap], most: int | None, office: Office
) -> Iterator[Any]:
    if found:
        made = table("record", "entity", "reason", "says", "since")
        for entry in found[:most]:
            says = f"{entry.field}: {entry.says}" if entry.field else entry.says
            since = ago(entry.since, office.clock()) if entry.since else ""
            made.add_row(str(entry.ref), entry.entity, entry.reason, says, since)
        yield made
        left = len(found) - len(found[:most])
        if left:
            counted = ", ".join(f"{count:,} {reason}" for reason, count in Counter(e.reason for e in found).items())
            yield f"… and {left:,} more ({counted} in all); --all shows them"
    if gaps:
        widest = sorted(gaps, key=lambda gap: -len(gap.refs))[:most] if len(gaps) > _SHOWN else gaps
        yield Padding(_gaps_table(house, widest), (1, 0, 1, 0))
        if len(widest) < len(gaps):
            yield f"… and {len(gaps) - len(widest):,} more codes, of fewer records; --all shows them"
        yield "Map a code in the book (codes/…csv); the records that wait for it go on with the next run."
    if any(entry.reason == "rejected" for entry in found):
        yield "Try again what was refused:  concordat quarantine replay RECORD"


def _gaps_table(house: House, gaps: Sequence[OpenGap]) -> Any:
    made = table("unknown code", "table", "said by", "records", "perhaps")
    for gap in gaps:
        told = _gap(house, gap)
        made.add_row(gap.code, gap.table or "(in the map)", told["said_by"], f"{len(gap.refs):,}", told["perhaps"])
    return made


def _gap(house: House, gap: OpenGap) -> dict[str, Any]:
    known = house.book.tables.get(gap.table)
    theirs = (known.decode if gap.way == "decode" else known.encode).get(gap.map, {}) if known else {}
    near = get_close_matches(gap.code.lower(), [code.lower() for code in theirs], 1)
    match = next((f"{code} = {ours}" for code, ours in theirs.items() if near and code.lower() == near[0]), "")
    return {
        "code": gap.code,
        "table": gap.table,
        "map": gap.map,
        "way": gap.way,
        "said_by": gap.map if gap.way == "decode" else f"us, for {gap.map}",
        "records": [str(ref) for ref in gap.refs],
        "perhaps": match,
    }


def _data(entry: Quarantined) -> dict[str, Any]:
    return {
        "record": str(entry.ref),
        "entity": entry.entity,
        "reason": entry.reason,
        "field": entry.field,
        "says": entry.says,
        "since": entry.since,
    }


@quarantine.command()
@click.argument("records", metavar="[RECORD]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Everything that waits.")
@click.option("--reason", type=_REASONS, help="With --all: only for this reason.")
@office
def replay(office: Office, records: tuple[str, ...], reason: str | None, *, everything: bool) -> int:
    """Let records go on: the next run reads them anew and tries once more."""
    if everything == bool(records):
        raise click.UsageError("name records as system/kind/id, or say --all")
    with office.open_house() as house:
        entries = _waiting(house, None, None, reason)
        chosen = entries if everything else named(entries, records)
        release(house.ledger, chosen)
    office.print(f"{many(len({entry.ref for entry in chosen}), 'record')} may go on.")
    if chosen:
        office.print("Next:  concordat apply")
    return FINE
