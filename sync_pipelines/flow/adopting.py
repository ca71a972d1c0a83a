"""Day one: what exists is taken over as it is.

Agreements become baselines, differences are reported, nothing is overwritten.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from connectors.contract import RecordRef
from mappings.book import EntitySpec
from sync_pipelines.flow.casting import cast_of
from sync_pipelines.flow.committing import commit_decisions
from sync_pipelines.flow.outdated import as_they_are
from sync_pipelines.flow.rekeying import rekey
from sync_pipelines.flow.restoring import Restored, ask_for_whom, finish, rebuild
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.flow.stocktaking import FieldReport, Tell, take_stock, untold
from sync_pipelines.flow.unadopted import Unadopted, unadopted
from sync_pipelines.identity.matcher import Found
from sync_pipelines.identity.spreadsheets import plain, said_by
from sync_pipelines.intake.older import older
from sync_pipelines.ledger.port import Ledger, LedgerError, TakenError
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.decisions import EntityDecision
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import Coupling

ADOPT, REHEARSE = "adopt", "rehearse"  # kinds of runs
_CHUNK = 1000
_STRANGERS = 500  # claims looked at together: each brings up to a hundred others into sight
CROSSWALK = "crosswalk"
TWINS = " | "  # between the ids of several records of one system in a cell of a crosswalk
_PARTED_BY = (",", ";", "\t")
POOLED = "(pooled)"  # in a cell: it has no record of its own there, one of many serves it
_Item = TypeVar("_Item")


@dataclass(slots=True)
class AdoptReport:
    """What was found."""

    entity: str
    result: RunResult
    began: datetime
    records: dict[str, int] = field(default_factory=dict)  # by system
    entities: int = 0
    shared: int = 0  # entities with a record in more than one system
    alone: Counter[str] = field(default_factory=Counter)  # the others, by the system that knows them
    known_by: Counter[str] = field(default_factory=Counter)  # records of the shared ones, by what they were known by
    from_crosswalk: int = 0
    asked: int = 0  # possible matches that wait for a person
    fields: dict[str, FieldReport] = field(default_factory=dict)
    restored: Restored = field(default_factory=Restored)  # what the ledger had forgotten
    unadopted: list[Unadopted] = field(default_factory=list)  # by whom records are known, and who is not known yet
    tell: Tell = untold


def adopt(house: House, entity: str, crosswalk: Path | None = None, *, tell: Tell = untold) -> AdoptReport:
    """Read everything, recognise, and take today's agreements as baseline. LedgerError where the crosswalk is wrong, or
    by whom records of this entity are known is not adopted itself.

    `tell` hears of each difference.
    """
    report = _read(house, entity, ADOPT, tell)
    report.unadopted = unadopted(house.ledger, house.book, house.book.entities[entity], ADOPT)
    _refuse_strangers(house, report)
    _adopt(house, report, crosswalk)
    house.end(report.result)
    return report


def rehearse(
    house: House, entities: Sequence[str], crosswalk: Path | None = None, *, tell: Tell = untold
) -> list[AdoptReport]:
    """What adopting these, in this order, would tell. What was read is kept, and nothing that follows from it.

    They are taken back together: who a contact is hangs on who its firm is.
    """
    reports = [_read(house, entity, REHEARSE, tell) for entity in entities]
    with _taken_back(house.ledger):
        for report in reports:
            unmet = unadopted(house.ledger, house.book, house.book.entities[report.entity], ADOPT)
            report.unadopted = [each for each in unmet if each.told not in entities]
            _adopt(house, report, crosswalk)
    for report in reports:
        house.end(report.result)
    return reports


def _read(house: House, entity: str, kind: str, tell: Tell) -> AdoptReport:
    report = AdoptReport(entity, house.begin(entity, kind), house.seams.clock(), tell=tell)
    house.refresh(report.result, full=True)
    _refuse_half(house, report.result)
    rekey(house.ledger, house.book.entities[entity])
    return report


def _adopt(house: House, report: AdoptReport, crosswalk: Path | None) -> None:
    spec, run = house.book.entities[report.entity], report.result.run
    if crosswalk is not None:
        report.from_crosswalk = _couple_crosswalk(house, spec, crosswalk, run)
    rebuild(house, spec, report.restored, run)
    _recognise(house, spec, report, run)
    if report.restored.keyed or spec.name in older(house.ledger):
        ask_for_whom(house, spec, report.restored, run)
    if spec.name in older(house.ledger):
        _leave(house, spec, report, run)
    _take_over(house, spec, report, run)
    finish(house, spec.name, report.restored, report.began)


class _RehearsedError(Exception):
    """Takes a rehearsal back."""


@contextmanager
def _taken_back(ledger: Ledger) -> Iterator[None]:
    with suppress(_RehearsedError), ledger.transaction():
        yield
        raise _RehearsedError


def _refuse_half(house: House, result: RunResult) -> None:
    """What was not read would look as if it were not there."""
    unread = [crawl.says for crawl in result.crawls if not crawl.complete]
    if unread:
        house.end(result)
        message = f"nothing was adopted, since not everything could be read: {'; '.join(unread)}"
        raise LedgerError(message)


def _refuse_strangers(house: House, report: AdoptReport) -> None:
    """Who is taken for a stranger now has an identity of its own from then on, and is made on other sides."""
    forbidding = [each for each in report.unadopted if each.forbids]
    if forbidding:
        house.end(report.result)
        said = "; ".join(each.says for each in forbidding)
        first = ", ".join(f"concordat adopt {each.told}" for each in forbidding)
        what = f"nothing of {report.entity} was adopted: it is {said}"
        message = f"{what}. Type first: {first}; or all of them: concordat adopt"
        raise LedgerError(message)


# --- who is who ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """One entity of a crosswalk, and where it stands there."""

    at: str
    refs: tuple[RecordRef, ...]


def _couple_crosswalk(house: House, spec: EntitySpec, path: Path, run: str) -> int:
    """One line per entity: a column per system with the id of its record there. All of it, or nothing."""
    lines = [
        _Line(
            f"{path}:{number}",
            tuple(RecordRef(system, spec.maps[system].kind, i) for system, ids in said.items() for i in ids_of(ids)),
        )
        for number, said in _crosswalk_lines(path, set(spec.maps))
    ]
    refs = sorted({ref for line in lines for ref in line.refs})
    _refuse_twice(lines)
    scopes = _scopes(house, spec, refs)
    known = {ref: coupling.entity_id for ref, coupling in house.ledger.couplings_at(spec.name, refs).items()}
    with house.ledger.transaction():
        for chunk in _chunks(lines):
            _couple_lines(house, [(line, [*_crossed(house, spec, line, known, scopes, run)]) for line in chunk])
    return len(lines)


def _couple_lines(house: House, lines: Sequence[tuple[_Line, Sequence[Coupling]]]) -> None:
    try:
        house.ledger.couple([coupling for _, couplings in lines for coupling in couplings])
    except TakenError as error:
        if len(lines) == 1:
            message = f"{lines[0][0].at}: {error}"
            raise LedgerError(message) from error
        for line in lines:
            _couple_lines(house, [line])


def _refuse_twice(lines: Sequence[_Line]) -> None:
    first: dict[RecordRef, str] = {}
    for line in lines:
        for ref in line.refs:
            if first.setdefault(ref, line.at) != line.at:
                message = f"{line.at}: {ref} stands in {first[ref]} already; a record is one entity"
                raise LedgerError(message)


def _scopes(house: House, spec: EntitySpec, refs: Sequence[RecordRef]) -> Mapping[RecordRef, list[str]]:
    """The companies that each record speaks for. One that is held for an unmapped code is known all the same."""
    scopes: dict[RecordRef, list[str]] = {entry.ref: [""] for entry in house.ledger.quarantined(entity=spec.name)}
    told: dict[RecordRef, list[str]] = {}
    for claim in house.ledger.claims_at(spec.name, refs):
        told.setdefault(claim.ref, []).append(claim.scope)
    return scopes | told


def _crossed(
    house: House,
    spec: EntitySpec,
    line: _Line,
    known: Mapping[RecordRef, str],
    scopes: Mapping[RecordRef, Sequence[str]],
    run: str,
) -> Iterator[Coupling]:
    stranger = next((ref for ref in line.refs if ref not in scopes), None)
    if stranger is not None:
        message = f"{line.at}: {stranger} is not there; correct its id, or leave it empty"
        raise LedgerError(message)
    ids = sorted({known[ref] for ref in line.refs if ref in known})
    if len(ids) > 1:
        message = f"{line.at}: these records belong to {len(ids)} different entities already; join them first"
        raise LedgerError(message)
    entity_id, now = ids[0] if ids else house.seams.new_id(), house.seams.clock()
    places = [(ref.system, ref.kind) for ref in line.refs]
    for number, ref in enumerate(line.refs):
        first = places.index((ref.system, ref.kind)) == number  # of several in a cell the others are its twins
        for scope in scopes[ref] if ref not in known else ():
            yield Coupling(ref, spec.name, entity_id, scope, first, CROSSWALK, run=run, at=now)


def ids_of(cell: str) -> list[str]:
    """The ids in a cell of a crosswalk: of several records in one system the first is written to."""
    return [each.strip() for each in cell.split(TWINS) if each.strip() not in ("", POOLED)]


def _crosswalk_lines(path: Path, systems: set[str]) -> list[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read as a crosswalk (UTF-8 CSV, a column per system): {error}"
        raise LedgerError(message) from error
    rows = list(_cells_of(text))
    heading = rows[0][1] if rows else []
    lines = [
        (line, {name: cell for name, cell in zip(heading, cells, strict=False) if cell}) for line, cells in rows[1:]
    ]
    unknown = {*filter(None, heading), *(name for _, said in lines for name in said)} - systems
    if unknown or not heading:
        wanted, got = (
            ", ".join(sorted(systems)),
            ", ".join(name or "one without a heading" for name in sorted(unknown)) or "none",
        )
        message = f"{path}:1: columns must be system names ({wanted}), not {got}"
        raise LedgerError(message)
    return lines


def _cells_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that say anything, by line, without what a spreadsheet program puts around ids."""
    lines = text.splitlines()
    said = said_by(lines[0]) if lines else ""
    rows = csv.reader(lines, delimiter=said or max(_PARTED_BY, key=lines[0].count) if lines else ",")
    for row in rows:
        cells = [cell.strip() for cell in plain(row)]
        if any(cells) and not (said and rows.line_num == 1):
            yield rows.line_num, cells


