"""The life of an alert: told once, again by a schedule, escalated, acknowledged, healed; and who is told when."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from monitoring.alerts import AlertState, Hours, Maintenance, Message, Policy, Route, acknowledge, attend
from monitoring.problems import Kind, Problem, Severity

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
NIGHT = datetime(2026, 3, 4, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = Policy((Route(("pager",), frozenset({"page"}), escalate_to=("boss",)), Route(("mail",))))


def problem(severity: Severity = Severity.PAGE, about: str = "erp", **more: str) -> Problem:
    return Problem(Kind("down", severity, ""), about, f"{about} is down", NOON - HOUR, **more)  # type: ignore[arg-type]  # names of its own


class Desk:
    """Looks again and again, and keeps what it knows."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.policy, self.known = policy, [AlertState("x", NOON, "", "page", NOON, over_at=NOON)]

    def look(self, now: datetime, *problems: Problem, following: tuple[str, ...] = ()) -> list[str]:
        states, messages = attend(problems, following, self.known, self.policy, now)
        self.known = states
        return [f"{message.word} {message.channel}" for message in messages]

    def ack(self, until: datetime) -> None:
        self.known = [acknowledge(state, "anna", until) for state in self.known]


def test_it_is_told_once_and_then_by_the_hour_and_when_it_heals() -> None:
    desk = Desk(replace(POLICY, escalate_after=timedelta(days=9)))
    minutes = [0, 1, 59, 60, 61, 119, 121]
    said = [desk.look(NOON + timedelta(minutes=m), problem()) for m in minutes]
    assert said == [["new pager"], [], [], ["still pager"], [], [], ["still pager"]]
    assert desk.look(NOON + 3 * HOUR) == ["resolved pager"]
    assert desk.look(NOON + 4 * HOUR) == []


def test_a_page_that_nobody_takes_over_is_escalated_once_and_both_hear_when_it_heals() -> None:
    desk = Desk()
    said = [desk.look(NOON + timedelta(minutes=m), problem()) for m in (0, 29, 30, 31)]
    assert said == [["new pager"], [], ["escalated boss"], []]
    assert desk.look(NOON + HOUR) == ["resolved pager", "resolved boss"]


def test_who_has_taken_it_over_is_left_alone_until_then() -> None:
    desk = Desk()
    desk.look(NOON, problem())
    desk.ack(NOON + 4 * HOUR)
    assert [desk.look(NOON + h * HOUR, problem()) for h in (1, 2, 3.9)] == [[], [], []]
    assert desk.look(NOON + 4 * HOUR, problem()) == ["still pager"]


@pytest.mark.parametrize(
    ("severity", "at", "told"),
    [
        (Severity.PAGE, NIGHT, True),
        (Severity.WARN, NIGHT, False),
        (Severity.WARN, NOON, True),
        (Severity.STEWARD, NOON, True),
        (Severity.STEWARD, NOON.replace(hour=18), False),
        (Severity.STEWARD, NOON.replace(day=7), False),  # a Saturday
        (Severity.WARN, NOON.replace(day=7), True),
        (Severity.STEWARD, NOON.replace(day=5), False),  # a holiday
    ],
)
def test_who_may_be_told_at_which_hour(severity: Severity, at: datetime, *, told: bool) -> None:
    desk = Desk(replace(POLICY, holidays=frozenset({"2026-03-05"})))
    assert bool(desk.look(at, problem(severity))) is told


def test_hours_are_those_of_the_policys_own_clock() -> None:
    assert Desk(replace(POLICY, time_zone="Asia/Shanghai")).look(NIGHT, problem(Severity.WARN)) == ["new mail"]


def test_what_could_not_be_told_at_night_is_told_in_the_morning_unless_it_is_over() -> None:
    desk = Desk()
    assert desk.look(NIGHT, problem(Severity.WARN)) == []
    assert desk.look(NOON, problem(Severity.WARN)) == ["new mail"]
    other = Desk()
    other.look(NIGHT, problem(Severity.WARN))
    assert other.look(NOON) == [], "who never heard of it does not hear that it is over"


def test_maintenance_is_silent_and_what_is_still_wrong_afterwards_is_told() -> None:
    planned = Maintenance(NOON, NOON + HOUR, systems=frozenset({"erp"}))
    desk = Desk(replace(POLICY, maintenance=(planned,)))
    assert desk.look(NOON, problem(system="erp"), problem(about="crm", system="crm")) == ["new pager"]
    assert [state.told_at is None for state in desk.known] == [False, True]
    assert "new pager" in desk.look(NOON + HOUR, problem(system="erp"), problem(about="crm", system="crm"))


def test_what_only_follows_is_not_told_and_is_not_called_healed() -> None:
    desk = Desk()
    desk.look(NOON, problem(about="late"))
    assert desk.look(NOON + timedelta(minutes=5), problem(), following=("down:late",)) == ["new pager"]
    assert desk.look(NOON + timedelta(minutes=6), problem(), following=("down:late",)) == []
    assert desk.look(NOON + timedelta(minutes=7)) == ["resolved pager", "resolved pager"]


def test_the_first_route_that_fits_counts_and_without_one_nobody_is_told() -> None:
    routes = (
        Route(("erp-team",), systems=frozenset({"erp"})),
        Route(("sales",), stewards=frozenset({"sales"}), severities=frozenset({"steward"})),
    )
    desk = Desk(Policy(routes))
    assert desk.look(NOON, problem(system="erp")) == ["new erp-team"]
    assert Desk(Policy(routes)).look(NOON, problem(Severity.STEWARD, steward="sales")) == ["new sales"]
    assert Desk(Policy(routes)).look(NOON, problem(steward="sales")) == []


def test_a_problem_that_comes_back_is_new() -> None:
    desk = Desk()
    desk.look(NOON, problem())
    desk.look(NOON + HOUR)
    assert desk.look(NOON + 2 * HOUR, problem()) == ["new pager"]


def test_the_same_message_has_the_same_id_whoever_makes_it() -> None:
    def ids(messages: list[Message]) -> list[str]:
        return [message.id for message in messages]

    first, again = (attend([problem()], (), [], POLICY, NOON + n * timedelta(seconds=9))[1] for n in (0, 1))
    assert ids(first) == ids(again)


@pytest.mark.parametrize(("at", "inside"), [(time(23), True), (time(2), True), (time(12), False), (time(6), False)])
def test_hours_may_go_over_midnight(at: time, *, inside: bool) -> None:
    assert Hours(time(22), time(6)).hold(datetime.combine(NOON.date(), at)) is inside
