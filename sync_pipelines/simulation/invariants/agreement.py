"""What holds when everything has settled: who is coupled agrees, and whoever is not waits somewhere with a reason."""

from collections.abc import Iterator, Mapping

from connectors.testing.world import MIDDLEWARE, Row
from sync_pipelines.simulation.invariants.words import (
    ADDRESS,
    CODES,
    FIRM,
    NEVER_THEIRS,
    NOT_KEPT,
    PERSON,
    TAKES_PART,
    TEXTS,
    WITH_PLACES,
    attribute,
    canonical,
    living,
    moved,
)
from sync_pipelines.simulation.testimony import Decided, Evidence, Waiting

Golden = Mapping[str, Decided]
_GONE = ("deleted", "purged", "merged")


def agreement(evidence: Evidence) -> Iterator[str]:
    """I1: coupled records say what was agreed, in every field they keep and that does not wait with a reason.

    What a person had typed where nobody there decides, and somebody else had said as well, is all that there is once
    they were parted: it stays.
    """
    for entity, compared in ((FIRM, _firm), (PERSON, _person)):
        excused = _excused(evidence, entity)
        alone = {*_typed_and_parted(evidence, entity)}
        adopted = {field for whose, field in evidence.differing if whose == entity}
        for entity_id, rows in living(evidence, entity):
            golden = evidence.told.golden.get((entity, entity_id), {})
            if entity == FIRM and _said(golden, "status") not in TAKES_PART:
                continue
            for system, row in rows.items():
                waits = adopted | excused.get(entity_id, set()) | excused.get(f"{system}/{row.id}", set())
                for field, told, agreed in compared(golden, system, row):
                    is_alone = agreed is None and (f"{system}/{row.id}", attribute(field)) in alone
                    if told != agreed and not is_alone and not waits & {field, attribute(field), ""}:
                        yield f"{system}/{row.id} says {field}={told!r:.80}, agreed was {agreed!r:.80}"


def _excused(evidence: Evidence, entity: str) -> dict[str, set[str]]:
    """By record and by entity: fields that wait with a reason. What cannot be read is agreed with nobody."""
    excused: dict[str, set[str]] = {}
    homes = {(c.system, c.id): c.entity_id for c in evidence.told.couplings if c.entity == entity}
    for waiting in evidence.told.waiting:
        if waiting.entity == entity:
            _excuse(excused, waiting, homes)
    for record, fields in _given_back(evidence, entity).items():
        excused.setdefault(record, set()).update(fields)
    for system, record_id in evidence.told.gaps:
        excused.setdefault(f"{system}/{record_id}", set()).update(("terms", "Terms"))
    return excused


def _given_back(evidence: Evidence, entity: str) -> dict[str, set[str]]:
    """What was given an older value back may differ since, also in the record into which its system merged it."""
    told: dict[str, set[str]] = {}
    for line in evidence.told.journal:
        if line.entity == entity and line.undone:
            told.setdefault(f"{line.system}/{line.id}", set()).update(line.undone)
    for entry in evidence.world.log() if told else ():
        if entry.op == "merge" and (fields := told.get(f"{entry.system}/{entry.id}")):
            told.setdefault(f"{entry.system}/{entry.other}", set()).update(fields)
    return told


def _typed_and_parted(evidence: Evidence, entity: str) -> Iterator[tuple[str, str]]:
    """What a person typed in such a field before its record was parted from others, and nobody touched since."""
    for parted in (one for one in evidence.ever_parted if one.entity == entity):
        typed: dict[tuple[str, str], bool] = {}
        for entry in evidence.world.log():
            if (entry.system, entry.kind, entry.id) in (parted.leaves, *parted.stays):
                for name in moved(entry) & NEVER_THEIRS.get(evidence.place(entry), set()):
                    by_a_person = entry.actor != MIDDLEWARE and entry.at <= parted.at
                    typed[f"{entry.system}/{entry.id}", name] = by_a_person
        yield from (place for place, by_a_person in typed.items() if by_a_person)


def _excuse(excused: dict[str, set[str]], waiting: Waiting, homes: Mapping[tuple[str, str], str]) -> None:
    here = f"{waiting.system}/{waiting.id}"
    excused.setdefault(here, set()).add(waiting.field)
    home = homes.get((waiting.system, waiting.id))
    if home is not None and waiting.reason == "fault":
        excused.setdefault(home, set()).add(waiting.field)


def _said(golden: Golden, field: str) -> object:
    return golden[field].value if field in golden else None


def _firm(golden: Golden, system: str, row: Row) -> Iterator[tuple[str, object, object]]:
    for field in TEXTS:
        if field in golden and field not in NOT_KEPT.get(system, ()) and attribute(field) in row.values:
            yield field, canonical(row.values.get(attribute(field))), canonical(golden[field].value)
    if system in CODES and "terms" in golden:
        yield "terms", CODES[system].get(str(row.values.get("Terms"))), golden["terms"].value
    if system in ADDRESS and "address" in golden:
        agreed = _said(golden, "address") or {}
        for part in ADDRESS[system]:
            told = canonical(row.values.get(part.title()))
            yield "address", told, canonical(agreed.get(part) if isinstance(agreed, dict) else None)
    if system in WITH_PLACES and "ship_to" in golden and "Places" in row.values:
        yield "ship_to", _places(row.values.get("Places"), "town"), _places(golden["ship_to"].value, "city")


