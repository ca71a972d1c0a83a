"""Ownership and matching, from their shapes to what the engine evaluates."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mappings.book import FieldSpec
from mappings.complaints import Complaints
from mappings.loading.conditions import Names, condition
from mappings.loading.shapes import (
    BorrowedShape,
    CadenceShape,
    CreateShape,
    DepartmentShape,
    EachShape,
    LevelShape,
    MatchingShape,
    OwnershipShape,
    PoolShape,
    ScoreShape,
    SentenceShape,
    WeighedShape,
)
from mappings.loading.strict_yaml import Parsed
from mappings.matching import COMPARISONS, WEIGHTS, Level, Matching, Scoring, Weighed
from mappings.ownership import (
    ArchiveRule,
    Borrowed,
    Cadence,
    Conflict,
    CreateRule,
    Each,
    Elsewhere,
    Handover,
    Mode,
    Ownership,
    Pool,
    Rule,
    TakesPart,
    When,
)
from mappings.values import Where

_RANK_AFTER = re.compile(r"(\d{1,4})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading one file needs: its data with lines, the names, and where to complain."""

    parsed: Parsed
    names: Names
    complaints: Complaints

    def at(self, *path: str | int) -> Where:
        """Where something stands."""
        return self.parsed.where(*path)

    def fields(self, said: Iterable[str], *path: str | int) -> tuple[str, ...]:
        """Fields by name, the unknown ones complained of."""
        for name in said:
            if name not in self.names.fields:
                self.complaints.unknown("unknown-field", self.at(*path), name, "field", self.names.fields)
        return tuple(said)

    def roles(self, said: Iterable[str], *path: str | int) -> tuple[str, ...]:
        """Roles by name, the unknown ones complained of."""
        for name in said:
            if name not in self.names.roles:
                self.complaints.unknown("unknown-role", self.at(*path), name, "role", self.names.roles)
        return tuple(said)

    def when(self, said: Mapping[str, Any], *path: str | int) -> When:
        """A condition."""
        return condition(said, self.names, self.at(*path, "when"), self.complaints)


def ownership(shape: OwnershipShape, reader: Reader) -> Ownership:
    """All sentences about one entity."""
    return Ownership(
        entity=shape.entity,
        rules={name: _rules(_field(name, reader), said, reader) for name, said in shape.fields.items()},
        takes_part=TakesPart(
            reader.when(shape.takes_part.when, "takes_part"), shape.takes_part.on_leave, reader.at("takes_part")
        ),
        create={role: _create(role, said, reader) for role, said in shape.create.items()},
        archive=_archive(shape, reader),
        cadence=tuple(_cadence(said, number, reader) for number, said in enumerate(shape.cadence)),
    )


def _field(name: str, reader: Reader) -> FieldSpec:
    """The field of a sentence; one that is unknown is complained of, and its sentence is looked at all the same."""
    if name in reader.names.fields:
        return reader.names.fields[name]
    reader.complaints.unknown("unknown-field", reader.at("fields", name), name, "field", reader.names.fields)
    return FieldSpec(name, "", "")


def _rules(spec: FieldSpec, said: list[SentenceShape], reader: Reader) -> tuple[Rule, ...]:
    """The sentences of a field, in the order in which they are tried."""
    name = spec.name
    listed = isinstance(reader.parsed.data["fields"][name], list)
    places = [("fields", name, number) if listed else ("fields", name) for number in range(len(said))]
    found = (_rule(spec, sentence, place, reader) for sentence, place in zip(said, places, strict=True))
    return tuple(rule for rule in found if rule is not None)


