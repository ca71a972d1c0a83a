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
class EntityDecision:
    """All that follows for one entity besides its writes."""

    entity_id: str
    couplings: tuple[Coupling, ...] = ()  # found by matching
    golden: Mapping[str, Decided] = field(default_factory=dict)  # only what is new
    agreements: tuple[Agreement, ...] = ()
    hand_overs: tuple[HandOver, ...] = ()
    questions: tuple[Question, ...] = ()
    withdrawn: tuple[str, ...] = ()  # topics of doubts that are gone by themselves
    refers: tuple[tuple[str, str], ...] | None = None  # (entity, id) it refers to; None where no rule asks for that
    early: tuple[Early, ...] | None = None  # what waits for a record of it; None: nobody looked
    settled: bool = True  # nothing is left to do for it once this is recorded
    mark: int = 0  # of its attention when it was looked at; another one later means that this no longer holds
