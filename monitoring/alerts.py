"""What becomes of a problem in time: told once, told again by a schedule, escalated, acknowledged, told when it heals.

Pure: the state of every alert comes in and goes out, and so do the messages. One alert for one problem.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitoring.problems import Problem, Severity


class Word(StrEnum):
    """What a message is."""

    NEW = "new"
    AGAIN = "still"
    ESCALATED = "escalated"
    HEALED = "resolved"


@dataclass(frozen=True, slots=True)
class AlertState:
    """One problem as people know it."""

    key: str
    since: datetime
    says: str
    severity: str
    seen_at: datetime  # when it was last found
    told_at: datetime | None = None  # when somebody was last told
    times: int = 0
    escalated_at: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_until: datetime | None = None
    over_at: datetime | None = None
    channels: tuple[str, ...] = ()  # who was told, and is told when it heals
    facts: Mapping[str, str] = field(default_factory=dict)  # entity, system, steward, run, command, runbook


@dataclass(frozen=True, slots=True)
class Route:
    """Who is told of what. Empty: of everything. The first route that fits counts."""

    channels: tuple[str, ...]
    severities: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    stewards: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    escalate_to: tuple[str, ...] = ()

    def fits(self, problem: Problem) -> bool:
        """Whether it is about this problem."""
        asked = (
            (self.severities, problem.kind.severity.value),
            (self.systems, problem.system),
            (self.entities, problem.entity),
            (self.stewards, problem.steward),
            (self.kinds, problem.kind.name),
        )
        return all(not wanted or said in wanted for wanted, said in asked)


@dataclass(frozen=True, slots=True)
class Hours:
    """Local wall clock `begins` to `ends` (over midnight where it ends sooner) on weekdays 0-6, Monday first."""

    begins: time
    ends: time
    weekdays: frozenset[int] = frozenset(range(7))

    def hold(self, local: datetime) -> bool:
        """Whether the moment lies in them."""
        now = local.time()
        inside = self.begins <= now < self.ends if self.begins < self.ends else now >= self.begins or now < self.ends
        return inside and local.weekday() in self.weekdays


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned: nobody is told of these systems and entities (empty: of any) meanwhile."""

    begins: datetime
    ends: datetime
    systems: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    says: str = ""

    def covers(self, problem: Problem, now: datetime) -> bool:
        """Whether the problem is one of those."""
        if not self.begins <= now < self.ends:
            return False
        named = bool(self.systems or self.entities)
        return not named or problem.system in self.systems or problem.entity in self.entities