def _recognise(house: House, spec: EntitySpec, report: AdoptReport, run: str) -> None:
    """A part of the strangers at a time: each part is kept before the next, which then knows whom it may meet."""
    after: RecordRef | None = None
    while strangers := house.ledger.uncoupled(spec.name, after, _STRANGERS):
        _commit(house, spec, _decisions(house.recogniser.recognise(spec, strangers)), run)
        after = strangers[-1].ref
    house.recogniser.sight.forget()
    open_ones = house.ledger.questions(entity=spec.name)
    report.asked = len({question.entity_id for question in open_ones if question.about is About.MATCH})


def _decisions(found: Found) -> list[EntityDecision]:
    couplings: dict[str, list[Coupling]] = {}
    for coupling in found.couplings:
        couplings.setdefault(coupling.entity_id, []).append(coupling)
    questions: dict[str, list[Question]] = {}
    for question in found.questions:
        questions.setdefault(question.entity_id, []).append(question)
    return [
        EntityDecision(entity_id, couplings=tuple(some), questions=tuple(questions.get(entity_id, ())), settled=False)
        for entity_id, some in sorted(couplings.items())
    ]


def _commit(house: House, spec: EntitySpec, decisions: Sequence[EntityDecision], run: str) -> None:
    marks = house.ledger.marks(spec.name, [decision.entity_id for decision in decisions])
    marked = [replace(decision, mark=marks.get(decision.entity_id, 0)) for decision in decisions]
    commit_decisions(house.ledger, spec.name, marked, run, house.seams.clock())


