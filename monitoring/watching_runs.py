"""What is wrong with runs: late, failed, not fresh, without effect."""

from collections.abc import Iterator
from datetime import timedelta

from monitoring.kinds import INCOMPLETE, NOT_FRESH, NOT_RUN, REJECTS, RETRIED, ROUND_TRIP, RUN_FAILED, Limits
from monitoring.problems import Problem
from monitoring.standing import EntityStanding, Ran, Standing
from monitoring.wording import at, many, streak, time

_GOOD = ("complete", "complete_with_rejects")
_A_LOOK = timedelta(minutes=1)  # so late it may be seen that a book is broken, or mended
_WRITES = ("creates", "updates", "archives")


def _did_not_run(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        if entity.every is None or not entity.runs:
            continue
        due = entity.runs[0].started_at + entity.every + limits.slack
        if standing.now > due:
            last = entity.runs[0].started_at
            says = f"{entity.name}: no run began since {at(last)}; one is due every {time(entity.every)}"
            yield Problem(NOT_RUN, entity.name, says, last, entity.known, entity.name)


def _run_failed(standing: Standing, _: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        bad = streak(entity.runs, lambda run: run.state in ("halted", "stale"))
        if bad:
            says = f"{entity.name}: the run was {bad[0].state}: {bad[0].says}"
            yield Problem(
                RUN_FAILED, entity.name, says, bad[-1].started_at, entity.known, entity.name, run=bad[0].run,
                command=f"concordat status  # then: concordat apply {entity.name}",
            )  # fmt: skip
    ours = {run.run for entity in standing.entities for run in entity.runs}
    for failed in standing.failed:
        if _for_want_of_a_book(standing, failed):
            continue
        if not any(run.startswith(failed.run) for run in ours) and standing.now - failed.started_at < timedelta(days=1):
            yield Problem(RUN_FAILED, f"dagster/{failed.run}", failed.says, failed.started_at, run=failed.run)


def _for_want_of_a_book(standing: Standing, failed: Ran) -> bool:
    """It failed while the book could not be loaded, which is told by itself, and is mended."""
    book = standing.book
    if book is None or book.loads or book.until is None:
        return False
    return book.since - _A_LOOK <= failed.started_at <= book.until + _A_LOOK


def _not_fresh(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        if entity.fresh_within is None or not entity.runs:
            continue
        good = next((run for run in entity.runs if run.state in _GOOD), None)
        since = (good or entity.runs[-1]).started_at
        if standing.now - since > entity.fresh_within + limits.slack:
            says = f"{entity.name}: the last good run began {at(since)}; {time(entity.fresh_within)} is promised"
            behind = "".join(f"; {told}" for told in _behind(standing, entity, limits))
            yield Problem(NOT_FRESH, entity.name, says + behind, since, entity.known, entity.name)


def _behind(standing: Standing, entity: EntityStanding, limits: Limits) -> Iterator[str]:
    """Which of its systems it is that holds the others up."""
    promised = (entity.fresh_within or timedelta(0)) + limits.slack
    for place in standing.places:
        full = next((read.at for read in place.reads if read.complete), None)
        if place.system in entity.systems and place.reads and (full is None or standing.now - full > promised):
            yield f"{place.system}/{place.kind} was last read to its end {at(full) if full else 'never'}"


def _incomplete(standing: Standing, _: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        short = streak(entity.runs, lambda run: run.state == "incomplete")
        if len(short) > 1 and not entity.blocked:
            says = f"{entity.name}: {len(short)} runs in a row did not finish: {short[0].says}"
            yield Problem(INCOMPLETE, entity.name, says, short[-1].started_at, entity=entity.name, run=short[0].run)


def _rejects(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        run = next((run for run in entity.runs if run.ended_at is not None), None)
        if run is None:
            continue
        refused = run.counts.get("rejected", 0)
        sent = refused + sum(run.counts.get(name, 0) for name in ("creates", "updates", "archives"))
        if refused >= limits.reject_least and refused > limits.reject_share * sent:
            says = f"{entity.name}: {refused} of {many(sent, 'write')} were refused"
            yield Problem(
                REJECTS, entity.name, says, run.started_at, refused, entity.name, run=run.run,
                command="concordat quarantine list",
            )  # fmt: skip


def _tried_again(standing: Standing, limits: Limits) -> Iterator[Problem]:
    """Writes that were not done, and come again with the next plan, and again."""
    for entity in standing.entities:
        again = streak(entity.runs, lambda run: _undone(run) > 0)
        if len(again) >= limits.tries:
            undone = _undone(again[0])
            says = f"{entity.name}: {many(undone, 'write')} not done, and in each of the {len(again)} last runs"
            yield Problem(
                RETRIED, entity.name, says, again[-1].started_at, undone, entity.name, run=again[0].run,
                command=f"concordat plan {entity.name}",
            )  # fmt: skip


def _undone(run: Ran) -> int:
    return run.counts.get("failed", 0) + run.counts.get("stale", 0)


def _no_round_trip(standing: Standing, limits: Limits) -> Iterator[Problem]:
    """Every step is green and nothing arrives: a filter, a right or a map has closed the way."""
    for entity in standing.entities:
        ended = [run for run in entity.runs if run.ended_at is not None]
        last = next((n for n, run in enumerate(ended) if _wrote(run)), None)
        if last is None:
            continue
        since = ended[: max(0, last - 1)]  # the first run after one that wrote reads its own writes
        edits = sum(run.counts.get("landed", 0) for run in since)
        expected = edits * _usual_share(ended[last:], limits)
        if expected >= limits.edits_least:
            told = f"{many(edits, 'edit')} read since {at(ended[last].started_at)} and none written anywhere"
            says = f"{entity.name}: {told}; by what is usual, some {expected:.0f} should have been"
            yield Problem(
                ROUND_TRIP, entity.name, says, since[-1].started_at, edits, entity.name, run=since[0].run,
                command=f"concordat plan {entity.name}",
            )  # fmt: skip


def _wrote(run: Ran) -> int:
    return sum(run.counts.get(name, 0) for name in _WRITES)


def _usual_share(runs: list[Ran], limits: Limits) -> float:
    """Writes for each record that changed, without the run that read most: a first reading says nothing of days."""
    usual = sorted(runs, key=lambda run: run.counts.get("landed", 0))[:-1]
    read = sum(run.counts.get("landed", 0) for run in usual)
    return sum(map(_wrote, usual)) / read if read and len(usual) >= limits.usual_runs else 0.0


def _canaries(standing: Standing, _: Limits) -> Iterator[Problem]:
    for canary in standing.canaries:
        if canary.written_at is None or standing.now - canary.written_at > canary.within:
            last = f"since {at(canary.written_at)}" if canary.written_at else "ever"
            says = f"{canary.entity}: no edit of the canary {canary.record} arrived elsewhere {last}"
            promised = f"{says}; it should every {time(canary.within)}"
            yield Problem(
                ROUND_TRIP, f"{canary.entity}/{canary.record}", promised, canary.written_at or standing.now,
                entity=canary.entity, command=f"concordat plan {canary.entity}",
            )  # fmt: skip


RULES = (_did_not_run, _run_failed, _not_fresh, _incomplete, _rejects, _tried_again, _no_round_trip, _canaries)
