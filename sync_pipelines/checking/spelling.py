"""Closed lists cover both directions: what a decider can say, those who have to follow can spell."""

from collections.abc import Iterator

from mappings.book import FieldSpec
from mappings.compiling import words_of
from mappings.complaints import Complaint
from mappings.fieldmap import Line
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.conditions import canonical, has_producer
from sync_pipelines.checking.directions import is_given
from sync_pipelines.checking.sayings import field_values, frame_of
from sync_pipelines.checking.view import Side, View

_SHOWN = 5


def spelling(view: View) -> Iterator[Complaint]:
    """Every line that reads by a closed list."""
    for side in view.sides.values():
        for name, lines in side.lines.items():
            for line in lines:
                if line.codec == "code":
                    yield from _column(view, side, line)
                if line.codec in {"choice", "code"} and is_given(view, side, name):
                    yield from _covered(view, side, line)


def _column(view: View, side: Side, line: Line) -> Iterator[Complaint]:
    table = view.book.tables[line.options["table"]]
    decodes, _ = words_of(line, frame_of(view, side))
    if not decodes:
        says = f"the table {table.name} says nothing of {side.name}: every code of `{line.field}` would be unknown"
        do = f"give {table.where.file} a column {' or '.join(dict.fromkeys((side.kind_map.map, side.name)))}"
        yield complaint("code-column", line.where, says, do)
    spec = view.spec.fields[line.field]
    strange = _strangers(spec, frozenset(decodes.values()))
    if strange:
        says = f"{table.where.file} brings {_listed(strange)} to `{line.field}`, which is no {spec.type} of it"
        yield complaint("code-stranger", line.where, says, "mend the column `canonical`, or the field's choices")


def _strangers(spec: FieldSpec, codes: frozenset[str]) -> list[str]:
    """Codes of ours that the field cannot have. A field of type `code` has whatever its table says."""
    if spec.type == "code":
        return []
    if spec.type == "choice":
        return sorted(codes.difference(spec.choices))
    return sorted(code for code in codes if canonical(spec.type, code) != code)


def _covered(view: View, side: Side, line: Line) -> Iterator[Complaint]:
    """Codes that somebody can decide for and that this system has no word for; for what it says itself it has one."""
    _, encodes = words_of(line, frame_of(view, side))
    said = field_values(view, line.field) if has_producer(view, line.field) else None
    missing = sorted(map(str, said - encodes.keys())) if said and encodes else []
    if not missing:
        return
    says = f"{side.name} has no word for {_listed(missing)} of `{line.field}`, which others can decide"
    if line.codec == "choice":
        yield complaint("choice-uncovered", line.where, says, "add it to `values`")
    else:
        do = f"add it to codes/{line.options.get('table')}.csv; until then records that hold it are held"
        yield complaint("code-uncovered", line.where, says, do)


def _listed(codes: list[str]) -> str:
    shown = ", ".join(f"`{code}`" for code in codes[:_SHOWN])
    return shown if len(codes) <= _SHOWN else f"{shown} and {len(codes) - _SHOWN} more"
