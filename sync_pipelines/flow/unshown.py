"""Fields by which records are known and that a system does not show us: meanwhile nobody there is like anybody."""

from collections.abc import Iterator

from connectors.contract import KindDescription
from mappings.book import EntitySpec
from mappings.fieldmap import KindMap, Line
from mappings.matching import Matching
from mappings.values import field_of
from sync_pipelines.flow.metadata import Metadata
from sync_pipelines.flow.run import House
from sync_pipelines.ledger.port import Ledger

_PART = 1000  # entities looked at together


def unshown(house: House, spec: EntitySpec) -> list[str]:
    """Which system does not show what, for people.

    A field that is empty everywhere may be in no payload either: only one that the system does not describe, and of
    which no record that is there says anything, is not shown. A system that cannot be asked is believed to show all.
    """
    maps = {system: kind_map for system, kind_map in spec.maps.items() if system in house.connectors}
    described = Metadata(house.connectors).of({(system, one.kind) for system, one in maps.items()})
    found = {
        system: list(_undescribed(one, known_by(spec.matching), described.get((system, one.kind))))
        for system, one in maps.items()
    }
    said = _said(house.ledger, spec.name) if any(found.values()) else {}
    return [
        f"{system}/{maps[system].kind} does not show {at}, by which records are known"
        for system, lines in sorted(found.items())
        for line, at in lines
        if system in said and line.field not in said[system]
    ]


def known_by(matching: Matching) -> frozenset[str]:
    """All fields by which records are recognised."""
    weighed = matching.scoring.fields if matching.scoring else ()
    return frozenset(name for level in matching.levels for name in level.fields).union(weighed)


def _undescribed(
    kind_map: KindMap, wanted: frozenset[str], about: KindDescription | None
) -> Iterator[tuple[Line, str]]:
    if about is None:
        return
    shown = {_first(name) for name in about.fields}
    for line in kind_map.lines:
        hidden = sorted({_first(at) for at in _leads_to(line)} - shown)
        if line.field in wanted and hidden:
            yield line, ", ".join(hidden)


def _leads_to(line: Line) -> list[str]:
    """Where in the payload it begins; an address without a place of its own begins where its parts do."""
    return [line.at] if line.at else [at for inner in line.lines for at in _leads_to(inner)]


def _first(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _said(ledger: Ledger, entity: str) -> dict[str, set[str]]:
    """By system that has a living record: the fields of which one of them says something, be it that it is empty."""
    said: dict[str, set[str]] = {}
    for page in ledger.entity_id_pages(entity, _PART):
        for claims in ledger.claims_of(entity, page).values():
            for claim in claims:
                if not claim.gone:
                    said.setdefault(claim.system, set()).update(map(field_of, claim.values))
    return said
