"""What a plan decided becomes true when it is applied: in commits of its own, before anything of it is sent."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sync_pipelines.flow import early
from sync_pipelines.flow.referring import note_references
from sync_pipelines.ledger.port import Ledger, TakenError
from sync_pipelines.model.decisions import EntityDecision

_CHUNK = 500


@dataclass(slots=True)
class Committing:
    """Commits page by page, as far as writing asks for it: the first call need not wait for the last decision."""

    pages: Iterator[Sequence[EntityDecision]]
    commit: Callable[[Sequence[EntityDecision]], frozenset[str]]  # answers the entities that have to wait
    left: set[str] = field(default_factory=set)
    _met: set[str] = field(default_factory=set)

    def waiting(self, entity_ids: Collection[str]) -> set[str]:
        """Which of these have to wait, once all that was decided about them is committed."""
        wanted = set(entity_ids)
        while not wanted <= self._met and (page := next(self.pages, None)) is not None:
            self.left |= self.commit(page)
            self._met |= {decision.entity_id for decision in page}
        return self.left & wanted

    def finish(self) -> set[str]:
        """All that have to wait, once everything is committed."""
        for page in self.pages:
            self.left |= self.commit(page)
        return self.left


def commit_decisions(
    ledger: Ledger, entity: str, decisions: Sequence[EntityDecision], run: str, now: datetime
) -> frozenset[str]:
    """Record couplings, golden values, baselines, hand-overs and questions. Answers the entities that have to wait.

    An entity about which something changed since it was looked at, or whose coupling somebody else took meanwhile, is
    left for the next plan, and alone.
    """
    left: set[str] = set()
    for chunk in _chunks(decisions):
        try:
            with ledger.transaction():
                left |= _commit(ledger, entity, chunk, run, now)
        except TakenError:
            left |= _one_by_one(ledger, entity, chunk, run, now)
    return frozenset(left)


def _one_by_one(ledger: Ledger, entity: str, chunk: Sequence[EntityDecision], run: str, now: datetime) -> set[str]:
    left: set[str] = set()
    for decision in chunk:
        try:
            with ledger.transaction():
                left |= _commit(ledger, entity, [decision], run, now)
        except TakenError:
            left.add(decision.entity_id)
    return left


def _commit(ledger: Ledger, entity: str, looked_at: Sequence[EntityDecision], run: str, now: datetime) -> set[str]:
    marks = ledger.marks(entity, [d.entity_id for d in looked_at])
    chunk = [d for d in looked_at if marks.get(d.entity_id, 0) == d.mark]
    _part(ledger, entity, chunk, run, now)
    ledger.couple([replace(c, run=run, at=now) for d in chunk for c in d.couplings])
    golden = {
        d.entity_id: {key: replace(word, run=run, at=now) for key, word in d.golden.items()} for d in chunk if d.golden
    }
    ledger.decide(entity, golden)
    ledger.agree([(a.ref, entity, a.scope, a.baseline) for d in chunk for a in d.agreements])
    ledger.hand_over([replace(h, run=run, at=now) for d in chunk for h in d.hand_overs])
    ledger.ask([replace(q, asked_at=now) for d in chunk for q in d.questions])
    freed = _freed(ledger, entity, chunk)
    ledger.withdraw(entity, [(d.entity_id, topic) for d in chunk for topic in d.withdrawn])
    note_references(ledger, entity, {d.entity_id: d.refers for d in chunk if d.refers is not None})
    early.note(ledger, entity, {d.entity_id: d.early for d in chunk if d.early is not None}, now)
    ledger.settle(entity, [d.entity_id for d in chunk if d.settled])
    ledger.attend(entity, [*(d.entity_id for d in chunk if not d.settled), *freed])
    return {d.entity_id for d in looked_at} - {d.entity_id for d in chunk}


def _freed(ledger: Ledger, entity: str, chunk: Sequence[EntityDecision]) -> list[str]:
    """Whoever waited for the answer to a question that nobody asks any more."""
    gone = {(d.entity_id, topic) for d in chunk for topic in d.withdrawn}
    if not gone:
        return []
    asked = ledger.questions(entity=entity, entity_ids=sorted({entity_id for entity_id, _ in gone}))
    told = {other for q in asked if (q.entity_id, q.topic) in gone for other in q.others}
    return sorted(told - {d.entity_id for d in chunk})


def _part(ledger: Ledger, entity: str, chunk: Sequence[EntityDecision], run: str, now: datetime) -> None:
    """What a person told apart: those who leave are free before anybody is coupled, and stay apart."""
    for decision in (d for d in chunk if d.uncouples or d.apart or d.referrers):
        ledger.uncouple(entity, decision.uncouples)
        for apart in decision.apart:
            ledger.keep_apart(entity, [(apart.one, apart.two)], apart.by, now)
        for one in decision.referrers:
            meant = {key: replace(word, run=run, at=now) for key, word in one.golden.items()}
            ledger.decide(one.entity, {one.entity_id: meant} if meant else {})
            ledger.agree([(a.ref, one.entity, a.scope, a.baseline) for a in one.agreements])
            ledger.attend(one.entity, [one.entity_id])


def _chunks(decisions: Sequence[EntityDecision]) -> Iterator[Sequence[EntityDecision]]:
    for start in range(0, len(decisions), _CHUNK):
        yield decisions[start : start + _CHUNK]
