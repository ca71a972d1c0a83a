"""A ledger that tells what was committed to it: whatever is worth a line in the log is a fact kept here anyway.

So nobody else has to say it, and no line says what was taken back: events of a transaction are told when it is over.
Never a payload or a value is handed on, nor the words in which a system refused a record: those may quote it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from connectors.contract import RecordRef
from monitoring.journal import Happened, Teller, What
from sync_pipelines.ledger.port import LeaseLostError, Ledger
from sync_pipelines.model.changes import OPEN, Change, State
from sync_pipelines.model.questions import Question
from sync_pipelines.model.records import Coupling, Delivery, Lease, OutgoingMessage, Quarantined, RunRecord

_OUTCOMES = {
    State.DONE: What.WRITE_DONE,
    State.UNCERTAIN: What.WRITE_UNCERTAIN,
    State.QUARANTINED: What.WRITE_REFUSED,
    State.DROPPED: What.WRITE_DROPPED,
}
_CREATED = "created"


def telling(ledger: Ledger, tell: Teller, steps: Collection[str] = ()) -> Ledger:
    """The same ledger, which tells. Records of runs of the sorts `steps` are parts of a run, and told by others."""
    return cast("Ledger", _Telling(ledger, tell, steps))


class _Telling:
    """Answers what the ledger answers; what is not named here goes by."""

    def __init__(self, ledger: Ledger, tell: Teller, steps: Collection[str]) -> None:
        self._ledger, self._tell, self._steps = ledger, tell, frozenset(steps)
        self._waiting: list[list[Happened]] = []  # by transaction, the outer one first
        self._begun: dict[str, RunRecord] = {}  # by id
        self._under_way: dict[str, Change] = {}  # by key: intended, and without an outcome
        self._made: dict[tuple[str, str, str], RecordRef] = {}  # entity's id, system, kind → what was created

    def __getattr__(self, name: str) -> Any:
        """All that is not worth a line."""
        found = getattr(self._ledger, name)
        setattr(self, name, found)
        return found

    def _say(self, what: What, **about: Any) -> None:
        if self._waiting:
            self._waiting[-1].append(self._tell.made(what, **about))
        else:
            self._tell(what, **about)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What was said in it is told when it is over, and not at all where it is taken back."""
        self._waiting.append([])
        try:
            with self._ledger.transaction():
                yield
        except BaseException:
            self._waiting.pop()
            raise
        said = self._waiting.pop()
        if self._waiting:
            self._waiting[-1] += said
        else:
            for happened in said:
                self._tell.write(happened)

    # --- runs ---------------------------------------------------------------------------------------------------------

    def start_run(self, run: RunRecord) -> None:
        self._ledger.start_run(run)
        self._begun[run.id] = run
        if run.kind in self._steps:
            return
        self._tell.run = run.id
        self._say(What.RUN_BEGUN, entity=run.entity, task=run.kind)

    def end_run(self, run: str, ended_at: datetime, state: str, says: str, stats: Mapping[str, Any]) -> None:
        self._ledger.end_run(run, ended_at, state, says, stats)
        begun = self._begun.pop(run, None)
        if begun is not None and begun.kind in self._steps:
            return
        about = {"entity": begun.entity, "task": begun.kind} if begun is not None else {}
        counts = {name: told for name, told in stats.items() if isinstance(told, int) and told}
        self._say(What.RUN_ENDED, run=run, **about, state=str(state), says=says, counts=counts)
        self._tell.run = "" if self._tell.run == run else self._tell.run

    # --- the right to write -------------------------------------------------------------------------------------------

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> Lease | None:
        lease = self._ledger.acquire(name, holder, now, until)
        place = _place(name)
        if place and lease is not None:
            self._say(What.LEASE_TAKEN, **place, key=f"{name}#{lease.token}")
        elif place:
            self._say(What.LEASE_REFUSED, **place)
        return lease

    def renew(self, lease: Lease, now: datetime, until: datetime) -> Lease:
        try:
            return self._ledger.renew(lease, now, until)
        except LeaseLostError:
            self._fenced(lease)
            raise

    def _fenced(self, lease: Lease) -> None:
        """Told at once: the transaction it happened in, if any, is about to be taken back."""
        self._tell(What.LEASE_FENCED, **_place(lease.name), key=f"{lease.name}#{lease.token}")

    # --- writes -------------------------------------------------------------------------------------------------------

    def intend(self, changes: Sequence[Change], lease: Lease, now: datetime) -> None:
        try:
            self._ledger.intend(changes, lease, now)
        except LeaseLostError:
            self._fenced(lease)
            raise
        for change in changes:
            self._under_way[change.key] = change
            self._say(What.WRITE_SENT, **_of(change))

    def changes(self, **asked: Any) -> Sequence[Change]:
        """Recovery asks for those whose outcome is not known, and will tell it."""
        found = self._ledger.changes(**asked)
        self._under_way |= {change.key: change for change in found if change.state in OPEN}
        return found

    def couple(self, couplings: Sequence[Coupling]) -> None:
        self._ledger.couple(couplings)
        made = [one for one in couplings if one.because == _CREATED]
        self._made |= {(one.entity_id, one.ref.system, one.ref.kind): one.ref for one in made}

    def resolve(self, outcomes: Sequence[tuple[str, State, str]]) -> None:
        self._ledger.resolve(outcomes)
        for key, state, _ in outcomes:
            change = self._under_way.pop(key, None)
            if change is not None and state in _OUTCOMES:
                about = _of(change)
                made = self._made.pop((change.entity_id, change.system, change.kind), None)
                self._say(_OUTCOMES[state], **about | ({"record": str(made)} if made else {}), state=str(state))

    def quarantine(self, entries: Sequence[Quarantined]) -> None:
        self._ledger.quarantine(entries)
        for one in entries:
            about = {"entity": one.entity, **_at(one.ref), "key": one.change}
            self._say(What.RECORD_QUARANTINED, **about, reason=one.reason, field=one.field)

    # --- people -------------------------------------------------------------------------------------------------------

    def ask(self, questions: Sequence[Question]) -> Sequence[str]:
        """One that stands already is not told again."""
        known = self._open({(one.entity, one.entity_id) for one in questions})
        ids = self._ledger.ask(questions)
        for name, one in zip(ids, questions, strict=True):
            if name not in known:
                about = {"entity": one.entity, "entity_id": one.entity_id}
                self._say(What.QUESTION_ASKED, **about, key=name, reason=str(one.about))
                known[name] = one
        return ids

    def answer(self, question_id: str, answer: str, by: str, at: datetime) -> None:
        """Neither who said it nor what: the one is a person, the other may be a value."""
        one = self._ledger.question(question_id)
        self._ledger.answer(question_id, answer, by, at)
        about = {"entity": one.entity, "entity_id": one.entity_id, "reason": str(one.about)} if one else {}
        self._say(What.QUESTION_ANSWERED, key=question_id, **about)

    def withdraw(self, entity: str, topics: Sequence[tuple[str, str]]) -> None:
        known = self._open({(entity, entity_id) for entity_id, _ in topics})
        self._ledger.withdraw(entity, topics)
        for one in known.values():
            if (one.entity_id, one.topic) in set(topics):
                about = {"entity": one.entity, "entity_id": one.entity_id, "reason": str(one.about)}
                self._say(What.QUESTION_WITHDRAWN, key=one.id, **about)

    def _open(self, about: Collection[tuple[str, str]]) -> dict[str, Question]:
        found: dict[str, Question] = {}
        for entity in sorted({entity for entity, _ in about}):
            ids = sorted(entity_id for one, entity_id in about if one == entity)
            found |= {one.id: one for one in self._ledger.questions(entity=entity, entity_ids=ids)}
        return found

    # --- alerts and announcements -------------------------------------------------------------------------------------

    def sent(self, message: OutgoingMessage, at: datetime | None) -> None:
        self._ledger.sent(message, at)
        """By the name of the alert: the rest of its key may be a code out of a record."""
        what = What.ALERT_SENT if at is not None else What.ALERT_UNSENT
        facts = message.facts.get("alert", {}).get("facts", {})
        about = {name: str(facts[name]) for name in ("entity", "system") if facts.get(name)}
        state = str(message.facts.get("word", ""))
        self._say(what, **about, reason=message.alert.partition(":")[0], channel=message.channel, state=state)

    def receive(self, delivery: Delivery) -> bool:
        fresh = self._ledger.receive(delivery)
        if fresh:
            self._say(What.WEBHOOK_RECEIVED, system=delivery.system, key=delivery.id)
        return fresh


def _place(lease: str) -> dict[str, Any]:
    """`erp/Customer`; other leases keep two chores apart and are nobody's news."""
    system, slash, kind = lease.partition("/")
    return {"system": system, "kind": kind} if slash else {}


def _at(ref: RecordRef) -> dict[str, Any]:
    return {"system": ref.system, "kind": ref.kind, "record": str(ref)}


def _of(change: Change) -> dict[str, Any]:
    """With the run that sent it. A record that is about to be made has no id yet."""
    ref = RecordRef(change.system, change.kind, change.record_id)
    return {
        "run": change.run,
        "entity": change.entity,
        "entity_id": change.entity_id,
        "op": str(change.op),
        "key": change.key,
        **(_at(ref) if change.record_id else {"system": change.system, "kind": change.kind}),
    }
