"""`adopt`: day one, on systems that have lived apart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.padding import Padding
from rich.text import Text

from sync_pipelines.commands.office import FINE, LOOK, Office, entities_asked, json_option, office
from sync_pipelines.commands.plans import many, table
from sync_pipelines.commands.runs import open_lines
from sync_pipelines.flow.adopting import AdoptReport
from sync_pipelines.flow.adopting import adopt as take_over
from sync_pipelines.flow.restoring import Restored
from sync_pipelines.model.changes import RunState

_PATTERNS = 3


@click.command(short_help="day one: recognise what is on both sides, and take it as agreed")
@click.argument("entity", required=False)
@click.option(
    "--crosswalk",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV of pairs that are known: a column per system, an id in each.",
)
@click.option("--dry", is_flag=True, help="Say what would be taken over, and take over nothing.")
@json_option
@office
def adopt(office: Office, entity: str | None, crosswalk: Path | None, *, dry: bool, as_json: bool) -> int:
    """Read everything, recognise what is on several sides, and take what they say today as agreed. Nothing is written.

    Where two sides differ, each keeps its value until somebody edits it; the differences are counted field by field.
    Blanks are filled and missing records made by the next `plan` and `apply`, as far as the book says so.

    After an older copy of the ledger was restored, or it was lost, the same finds out what we had made: records that
    carry our keys are coupled again, and whose record it is that we made one for is asked where nothing else tells.
    """
    if crosswalk is not None and entity is None:
        raise click.UsageError("a crosswalk is about one entity: say which")
    with office.open_house() as house:
        entities = entities_asked(house.book, entity)
        reports = [take_over(house, name, crosswalk, rehearse=dry) for name in entities]
        if as_json:
            office.json({"adopted": [_data(report) for report in reports]})
        else:
            for report in reports:
                office.print(*adopt_lines(report))
            if dry:
                office.print("Nothing of this is kept.  Next:  concordat adopt")
            else:
                office.print(*open_lines(house, entities), "Next:  concordat plan")
    return FINE if all(_complete(report) for report in reports) else LOOK


def _complete(report: AdoptReport) -> bool:
    too_early = report.restored.shown_from is not None
    return not too_early and (report.run is None or report.run.state is RunState.COMPLETE)


def adopt_lines(report: AdoptReport) -> Iterator[Any]:
    """What was found, and how it stands."""
    where = ", ".join(f"{many(count, 'record')} in {system}" for system, count in sorted(report.records.items()))
    yield Text.assemble((report.entity, "bold"), f"   {where or 'nothing is there'}")
    if report.run is not None:
        yield from (Text(f"  ! {says}", "yellow") for says in report.run.says)
    yield f"  {many(report.entities, 'entity', 'entities')}, {report.shared:,} of them on several sides{_asked(report)}"
    yield from _restored_lines(report.restored)
    fields = {name: one for name, one in report.fields.items() if one.differ or one.blanks}
    if fields:
        yield Padding(_fields(report), (1, 0, 1, 2))
    elif report.shared:
        yield "  They agree in every field.\n"


def _restored_lines(restored: Restored) -> Iterator[Any]:
    if restored.keyed:
        keyed = f"{many(restored.keyed, 'record')} with a key of ours that the ledger had forgotten"
        doubted = f", {restored.doubted:,} asked about (a copy, or a key that does not fit)" if restored.doubted else ""
        yield f"  {keyed}: {restored.coupled:,} coupled again{doubted}"
    if restored.alone:
        alone = f"{many(restored.alone, 'entity', 'entities')} of which only what we made was found"
        yield f"  {alone}; {many(restored.asked, 'other')} may be the same (a person is asked)"
    if restored.shown_from is not None:
        until = f"{restored.shown_from:%H:%M:%S} UTC"
        says = "what was made just before the ledger was lost may be in no listing yet; adopt again after"
        yield Text(f"  ! nothing is made yet: {says} {until}", "yellow")
    for ref in restored.kept_back:
        yield Text(f"  ! nothing is made yet: {ref} is ours and waits for a code; map it and adopt again", "yellow")


def _asked(report: AdoptReport) -> str:
    crosswalk = f", {report.from_crosswalk:,} by the crosswalk" if report.from_crosswalk else ""
    return f"{crosswalk}{f', {report.asked:,} perhaps (a person is asked)' if report.asked else ''}"


def _fields(report: AdoptReport) -> Any:
    made = table("field", "agree", "differ", "blank", "how they differ", right=("agree", "differ", "blank"))
    for name, one in report.fields.items():
        patterns = "; ".join(f"{count:,} × {says}" for says, count in one.patterns.most_common(_PATTERNS))
        made.add_row(name, f"{one.agree:,}", f"{one.differ:,}", f"{one.blanks:,}", patterns)
    return made


def _data(report: AdoptReport) -> dict[str, Any]:
    return {
        "entity": report.entity,
        "run": report.run.run if report.run else "",
        "state": report.run.state if report.run else "",
        "says": report.run.says if report.run else [],
        "records": report.records,
        "entities": report.entities,
        "shared": report.shared,
        "from_crosswalk": report.from_crosswalk,
        "asked": report.asked,
        "fields": report.fields,
        "restored": report.restored,
    }
