"""Plans, their verdicts, and the life of each change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sync_pipelines.ledger.port import LeaseLostError, LedgerError, TakenError
from sync_pipelines.ledger.shelves import APPROVAL, CHANGE, DECISION, LEASE, PART, PLAN, PlanDecision, PlanPart
from sync_pipelines.ledger.store import Kept, writes, writes_all
from sync_pipelines.model.changes import Approval, Change, Op, Part, State
from sync_pipelines.model.decisions import EntityDecision
from sync_pipelines.model.records import Lease, PlanHead

_UNSENT = frozenset({State.DROPPED, State.QUARANTINED})
_AFTER: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.PLANNED: _UNSENT,
        State.INTENDED: _UNSENT | {State.DONE, State.UNCERTAIN},
        State.UNCERTAIN: _UNSENT | {State.DONE, State.UNCERTAIN},
        **{final: frozenset({final}) for final in (State.DONE, State.DROPPED, State.QUARANTINED)},
    }
)


class Plans(Kept):
    """What is to be written, who gave leave, and what became of it."""

    @writes
    def save_plan(self, head: PlanHead, changes: Sequence[Change], decisions: Sequence[EntityDecision] = ()) -> None:
        older = self._store.pick(PLAN, {"entity": [head.entity], "state": ["drafting", "planned", "judged"]}, ("id",))
        self._supersede([plan for (plan,) in older if plan != head.id])
        self._keep_part(head, changes, decisions)

    @writes
    def draft_plan(self, head: PlanHead, changes: Sequence[Change], decisions: Sequence[EntityDecision]) -> None:
        self._keep_part(replace(head, state="drafting"), changes, decisions)

    def _keep_part(self, head: PlanHead, changes: Sequence[Change], decisions: Sequence[EntityDecision]) -> None:
        foreign = next((change for change in changes if change.plan != head.id), None)
        if foreign is not None:
            raise LedgerError(f"change {foreign.key} is of plan {foreign.plan!r}, not of {head.id}")
        begun = self.plan(head.id)
        if begun is not None and begun.state != "drafting":
            raise TakenError(f"plan {head.id} of {head.entity} is {begun.state} already: it takes no further part")
        self._store.put(PLAN, [head])
        self._store.add(CHANGE, changes)
        self._store.add(DECISION, [PlanDecision(head.id, each.entity_id, each) for each in decisions])

    def decisions(self, plan: str) -> Sequence[EntityDecision]:
        return [each.decision for each in self._store.find(DECISION, {"plan": [plan]})]

    def decision_pages(self, plan: str, size: int = 2_000) -> Iterator[Sequence[EntityDecision]]:
        for page in self._store.pages(DECISION, {"plan": [plan]}, size):
            yield [each.decision for each in page]

    def change_pages(
        self, plan: str, size: int = 2_000, *, system: str = "", op: Op | None = None
    ) -> Iterator[Sequence[Change]]:
        asked = {"plan": plan, "system": system, "op": op}
        yield from self._store.pages(CHANGE, {column: [value] for column, value in asked.items() if value}, size)

    def _supersede(self, plans: Sequence[str]) -> None:
        self._store.amend(PLAN, ("id",), [((plan,), {"state": "superseded"}) for plan in plans])
        dropped = {"state": State.DROPPED, "reason": "superseded by a newer plan"}
        self._store.amend(CHANGE, ("plan", "state"), [((plan, State.PLANNED), dropped) for plan in plans])
        if plans:
            self._store.clear(DECISION, {"plan": plans})

    def plan(self, plan: str) -> PlanHead | None:
        return self._store.get(PLAN, [(plan,)]).get((plan,))

    def plans(self, entity: str = "", limit: int = 20) -> Sequence[PlanHead]:
        return self._store.find(PLAN, {"entity": [entity]} if entity else {}, newest=limit)

    @writes
    def judge(self, plan: str, parts: Sequence[Part]) -> None:
        if self.plan(plan) is None:
            raise LedgerError(f"plan {plan} is not in the ledger: it cannot be judged")
        known = self._store.find(PART, {"plan": [plan]})
        self._store.drop(PART, [(plan, each.part.id) for each in known])
        self._store.add(PART, [PlanPart(plan, part) for part in parts])
        self._store.amend(PLAN, ("id",), [((plan,), {"judged": True, "state": "judged"})])

    def parts(self, plan: str) -> Sequence[Part]:
        return [each.part for each in self._store.find(PART, {"plan": [plan]})]

    @writes
    def approve(self, approval: Approval) -> None:
        self._store.add(APPROVAL, [approval])

    def approvals(self) -> Sequence[Approval]:
        return self._store.find(APPROVAL, {})[::-1]

    @writes
    def close_plan(self, plan: str, state: str) -> None:
        if self.plan(plan) is None:
            raise LedgerError(f"plan {plan} is not in the ledger: it cannot be closed")
        if state == "superseded":
            self._supersede([plan])
        else:
            self._store.amend(PLAN, ("id",), [((plan,), {"state": state})])

    def changes(
        self,
        *,
        plan: str = "",
        run: str = "",
        entity: str = "",
        entity_id: str = "",
        entity_ids: Sequence[str] = (),
        system: str = "",
        states: Sequence[State] = (),
    ) -> Sequence[Change]:
        asked = {"plan": plan, "run": run, "entity": entity, "entity_id": entity_id, "system": system}
        where: dict[str, Any] = {column: [value] for column, value in asked.items() if value}
        if entity_ids:
            where["entity_id"] = set(entity_ids)
        if states:
            where["state"] = states
        return self._store.find(CHANGE, where)

    @writes
    def intend(self, changes: Sequence[Change], lease: Lease, now: datetime) -> None:
        self._check_lease(lease, now)
        self._check_states([(each.key, State.INTENDED) for each in changes], {State.PLANNED: {State.INTENDED}})
        self._store.amend(CHANGE, ("key",), [((each.key,), _intended(each, now)) for each in changes])

    def _check_lease(self, lease: Lease, now: datetime) -> None:
        standing = self._store.get(LEASE, [(lease.name,)]).get((lease.name,))
        if standing is None or not ours(standing, lease, now):
            raise LeaseLostError(f"{lease.name}: {lease.holder} no longer has the right to write (token {lease.token})")

    @writes_all
    def resolve(self, outcomes: Sequence[tuple[str, State, str]]) -> None:
        self._check_states([(key, state) for key, state, _ in outcomes], _AFTER)
        changes = [((key,), {"state": state, "reason": reason}) for key, state, reason in outcomes]
        self._store.amend(CHANGE, ("key",), changes)

    def _check_states(
        self, wanted: Sequence[tuple[str, State]], after: Mapping[State, frozenset[State] | set[State]]
    ) -> None:
        """A change lives forwards: what is done stays done, and only what was planned is intended."""
        known = dict(self._store.pick(CHANGE, {"key": {key for key, _ in wanted}}, ("key", "state")))
        for key, state in wanted:
            if key not in known:
                raise LedgerError(f"change {key} is in no plan of the ledger")
            if state not in after.get(known[key], ()):
                raise LedgerError(f"change {key} is {known[key]}: it cannot become {state}")


def ours(standing: Lease, lease: Lease, now: datetime) -> bool:
    """Whether the lease in the ledger is still the one in hand."""
    return (standing.holder, standing.token) == (lease.holder, lease.token) and standing.until > now


def _intended(change: Change, now: datetime) -> dict[str, Any]:
    """What an intent adds to a planned change; fields and record stay as they were judged."""
    return {
        "state": State.INTENDED,
        "payload": change.payload,
        "version": change.version,
        "create_key": change.create_key,
        "run": change.run,
        "sent_at": now,
    }
