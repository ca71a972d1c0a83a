"""Closed lists cover both directions: what a decider can say, those who have to follow can spell."""

from collections.abc import Iterator

from mappings.compiling import words_of
from mappings.complaints import Complaint
from mappings.fieldmap import Line
from mappings.values import Value
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.conditions import canonical
from sync_pipelines.checking.directions import is_given
from sync_pipelines.checking.sayings import frame_of, sayable
from sync_pipelines.checking.view import Side, View, bringers

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
    strange = [ours for ours in dict.fromkeys(decodes.values()) if _is_strange(spec.type, spec.choices, ours)]
    if strange:
        says = f"{table.where.file} brings {_listed(strange)} to `{line.field}`, which is no {spec.type} of it"
        yield complaint("code-stranger", line.where, says, "mend the column `canonical`, or the field's choices")


def _is_strange(sort: str, choices: tuple[str, ...], ours: str) -> bool:
    return ours not in choices if sort == "choice" else canonical(sort, ours) != ours


def _covered(view: View, side: Side, line: Line) -> Iterator[Complaint]:
    """Codes that somebody else can decide for and that this system has no word for."""
    _, encodes = words_of(line, frame_of(view, side))
    said = _said_by_others(view, side, line.field)
    missing = sorted(str(value) for value in said if value not in encodes) if encodes else []
    if not missing:
        return
    says = f"{side.name} has no word for {_listed(missing)} of `{line.field}`, which others can decide"
    if line.codec == "choice":
        yield complaint("choice-uncovered", line.where, says, "add it to `values`")
    else:
        do = f"add it to codes/{line.options.get('table')}.csv; until then records that hold it are held"
        yield complaint("code-uncovered", line.where, says, do)


def _said_by_others(view: View, side: Side, name: str) -> frozenset[Value]:
    roles = {role for rule in view.rules.get(name, ()) for role in bringers(rule)}
    others = [one for role in sorted(roles) for one in view.speakers(role, name) if one.name != side.name]
    borrowed = any(rule.borrowed for rule in view.rules.get(name, ()))
    if borrowed:
        return frozenset(view.spec.fields[name].choices)
    return sayable(view, others, name) or frozenset()


def _listed(codes: list[str]) -> str:
    shown = ", ".join(f"`{code}`" for code in codes[:_SHOWN])
    return shown if len(codes) <= _SHOWN else f"{shown} and {len(codes) - _SHOWN} more"
