"""A chore that is no longer done is noticed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mappings.book import Comparing
from monitoring.kinds import Limits
from monitoring.standing import Chore
from monitoring.watching import look
from sync_pipelines.flow.chores import BACKUP, RECONCILE, chore, chores_of
from sync_pipelines.flow.standing import standing_of
from sync_pipelines.ledger.memory import MemoryLedger
from tests.laws.little_book import little_book

NIGHT = datetime(2026, 3, 4, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def late(ledger: MemoryLedger, now: datetime) -> list[str]:
    return [problem.says for problem in look(standing_of(ledger, little_book(), now), Limits()).problems]


def test_a_chore_leaves_what_it_came_to_and_is_missed_after_two_nights() -> None:
    ledger = MemoryLedger()
    with chore(ledger, BACKUP, lambda: NIGHT) as told:
        told["bytes"] = 7
    assert ledger.runs("upkeep/backup")[0].stats == {"bytes": 7}
    assert late(ledger, NIGHT + 2 * DAY) == []
    assert late(ledger, NIGHT + 2 * DAY + timedelta(hours=2)) == [
        "backup was not done; it last went well 2026-03-04 02:00 UTC"
    ]


def test_one_that_fails_says_why_and_since_when_and_the_next_good_one_heals_it() -> None:
    ledger = MemoryLedger()
    with chore(ledger, BACKUP, lambda: NIGHT):
        pass
    with pytest.raises(OSError, match="no room"), chore(ledger, BACKUP, lambda: NIGHT + DAY):
        raise OSError("no room for 'Acme'")
    assert list(chores_of(ledger)) == [Chore("backup", DAY, NIGHT, "no room for '…'")]
    assert late(ledger, NIGHT + DAY) == ["backup failed: no room for '…'; it last went well 2026-03-04 02:00 UTC"]
    with chore(ledger, BACKUP, lambda: NIGHT + 2 * DAY):
        pass
    assert late(ledger, NIGHT + 2 * DAY) == []


@pytest.mark.parametrize(
    ("at", "missed_after"), [("10 4 * * *", 2 * DAY), ("10 4 * * 0", 14 * DAY), ("", None), ("0 2 30 2 *", None)]
)
def test_a_comparison_is_missed_by_what_the_book_says_of_it(at: str, missed_after: timedelta | None) -> None:
    ledger, book = MemoryLedger(), replace(little_book(), comparing=Comparing(at))
    with chore(ledger, RECONCILE, lambda: NIGHT):
        pass

    def missed(after: timedelta) -> bool:
        return bool(look(standing_of(ledger, book, NIGHT + after), Limits()).problems)

    if missed_after is None:
        assert not missed(400 * DAY)
    else:
        assert (missed(missed_after), missed(missed_after + timedelta(hours=2))) == (False, True)


def test_a_house_that_never_did_a_chore_is_not_told_of_it() -> None:
    assert list(chores_of(MemoryLedger())) == []
