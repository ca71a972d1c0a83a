"""`backup`: a copy of the ledger, and the drill that shows that it can be brought back."""

from collections.abc import Iterator
from pathlib import Path

import click

from sync_pipelines.commands.office import FINE, Office, json_option, office
from sync_pipelines.commands.plans import many
from sync_pipelines.flow.safekeeping import KEEP, backed_up, drilled
from sync_pipelines.ledger.backing_up import Backup, Drilled

_MEBIBYTE = 2**20


@click.command(short_help="copy the ledger while it is used; --drill brings a copy back")
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), help="Where (CONCORDAT_BACKUPS).")
@click.option("--keep", type=click.IntRange(1), default=KEEP, show_default=True, help="So many copies stay.")
@click.option("--drill", is_flag=True, help="Make none: bring the newest one back into a scratch place and examine it.")
@json_option
@office
def backup(office: Office, folder: Path | None, keep: int, *, drill: bool, as_json: bool) -> int:
    """Copy the ledger, its audit key and what was counted in it into a folder of its own.

    Nothing has to stand still for it. A copy that nobody ever brought back is a hope: --drill opens the newest one in a
    place that is thrown away, and holds it against what was written. To restore, stop everything, put ledger.sqlite and
    its audit key where the ledger lies (PostgreSQL: pg_restore ledger.dump), and run `concordat adopt`.
    """
    place = office.place()
    into = folder or place.backups
    with office.open_house() as house:
        if drill:
            found: Backup | Drilled = drilled(house.ledger, place.ledger, into, office.clock)
        else:
            found = backed_up(house.ledger, place.ledger, into, office.clock, audit_key=place.audit_key, keep=keep)
    if as_json:
        office.json({"drilled" if drill else "made": found, "folder": into})
    else:
        office.print(*_lines(found, into))
    return FINE


def _lines(found: Backup | Drilled, folder: Path) -> Iterator[str]:
    if isinstance(found, Drilled):
        links = f"{many(found.audited, 'link')} of the audit chain followed" if found.audited else "no audit to follow"
        yield f"{found.backup.name} came back whole: {many(found.tables, 'table')}, {many(found.rows, 'row')}, {links}"
        return
    rows = sum(found.rows.values())
    yield f"{folder / found.name}: {many(rows, 'row')}, {found.size / _MEBIBYTE:,.1f} MiB"
    yield "concordat backup --drill  shows that it can be brought back"
