"""What waits too long, and what is wrong with our own house."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from monitoring.kinds import (
    BLOCKED,
    BOOK,
    BOOK_FAULTY,
    CHANNEL,
    DISK,
    DRIFT,
    EARLY,
    GAP,
    GAPS,
    GROWTH,
    NOT_LOADED,
    QUARANTINE,
    RESTORED,
    REVIEW,
    TOTALS,
    UNCERTAIN,
    UNWATCHED,
    UPKEEP,
    Limits,
)
from monitoring.problems import Problem
from monitoring.standing import EntityStanding, GapStanding, Standing, TotalStanding
from monitoring.wording import at, many, waits

_MOST_CODES = 20  # of one map that are told each by itself
_MOST_TOTALS = 5  # in one message
_A_DAY, _AN_HOUR = timedelta(days=1), timedelta(hours=1)
COMMANDS = {
    "backup": "concordat backup",
    "drill": "concordat backup --drill",
    "prune": "concordat prune",
    "reconcile": "concordat status --drift",
    "describe": "concordat doctor",
}


def _uncertain(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        if waits(entity.uncertain, limits.uncertain_age, standing.now):
            since = entity.uncertain.since or standing.now
            says = f"{entity.name}: {many(entity.uncertain.count, 'write')} without a known outcome since {at(since)}"
            yield Problem(
                UNCERTAIN, entity.name, says, since, entity.uncertain.count, entity.name,
                command=f"concordat apply {entity.name}",
            )  # fmt: skip


def _blocked(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        since = entity.blocked_since or standing.now
        held = [part for part in entity.blocked if part.asks]
        if held and standing.now - since >= limits.blocked_age:
            told = "; ".join(f"{many(part.count, part.op)} in {part.system}: {part.says}" for part in held)
            yield Problem(
                BLOCKED, entity.name, f"{entity.name}: held: {told}", since, sum(part.count for part in held),
                entity.name, steward=entity.steward, command=f"concordat approve {held[0].id}",
            )  # fmt: skip


def _quarantine(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        for reason, waiting in sorted(entity.quarantined.items()):
            if reason != "gap" and waits(waiting, limits.quarantine_age, standing.now):
                says, since = (
                    f"{entity.name}: {many(waiting.count, 'record')} in quarantine ({reason})",
                    waiting.since or standing.now,
                )
                yield Problem(
                    QUARANTINE, f"{entity.name}/{reason}", says, since, waiting.count, entity.name,
                    steward=entity.steward, command="concordat quarantine list",
                )  # fmt: skip


def _gaps(standing: Standing, limits: Limits) -> Iterator[Problem]:
    """One for each code; where very many wait, one for each map and steward."""
    old = [gap for gap in standing.gaps if standing.now - (gap.since or standing.now) >= limits.gap_age]
    for (name, steward), mine in _by_steward(old):
        if len(mine) <= _MOST_CODES:
            yield from (_gap(gap, standing.now) for gap in mine)
            continue
        held = sum(gap.records for gap in mine)
        says = f"{name}: {len(mine):,} codes are mapped by nobody; {many(held, 'record')} waiting"
        since = min(gap.since or standing.now for gap in mine)
        about = f"{_named(name, steward, old)}/many"
        yield Problem(GAP, about, says, since, held, steward=steward, command="concordat quarantine list")


def _gap(gap: GapStanding, now: datetime) -> Problem:
    waiting = f"{many(gap.records, 'record')} waiting for it"
    says = f"{gap.map}: the code {gap.code} is not in the table {gap.table}; {waiting}"
    about = f"{gap.map}/{gap.table}/{gap.code}"
    return Problem(GAP, about, says, gap.since or now, gap.records, steward=gap.steward, command="concordat status")


def _by_steward(gaps: Sequence[GapStanding]) -> Iterator[tuple[tuple[str, str], Sequence[GapStanding]]]:
    for key in sorted({(gap.map, gap.steward) for gap in gaps}):
        yield key, [gap for gap in gaps if (gap.map, gap.steward) == key]


def _named(name: str, steward: str, gaps: Sequence[GapStanding]) -> str:
    """A map's codes may concern several: then each is told of theirs under a name of its own."""
    alone = {gap.steward for gap in gaps if gap.map == name} == {steward}
    return name if alone else f"{name}/{steward}"


