"""What a plan has decided about one entity: kept with the plan, and true only once the plan is applied."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.contract import RecordRef
from sync_pipelines.model.claims import Agreed
from sync_pipelines.model.early import Early
from sync_pipelines.model.golden import Decided, HandOver
from sync_pipelines.model.questions import Question
from sync_pipelines.model.records import Coupling


@dataclass(frozen=True, slots=True)
class Agreement:
    """A baseline that moves without a write.

    The record already says what was decided, or its difference is accepted.
    """

    ref: RecordRef
    scope: str
    baseline: Mapping[str, Agreed]
    accepted: bool = False  # a difference, reported


@dataclass(frozen=True, slots=True)
class Apart:
    """Two that a person keeps apart: record addresses or entity ids."""

    one: str
    two: str
    by: str


@dataclass(frozen=True, slots=True)
class Referrer:
    """Another entity that refers to this one, has to be looked at again, and may mean another one from now on."""

    entity: str
    entity_id: str
    golden: Mapping[str, Decided] = field(default_factory=dict)
    agreements: tuple[Agreement, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityDecision:
    """All that follows for one entity besides its writes."""

    entity_id: str
    uncouples: tuple[RecordRef, ...] = ()  # records that leave it, before anything is coupled
    couplings: tuple[Coupling, ...] = ()  # found by matching
    golden: Mapping[str, Decided] = field(default_factory=dict)  # only what is new
    agreements: tuple[Agreement, ...] = ()
    hand_overs: tuple[HandOver, ...] = ()
    questions: tuple[Question, ...] = ()
    withdrawn: tuple[str, ...] = ()  # topics of doubts that are gone by themselves
    refers: tuple[tuple[str, str], ...] | None = None  # (entity, id) it refers to; None where no rule asks for that
    early: tuple[Early, ...] | None = None  # what waits for a record of it; None: nobody looked
    apart: tuple[Apart, ...] = ()
    referrers: tuple[Referrer, ...] = ()
    settled: bool = True  # nothing is left to do for it once this is recorded
    mark: int = 0  # of its attention when it was looked at; another one later means that this no longer holds
