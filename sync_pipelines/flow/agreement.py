"""How far the systems agree with what was decided: by the ledger alone, as systems were when last read."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from connectors.contract import RecordRef
from mappings.book import Book, EntitySpec, WriteSwitch
from mappings.values import field_of, scope_of
from sync_pipelines.flow.casting import cast_of
from sync_pipelines.flow.chores import RECONCILE, chore
from sync_pipelines.flow.totals import Total, Totals
from sync_pipelines.flow.wishes import entities_named
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.port import Ledger, TakenError
from sync_pipelines.model.changes import OPEN, RunState, State
from sync_pipelines.model.claims import ARCHIVED, Claim, Stance
from sync_pipelines.model.golden import Golden
from sync_pipelines.model.parts import Parts, project
from sync_pipelines.model.records import RunRecord

_AT_ONCE = 500  # entities
_LISTED = 200  # drifts that are told one by one
_KIND = "reconcile"
_EDITED, _NEVER = "edited there since it last agreed", "never agreed on it"
UNEXPLAINED = (_EDITED, _NEVER)  # nothing that is known will bring these into agreement


@dataclass(frozen=True, slots=True)
class Drift:
    """A record that says something else than was decided, and why it does."""

    ref: RecordRef
    entity_id: str
    keys: tuple[str, ...]
    cause: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """One entity: records that hold every golden value they speak of, of all that are compared."""

    entity: str
    at: datetime
    compared: int = 0
    in_sync: int = 0
    causes: Mapping[str, int] = field(default_factory=dict)
    drifts: Sequence[Drift] = ()  # the first of them
    totals: Sequence[Total] = ()

    @property
    def unexplained(self) -> int:
        """Records that differ, and nothing that is known will change that."""
        return sum(self.causes.get(cause, 0) for cause in UNEXPLAINED)

    @property
    def share(self) -> float:
        """1 where there is nothing to compare."""
        return self.in_sync / self.compared if self.compared else 1.0


def percent(agreement: Agreement) -> str:
    """Never rounded up to all of them."""
    return f"{int(agreement.share * 1000) / 10:g} %"


def agreement_of(ledger: Ledger, book: Book, entity: str, now: datetime) -> Agreement:
    """Compare every record with what was decided on its entity."""
    compared, causes, drifts = 0, Counter[str](), list[Drift]()
    reasons, totals = _Reasons(ledger, book, book.entities[entity]), Totals(book.entities[entity])
    for claim, golden, keys in _compared(ledger, book, book.entities[entity]):
        compared += 1
        totals.add(claim)
        if keys:
            drift = Drift(claim.ref, claim.entity_id, keys, reasons.why(claim, keys, golden))
            causes[drift.cause] += 1
            drifts += [drift] if len(drifts) < _LISTED else []
    in_sync, why = compared - causes.total(), dict(causes.most_common())
    return Agreement(entity, now, compared, in_sync, why, drifts, tuple(totals.told()))


def _compared(ledger: Ledger, book: Book, spec: EntitySpec) -> Iterator[tuple[Claim, Golden, tuple[str, ...]]]:
    """Records of entities on which something was decided, with the keys in which they differ."""
    resolver, parts = Resolver(ledger, book), cast_of(book, spec).parts
    for some in ledger.entity_id_pages(spec.name, _AT_ONCE):
        decided = ledger.golden_of(spec.name, some)
        claims = [claim for told in ledger.claims_of(spec.name, some).values() for claim in told]
        for claim in resolver.resolve(spec.name, [c for c in claims if c.primary and not c.gone]):
            golden = decided.get(claim.entity_id)
            if golden is not None and claim.values.get(ARCHIVED) is not True:
                yield claim, golden, tuple(_differing(claim, golden, parts))


def _differing(claim: Claim, golden: Golden, parts: Mapping[tuple[str, str], Parts]) -> Iterator[str]:
    for key, decided in sorted(golden.fields.items()):
        if key.startswith("_") or key not in claim.values:
            continue
        if scope_of(key) and claim.scope and scope_of(key) != claim.scope:
            continue
        wanted = project(decided.value, parts.get((claim.system, field_of(key))))
        if claim.values[key] != wanted and not claim.holds(key, decided.value):
            yield key


class _Reasons:
    """Why records differ, as far as the ledger knows; the first that fits."""

    def __init__(self, ledger: Ledger, book: Book, spec: EntitySpec) -> None:
        self._book, self._spec = book, spec
        self._stuck = {entry.ref: entry.reason for entry in ledger.quarantined(entity=spec.name)}
        self._open = {(c.system, c.entity_id) for c in ledger.changes(entity=spec.name, states=OPEN)}
        self._asked = {question.entity_id for question in ledger.questions(entity=spec.name)}
        self._waiting = frozenset(ledger.attended(spec.name))
        newest = next(iter(ledger.plans(spec.name, 1)), None)
        planned = ledger.changes(plan=newest.id, states=(State.PLANNED,)) if newest else []
        self._planned = {(c.system, c.entity_id) for c in planned}

    def why(self, claim: Claim, keys: Sequence[str], golden: Golden) -> str:
        """The cause that a person would look at first."""
        place = (claim.system, claim.entity_id)
        told = (
            (claim.ref in self._stuck, f"in quarantine ({self._stuck.get(claim.ref, '')})"),
            (place in self._open, "a write without a known outcome"),
            (claim.entity_id in self._asked, "a question waits for a steward"),
            (self._switch(claim) is WriteSwitch.OFF, "its system is not written to (write: off)"),
            (place in self._planned, "planned, and not sent yet"),
            (all(self._is_fixed(claim, key) for key in keys), "its map never writes the field"),
            (any(claim.stance(key) is Stance.MOVED for key in keys), _EDITED),
            (golden.entity_id in self._waiting, "the next run looks at it"),
        )
        return next((cause for fits, cause in told if fits), _NEVER)

    def _switch(self, claim: Claim) -> WriteSwitch:
        return self._book.systems[claim.system].switch(self._spec.name)

    def _is_fixed(self, claim: Claim, key: str) -> bool:
        lines = self._spec.maps[claim.system].lines if claim.system in self._spec.maps else ()
        return all(line.write == "never" for line in lines if line.field == field_of(key))


def reconcile(ledger: Ledger, book: Book, now: datetime, entities: Sequence[str] = ()) -> Sequence[Agreement]:
    """Compare everything, or these entities, and keep the figures."""
    if entities:
        found = [agreement_of(ledger, book, entity, now) for entity in entities_named(book, entities)]
        for agreement in found:
            keep(ledger, agreement)
        return found
    with chore(ledger, RECONCILE, lambda: now):
        found = [agreement_of(ledger, book, entity, now) for entity in book.entities]
        for agreement in found:
            keep(ledger, agreement)
    return found


# --- kept ------------------------------------------------------------------------------------------------------------


def keep(ledger: Ledger, agreement: Agreement) -> None:
    """The figures, as those of this night; which records differ is found anew when somebody asks."""
    figures = {name: told for name, told in asdict(agreement).items() if name not in ("drifts", "at")}
    run = f"{agreement.entity}.agreement.{agreement.at:%Y%m%dT%H%M%S%f}"
    with suppress(TakenError), ledger.transaction():
        ledger.start_run(RunRecord(run, _about(agreement.entity), _KIND, agreement.at))
        ledger.end_run(run, agreement.at, RunState.COMPLETE, "", figures)


def kept(ledger: Ledger, entity: str) -> Agreement | None:
    """As it was when somebody last compared."""
    return next(iter(history(ledger, entity, 1)), None)


def history(ledger: Ledger, entity: str, limit: int = 90) -> Sequence[Agreement]:
    """As it was night by night, newest first."""
    ended = [run for run in ledger.runs(_about(entity), limit) if run.ended_at is not None]
    return [_from(run) for run in ended]


def _from(run: RunRecord) -> Agreement:
    return Agreement(**{**run.stats, "totals": tuple(map(_total, run.stats["totals"])), "at": run.started_at})


def _total(said: Mapping[str, Any]) -> Total:
    return Total(**{**said, "systems": tuple(said["systems"]), "sums": tuple(said["sums"])})


def _about(entity: str) -> str:
    return f"{entity}/agreement"