def _reviews(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        for steward, waiting in sorted(entity.questions.items()):
            if waits(waiting, limits.question_age, standing.now):
                since = waiting.since or standing.now
                says = f"{entity.name}: {many(waiting.count, 'question')} waiting, the oldest since {at(since)}"
                yield Problem(
                    REVIEW, f"{entity.name}/{steward}", says, since, waiting.count, entity.name,
                    steward=steward, command="concordat review list",
                )  # fmt: skip


def _early(standing: Standing, _: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        for steward, waiting in sorted(entity.early.items()):
            since = waiting.since or standing.now
            told = f"waiting for accounting longer than promised, the oldest since {at(since)}"
            says = f"{entity.name}: {many(waiting.count, 'early account')} {told}"
            yield Problem(
                EARLY, f"{entity.name}/{steward}", says, since, waiting.count, entity.name,
                steward=steward, command=f"concordat early {entity.name} --overdue --steward {steward}",
            )  # fmt: skip


def _gaps_grow(standing: Standing, limits: Limits) -> Iterator[Problem]:
    """Somebody changed the codes of a system, and each new one would be an alert of its own."""
    young = [gap for gap in standing.gaps if gap.since is not None and standing.now - gap.since < _A_DAY]
    for (name, steward), mine in _by_steward(young):
        if len(mine) >= limits.gaps_a_day:
            held = sum(gap.records for gap in mine)
            says = f"{name}: {len(mine)} codes that nobody mapped came within a day; {many(held, 'record')} waiting"
            since = min(gap.since for gap in mine if gap.since is not None)
            about = _named(name, steward, young)
            yield Problem(GAPS, about, says, since, held, steward=steward, command="concordat status")


def _drift(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        found, most = entity.unexplained, limits.drift_share * entity.compared
        if entity.compared_at is not None and found >= limits.drift_least and found > most:
            told = f"{found:,} of {many(entity.compared, 'record')} say something else than was decided"
            says = f"{entity.name}: {told}, and nothing that is known explains it"
            yield Problem(
                DRIFT, entity.name, says, entity.compared_at, found, entity.name,
                steward=entity.steward, command="concordat status --drift",
            )  # fmt: skip


def _totals(standing: Standing, limits: Limits) -> Iterator[Problem]:
    """One for each steward of an entity's money. A system that is not written to differs by the book's own will."""
    shadow = {system.name for system in standing.systems if system.writes == "off"}
    for entity in standing.entities:
        apart = [one for one in entity.totals if _is_apart(one, limits) and shadow.isdisjoint(one.systems.split("/"))]
        for steward in sorted({one.steward for one in apart}):
            mine = [one for one in apart if one.steward == steward]
            yield _money(entity, steward or entity.steward, mine, entity.compared_at or standing.now)


def _is_apart(one: TotalStanding, limits: Limits) -> bool:
    return abs(one.difference) > max(limits.totals_least, limits.totals_share * one.of)


def _money(entity: EntityStanding, steward: str, apart: Sequence[TotalStanding], since: datetime) -> Problem:
    told = "; ".join(
        f"{one.field}: {' and '.join(one.systems.split('/'))} are {abs(one.difference):,.2f} {one.currency} apart, "
        f"over {many(one.records, 'record')}"
        for one in apart[:_MOST_TOTALS]
    )
    more = f"; and {len(apart) - _MOST_TOTALS} more" if len(apart) > _MOST_TOTALS else ""
    return Problem(
        TOTALS, f"{entity.name}/{steward}", f"{entity.name}: {told}{more}", since, max(one.records for one in apart),
        entity.name, steward=steward, command="concordat status --drift",
    )  # fmt: skip


def _disk(standing: Standing, limits: Limits) -> Iterator[Problem]:
    kept = standing.kept
    if kept.disk_free is not None and kept.disk_size and kept.disk_free < limits.disk_free * kept.disk_size:
        says = f"{kept.disk_free / 2**30:.1f} GiB are left on the disk under the ledger"
        yield Problem(DISK, "ledger", says, standing.now)


def _restored(standing: Standing, _: Limits) -> Iterator[Problem]:
    if standing.restored_since is not None:
        says = standing.restored_says
        yield Problem(RESTORED, "ledger", says, standing.restored_since, command="concordat adopt --dry")


def _book(standing: Standing, limits: Limits) -> Iterator[Problem]:
    """Half a minute of a file that is being saved is no alert."""
    book = standing.book
    if book is None or book.until is not None or standing.now - book.since < limits.book_age:
        return
    more = f", and {many(book.faults - 1, 'more fault')}" if book.faults > 1 else ""
    what = "has faults, and runs go on with it" if book.loads else "cannot be loaded, and every run fails"
    says = f"the book {what}: {book.says}{more}"
    yield Problem(BOOK_FAULTY if book.loads else BOOK, "book", says, book.since, command="concordat check")


def _loaded(standing: Standing, limits: Limits) -> Iterator[Problem]:
    """Nobody but a person can let the scheduler load a book anew."""
    loaded = standing.loaded
    if loaded is None:
        return
    if loaded.since is not None and standing.now - loaded.since > limits.loaded_age:
        says = f"Dagster still shows the book of before ({loaded.says}): press Reload definitions there"
        yield Problem(NOT_LOADED, "book", says, loaded.since, command="concordat check")
    if standing.now - loaded.looked_at > limits.looked_age:
        says = f"the sensor concordat_book_changed has not looked at the book since {at(loaded.looked_at)}"
        yield Problem(UNWATCHED, "book", says, loaded.looked_at, command="concordat check")


def _upkeep(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for chore in standing.chores:
        late = standing.now - chore.done_at > chore.every * limits.chore_nights + _AN_HOUR
        if chore.failed or late:
            says = f"{chore.name} failed: {chore.failed}" if chore.failed else f"{chore.name} was not done"
            last = f"{says}; it last went well {at(chore.done_at)}"
            yield Problem(UPKEEP, chore.name, last, chore.done_at, command=COMMANDS.get(chore.name, "concordat status"))


def _channels(standing: Standing, _: Limits) -> Iterator[Problem]:
    for channel, waiting in sorted(standing.undelivered.items()):
        if waiting.count:
            says = f"the channel {channel} did not take {many(waiting.count, 'message')}"
            yield Problem(CHANNEL, channel, says, waiting.since or standing.now, command="concordat alerts")


def _growth(standing: Standing, limits: Limits) -> Iterator[Problem]:
    kept = standing.kept
    if not kept.grows_per_day or kept.grows_per_day < 0 or kept.disk_free is None:
        return
    days = kept.disk_free / kept.grows_per_day
    if days < limits.disk_days:
        pace = f"the ledger grows by {kept.grows_per_day / 2**20:,.0f} MiB a day"
        says = f"{pace}; its disk is full in {days:.0f} days"
        yield Problem(GROWTH, "ledger", says, standing.now, command="concordat prune --vacuum")


RULES = (
    _uncertain,
    _blocked,
    _quarantine,
    _gaps,
    _gaps_grow,
    _reviews,
    _early,
    _drift,
    _totals,
    _disk,
    _restored,
    _book,
    _loaded,
    _growth,
    _upkeep,
    _channels,
)
