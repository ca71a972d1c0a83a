"""Which field of which system a value comes from, and into which it goes: columns for Dagster, a table for people.

Columns of a reading bear the system's own names, those of a plan ours, those of what was applied `system/kind.name`.
Dagster keeps `dagster/column_lineage` and lists it; the graph of columns is no part of its open source.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from mappings.book import EntitySpec
from mappings.fieldmap import KindMap, Line
from sync_pipelines.system_assets import entity_key, read_key

_NEVER = "never"  # a line that is read only


def into_plan(spec: EntitySpec) -> Mapping[str, Any]:
    """Metadata of the plan: each of our fields, and the fields that it is read from.

    No `dagster/column_schema`: its table stands above everything else, and a person comes for what would be written.
    """
    read: dict[str, list[dg.TableColumnDep]] = {}
    for kind_map, line in _lines(spec):
        source = dg.TableColumnDep(read_key(kind_map.system, kind_map.kind), _name(line))
        read[line.field] = [*read.get(line.field, []), *([] if source in read.get(line.field, []) else [source])]
    return {
        "dagster/column_lineage": dg.TableColumnLineage(read),
        "lineage": dg.MetadataValue.md(_drawn(spec)),
    }


def out_of_plan(spec: EntitySpec, plan: str) -> Mapping[str, Any]:
    """Metadata of what is applied: each field that is written to, and ours that it takes its value from."""
    source = entity_key(spec.name, plan)
    written: dict[str, list[dg.TableColumnDep]] = {}
    for kind_map, line in _lines(spec):
        if line.write != _NEVER:
            written.setdefault(_at(kind_map, line), []).append(dg.TableColumnDep(source, line.field))
    return {"dagster/column_lineage": dg.TableColumnLineage(written)}


def _lines(spec: EntitySpec) -> Iterator[tuple[KindMap, Line]]:
    for _, kind_map in sorted(spec.maps.items()):
        for line in kind_map.lines:
            yield kind_map, line


def _name(line: Line) -> str:
    return line.at or line.field


def _at(kind_map: KindMap, line: Line) -> str:
    return f"{kind_map.system}/{kind_map.kind}.{_name(line)}"


def _drawn(spec: EntitySpec) -> str:
    """A row for each of our fields; what is read only says so."""
    places: dict[str, list[str]] = {}
    for kind_map, line in _lines(spec):
        only = " (read only)" if line.write == _NEVER else ""
        places.setdefault(line.field, []).append(f"`{_at(kind_map, line)}`{only}")
    rows = [f"| {name} | {' · '.join(dict.fromkeys(places.get(name, ['nowhere'])))} |" for name in spec.fields]
    return "\n".join(["| field | is kept in |", "|--|--|", *rows])