def _rule(spec: FieldSpec, said: SentenceShape, path: tuple[str | int, ...], reader: Reader) -> Rule | None:
    named = [word for word in ("decides", "issued_by", "shared", "each") if getattr(said, word) is not None]
    conflict, after = _conflict(said.conflict, path, reader)
    when = reader.when(said.when, *path)
    decider = [_decider(word, said, spec, path, reader) for word in named]
    if len(named) != 1:
        says = f"`{spec.name}` is decided by nobody here" if not named else f"`{spec.name}` has {' and '.join(named)}"
        reader.complaints.add("one-mode", reader.at(*path), says, "give one of decides, issued_by, shared, each")
        return None
    return Rule(
        field=spec.name,
        steward=said.steward,
        when=when,
        per=said.per,
        handover=Handover(said.handover),
        conflict=conflict,
        conflict_after=after,
        edited_elsewhere=Elsewhere(said.edited_elsewhere),
        keep_on_blank=said.blank == "keep",
        where=reader.at(*path),
        **decider[0],
    )


def _decider(
    word: str, said: SentenceShape, spec: FieldSpec, path: tuple[str | int, ...], reader: Reader
) -> dict[str, Any]:
    """Mode, roles and what belongs to them, by the word that says so."""
    if word == "each" and said.each is not None:
        return _each(said.each, spec, (*path, "each"), reader)
    if word == "issued_by" and said.issued_by is not None:
        return {"mode": Mode.ISSUED, "roles": reader.roles(said.issued_by, *path, "issued_by")}
    if word == "shared" and said.shared is not None:
        return {"mode": Mode.SHARED, "roles": reader.roles(said.shared, *path, "shared")}
    if isinstance(said.decides, BorrowedShape):
        return _borrowed(said.decides, (*path, "decides"), reader)
    if isinstance(said.decides, DepartmentShape):
        roles = reader.roles([said.decides.role], *path, "decides")
        return {"mode": Mode.DECIDES, "roles": roles, "by": said.decides.by}
    return {"mode": Mode.DECIDES, "roles": reader.roles(said.decides or (), *path, "decides")}


def _borrowed(said: BorrowedShape, path: tuple[str | int, ...], reader: Reader) -> dict[str, Any]:
    entity, _, field = said.from_.partition(".")
    _borrowed_names(entity, field, path, reader)
    if said.table and said.table not in reader.names.tables:
        reader.complaints.unknown("unknown-table", reader.at(*path), said.table, "table", reader.names.tables)
    return {"mode": Mode.BORROWED, "roles": (), "borrowed": Borrowed(entity, field, said.table)}


def _borrowed_names(entity: str, field: str, path: tuple[str | int, ...], reader: Reader) -> None:
    there = reader.names.entities.get(entity)
    if there is None:
        reader.complaints.unknown("unknown-entity", reader.at(*path), entity, "entity", reader.names.entities)
    elif field not in there:
        reader.complaints.unknown("unknown-field", reader.at(*path), field, f"field of `{entity}`", there)


def _each(said: EachShape, spec: FieldSpec, path: tuple[str | int, ...], reader: Reader) -> dict[str, Any]:
    if spec.type not in {"list", ""}:
        says = f"`{spec.name}` is a {spec.type}, not a list"
        reader.complaints.add("each-of-no-list", reader.at(*path), says, "use decides or shared")
    elif spec.type and said.key not in spec.items:
        reader.complaints.unknown("unknown-field", reader.at(*path, "key"), said.key, "field of the items", spec.items)
    decides = reader.roles(said.decides, *path, "decides")
    add, remove = reader.roles(said.add, *path, "add"), reader.roles(said.remove, *path, "remove")
    return {"mode": Mode.EACH, "roles": decides, "each": Each(said.key, decides, add, remove)}


def _conflict(said: Any, path: tuple[str | int, ...], reader: Reader) -> tuple[Conflict, timedelta]:
    """`review`, `prefer`, `latest`, or `{rank_after: 3d}`."""
    if isinstance(said, str) and said in {Conflict.REVIEW, Conflict.PREFER, Conflict.LATEST}:
        return Conflict(said), timedelta(0)
    after = said.get("rank_after") if isinstance(said, dict) and len(said) == 1 else None
    found = _RANK_AFTER.fullmatch(after) if isinstance(after, str) else None
    if found is not None:
        return Conflict.RANK_AFTER, timedelta(hours=int(found[1]) * _HOURS[found[2]])
    where = reader.at(*path, "conflict")
    reader.complaints.add("wrong-shape", where, "`conflict` should be review, prefer, latest or {rank_after: 3d}")
    return Conflict.REVIEW, timedelta(0)


