"""What the systems themselves can do, against what the book asks of them."""

from collections.abc import Iterator, Mapping

from connectors.contract import FieldDescription
from mappings.compiling import words_of
from mappings.complaints import Complaint, near_miss
from mappings.fieldmap import Line
from mappings.paths import parse
from mappings.values import Where
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.directions import is_given
from sync_pipelines.checking.sayings import frame_of
from sync_pipelines.checking.view import Abilities, Side, View


def abilities(view: View, known: Abilities) -> Iterator[Complaint]:
    """Every side whose system was asked."""
    for side in view.sides.values():
        kinds = known.get(side.name)
        if kinds is not None and side.can is None:
            says = f"{side.name} has no kind `{side.kind_map.kind}`"
            yield complaint("unknown-kind", side.kind_map.where, says, near_miss(side.kind_map.kind, kinds))
        if side.can is not None and side.is_written(view.entity):
            yield from _writes(view, side)
        if side.described is not None:
            yield from _described(view, side, side.described.fields)


def _writes(view: View, side: Side) -> Iterator[Complaint]:
    can, kind = side.can, f"{side.name}/{side.kind_map.kind}"
    if can is None:
        return
    create = view.spec.ownership.create.get(side.system.role)
    if create is not None and create.allowed:
        if not can.creates:
            says = f"{view.one} shall be made in {kind}, and none can be made there"
            do = f"say never for {side.system.role}, or switch {side.name} off for {view.entity}"
            yield complaint("cannot-create", create.where, says, do)
        elif not can.keyed:
            says = f"{kind} cannot be asked for a record by our key: a create whose answer is lost waits for a person"
            yield complaint("create-uncertain", create.where, says, "nothing, or give the system a field for our key")
    given = [(name, why) for name in side.lines if (why := is_given(view, side, name))]
    if given and not can.updates:
        name, why = given[0]
        says = f"{kind} cannot be changed, and has to be given {_fields(len(given))}: `{name}` ({why})"
        yield complaint("cannot-update", side.lines[name][0].where, says, f"switch {side.name} off for {view.entity}")


def _fields(number: int) -> str:
    return "1 field" if number == 1 else f"{number} fields"


# --- against the metadata of a kind ----------------------------------------------------------------------------------


def _described(view: View, side: Side, fields: Mapping[str, FieldDescription]) -> Iterator[Complaint]:
    for line in side.kind_map.lines:
        yield from _line(view, side, line, fields)
    yield from _required(view, side, fields)


def _line(view: View, side: Side, line: Line, fields: Mapping[str, FieldDescription]) -> Iterator[Complaint]:
    for at, where in _places(line):
        if not _is_known(at, fields):
            says = f"{side.name}/{side.kind_map.kind} has no field `{at}`"
            yield complaint("unknown-path", where, says, near_miss(at, fields))
    field = fields.get(_plain(line.at)) if line.at else None
    if field is not None:
        yield from _fits(view, side, line, field)


def _places(line: Line, prefix: str = "") -> Iterator[tuple[str, Where]]:
    """The plain paths that a line leads to."""
    at = ".".join(part for part in (prefix, _plain(line.at) if line.at else "") if part)
    if not line.lines:
        yield at, line.where
    for inner in line.lines:
        yield from _places(inner, at)


def _plain(path: str) -> str:
    """A path without its selectors."""
    return ".".join(step.name for step in parse(path))


def _is_known(at: str, fields: Mapping[str, FieldDescription]) -> bool:
    """A kind's metadata may list a child's fields with a dot, or end at the child itself."""
    steps = at.split(".")
    ways = [".".join(steps[:depth]) for depth in range(1, len(steps) + 1)]
    deeper = any(name.startswith(f"{steps[0]}.") for name in fields)
    return ways[-1] in fields or (not deeper and any(way in fields for way in ways))


def _fits(view: View, side: Side, line: Line, field: FieldDescription) -> Iterator[Complaint]:
    spec, why = view.spec.fields[line.field], is_given(view, side, line.field)
    if not why or line.write == "never":
        return
    if not field.writable:
        says = f"{side.name} has to be given `{line.field}` ({why}), and `{field.name}` cannot be written there"
        yield complaint("not-writable", line.where, says, "ask for the right, or say edited_elsewhere: report")
    if spec.length is not None and field.length is not None and field.length < spec.length:
        says = (
            f"`{line.field}` may have {spec.length} characters, and `{field.name}` of {side.name} holds {field.length}"
        )
        yield complaint("too-long", line.where, says, f"say length: {field.length}, or let longer values be held")
    if line.codec in {"choice", "code"} and field.choices is not None:
        yield from _words(view, side, line, field, field.choices)


def _words(
    view: View, side: Side, line: Line, field: FieldDescription, choices: tuple[str, ...]
) -> Iterator[Complaint]:
    _, encodes = words_of(line, frame_of(view, side))
    strange = [word for word in dict.fromkeys(encodes.values()) if word not in choices]
    if strange:
        words = ", ".join(f"`{word}`" for word in strange)
        says = f"{side.name} does not list {words} among the choices of `{field.name}`"
        yield complaint("unknown-word", line.where, says, near_miss(strange[0], choices))


def _required(view: View, side: Side, fields: Mapping[str, FieldDescription]) -> Iterator[Complaint]:
    create = view.spec.ownership.create.get(side.system.role)
    if create is None or not create.allowed or not side.is_written(view.entity):
        return
    sent = {at for line in side.kind_map.lines if line.write != "never" for at, _ in _places(line)}
    missing = [name for name, field in fields.items() if field.required and field.writable and name not in sent]
    for name in [name for name in missing if "." not in name and not any(at.startswith(f"{name}.") for at in sent)]:
        says = f"{side.name} makes no {side.kind_map.kind} without `{name}`, which the map does not give"
        yield complaint("required-unmapped", side.kind_map.where, says, "map it, or give it a default in the system")
