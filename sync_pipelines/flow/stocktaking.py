"""What the systems say today is taken as agreed: where they differ, each keeps its own until somebody edits it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.contract import RecordRef
from mappings.book import EntitySpec
from mappings.ownership import Mode
from mappings.values import Value, field_of
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.decisions import Agreement, EntityDecision
from sync_pipelines.model.golden import Because, Decided, Golden
from sync_pipelines.model.parts import project
from sync_pipelines.ownership.deciding import decide_entity
from sync_pipelines.ownership.situation import Cast, Ruling, Situation, ruled

_SHAPES = 1_000  # of differences in one field that are counted each for itself
_OTHERS = "others, each rare"
_BLANK: tuple[Value, ...] = (None, [], "")


@dataclass(slots=True)
class FieldReport:
    """How one field stood on day one, over all entities with more than one record."""

    agree: int = 0
    differ: int = 0
    blanks: int = 0  # records in which an agreed value will be filled in
    patterns: Counter[str] = field(default_factory=Counter)  # how differing values look, never what they are


def take_stock(
    now: datetime, spec: EntitySpec, entity_id: str, claims: Sequence[Claim], cast: Cast, told: dict[str, FieldReport]
) -> EntityDecision:
    """Golden values and baselines for an entity of which nothing is agreed yet, from its resolved living claims.

    `told` counts, by field, what was found.
    """
    situation = Situation(Golden(spec.name, entity_id), tuple(claims), now)
    golden: dict[str, Decided] = {}
    baselines: dict[RecordRef, dict[str, Agreed]] = {claim.ref: {} for claim in claims}
    for ruling in decide_entity(spec.ownership, situation, cast):
        decided = _adopted(ruling, situation, cast)
        if decided is None:
            continue
        golden[ruling.key] = decided
        _note(
            ruling.key,
            decided.value,
            claims,
            cast,
            baselines,
            told.setdefault(field_of(ruling.key), FieldReport()),
        )
    return EntityDecision(
        entity_id,
        golden=golden,
        agreements=tuple(Agreement(c.ref, c.scope, baselines[c.ref]) for c in claims if baselines[c.ref]),
        settled=False,
    )


def _adopted(ruling: Ruling, situation: Situation, cast: Cast) -> Decided | None:
    """What stands on day one: the value of the first who may decide and has one.

    Nobody is asked about each difference.
    """
    if ruling.rule.mode in (Mode.EACH, Mode.BORROWED):
        return None if ruling.decided is None else replace(ruling.decided, because=Because.ADOPTED)
    speaking = [c for c in situation.among(cast.ranked(ruling.rule.roles)) if c.values.get(ruling.key) not in _BLANK]
    if not speaking:
        return None
    return ruled(ruling.rule, speaking[0].values[ruling.key], Because.ADOPTED, speaking[0].system)


def _note(
    key: str,
    value: Value,
    claims: Sequence[Claim],
    cast: Cast,
    baselines: Mapping[RecordRef, dict[str, Agreed]],
    report: FieldReport,
) -> None:
    """A record that differs keeps its value: the difference is its baseline. A blank has none, and will be filled."""
    for claim in claims:
        if key not in claim.values:
            continue
        wanted = project(value, cast.parts_of(claim.system, field_of(key)))
        said = claim.values[key]
        if said in _BLANK and wanted not in _BLANK:
            report.blanks += 1
            continue
        baselines[claim.ref][key] = Agreed(wanted, said, own=said != wanted)
        if said == wanted:
            report.agree += 1
        else:
            report.differ += 1
            shape = f"{claim.system}: {_difference(said, wanted)}"
            known = shape in report.patterns or len(report.patterns) < _SHAPES
            report.patterns[shape if known else _OTHERS] += 1


def _difference(said: Value, wanted: Value) -> str:
    """How two values look; of two that have parts: in which parts they differ, and how where it is one alone."""
    if isinstance(said, dict) and isinstance(wanted, dict):
        parts = [name for name in dict.fromkeys((*wanted, *said)) if said.get(name) != wanted.get(name)]
        if len(parts) > 1:
            return f"≠ in {', '.join(parts)}"
        if parts:
            return f"{parts[0]}: {_difference(said.get(parts[0]), wanted.get(parts[0]))}"
    return f"{_pattern(said)} ≠ {_pattern(wanted)}"


def _pattern(value: Value) -> str:
    """How a value looks: letters as A or a, digits as 9, and no more than the beginning."""
    if value in _BLANK:
        return "nothing"
    if isinstance(value, list):
        return f"{len(value)} items"
    if isinstance(value, dict):
        return "{" + ", ".join(name for name in value if value[name] is not None) + "}"
    shape = re.sub(r"[^\W\d_]", lambda m: "A" if m[0].isupper() else "a", re.sub(r"\d", "9", str(value)))
    return re.sub(r"(.)\1{3,}", r"\1\1\1…", shape)[:24]
