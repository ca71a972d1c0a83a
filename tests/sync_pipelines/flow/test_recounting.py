"""What a bundle tells of what happened: the newest, in order, and nobody's secret."""

from datetime import UTC, datetime, timedelta

from sync_pipelines.flow.recounting import recounted
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.records import RunRecord

AT = datetime(2026, 3, 4, tzinfo=UTC)


def test_of_many_lines_the_newest_are_told_oldest_first_and_no_secret_in_any() -> None:
    ledger = MemoryLedger()
    for number in range(5):
        at = AT + timedelta(minutes=number)
        says = "crm: 401 for https://anna:sesame@crm.example/"
        ledger.start_run(RunRecord(f"r{number}", "account", "sync", at, at + timedelta(seconds=1), "halted", says))
    told = recounted(ledger, 4)
    assert [line.partition(" about=")[0] for line in told] == [
        f"{(AT + timedelta(minutes=minute, seconds=second)).isoformat()} sync {what}: run=r{minute}"
        for minute in (3, 4)
        for second, what in enumerate(("began", "ended"))
    ]
    assert "401 for https://" in told[-1]
    assert "sesame" not in " ".join(told)
