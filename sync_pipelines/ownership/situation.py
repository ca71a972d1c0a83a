"""What a rule may look at, and what it may answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract import RecordRef
from mappings.ownership import Rule
from mappings.values import Value
from sync_pipelines.model.claims import Claim, Stance
from sync_pipelines.model.golden import Because, Decided, Golden, HandOver, Override
from sync_pipelines.model.parts import Parts, overlay, project
from sync_pipelines.model.questions import Question


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays which role, in which order, and which parts of a value each system keeps."""

    role_of: Mapping[str, str]  # system → role
    ranked: Callable[[tuple[str, ...]], tuple[str, ...]]  # roles → systems, first decides first
    parts: Mapping[tuple[str, str], Parts] = field(default_factory=dict)  # (system, field)
    departments: frozenset[str] = frozenset()  # systems whose map says which department edited a record

    def parts_of(self, system: str, name: str) -> Parts:
        """The parts of a field that a system keeps; None where the value is whole."""
        return self.parts.get((system, name))


@dataclass(frozen=True, slots=True)
class Situation:
    """One entity as it stands: agreed values, and what its primary living records say. References are entity ids."""

    golden: Golden
    claims: tuple[Claim, ...]
    now: datetime
    overrides: Mapping[str, Override] = field(default_factory=dict)
    referred_by: frozenset[str] = frozenset()  # entities that refer to this one
    borrowed: Mapping[tuple[str, str], Value] = field(default_factory=dict)
    asked: Mapping[str, datetime] = field(default_factory=dict)  # open topics, and since when

    @property
    def is_new(self) -> bool:
        """Nothing was ever agreed about it."""
        return not self.golden.fields

    def among(self, systems: Iterable[str]) -> list[Claim]:
        """The claims of these systems, in their order."""
        order = {system: place for place, system in enumerate(systems)}
        mine = [claim for claim in self.claims if claim.system in order]
        return sorted(mine, key=lambda claim: (order[claim.system], claim.scope, claim.ref))


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is decided about one key."""

    key: str
    rule: Rule
    decided: Decided | None  # None: nobody who may has ever said anything
    held: frozenset[RecordRef] = frozenset()  # not written for this key while a question is open
    accepted: frozenset[RecordRef] = frozenset()  # differ, and may: their baseline moves to the difference
    reverted: frozenset[RecordRef] = frozenset()  # edited by one who does not decide; taken back
    question: Question | None = None
    hand_over: HandOver | None = None

    @property
    def value(self) -> Value:
        """The decided value."""
        return None if self.decided is None else self.decided.value


def told(claim: Claim, key: str, golden: Value) -> Value:
    """What a record says of a key, completed by the parts it does not keep."""
    return overlay(golden, claim.values[key])


def agrees(claim: Claim, key: str, golden: Value, cast: Cast, name: str) -> bool:
    """Whether a record is as the golden value wants it, in the parts it keeps."""
    return claim.holds(key, project(golden, cast.parts_of(claim.system, name)))


def speaks(claim: Claim, key: str) -> bool:
    """Whether a record has something to say: a blank of a record that never agreed to anything says nothing yet."""
    stance = claim.stance(key)
    return stance is not Stance.SILENT and not (stance is Stance.FRESH and claim.values[key] in (None, []))


def name_of(claim: Claim) -> str:
    """How a person tells the records of one entity apart."""
    return f"{claim.system}@{claim.scope}" if claim.scope else claim.system


def ruled(rule: Rule, value: Value, because: Because, by: str) -> Decided:
    """A decided value with the place of its rule; run and time are added when it is recorded."""
    return Decided(value=value, because=because, by=by, rule=str(rule.where))


def refs(claims: Iterable[Claim]) -> frozenset[RecordRef]:
    """The addresses of claims."""
    return frozenset(claim.ref for claim in claims)
