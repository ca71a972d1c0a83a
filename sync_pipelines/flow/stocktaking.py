"""What the systems say today is taken as agreed: where they differ, each keeps its own until somebody edits it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.contract import RecordRef
from mappings.book import EntitySpec
from mappings.ownership import Mode
from mappings.values import Value, field_of
from sync_pipelines.identity.relating import relation
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.decisions import Agreement, EntityDecision
from sync_pipelines.model.golden import Because, Decided, Golden
from sync_pipelines.model.parts import project
from sync_pipelines.ownership.deciding import decide_entity
from sync_pipelines.ownership.situation import Cast, Ruling, Situation, ruled

_PATTERNS = 1_000  # ways to differ in one field that are counted each for itself
_OTHERS = "others, each rare"
BLANK: tuple[Value, ...] = (None, [], "")


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that says something else of a field than what stands on day one."""

    entity: str
    entity_id: str
    key: str
    ref: RecordRef
    against: RecordRef | None  # whose value stands; None where another entity said so
    how: str
    said: Value
    stands: Value

    @property
    def pattern(self) -> str:
        """Under what it is counted: the systems, and how the values differ."""
        held = f"{self.ref.system} against {self.against.system}" if self.against else self.ref.system
        return f"{held}: {self.how}"


@dataclass(slots=True)
class FieldReport:
    """How one field stood on day one, over all entities with more than one record. Counted in records."""

    agree: int = 0
    differ: int = 0
    blanks: int = 0  # records in which there is nothing, and an agreed value elsewhere
    blank_in: Counter[str] = field(default_factory=Counter)  # the same by system
    patterns: Counter[str] = field(default_factory=Counter)  # how differing values relate, never what they are
    examples: dict[str, Difference] = field(default_factory=dict)  # by pattern: the first one met

    def blank(self, system: str) -> None:
        """Nothing stands there."""
        self.blanks += 1
        self.blank_in[system] += 1

    def count(self, found: Difference) -> None:
        """It differs."""
        self.differ += 1
        known = found.pattern in self.patterns or len(self.patterns) < _PATTERNS
        pattern = found.pattern if known else _OTHERS
        self.patterns[pattern] += 1
        self.examples.setdefault(pattern, found)


Tell = Callable[[Difference], object]  # of each difference, as it is met


def untold(_: Difference) -> None:
    """Nobody wants to hear of each."""


def take_stock(
    now: datetime,
    spec: EntitySpec,
    entity_id: str,
    claims: Sequence[Claim],
    cast: Cast,
    told: dict[str, FieldReport],
    tell: Tell = untold,
) -> EntityDecision:
    """Golden values and baselines for an entity of which nothing is agreed yet, from its resolved living claims.

    `told` counts, by field, what was found; `tell` hears of each difference.
    """
    situation = Situation(Golden(spec.name, entity_id), tuple(claims), now)
    golden: dict[str, Decided] = {}
    stock = _Stock(spec, entity_id, claims, cast)
    for ruling in decide_entity(spec.ownership, situation, cast):
        decided = _adopted(ruling, situation, cast)
        if decided is None:
            continue
        golden[ruling.key] = decided
        report = told.setdefault(field_of(ruling.key), FieldReport())
        for found in stock.noted(ruling.key, decided, report):
            report.count(found)
            tell(found)
    return EntityDecision(
        entity_id,
        golden=golden,
        agreements=tuple(Agreement(c.ref, c.scope, stock.baselines[c.ref]) for c in claims if stock.baselines[c.ref]),
        settled=False,
    )


def _adopted(ruling: Ruling, situation: Situation, cast: Cast) -> Decided | None:
    """What stands on day one: the value of the first who may decide and has one.

    Nobody is asked about each difference.
    """
    if ruling.rule.mode in (Mode.EACH, Mode.BORROWED):
        return None if ruling.decided is None else replace(ruling.decided, because=Because.ADOPTED)
    speaking = [c for c in situation.among(cast.ranked(ruling.rule.roles)) if c.values.get(ruling.key) not in BLANK]
    if not speaking:
        return None
    return ruled(ruling.rule, speaking[0].values[ruling.key], Because.ADOPTED, speaking[0].system)


@dataclass(slots=True)
class _Stock:
    """The records of one entity, and what becomes their baseline."""

    spec: EntitySpec
    entity_id: str
    claims: Sequence[Claim]
    cast: Cast
    baselines: dict[RecordRef, dict[str, Agreed]] = field(init=False)

    def __post_init__(self) -> None:
        self.baselines = {claim.ref: {} for claim in self.claims}

    def noted(self, key: str, decided: Decided, report: FieldReport) -> Iterator[Difference]:
        """A record that differs keeps its value: the difference is its baseline. A blank has none."""
        for claim in self.claims:
            if key not in claim.values:
                continue
            wanted = project(decided.value, self.cast.parts_of(claim.system, field_of(key)))
            said = claim.values[key]
            if said in BLANK and wanted not in BLANK:
                report.blank(claim.system)
                continue
            self.baselines[claim.ref][key] = Agreed(wanted, said, own=said != wanted)
            if said == wanted:
                report.agree += 1
            else:
                yield self._difference(key, decided, claim.ref, said, wanted)

    def _difference(self, key: str, decided: Decided, ref: RecordRef, said: Value, wanted: Value) -> Difference:
        how = relation(said, wanted, self.spec.fields[field_of(key)])
        same = (c.ref for c in self.claims if c.system == decided.by and c.values.get(key) == decided.value)
        return Difference(self.spec.name, self.entity_id, key, ref, next(same, None), how, said, wanted)