_REPEAT: Mapping[str, timedelta] = {
    Severity.PAGE: timedelta(hours=1),
    Severity.WARN: timedelta(hours=24),
    Severity.STEWARD: timedelta(hours=24),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """When who is told."""

    routes: tuple[Route, ...] = ()
    repeat: Mapping[str, timedelta] = field(default_factory=lambda: dict(_REPEAT))  # by severity
    escalate_after: timedelta = timedelta(minutes=30)  # a page that nobody acknowledged
    time_zone: str = "UTC"
    waking: Hours = Hours(time(8), time(20))
    office: Hours = Hours(time(9), time(17), frozenset(range(5)))
    holidays: frozenset[str] = frozenset()  # ISO dates: no office hours
    maintenance: tuple[Maintenance, ...] = ()
    heals_after: timedelta = timedelta(0)  # so long it has to be gone before it counts as healed


@dataclass(frozen=True, slots=True)
class Message:
    """What is told to one channel. The id is the same whenever the same thing is to be told: it is sent once."""

    id: str
    channel: str
    word: Word
    alert: AlertState
    made_at: datetime


def attend(
    problems: Sequence[Problem], following: Collection[str], known: Iterable[AlertState], policy: Policy, now: datetime
) -> tuple[list[AlertState], list[Message]]:
    """The new state of every alert, and what is to be told now.

    `following` are the keys of problems that only follow from another one: nobody is told of them, nor that they heal.
    """
    before = {state.key: state for state in known if state.over_at is None}
    found = {problem.key: problem for problem in problems}
    states: list[AlertState] = []
    messages: list[Message] = []
    for key in sorted({*before, *found}):
        if key in found:
            state, told = _found(found[key], before.get(key), policy, now)
        elif key in following:
            state, told = replace(before[key], seen_at=now), []
        else:
            state, told = _gone(before[key], policy, now)
        states.append(state)
        messages += told
    return states, messages


def acknowledge(state: AlertState, by: str, until: datetime) -> AlertState:
    """Somebody looks after it: nobody is told again before then."""
    return replace(state, acknowledged_by=by, acknowledged_until=until)


# --- one alert -------------------------------------------------------------------------------------------------------


def _found(
    problem: Problem, known: AlertState | None, policy: Policy, now: datetime
) -> tuple[AlertState, list[Message]]:
    state = _fresh(problem, known, now)
    route = next((route for route in policy.routes if route.fits(problem)), None)
    if route is None or any(window.covers(problem, now) for window in policy.maintenance):
        return state, []
    if state.told_at is None:
        return _tell(state, Word.NEW, route.channels, now) if _may_tell(problem, policy, now) else (state, [])
    if state.acknowledged_until is not None and now < state.acknowledged_until:
        return state, []
    if _is_to_escalate(problem, state, route, policy, now):
        return _tell(replace(state, escalated_at=now), Word.ESCALATED, route.escalate_to, now)
    due = state.told_at + policy.repeat[problem.kind.severity]
    if now >= due and _may_tell(problem, policy, now):
        return _tell(state, Word.AGAIN, state.channels or route.channels, now)
    return state, []


def _fresh(problem: Problem, known: AlertState | None, now: datetime) -> AlertState:
    facts = {
        "kind": problem.kind.name,
        "entity": problem.entity,
        "system": problem.system,
        "steward": problem.steward,
        "run": problem.run,
        "command": problem.command,
        "records": str(problem.count) if problem.count else "",
    }
    facts = {name: said for name, said in facts.items() if said}
    if known is None:
        return AlertState(problem.key, problem.since, problem.says, problem.kind.severity, now, facts=facts)
    since = min(known.since, problem.since)
    return replace(known, says=problem.says, since=since, severity=problem.kind.severity, seen_at=now, facts=facts)


def _gone(state: AlertState, policy: Policy, now: datetime) -> tuple[AlertState, list[Message]]:
    """Whoever was told of it is told that it is over."""
    if now - state.seen_at < policy.heals_after:
        return state, []
    over = replace(state, over_at=now)
    if state.told_at is None:
        return over, []
    return over, _messages(over, Word.HEALED, state.channels, now)


def _tell(state: AlertState, word: Word, channels: tuple[str, ...], now: datetime) -> tuple[AlertState, list[Message]]:
    told = (*state.channels, *(channel for channel in channels if channel not in state.channels))
    after = replace(state, told_at=now, times=state.times + 1, channels=told)
    return after, _messages(after, word, channels, now)


def _messages(state: AlertState, word: Word, channels: Sequence[str], now: datetime) -> list[Message]:
    return [
        Message(f"{state.key}|{state.since.isoformat()}|{word}|{state.times}|{channel}", channel, word, state, now)
        for channel in channels
    ]


def _is_to_escalate(problem: Problem, state: AlertState, route: Route, policy: Policy, now: datetime) -> bool:
    return (
        problem.kind.severity is Severity.PAGE
        and bool(route.escalate_to)
        and state.escalated_at is None
        and not state.acknowledged_by
        and state.told_at is not None
        and now - state.told_at >= policy.escalate_after
    )


def _may_tell(problem: Problem, policy: Policy, now: datetime) -> bool:
    """A page at any hour, a warning when people are awake, a steward's matter in the office."""
    local = now.astimezone(ZoneInfo(policy.time_zone))
    if problem.kind.severity is Severity.PAGE:
        return True
    if problem.kind.severity is Severity.WARN:
        return policy.waking.hold(local)
    return policy.office.hold(local) and local.date().isoformat() not in policy.holidays
