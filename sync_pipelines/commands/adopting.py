"""`adopt`: day one, on systems that have lived apart."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from mappings.book import EntitySpec
from sync_pipelines.commands.differing import field_lines, fields_data, told_to
from sync_pipelines.commands.office import FINE, LOOK, Office, entities_asked, json_option, office, reveal_option
from sync_pipelines.commands.plans import Reading, many
from sync_pipelines.commands.runs import forecasts, open_lines
from sync_pipelines.flow.adopting import AdoptReport, rehearse
from sync_pipelines.flow.adopting import adopt as take_over
from sync_pipelines.flow.restoring import Restored
from sync_pipelines.model.changes import RunState

_LEVELS = 5  # by which records were known, told one by one
_CALLED = {"created": "a create of ours"}
_KEEPS = (
    "Where they differ each record keeps what it says until somebody edits it there. Where a field is blank,",
    "the next plan fills in what stands elsewhere, if the book lets it; it is shown there before it is written.",
)


@click.command(short_help="day one: recognise what is on both sides, and take it as agreed")
@click.argument("entity", required=False)
@click.option(
    "--crosswalk",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV of pairs that are known: a column per system, an id in each.",
)
@click.option("--dry", is_flag=True, help="Say what would be taken over, and take over nothing.")
@click.option(
    "--differences",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Every difference, record by record, into this CSV.",
)
@click.option("--all", "everything", is_flag=True, help="Tell every way in which values differ.")
@reveal_option
@json_option
@office
def adopt(
    office: Office,
    entity: str | None,
    crosswalk: Path | None,
    differences: Path | None,
    *,
    dry: bool,
    everything: bool,
    reveal: bool,
    as_json: bool,
) -> int:
    """Read everything, recognise what is on several sides, and take what they say today as agreed. Nothing is written.

    Where two sides differ, each keeps its value until somebody edits it; the differences are counted field by field,
    with how they differ and an example of each. Blanks are filled and missing records made by the next `plan` and
    `apply`, as far as the book says so.

    Who is known by whom they belong to (a contact by its account) is adopted after those: without an entity all are, in
    that order. Alone and too early such an entity is refused, and `--dry` says why it finds strangers.

    After an older copy of the ledger was restored, or it was lost, the same finds out what we had made: records that
    carry our keys are coupled again, and whose record it is that we made one for is asked where nothing else tells.
    """
    if crosswalk is not None and entity is None:
        raise click.UsageError("a crosswalk is about one entity: say which")
    reading = Reading(reveal=reveal, everything=everything)
    with office.open_house() as house:
        entities = entities_asked(house.book, entity)
        if not as_json:
            office.print(*forecasts(house, entities, office.clock()))
        with told_to(differences, house.book, reading) as tell:
            if dry:
                reports = rehearse(house, entities, crosswalk, tell=tell)
            else:
                reports = [take_over(house, name, crosswalk, tell=tell) for name in entities]
        if as_json:
            office.json({"adopted": [_data(report, house.book.entities[report.entity], reading) for report in reports]})
        else:
            for report in reports:
                office.print(*adopt_lines(report, house.book.entities[report.entity], reading))
            office.print(*_closing(reports, differences))
            if dry:
                office.print(f"Nothing of this is kept.  Next:  {_next_of(reports)}")
            else:
                office.print(*open_lines(house, entities), "Next:  concordat plan")
    return FINE if all(_complete(report) for report in reports) else LOOK


def _complete(report: AdoptReport) -> bool:
    too_early = report.restored.shown_from is not None or bool(report.restored.unshown)
    return not too_early and report.result.state is RunState.COMPLETE


def _closing(reports: Sequence[AdoptReport], differences: Path | None) -> Iterator[str]:
    found = [one for report in reports for one in report.fields.values()]
    if any(one.differ or one.blanks for one in found):
        yield from _KEEPS
    if differences is not None:
        yield f"{differences}: {many(sum(one.differ for one in found), 'difference')}, a line for each"


def _next_of(reports: Sequence[AdoptReport]) -> str:
    told = sorted({each.told for report in reports for each in report.unadopted})
    first = "".join(f", or first  concordat adopt {name}" for name in told)
    return f"concordat adopt --dry  (all together){first}" if told else "concordat adopt"


def adopt_lines(report: AdoptReport, spec: EntitySpec, reading: Reading) -> Iterator[Any]:
    """What was found, and how it stands."""
    where = ", ".join(f"{many(count, 'record')} in {system}" for system, count in sorted(report.records.items()))
    yield Text.assemble((report.entity, "bold"), f"   {where or 'nothing is there'}")
    yield from (Text(f"  ! {says}", "yellow") for says in report.result.says)
    for each in report.unadopted:
        yield Text(f"  ! it is {each.says};", "yellow")
        yield Text("    whoever belongs to one that is not is a stranger here", "yellow")
    yield f"  {many(report.entities, 'entity', 'entities')}, {report.shared:,} of them on several sides{_asked(report)}"
    yield from _known_lines(report)
    yield from _restored_lines(report.restored)
    if any(one.differ or one.blanks for one in report.fields.values()):
        yield from field_lines(report.fields, spec, reading)
    elif report.shared:
        yield "  They agree in every field.\n"


def _known_lines(report: AdoptReport) -> Iterator[str]:
    """By what records were taken for one, which is what has to be believed; and who has no counterpart yet."""
    if report.known_by:
        levels = report.known_by.most_common()
        told = ", ".join(f"{count:,} by {_CALLED.get(name, name)}" for name, count in levels[:_LEVELS])
        rest = sum(count for _, count in levels[_LEVELS:])
        yield f"  taken for one: {told}{f', {rest:,} by others' if rest else ''}"
    if report.alone:
        told = ", ".join(f"{count:,} in {system}" for system, count in sorted(report.alone.items()))
        yield f"  on one side only: {told} (what is made of them on other sides, the next plan shows)"


def _restored_lines(restored: Restored) -> Iterator[Any]:
    if restored.keyed:
        keyed = f"{many(restored.keyed, 'record')} with a key of ours that the ledger had forgotten"
        doubted = f", {restored.doubted:,} asked about (a copy, or a key that does not fit)" if restored.doubted else ""
        yield f"  {keyed}: {restored.coupled:,} coupled again{doubted}"
    if restored.alone:
        alone = f"{many(restored.alone, 'entity', 'entities')} of which only what we made was found"
        yield f"  {alone}; {many(restored.asked, 'other')} may be the same (a person is asked)"
    if restored.left:
        less = ", ".join(f"{name} {count:,}" for name, count in sorted(restored.left.items()))
        yield f"  records that say less than the ledger knew, or are out of use: {less}; that may be our own work,"
        yield "  so nothing follows from it: clear or archive once more what is to be so everywhere"
    if restored.shown_from is not None:
        until = f"{restored.shown_from:%H:%M:%S} UTC"
        says = "what was made just before the ledger was lost may be in no listing yet; adopt again after"
        yield Text(f"  ! nothing is made yet: {says} {until}", "yellow")
    for says in restored.unshown:
        does = "let our user see it, or take it out of the map, and adopt again"
        yield Text(f"  ! nothing is made yet: {says}; {does}", "yellow")
    for ref in restored.kept_back:
        yield Text(f"  ! nothing is made yet: {ref} is ours and waits for a code; map it and adopt again", "yellow")


def _asked(report: AdoptReport) -> str:
    crosswalk = f", {report.from_crosswalk:,} by the crosswalk" if report.from_crosswalk else ""
    return f"{crosswalk}{f', {report.asked:,} perhaps (a person is asked)' if report.asked else ''}"


def _data(report: AdoptReport, spec: EntitySpec, reading: Reading) -> dict[str, Any]:
    return {
        "entity": report.entity,
        "run": report.result.run,
        "state": report.result.state,
        "says": report.result.says,
        "records": report.records,
        "entities": report.entities,
        "shared": report.shared,
        "alone": report.alone,
        "known_by": report.known_by,
        "from_crosswalk": report.from_crosswalk,
        "asked": report.asked,
        "fields": fields_data(report.fields, spec, reading),
        "restored": report.restored,
        "unadopted": report.unadopted,
    }