def _places(said: object, town: str) -> list[tuple[object, object]]:
    places = said if isinstance(said, (list, tuple)) else ()
    return sorted((place["code"], canonical(place.get(town))) for place in places if isinstance(place, dict))


def _person(golden: Golden, system: str, row: Row) -> Iterator[tuple[str, object, object]]:
    del system
    for field in ("name", "email"):
        if field in golden:
            yield field, canonical(row.values.get(attribute(field))), canonical(golden[field].value)


def coverage(evidence: Evidence) -> Iterator[str]:
    """I2: every living record belongs to an entity, or waits with a reason or a question."""
    known = {(c.system, c.kind, c.id) for c in evidence.told.couplings}
    known |= {(w.system, w.kind, w.id) for w in evidence.told.waiting}
    asked = " ".join(question.topic for question in evidence.told.asked)
    held = set(evidence.told.gaps)
    for system in evidence.world.systems.values():
        for kind in system.tables:
            for row in system.living(kind):
                place = (system.name, kind, row.id)
                if place not in known and (system.name, row.id) not in held and row.id not in asked:
                    yield f"{system.name}/{row.id} is known to nobody: {row.values}"


def nothing_parked(evidence: Evidence) -> Iterator[str]:
    """I15: nothing waits without a time or a reason: no record to read again, no write without an outcome."""
    yield from (f"{ref} still waits to be read again" for ref in evidence.told.dirty)
    for line in evidence.told.journal:
        if line.state in ("planned", "intended", "uncertain"):
            yield f"{line.key} ({line.op} in {line.system}) is still {line.state}"


def rejections_are_visible(evidence: Evidence) -> Iterator[str]:
    """I14: whatever waits says why and since when."""
    for waiting in evidence.told.waiting:
        if not (waiting.reason and waiting.says and waiting.since):
            yield f"{waiting.system}/{waiting.id} waits without a reason: {waiting}"


def rest(evidence: Evidence) -> Iterator[str]:
    """I9, I10: one more run that reads everything anew writes nothing, plans nothing and holds nothing more."""
    for system in evidence.world.systems.values():
        mark = evidence.settled.get(system.name, len(system.log))
        for entry in system.log[mark:]:
            yield f"after everything settled: {entry.op} {system.name}/{entry.id} {entry.before} → {entry.after}"
    if evidence.rested is not None:
        if len(evidence.rested.journal) != len(evidence.told.journal):
            yield "after everything settled, something was planned"
        new = set(evidence.rested.waiting) - set(evidence.told.waiting)
        yield from (f"after everything settled, {one.system}/{one.id} came to wait: {one.says}" for one in new)


def couplings_are_one_to_one(evidence: Evidence) -> Iterator[str]:
    """I4: a record is one entity, and an entity has one first record in each kind of each system."""
    records: set[tuple[str, str, str, str]] = set()
    firsts: set[tuple[str, str, str, str]] = set()
    for c in evidence.told.couplings:
        record = (c.entity, c.system, c.kind, c.id)
        first = (c.entity, c.entity_id, c.system, c.kind)
        if record in records or (c.primary and first in firsts):
            yield f"{c.system}/{c.id} is coupled twice, or has a second first record beside it"
        records.add(record)
        if c.primary:
            firsts.add(first)


def tombstones_last(evidence: Evidence) -> Iterator[str]:
    """I20: a record that is gone is nobody's first record while another one of its entity lives in the same place."""
    for c in evidence.told.couplings:
        row = evidence.world.systems[c.system].row(c.kind, c.id)
        if row is None:
            yield f"{c.system}/{c.id} is coupled and never was"
        elif c.primary and row.gone in _GONE:
            twins = [d for d in evidence.told.couplings if d[:4] == c[:4] and d.id != c.id]
            if any(evidence.world.systems[d.system].read(d.kind, d.id) for d in twins):
                yield f"{c.system}/{c.id} is gone and stands before a twin that lives"


def last_edit_arrives(evidence: Evidence) -> Iterator[str]:
    """I6, I21, I33: an edit that one makes alone, after everything settled, is read at once and reaches everyone."""
    edit = evidence.last_edit
    if edit is None:
        return
    waits = {(w.system, w.id) for w in evidence.told.waiting if w.field in ("", edit.field, attribute(edit.field))}
    for entity_id, rows in living(evidence, FIRM):
        for system, row in rows.items():
            said = canonical(row.values.get(attribute(edit.field)))
            if entity_id == edit.entity_id and (system, row.id) not in waits and said != canonical(edit.value):
                yield f"the last edit, {edit.field}={edit.value!r} in {edit.system}, is not in {system}: {said!r}"


def last_edit_has_no_echo(evidence: Evidence) -> Iterator[str]:
    """I8: one edit causes one write in each other system at most."""
    if evidence.last_edit is not None:
        log = evidence.world.log()[evidence.last_edit.mark :]
        per_system = [(e.system, e.kind) for e in log if e.actor == "middleware" and e.writes]
        if len(per_system) != len(set(per_system)) or any(s == evidence.last_edit.system for s, _ in per_system):
            yield f"the last edit caused {per_system}"
