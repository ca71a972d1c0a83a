"""What Prometheus scrapes: few labels, right units, and a page that says it where the ledger cannot be read."""

from dataclasses import replace
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from monitoring.counting import Counts
from monitoring.exporter import application
from monitoring.metrics import expose
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
from tests.monitoring.standings import NOW, account, ago, contact, place, ran, read, well

FULL = well(
    entities=(
        account(
            runs=(ran(3, "incomplete", read=7, creates=2, rejected=1, failed=1), ran(8)),
            quarantined={"rejected": Waiting(3, ago(10))},
            questions={"sales": Waiting(2, ago(20))},
            uncertain=Waiting(1, ago(1)),
            compared=200,
            in_sync=198,
            compared_at=ago(60),
            unexplained=1,
            early={"finance": Waiting(2, ago(30))},
            totals=(TotalStanding("limit@100", "EUR", "crm/erp", -2.5, 40.5),),
            blocked=(Part("p1", "crm", "update", 4, "x"), Part("p2", "crm", "update", 6, "x")),
        ),
        contact(),
    ),
    places=(
        place("crm", reads=(read(3, 9, says="no login"),), dirty=3),
        place("erp", doubted_since=ago(9)),
    ),
    systems=(
        SystemStanding(
            "crm",
            "crm",
            calls_today=50,
            calls_per_day=1000,
            calls_forecast=700,
            repeats_today=4,
            skew=timedelta(seconds=-3),
            announced_at=ago(2),
            unheard=Waiting(2, ago(1)),
        ),
    ),
    expiring=(Expiry("crm", "certificate", ago(-60), "crm"),),
    gaps=(GapStanding("t", "erp", "A", 2, ago(7)), GapStanding("t", "erp", "B", 3, ago(3))),
    schema=(SchemaChange("erp", "Customer", ago(5), "harmless", "x"),) * 2,
    canaries=(Canary("account", "a", timedelta(1), ago(50)), Canary("account", "b", timedelta(1), ago(70))),
    kept=KeptStanding(10, 20, 30, 5.5),
    chores=(Chore("backup", timedelta(days=1), ago(600), failed="no disk"),),
    restored_since=ago(5),
    book=BookStanding(ago(3), "x", 2, loads=True),
    loaded=LoadedStanding(ago(2), ago(9), "new: contact"),
    undelivered={"pager": Waiting(1, ago(5))},
    watched_at=ago(4),
)


def counted() -> Counts:
    """What the gate counts besides."""
    counts = Counts()
    counts.received("crm", "new")
    counts.refused("crm", "forged")
    counts.login("passed")
    return counts


