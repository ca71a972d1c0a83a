"""References, borrowed values: what leads to another entity arrives there, and does not lead in a ring."""

from collections.abc import Iterable, Iterator, Mapping

from mappings.book import Book, FieldSpec
from mappings.complaints import Complaint
from mappings.fieldmap import Line
from mappings.ownership import Rule
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.states import an
from sync_pipelines.checking.view import Side, View

Place = tuple[str, str]  # entity, field


def references(view: View) -> Iterator[Complaint]:
    """A reference is an id of another record in the same system: that system has to keep the other entity, too."""
    for side in view.sides.values():
        for line, target in _lines(side.kind_map.lines, view.spec.fields):
            if target in view.book.entities:
                yield from _reference(view, side, line, target)


def _lines(lines: Iterable[Line], fields: Mapping[str, FieldSpec]) -> Iterator[tuple[Line, str]]:
    """Every line of a reference with the entity it leads to, those of the items of lists included."""
    for line in lines:
        spec = fields.get(line.field)
        if spec is not None:
            yield line, spec.refers_to
            yield from _lines(line.lines, spec.items)


def _reference(view: View, side: Side, line: Line, target: str) -> Iterator[Complaint]:
    there = view.book.entities[target].maps.get(side.name)
    if there is None:
        says = f"`{line.field}` is {an(target)}, and {side.name} has no map of {target}: nobody could follow it"
        yield complaint("reference-unmapped", line.where, says, f"write {target}/{side.kind_map.map}.yaml")
    elif line.options.get("kind", there.kind) != there.kind:
        says = f"`{line.field}` says kind {line.options['kind']}, and {target} is kept as {there.kind}"
        yield complaint("reference-kind", line.where, says, f"write kind: {there.kind}")


def borrowed(view: View) -> Iterator[Complaint]:
    """A value that comes from another entity: linked to it, said by somebody there, and by no ring said by itself."""
    for name, rules in view.rules.items():
        for rule in rules:
            if rule.borrowed is not None and rule.borrowed.entity in view.book.entities:
                yield from _borrowed(view, name, rule)


def _borrowed(view: View, name: str, rule: Rule) -> Iterator[Complaint]:
    source = rule.borrowed
    if source is None:
        return
    ring = _ring(view.book, (view.entity, name))
    if ring:
        says = f"`{name}` is decided by itself: {' ← '.join(f'{entity}.{field}' for entity, field in ring)}"
        yield complaint("borrow-ring", rule.where, says, "let a system decide one of them")
    there = view.book.entities[source.entity]
    if not _linked(view, source.entity):
        says = f"`{name}` follows {source.entity}.{source.field}, and neither entity refers to the other"
        yield complaint("unrelated-entity", rule.where, says, f"give {source.entity} a reference to {view.entity}")
    elif not any(source.field == line.field for kind_map in there.maps.values() for line in kind_map.lines):
        says = f"`{name}` follows {source.entity}.{source.field}, which no system maps"
        yield complaint("decider-missing", rule.where, says, "give it a map line in a system that decides it")


def _linked(view: View, other: str) -> bool:
    theirs = {spec.refers_to for spec in view.book.entities[other].fields.values()}
    return view.entity in theirs or other in {spec.refers_to for spec in view.spec.fields.values()}


def _ring(book: Book, start: Place) -> list[Place]:
    """The way from a borrowed field back to itself, if there is one."""
    waiting: list[list[Place]] = [[start]]
    seen: set[Place] = set()
    while waiting:
        way = waiting.pop()
        for onward in _sources(book, way[-1]):
            if onward == start:
                return [*way, start]
            if onward not in seen:
                seen.add(onward)
                waiting.append([*way, onward])
    return []


def _sources(book: Book, place: Place) -> Iterator[Place]:
    entity, name = place
    if entity in book.entities:
        for rule in book.entities[entity].ownership.rules.get(name, ()):
            if rule.borrowed is not None:
                yield rule.borrowed.entity, rule.borrowed.field
