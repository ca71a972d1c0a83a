"""The sorts of problems, when each is one, and which of them only follow from another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from monitoring.problems import Kind, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """When it is too much. What a team changes stands in alerts.yaml."""

    slack: timedelta = timedelta(minutes=3)  # a schedule may be late by so much, and a look comes within a minute
    question_age: timedelta = timedelta(days=2)
    quarantine_age: timedelta = timedelta(days=1)
    gap_age: timedelta = timedelta(hours=1)
    uncertain_age: timedelta = timedelta(hours=1)
    blocked_age: timedelta = timedelta(0)
    reject_share: float = 0.05  # of the writes of a run
    reject_least: int = 3
    drift_share: float = 0.01  # of the records that were compared
    drift_least: int = 10
    totals_share: float = 0.001  # of the larger sum, by which two systems' sums of the same money may differ
    totals_least: float = 1.0  # in the currency of the sum
    usual_runs: int = 5  # so many readings say what is usual
    usual_least: int = 20  # below so many records a reading of none proves nothing
    announced_within: timedelta = timedelta(hours=1)  # from a change to its webhook
    unheard_age: timedelta = timedelta(minutes=15)  # of an announcement; a sensor looks every five seconds
    still_for: timedelta = timedelta(hours=24)  # a watermark that stands while runs go on
    edits_least: int = 5  # so many writes the edits that were read should have led to, by what is usual
    gaps_a_day: int = 5  # of one map
    expires_within: timedelta = timedelta(days=14)
    skew: timedelta = timedelta(minutes=2)
    repeats_share: float = 0.1  # of the calls of a day
    repeats_least: int = 20
    tries: int = 3  # runs in a row whose writes were not done and come again
    book_age: timedelta = timedelta(minutes=2)  # of a fault in the book: it may be under somebody's pen
    loaded_age: timedelta = timedelta(hours=4)  # of a book that the scheduler does not show yet
    looked_age: timedelta = timedelta(minutes=15)  # of the last look at the book; the sensor looks each half minute
    chore_nights: int = 2  # so many times its interval a chore may be late
    disk_free: float = 0.1
    disk_days: int = 14  # until the ledger fills it
    forecast_after: float = 0.1  # share of the day before a forecast means anything


NOT_RUN = Kind("did_not_run", Severity.PAGE, "no run began within its interval and five minutes")
RUN_FAILED = Kind(
    "run_failed", Severity.PAGE, "the newest run of an entity was halted, went stale or failed in Dagster"
)
RESTORED = Kind(
    "ledger_restored",
    Severity.PAGE,
    "the ledger is older than the systems: it was restored or lost, and nothing is made until it was adopted anew",
)
BOOK = Kind("book_broken", Severity.PAGE, "the book of rules cannot be loaded: every run fails until it is mended")
BOOK_FAULTY = Kind(
    "book_faulty", Severity.WARN, "`concordat check` finds faults in the book of rules, with which runs go on"
)
NOT_LOADED = Kind(
    "book_not_loaded",
    Severity.WARN,
    "Dagster has been showing the book of before for four hours: an entity that is new does not run, and hours are old",
)
UNWATCHED = Kind(
    "book_unwatched",
    Severity.WARN,
    "the sensor that looks at the book of rules has not looked for a quarter of an hour",
)
NOT_FRESH = Kind("not_fresh", Severity.PAGE, "the last good run is older than the book promises")
SYSTEM_DOWN = Kind("system_down", Severity.PAGE, "no kind of a system could be read in its newest readings")
STANDS_STILL = Kind("watermark_stands", Severity.WARN, "records keep coming, and the position of reading stands")
READ_NOTHING = Kind(
    "read_nothing",
    Severity.WARN,
    "a reading of everything found none where there always were some, or there never was any and the book does not say "
    "that it may be empty",
)
REJECTS = Kind("rejects", Severity.WARN, "a system refuses more of the writes of a run than usual")
UNCERTAIN = Kind("uncertain_writes", Severity.WARN, "writes have been without a known outcome for too long")
BLOCKED = Kind("plan_blocked", Severity.WARN, "a guard holds a part of the newest plan")
INCOMPLETE = Kind("run_incomplete", Severity.WARN, "an entity's runs keep ending incomplete (budget, window)")
BUDGET = Kind(
    "budget_forecast",
    Severity.WARN,
    "a system's calls for today will not last until tonight's runs, by what days usually still take, or at this pace",
)
ROUND_TRIP = Kind(
    "no_round_trip",
    Severity.WARN,
    "edits are read and none arrives anywhere, though by what is usual some should have; or a canary record does not",
)
RETRIED = Kind(
    "retried", Severity.WARN, "a system has to be asked again too often, or the same writes fail in run after run"
)
EXPIRES = Kind("expires_soon", Severity.WARN, "a credential or a certificate ends within two weeks")
SILENT = Kind("webhook_silent", Severity.WARN, "a system that announced its changes does so no more, and still changes")
UNHEARD = Kind(
    "inbox_waits", Severity.WARN, "announcements have been kept for a quarter of an hour, and nobody looked into them"
)
DRIFT = Kind(
    "drift",
    Severity.WARN,
    "the comparison of the night found records that differ from what was decided, and nothing known explains it",
)
SKEW = Kind("clock_skew", Severity.WARN, "a system's clock differs from ours by more than two minutes")
GROWTH = Kind("ledger_growth", Severity.WARN, "as the ledger grows, it fills its disk within two weeks")
SCHEMA = Kind(
    "schema_drift", Severity.WARN, "a system changed fields that a map reads or writes, or requires a new one"
)
UPKEEP = Kind(
    "upkeep_late", Severity.WARN, "a nightly chore failed or is two nights late: backup, restore drill, pruning, …"
)
DISK = Kind("disk", Severity.PAGE, "the disk under the ledger is nearly full")
CHANNEL = Kind("channel_fails", Severity.WARN, "a channel did not take messages")
QUARANTINE = Kind("quarantine_age", Severity.STEWARD, "records have been in quarantine for too long")
GAP = Kind("unknown_code", Severity.STEWARD, "a code that nobody mapped holds records")
GAPS = Kind("gaps_grow", Severity.STEWARD, "five codes of one map that nobody mapped came within a day")
REVIEW = Kind("review_age", Severity.STEWARD, "questions have been waiting for too long")
TOTALS = Kind(
    "totals_differ",
    Severity.STEWARD,
    "two systems' sums of the same money differ by more than a thousandth and by more than 1, in the comparison of the "
    "night; systems in shadow are left out",
)
EARLY = Kind("early_account", Severity.STEWARD, "early accounts have been waiting for accounting longer than promised")

KINDS = (
    NOT_RUN, RUN_FAILED, NOT_FRESH, SYSTEM_DOWN, STANDS_STILL, READ_NOTHING, REJECTS, UNCERTAIN, BLOCKED, INCOMPLETE,
    BUDGET, SCHEMA, DISK, CHANNEL, QUARANTINE, GAP, REVIEW, EARLY, ROUND_TRIP, RETRIED, EXPIRES, SILENT, SKEW, GROWTH,
    GAPS, UPKEEP, RESTORED, UNHEARD, DRIFT, TOTALS, BOOK, BOOK_FAULTY,
    NOT_LOADED, UNWATCHED,
)  # fmt: skip

# A cause → what follows from it and is not told besides, for the same system or an entity that has records there.
_LATE = frozenset(k.name for k in (NOT_FRESH, STANDS_STILL, ROUND_TRIP, DRIFT, TOTALS))
FOLLOWS: Mapping[str, frozenset[str]] = {
    SYSTEM_DOWN.name: _LATE
    | {k.name for k in (RUN_FAILED, READ_NOTHING, UNCERTAIN, INCOMPLETE, BUDGET, RETRIED, SILENT, SKEW)},
    NOT_RUN.name: _LATE | {UNHEARD.name, UNWATCHED.name},
    RUN_FAILED.name: _LATE | {INCOMPLETE.name, RETRIED.name},
    INCOMPLETE.name: _LATE,
    SCHEMA.name: _LATE | {INCOMPLETE.name},
    READ_NOTHING.name: _LATE | {INCOMPLETE.name},
    BLOCKED.name: frozenset({ROUND_TRIP.name, DRIFT.name, TOTALS.name}),
    REJECTS.name: frozenset({ROUND_TRIP.name}),
    RETRIED.name: frozenset({ROUND_TRIP.name}),
    RESTORED.name: _LATE | {RUN_FAILED.name},  # of the whole house
    BOOK.name: _LATE
    | {k.name for k in (RUN_FAILED, NOT_RUN, INCOMPLETE, UNHEARD, UPKEEP, NOT_LOADED)},  # no run can begin
    DISK.name: frozenset(k.name for k in (RUN_FAILED, NOT_FRESH, NOT_RUN, GROWTH, UPKEEP)),
    GAPS.name: frozenset({GAP.name}),  # of the same map
}
