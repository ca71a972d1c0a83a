"""`crosswalk`: which record is which, as a table that `adopt --crosswalk` reads again."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import click

from sync_pipelines.commands.office import FINE, Office, entities_asked, json_option, office
from sync_pipelines.flow.adopting import POOLED, TWINS
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.early import Stage
from sync_pipelines.model.records import Coupling

_PAGE = 2_000


@click.command(short_help="which record is which, as a CSV; adopt takes it back in")
@click.argument("entity")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Into this file (default: shown).")
@json_option
@office
def crosswalk(office: Office, entity: str, out: Path | None, *, as_json: bool) -> int:
    """Tell which records of the systems are one ENTITY: a line for each, a column per system with the ids of records.

    Of several records in one system the first is the one that is written to. What is gone there is left out.
    """
    with office.open_house() as house:
        entities_asked(house.book, entity)
        systems = list(house.book.entities[entity].maps)
        lines = list(_lines(house.ledger, entity, systems))
    if as_json:
        office.json({"entity": entity, "lines": lines})
    elif out is None:
        click.echo(_table(systems, lines), nl=False)
    else:
        out.write_text(_table(systems, lines), encoding="utf-8")
        office.print(f"{out}: {len(lines):,} of {entity}.  Back in:  concordat adopt {entity} --crosswalk {out}")
    return FINE


def _lines(ledger: Ledger, entity: str, systems: Sequence[str]) -> Iterator[Mapping[str, str]]:
    for page in ledger.entity_id_pages(entity, _PAGE):
        served: dict[str, set[str]] = {}
        for row in ledger.early(entity=entity, entity_ids=page, stages=(Stage.POOLED,)):
            served.setdefault(row.entity_id, set()).update(row.there)
        gone = {one.ref for claims in ledger.claims_of(entity, page).values() for one in claims if one.gone}
        for entity_id, some in ledger.couplings_of(entity, page).items():
            there = [coupling for coupling in some if coupling.ref not in gone]
            line = {system: _cell(there, system, served.get(entity_id, ())) for system in systems}
            if any(line.values()):
                yield line


def _cell(couplings: Sequence[Coupling], system: str, served: Collection[str]) -> str:
    here = sorted((c for c in couplings if c.ref.system == system), key=lambda c: (not c.primary, c.ref))
    if not here and system in served:
        return POOLED
    return TWINS.join(dict.fromkeys(coupling.ref.id for coupling in here))


def _table(systems: Sequence[str], lines: Sequence[Mapping[str, str]]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, systems, lineterminator="\n")
    table.writeheader()
    table.writerows(lines)
    return text.getvalue()
