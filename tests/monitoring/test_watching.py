"""Each sort of problem: what makes it one, what is still fine, and what only follows from something else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitoring.kinds import FOLLOWS, KINDS, Limits
from monitoring.standing import (
    BookStanding,
    Canary,
    Chore,
    Expiry,
    GapStanding,
    KeptStanding,
    LoadedStanding,
    Part,
    SchemaChange,
    Standing,
    SystemStanding,
    TotalStanding,
    Waiting,
)
from monitoring.watching import look
from tests.monitoring.standings import NOW, account, ago, contact, place, ran, read, well

DAYS = 24 * 60


def found(standing: Standing) -> list[str]:
    return [problem.key for problem in look(standing, Limits()).problems]


def of(entity: object) -> Standing:
    return well(entities=(entity, contact()))


def test_a_house_that_stands_well_has_no_problem() -> None:
    assert found(well()) == []


HOLIDAY = SystemStanding("crm", "crm", holidays=("2026-03-04",))
FULL = tuple(read(m, n, full=True) for m, n in ((3, 0), (8, 50), (13, 60)))
BROUGHT = tuple(read(m) for m in (3, 60, 120, 180, 240))


LANDED = tuple(replace(read(m), landed=1) for m in (3, 8, 13, 18, 23, 28))

# Each edit was written somewhere, until the ways were closed.
WROTE = tuple(ran(m, landed=2, creates=1) for m in range(18, 50, 5))
SILENT = (ran(3, landed=6), ran(8, landed=6), ran(13, landed=1), *WROTE)
APART = TotalStanding("credit_limit@100", "EUR", "crm/erp", -2500.0, 90_000.0, 12, "finance")
FIVE = tuple(GapStanding("terms", "erp", code, 3, ago(61)) for code in "ABCDE")


def change(level: str) -> SchemaChange:
    return SchemaChange("erp", "Customer", ago(60), level, "Terms is gone")


CASES = {
    "did_not_run:account": of(account(runs=(ran(11),), fresh_within=None)),
    "run_failed:account": of(account(runs=(ran(3, "halted", "no login"), ran(8)))),
    "not_fresh:account": of(account(runs=(ran(3, "incomplete"), ran(60)))),
    "run_incomplete:account": of(account(runs=(ran(3, "incomplete"), ran(8, "incomplete"), ran(13)))),
    "rejects:account": of(account(runs=(ran(3, creates=10, rejected=3),))),
    "system_down:erp": well(places=(place("crm"), place("erp", reads=(read(3, says="no route"), read(8))))),
    "watermark_stands:crm/Account": well(places=(place("crm", watermark=ago(2 * DAYS), reads=BROUGHT), place("erp"))),
    "read_nothing:crm/Account": well(places=(place("crm", reads=FULL), place("erp"))),
    "read_nothing:erp/Account": well(places=(place("crm"), place("erp", doubted_since=ago(9)))),
    "budget_forecast:crm": well(
        systems=(SystemStanding("crm", "crm", calls_today=600, calls_per_day=1000, reserve=0.1, day_share=0.5),)
    ),
    "uncertain_writes:account": of(account(uncertain=Waiting(2, ago(61)))),
    "plan_blocked:account": of(account(blocked=(Part("p:crm:update", "crm", "update", 40, "too many"),))),
    "quarantine_age:account/rejected": of(account(quarantined={"rejected": Waiting(3, ago(DAYS + 1))})),
    "review_age:account/sales": of(account(questions={"sales": Waiting(3, ago(2 * DAYS + 1))})),
    "early_account:account/finance": of(account(early={"finance": Waiting(2, ago(9 * DAYS))})),
    "unknown_code:erp/terms/N45": well(gaps=(GapStanding("terms", "erp", "N45", 3, ago(61)),)),
    "schema_drift:erp/Customer": well(schema=(change("map_affected"), change("write_fails"), change("harmless"))),
    "ledger_restored:ledger": well(restored_since=ago(5), restored_says="the ledger is older than the systems"),
    "disk:ledger": well(kept=KeptStanding(10, 9, 100)),
    "no_round_trip:account": of(account(runs=SILENT)),
    "retried:crm": well(systems=(SystemStanding("crm", "crm", calls_today=200, repeats_today=21),)),
    "expires_soon:erp/certificate": well(expiring=(Expiry("erp", "certificate", ago(-13 * DAYS), "erp"),)),
    "webhook_silent:crm": well(
        systems=(SystemStanding("crm", "crm", announced_at=ago(DAYS)),),
        places=(place("crm", reads=LANDED), place("erp")),
    ),
    "inbox_waits:crm": well(systems=(SystemStanding("crm", "crm", unheard=Waiting(2, ago(16))),)),
    "totals_differ:account/finance": of(account(compared=9, in_sync=9, compared_at=ago(60), totals=(APART,))),
    "drift:account": of(account(compared=1000, in_sync=900, unexplained=11, compared_at=ago(60))),
    "clock_skew:erp": well(systems=(SystemStanding("erp", "erp", skew=timedelta(seconds=-121)),)),
    "ledger_growth:ledger": well(kept=KeptStanding(10**9, 13 * 10**8, 10**10, grows_per_day=10**8)),
    "gaps_grow:erp": well(gaps=FIVE),
    "upkeep_late:backup": well(chores=(Chore("backup", timedelta(days=1), ago(2 * DAYS + 61)),)),
    "book_broken:book": well(book=BookStanding(ago(3), "account/fields.yaml:7: is no YAML", 2)),
    "book_faulty:book": well(book=BookStanding(ago(3), "account/ownership.yaml:9: nobody decides", loads=True)),
    "book_not_loaded:book": well(loaded=LoadedStanding(ago(1), ago(241), "new: contact")),
    "book_unwatched:book": well(loaded=LoadedStanding(ago(16))),
    "channel_fails:pager": well(undelivered={"pager": Waiting(1, ago(5))}),
}


@pytest.mark.parametrize("key", CASES)
def test_what_is_wrong_is_found_and_nothing_besides(key: str) -> None:
    assert found(CASES[key]) == [key]


def test_every_kind_has_a_case() -> None:
    assert {key.partition(":")[0] for key in CASES} == {kind.name for kind in KINDS}


@pytest.mark.parametrize(
    "standing",
    [
        of(account(runs=(ran(7.5),))),  # late, and not by more than the slack
        of(account(runs=())),  # a house that is not in use yet
        of(account(runs=(ran(3, "incomplete"), ran(8)))),  # once is no trend
        of(account(runs=(ran(3, creates=1, rejected=2),))),  # too few to say anything
        well(places=(place("crm", reads=(read(3, says="x"),)), replace(place("crm"), kind="Contact"), place("erp"))),
        well(places=(place("crm", reads=FULL),), systems=(HOLIDAY,)),
        well(places=(place("crm", reads=(read(3, 0), read(8, 50))),)),  # nothing changed, which is no news
        well(systems=(SystemStanding("crm", "crm", calls_today=60, calls_per_day=1000, day_share=0.05),)),  # too early
        well(schema=(change("harmless"),)),
        of(account(runs=(SILENT[0], SILENT[2], *WROTE))),  # six edits are too few to be missed
        of(account(runs=(*SILENT[:3], ran(18, landed=2, creates=1), ran(23, landed=9, creates=9)))),  # no usual yet
        of(account(runs=tuple(replace(run, counts={"landed": 9}) for run in SILENT))),  # it never writes
        well(systems=(SystemStanding("crm", "crm", calls_today=9000, repeats_today=21),)),
        well(systems=(SystemStanding("crm", "crm", calls_today=19, repeats_today=19),)),
        well(expiring=(Expiry("erp", "certificate", ago(-15 * DAYS), "erp"),)),
        well(systems=(SystemStanding("crm", "crm"),), places=(place("crm", reads=LANDED), place("erp"))),  # never did
        well(systems=(SystemStanding("crm", "crm", announced_at=ago(50)),), places=(place("crm", reads=LANDED),)),
        well(systems=(SystemStanding("erp", "erp", announced_at=ago(9 * DAYS)),)),  # nothing changed there
        well(systems=(SystemStanding("erp", "erp", skew=timedelta(seconds=119)),)),
        well(places=(place("crm", reads=FULL, said_gone=True), place("erp"))),
        well(kept=KeptStanding(10**9, 10**10, 2 * 10**10, grows_per_day=10**8)),
        well(kept=KeptStanding(10**9, 10**9, 10**9, grows_per_day=-(10**8))),  # it was pruned
        well(chores=(Chore("drill", timedelta(days=7), ago(14 * DAYS)),)),
        well(canaries=(Canary("account", "crm/Account/1", timedelta(hours=26), ago(60)),)),
        well(gaps=tuple(replace(gap, since=ago(5)) for gap in FIVE[:4])),
        of(account(quarantined={"gap": Waiting(3, ago(9 * DAYS))})),  # the code itself is told of
        well(loaded=LoadedStanding(ago(14), ago(239), "new: contact")),  # whoever changed it may be about to
        well(book=BookStanding(ago(1.5), "account/fields.yaml:7: is no YAML")),  # somebody is just writing it
    ],
)
def test_what_is_still_fine(standing: Standing) -> None:
    assert found(standing) == []


def test_an_outage_of_a_vendor_is_one_problem_and_not_six() -> None:
    down = replace(account(), runs=(ran(3, "halted", "erp: no login"), ran(8, "halted"), ran(99)))
    standing = well(
        entities=(down, replace(down, name="contact")),
        places=(place("crm"), place("erp", reads=(read(3, says="no login", halted=True),))),
    )
    seen = look(standing, Limits())
    assert [problem.key for problem in seen.problems] == ["system_down:erp"]
    assert {problem.kind.name for problem in seen.following} == {"run_failed", "not_fresh"}


def test_an_outage_explains_nothing_of_what_has_no_records_there() -> None:
    alone = account(systems=("crm",), runs=(ran(3, "stale", "killed"), ran(8)))
    standing = well(entities=(alone,), places=(place("erp", reads=(read(3, says="x"),)), place("crm")))
    assert found(standing) == ["run_failed:account", "system_down:erp"]


def test_the_story_of_five_days_is_seen_within_an_interval_and_five_minutes() -> None:
    stopped = of(account(runs=(ran(0),), every=timedelta(hours=24), fresh_within=timedelta(hours=26)))
    day, told = timedelta(hours=24), "did_not_run:account"
    at = {m: found(replace(stopped, now=NOW + day + timedelta(minutes=m))) for m in (-5, 3, 4, 4 * DAYS)}
    assert told not in at[-5] + at[3]
    assert told in at[4], "and with a look every minute it is told before the fifth"
    assert told in at[4 * DAYS]


@pytest.mark.parametrize("written_at", [None, ago(27 * 60)])
def test_a_canary_that_does_not_arrive_is_missed(written_at: datetime | None) -> None:
    canary = Canary("account", "crm/Account/1", timedelta(hours=26), written_at)
    assert found(well(canaries=(canary,))) == ["no_round_trip:account/crm/Account/1"]


def test_edits_that_cannot_be_written_because_a_guard_holds_them_are_told_once() -> None:
    held = account(runs=SILENT, blocked=(Part("p:crm:update", "crm", "update", 40, "too many"),))
    assert found(of(held)) == ["plan_blocked:account"]


def test_writes_that_come_again_in_run_after_run_are_told() -> None:
    again = account(runs=(ran(3, stale=1), ran(8, failed=2), ran(13, stale=1), ran(18)))
    assert found(of(again)) == ["retried:account"]
    assert found(of(replace(again, runs=(ran(1), *again.runs)))) == []


def test_a_forecast_by_usual_days_counts_more_than_the_pace_so_far() -> None:
    morning = SystemStanding("crm", "crm", calls_today=100, calls_per_day=1000, reserve=0.1, day_share=0.05)
    assert found(well(systems=(replace(morning, calls_forecast=901),))) == ["budget_forecast:crm"]
    noon = replace(morning, calls_today=600, day_share=0.5, calls_forecast=700)
    assert found(well(systems=(noon,))) == [], "the many calls of the morning were those of the night"


def test_codes_that_come_in_numbers_are_one_alert_and_those_of_others_stay_their_own() -> None:
    other = GapStanding("terms", "crm", "X", 1, ago(61))
    assert found(well(gaps=(*FIVE, other))) == ["gaps_grow:erp", "unknown_code:crm/terms/X"]


def test_codes_are_told_to_the_steward_of_the_fields_they_spell_and_a_flood_to_each_of_theirs() -> None:
    mine = [replace(gap, steward="finance") for gap in FIVE]
    theirs = [replace(gap, table="segment", steward="marketing") for gap in FIVE]
    told = look(well(gaps=(*mine, *theirs[:1])), Limits()).problems
    assert [(p.key, p.steward) for p in told] == [
        ("gaps_grow:erp/finance", "finance"),
        ("unknown_code:erp/segment/A", "marketing"),
    ]
    told = look(well(gaps=(*mine, *theirs)), Limits()).problems
    assert [(p.key, p.steward) for p in told] == [
        ("gaps_grow:erp/finance", "finance"),
        ("gaps_grow:erp/marketing", "marketing"),
    ]


@pytest.mark.parametrize(
    ("difference", "of_sum", "told"),
    [(1.0, 10.0, False), (1.01, 10.0, True), (-1.01, 10.0, True), (99.0, 100_000.0, False), (101.0, 100_000.0, True)],
)
def test_sums_may_differ_by_one_or_by_a_thousandth(*, difference: float, of_sum: float, told: bool) -> None:
    apart = replace(APART, difference=difference, of=of_sum)
    assert found(of(account(totals=(apart,)))) == (["totals_differ:account/finance"] if told else [])


def test_each_steward_is_told_of_the_money_of_theirs_in_one_alert() -> None:
    other = replace(APART, field="open_items", systems="erp/shop", difference=7, of=70)
    sales = replace(APART, field="budget", steward="sales")
    told = look(of(account(totals=(APART, other, sales), compared_at=ago(60))), Limits()).problems
    assert [(p.key, p.steward, p.since) for p in told] == [
        ("totals_differ:account/finance", "finance", ago(60)),
        ("totals_differ:account/sales", "sales", ago(60)),
    ]
    assert told[0].says == (
        "account: credit_limit@100: crm and erp are 2,500.00 EUR apart, over 12 records; "
        "open_items: erp and shop are 7.00 EUR apart, over 12 records"
    )


def test_money_in_a_system_that_is_not_written_to_may_differ() -> None:
    standing = of(account(totals=(APART,)))
    shadow = tuple(replace(s, writes="off") if s.name == "erp" else s for s in standing.systems)
    assert found(standing) == ["totals_differ:account/finance"]
    assert found(replace(standing, systems=shadow)) == []


@pytest.mark.parametrize(("compared", "unexplained"), [(1000, 10), (100, 9), (0, 0)])
def test_some_records_that_differ_are_no_drift(compared: int, unexplained: int) -> None:
    assert found(of(account(compared=compared, unexplained=unexplained, compared_at=ago(60)))) == []


def test_what_follows_is_told_of_again_when_its_cause_is_gone() -> None:
    late = account(runs=(ran(90),))
    assert found(of(late)) == ["did_not_run:account"]
    assert found(of(replace(late, every=None))) == ["not_fresh:account"]


def test_no_kind_follows_from_itself_in_a_circle() -> None:
    def reach(name: str, seen: frozenset[str]) -> frozenset[str]:
        for other in FOLLOWS.get(name, frozenset()) - seen:
            seen = reach(other, seen | {other})
        return seen

    assert [name for name in FOLLOWS if name in reach(name, frozenset())] == []


def test_a_failure_that_only_the_scheduler_saw_is_found_for_a_day() -> None:
    lost = ran(30, "stale", "the process was killed")
    assert found(well(failed=(replace(lost, run="d1"),))) == ["run_failed:dagster/d1"]
    assert found(well(failed=(replace(lost, run="r3"),))) == [], "the entity's own run tells it"
    assert found(well(failed=(replace(lost, run="d1", started_at=ago(DAYS + 1)),))) == []


def test_a_scheduler_that_is_dead_is_told_by_what_did_not_run_and_not_by_its_sensor_besides() -> None:
    dead = well(entities=(account(runs=(ran(30),)), contact()), loaded=LoadedStanding(ago(30)))
    assert found(dead) == ["did_not_run:account"]


def test_runs_that_fail_for_want_of_a_book_are_not_told_besides() -> None:
    failed = ran(30, "stale", "the code location could not be loaded")
    broken = well(
        entities=(account(runs=(ran(90),)), contact()),
        failed=(replace(failed, run="d1"),),
        book=BookStanding(ago(40), "systems.yaml:3: is no YAML"),
    )
    assert found(broken) == ["book_broken:book"]
    faulty = replace(broken, book=BookStanding(ago(40), "account/ownership.yaml:9: nobody decides", loads=True))
    assert found(faulty) == ["book_faulty:book", "did_not_run:account", "run_failed:dagster/d1"]


@pytest.mark.parametrize(("minutes", "told"), [(45, True), (40.5, False), (30, False), (19.5, False), (15, True)])
def test_runs_that_failed_for_want_of_a_book_are_no_news_once_it_is_mended(*, minutes: float, told: bool) -> None:
    failed = replace(ran(minutes, "stale", "the code location could not be loaded"), run="d1")
    mended = well(failed=(failed,), book=BookStanding(ago(40), "systems.yaml:3: is no YAML", until=ago(20)))
    assert found(mended) == (["run_failed:dagster/d1"] if told else [])
