"""The dashboard for Grafana, made here so that it cannot drift from the figures: `python -m monitoring.dashboard`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "dashboards" / "concordat.json"
_WIDTH, _HEIGHT, _IN_A_ROW = 8, 7, 3
_SOURCE = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture; queries with what they are called in it."""

    title: str
    queries: Sequence[tuple[str, str]]
    unit: str = "short"
    says: str = ""
    sort: str = "timeseries"
    least: int | None = 0  # where the axis begins; None: figures may be negative


PANELS: Sequence[tuple[str, Sequence[Panel]]] = (
    (
        "Is all well?",
        (
            Panel(
                "How the newest run ended",
                [("concordat_run_state == 1", "{{entity}}: {{state}}")],
                sort="stat",
                says="complete, complete with rejects, incomplete, halted, stale",
            ),
            Panel(
                "Share of the promise that is used up",
                [
                    (
                        "(time() - concordat_run_good_timestamp_seconds) / concordat_fresh_within_seconds",
                        "{{entity}}",
                    )
                ],
                "percentunit",
                "Above 100 % the promise of freshness is broken.",
                "bargauge",
            ),
            Panel(
                "Since somebody last looked",
                [("time() - concordat_watched_timestamp_seconds", "concordat watch")],
                "s",
                sort="stat",
            ),
            Panel(
                "Since the newest run began",
                [
                    ("time() - concordat_run_started_timestamp_seconds", "{{entity}}"),
                    ("concordat_run_every_seconds", "{{entity}}: due"),
                ],
                "s",
            ),
            Panel(
                "In agreement",
                [("concordat_in_sync_records / concordat_compared_records", "{{entity}}")],
                "percentunit",
                "Records that say what was decided, of all that were compared.",
            ),
            Panel(
                "Control totals that differ",
                [("concordat_control_total_difference", "{{entity}} {{what}} {{systems}}")],
                says="Money that two systems say of the same things, the first less the second.",
                least=None,
            ),
            Panel(
                "Control totals apart, by share",
                [
                    (
                        "abs(concordat_control_total_difference) / concordat_control_total",
                        "{{entity}} {{what}} {{systems}}",
                    )
                ],
                "percentunit",
                "Of the larger sum. Above a thousandth the steward of the field is told.",
            ),
            Panel(
                "Differ, and nobody knows why",
                [("concordat_unexplained_records", "{{entity}}")],
                says="No question, no quarantine, no plan explains these records.",
            ),
            Panel("Things known", [("concordat_entities", "{{entity}}")]),
        ),
    ),
    (
        "Systems",
        (
            Panel("Read to the end", [("concordat_read_complete", "{{system}} {{kind}}")], says="1: yes"),
            Panel(
                "Believed to be empty by nobody",
                [("concordat_read_doubted", "{{system}} {{kind}}")],
                says="1: nothing was ever found there, and the book does not say that it may be empty.",
            ),
            Panel("Wait to be read by id", [("concordat_to_read_again", "{{system}} {{kind}}")]),
            Panel("Changed fields", [("concordat_schema_changes", "{{system}} {{kind}}: {{level}}")]),
            Panel(
                "Since a change was announced", [("time() - concordat_announced_timestamp_seconds", "{{system}}")], "s"
            ),
            Panel(
                "Announcements that wait",
                [("concordat_inbox_waiting", "{{system}}"), ("concordat_inbox_oldest_seconds", "{{system}}: seconds")],
            ),
            Panel(
                "Tried again",
                [
                    ('concordat_run_records{what=~"failed|stale"}', "{{entity}}: {{what}}"),
                    ("concordat_repeats_today", "{{system}}: asked again today"),
                ],
                says="Writes of the newest run that were not done, and reads of today that had to be asked again.",
            ),
            Panel("Records read", [("concordat_read_records", "{{system}} {{kind}}")]),
            Panel(
                "How far it is read",
                [("time() - concordat_read_up_to_timestamp_seconds", "{{system}} {{kind}}")],
                "s",
            ),
            Panel(
                "Calls today",
                [
                    ("concordat_calls_today", "{{system}}"),
                    ("concordat_calls_forecast", "{{system}}: by night"),
                    ("concordat_repeats_today", "{{system}}: made again"),
                ],
            ),
            Panel(
                "Share of the day's calls",
                [("concordat_calls_today / concordat_calls_per_day", "{{system}}")],
                "percentunit",
            ),
            Panel(
                "Written by the newest run",
                [
                    ('sum by (entity) (concordat_run_records{what=~"creates|updates|archives"})', "{{entity}}"),
                    ('concordat_run_records{what="rejected"}', "{{entity}}: refused"),
                ],
            ),
        ),
    ),
    (
        "Clocks and days",
        (
            Panel("Clock less ours", [("concordat_clock_skew_seconds", "{{system}}")], "s", least=None),
            Panel(
                "Until it ends",
                [("concordat_expires_timestamp_seconds - time()", "{{system}}: {{what}}")],
                "s",
                "Certificates of servers, and credentials whose last day stands in alerts.yaml.",
                "bargauge",
            ),
            Panel(
                "Chores, in intervals since they were done",
                [
                    ("(time() - concordat_chore_done_timestamp_seconds) / concordat_chore_every_seconds", "{{chore}}"),
                    ("concordat_chore_failed", "{{chore}}: its newest try failed"),
                ],
                says="Above 2 a chore is late.",
            ),
            Panel(
                "Since a canary's edit arrived",
                [("time() - concordat_canary_timestamp_seconds", "{{entity}}")],
                "s",
                "Records that a team edits by a clock, so that silence means something.",
            ),
        ),
    ),
    (
        "What waits",
        (
            Panel("Quarantine", [("concordat_quarantined_records", "{{entity}}: {{reason}}")]),
            Panel(
                "Age of the oldest there",
                [("max by (entity) (concordat_quarantined_oldest_seconds)", "{{entity}}")],
                "s",
            ),
            Panel(
                "Codes that nobody mapped",
                [("concordat_unknown_codes", "{{map}}: codes"), ("concordat_unknown_code_records", "{{map}}: records")],
            ),
            Panel("Age of the oldest code", [("concordat_unknown_codes_oldest_seconds", "{{map}}")], "s"),
            Panel("Early accounts beyond their promise", [("concordat_early_overdue", "{{entity}}: {{steward}}")]),
            Panel(
                "Age of the oldest early account", [("concordat_early_oldest_seconds", "{{entity}}: {{steward}}")], "s"
            ),
            Panel("Questions", [("sum by (steward) (concordat_questions)", "{{steward}}")]),
            Panel(
                "Age of the oldest question",
                [("max by (steward) (concordat_questions_oldest_seconds)", "{{steward}}")],
                "s",
            ),
            Panel(
                "Held, and without an outcome",
                [
                    ("sum by (entity, system) (concordat_blocked_changes)", "{{entity}} in {{system}}: held"),
                    ("concordat_uncertain_writes", "{{entity}}: no outcome"),
                ],
            ),
        ),
    ),
    (
        "Our own house",
        (
            Panel("Ledger", [("concordat_ledger_bytes", "ledger")], "bytes"),
            Panel("Growth a day", [("concordat_ledger_growth_bytes_per_day", "ledger")], "bytes", least=None),
            Panel(
                "The ledger is older than the systems",
                [("concordat_ledger_restored", "restored")],
                sort="stat",
                says="1: it was restored or lost, and nothing is made until it was adopted anew.",
            ),
            Panel(
                "The book of rules",
                [("concordat_book_faults", "faults"), ("concordat_book_loads", "can be loaded")],
                sort="stat",
                says="Where it cannot be loaded (0), every run fails; `concordat check` names every fault.",
            ),
            Panel(
                "Dagster shows another book",
                [("concordat_book_not_loaded", "not loaded")],
                sort="stat",
                says="1: press Reload definitions in Dagster; an entity that is new does not run until then.",
            ),
            Panel(
                "Since the sensor looked at the book",
                [("time() - concordat_book_looked_timestamp_seconds", "concordat_book_changed")],
                "s",
                "It looks each half minute, and keeps that within five.",
                "stat",
            ),
            Panel(
                "Left on its disk",
                [("concordat_disk_free_bytes / concordat_disk_size_bytes", "disk")],
                "percentunit",
            ),
            Panel("Messages that nobody took", [("concordat_undelivered_messages", "{{channel}}")]),
            Panel(
                "At the gate: announcements in an hour",
                [
                    ("increase(concordat_webhooks_received_total[1h])", "{{system}}: {{sort}}"),
                    ("increase(concordat_webhooks_refused_total[1h])", "{{system}}: refused, {{why}}"),
                ],
                says="Of the gate (`concordat serve`) alone; the exporter has none.",
            ),
            Panel(
                "At the gate: logins in an hour",
                [("increase(concordat_logins_total[1h])", "{{outcome}}")],
                says="Of the gate alone.",
            ),
        ),
    ),
)