def _leave(house: House, spec: EntitySpec, report: AdoptReport, run: str) -> None:
    for chunk in house.ledger.entity_id_pages(spec.name, _CHUNK):
        claims = house.ledger.claims_of(spec.name, chunk)
        decided = (as_they_are(i, [c for c in claims.get(i, ()) if c.primary], report.restored.left) for i in chunk)
        _commit(house, spec, [decision for decision in decided if decision is not None], run)


# --- what stands -----------------------------------------------------------------------------------------------------


def _take_over(house: House, spec: EntitySpec, report: AdoptReport, run: str) -> None:
    """What was taken over before is told again, and stays as it is: an adoption may have died half-way."""
    cast = cast_of(house.book, spec)
    for chunk in house.ledger.entity_id_pages(spec.name, _CHUNK):
        report.entities += len(chunk)
        claims = house.ledger.claims_of(spec.name, chunk)
        golden = house.ledger.golden_of(spec.name, chunk)
        decisions, shared = [], []
        speaking = {i: [c for c in claims.get(i, ()) if c.primary and not c.gone] for i in chunk}
        resolved = _resolved(house, spec, speaking)
        for entity_id, living in speaking.items():
            for claim in living:
                report.records[claim.system] = report.records.get(claim.system, 0) + 1
            systems = {claim.system for claim in living}
            if len(systems) == 1:
                report.alone.update(systems)
            elif systems:
                shared.append(entity_id)
            if said := resolved.get(entity_id):
                taken = take_stock(house.seams.clock(), spec, entity_id, said, cast, report.fields, report.tell)
                decisions += [] if entity_id in golden else [taken]
        _count_shared(house, spec, report, shared)
        _commit(house, spec, decisions, run)


def _resolved(house: House, spec: EntitySpec, speaking: Mapping[str, Sequence[Claim]]) -> Mapping[str, Sequence[Claim]]:
    """Of the entities for which more than one record speaks: what they say, whom they refer to looked up at once."""
    found: dict[str, list[Claim]] = {}
    for claim in house.resolver.resolve(spec.name, [c for some in speaking.values() if len(some) > 1 for c in some]):
        found.setdefault(claim.entity_id, []).append(claim)
    return found


def _count_shared(house: House, spec: EntitySpec, report: AdoptReport, shared: Sequence[str]) -> None:
    report.shared += len(shared)
    for couplings in house.ledger.couplings_of(spec.name, shared).values():
        report.known_by.update(_known_by(couplings))


def _known_by(couplings: Sequence[Coupling]) -> Mapping[str, int]:
    """Its records but the first, which was taken for nobody: that one is `new`, or the first of a crosswalk's line."""
    levels = Counter({coupling.ref: coupling.because for coupling in couplings}.values())
    known = Counter("score" if level.startswith("score ") else level for level in levels.elements())
    first = [level for level in levels if level.startswith("new")] or [level for level in levels if level == CROSSWALK]
    known.subtract(first[:1])
    return +known


def _chunks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