def _create(role: str, said: Any, reader: Reader) -> CreateRule:
    where = reader.at("create", role)
    reader.roles([role], "create", role)
    if not isinstance(said, CreateShape):
        return CreateRule(role, allowed=said == "always", where=where)
    needs, when = reader.fields(said.needs, "create", role, "needs"), reader.when(said.when, "create", role)
    pool = _pool(said.pool, ("create", role, "pool"), reader) if said.pool else None
    return CreateRule(role, allowed=True, when=when, needs=needs, pool=pool, where=where)


def _pool(said: PoolShape, path: tuple[str | int, ...], reader: Reader) -> Pool:
    reader.fields(said.is_, *path, "is")
    return Pool(reader.when(said.when, *path), dict(said.is_), reader.at(*path))


def _archive(shape: OwnershipShape, reader: Reader) -> ArchiveRule:
    said = shape.archive
    from_, to = reader.roles(said.from_, "archive", "from"), reader.roles(said.to, "archive", "to")
    return ArchiveRule(from_, to, said.others, reader.at("archive"))


def _cadence(said: CadenceShape, number: int, reader: Reader) -> Cadence:
    fields = reader.fields(said.fields, "cadence", number, "fields")
    return Cadence(fields, said.every, said.fresh_within, said.webhooks, reader.at("cadence", number))


def matching(shape: MatchingShape, reader: Reader) -> Matching:
    """The levels of an entity, the strongest first."""
    return Matching(
        entity=shape.entity,
        levels=tuple(_level(said, number, reader) for number, said in enumerate(shape.levels)),
        contradicts=reader.fields(shape.contradicts, "contradicts"),
        never={name: tuple(words) for name, words in shape.never.items() if reader.fields([name], "never", name)},
        scoring=_scoring(shape.score, reader) if shape.score else None,
    )


def _scoring(said: ScoreShape, reader: Reader) -> Scoring:
    if said.ask > said.link:
        reader.complaints.add(
            "wrong-shape", reader.at("score", "ask"), "`ask` lies above `link`: nobody would be asked"
        )
    for name in said.fields:
        reader.fields([name], "score", "fields", name)
    fields = {name: _weighed(name, weighed, reader) for name, weighed in said.fields.items()}
    return Scoring(fields, said.link, said.ask, reader.at("score"))


def _weighed(name: str, said: WeighedShape, reader: Reader) -> Weighed:
    where = reader.at("score", "fields", name)
    if said.as_ not in WEIGHTS:
        reader.complaints.unknown("unknown-comparison", where, said.as_, "comparison", tuple(WEIGHTS))
        return Weighed("text", where=where)
    for level in said.weights:
        if level not in WEIGHTS[said.as_]:
            line = reader.at("score", "fields", name, "weights", level)
            outcomes = WEIGHTS[said.as_]
            reader.complaints.unknown("unknown-comparison", line, level, f"outcome of `{said.as_}`", outcomes)
    weights = {level: weight for level, weight in said.weights.items() if level in WEIGHTS[said.as_]}
    return Weighed(said.as_, weights, where)


def _level(said: LevelShape, number: int, reader: Reader) -> Level:
    fields = reader.fields(said.fields, "levels", number, "fields")
    strangers = [name for name in said.compare if name not in fields]
    for name in strangers:
        where = reader.at("levels", number, "compare", name)
        reader.complaints.unknown("unknown-field", where, name, "field of this level", fields)
    for name, how in said.compare.items():
        if how not in COMPARISONS:
            where = reader.at("levels", number, "compare", name)
            reader.complaints.unknown("unknown-comparison", where, how, "comparison", COMPARISONS)
    return Level(said.name, fields, said.then, said.weight, dict(said.compare), reader.at("levels", number))