def samples(standing: Standing) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(expose(standing).decode())
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_what_is_told_and_in_which_unit() -> None:
    told = samples(FULL)
    expected = {
        ("concordat_run_state", "account", "incomplete"): 1,
        ("concordat_run_state", "account", "complete"): 0,
        ("concordat_run_good_timestamp_seconds", "account"): ago(8).timestamp(),
        ("concordat_run_every_seconds", "account"): 300,
        ("concordat_fresh_within_seconds", "account"): 900,
        ("concordat_run_records", "account", "creates"): 2,
        ("concordat_entities", "account"): 100,
        ("concordat_compared_records", "account"): 200,
        ("concordat_in_sync_records", "account"): 198,
        ("concordat_control_total_difference", "account", "crm/erp", "limit@100 EUR"): -2.5,
        ("concordat_control_total", "account", "crm/erp", "limit@100 EUR"): 40.5,
        ("concordat_chore_done_timestamp_seconds", "backup"): ago(600).timestamp(),
        ("concordat_quarantined_records", "account", "rejected"): 3,
        ("concordat_quarantined_oldest_seconds", "account", "rejected"): 600,
        ("concordat_questions", "account", "sales"): 2,
        ("concordat_uncertain_writes", "account"): 1,
        ("concordat_blocked_changes", "account", "update", "crm"): 10,
        ("concordat_read_complete", "Account", "crm"): 0,
        ("concordat_read_records", "Account", "crm"): 9,
        ("concordat_calls_today", "crm"): 50,
        ("concordat_calls_per_day", "crm"): 1000,
        ("concordat_calls_forecast", "crm"): 700,
        ("concordat_repeats_today", "crm"): 4,
        ("concordat_clock_skew_seconds", "crm"): -3,
        ("concordat_expires_timestamp_seconds", "crm", "certificate"): ago(-60).timestamp(),
        ("concordat_unknown_codes", "erp"): 2,
        ("concordat_unknown_code_records", "erp"): 5,
        ("concordat_unknown_codes_oldest_seconds", "erp"): 420,
        ("concordat_ledger_bytes",): 10,
        ("concordat_ledger_growth_bytes_per_day",): 5.5,
        ("concordat_ledger_restored",): 1,
        ("concordat_book_faults",): 2,
        ("concordat_book_loads",): 1,
        ("concordat_book_not_loaded",): 1,
        ("concordat_book_looked_timestamp_seconds",): ago(2).timestamp(),
        ("concordat_unexplained_records", "account"): 1,
        ("concordat_early_overdue", "account", "finance"): 2,
        ("concordat_early_oldest_seconds", "account", "finance"): 1800,
        ("concordat_to_read_again", "Account", "crm"): 3,
        ("concordat_read_doubted", "Account", "crm"): 0,
        ("concordat_read_doubted", "Account", "erp"): 1,
        ("concordat_schema_changes", "Customer", "harmless", "erp"): 2,
        ("concordat_announced_timestamp_seconds", "crm"): ago(2).timestamp(),
        ("concordat_inbox_waiting", "crm"): 2,
        ("concordat_inbox_oldest_seconds", "crm"): 60,
        ("concordat_chore_every_seconds", "backup"): 86400,
        ("concordat_chore_failed", "backup"): 1,
        ("concordat_canary_timestamp_seconds", "account"): ago(70).timestamp(),
        ("concordat_undelivered_messages", "pager"): 1,
        ("concordat_watched_timestamp_seconds",): ago(4).timestamp(),
    }
    assert {key: told[key] for key in expected} == expected


def test_labels_are_words_of_the_book_and_never_of_a_record() -> None:
    families = list(text_string_to_metric_families(expose(FULL).decode()))
    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert labels == {
        "entity", "state", "what", "reason", "steward", "system", "systems", "kind", "op", "map", "channel", "chore",
        "level",
    }  # fmt: skip


def test_a_good_run_that_is_older_than_promised_is_stale() -> None:
    told = samples(well(entities=(account(runs=(ran(16),)),)))
    assert (told["concordat_run_state", "account", "stale"], told["concordat_run_state", "account", "complete"]) == (
        1,
        0,
    )


def test_a_house_that_never_ran_is_told_as_well() -> None:
    assert ("concordat_entities", "account") in samples(well(entities=(account(runs=()),), places=()))


def test_every_request_reads_anew() -> None:
    moments = iter([NOW, NOW + timedelta(hours=1)])
    standing = replace(FULL)
    page = TestClient(application(lambda: replace(standing, now=next(moments))))
    first, second = (page.get("/metrics").text for _ in range(2))
    assert first != second


def test_where_the_ledger_cannot_be_read_the_pages_say_so_and_no_more() -> None:
    def broken() -> Standing:
        raise OSError("disk of customer 'Acme' is gone")

    page = TestClient(application(broken))
    assert page.get("/healthz").status_code == 200
    for path in ("/metrics", "/readyz"):
        answer = page.get(path)
        assert answer.status_code == 503
        assert "Acme" not in answer.text


def test_it_is_ready_when_it_can_read() -> None:
    assert TestClient(application(well)).get("/readyz").text == "ok\n"