def dashboard() -> dict[str, Any]:
    """As Grafana imports it; it asks which Prometheus is meant."""
    return {
        "uid": "concordat",
        "title": "Concordat",
        "tags": ["concordat"],
        "timezone": "browser",
        "schemaVersion": 39,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": list(_panels()),
    }


def queries() -> Iterator[str]:
    """Everything the dashboard asks Prometheus for."""
    return (query for _, row in PANELS for panel in row for query, _ in panel.queries)


def _panels() -> Iterator[dict[str, Any]]:
    top = number = 0
    for title, row in PANELS:
        number += 1
        place = {"x": 0, "y": top, "w": _WIDTH * _IN_A_ROW, "h": 1}
        yield {"id": number, "type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []}
        top += 1
        for at, panel in enumerate(row):
            number += 1
            yield _panel(panel, number, at % _IN_A_ROW * _WIDTH, top + at // _IN_A_ROW * _HEIGHT)
        top += -(-len(row) // _IN_A_ROW) * _HEIGHT


def _panel(panel: Panel, number: int, left: int, top: int) -> dict[str, Any]:
    return {
        "id": number,
        "type": panel.sort,
        "title": panel.title,
        "description": panel.says,
        "datasource": _SOURCE,
        "gridPos": {"x": left, "y": top, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {
            "defaults": {"unit": panel.unit} | ({} if panel.least is None else {"min": panel.least}),
            "overrides": [],
        },
        "options": {"textMode": "value_and_name"} if panel.sort == "stat" else {},
        "targets": [
            {"refId": "ABC"[at], "datasource": _SOURCE, "expr": query, "legendFormat": legend}
            for at, (query, legend) in enumerate(panel.queries)
        ],
    }


def text() -> str:
    """As it stands in its file."""
    return json.dumps(dashboard(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
