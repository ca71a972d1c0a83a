"""The rules for Prometheus and the routes for Alertmanager, by the programs that read them."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from monitoring.metrics import expose
from tests.monitoring.test_metrics import FULL

MONITORING = Path(__file__).parents[2] / "monitoring"
RULES = MONITORING / "rules" / "concordat.rules.yml"
ALERTMANAGER = MONITORING / "rules" / "alertmanager.yml"
LONG = 4 * 24 * 60  # minutes


def rules() -> list[dict[str, Any]]:
    alerting, _ = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return list(alerting["rules"])


def records() -> list[dict[str, Any]]:
    _, recording = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return list(recording["rules"])


def said(name: str, *arguments: object) -> str:
    """What a program answers that finds no fault."""
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is missing: Debian packages prometheus and prometheus-alertmanager")
    command = [program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True)
class Story:
    """Series as promtool writes them, a value a minute from 1970 on; minutes in which the alert is silent, and told."""

    alert: str
    silent: int
    told: int
    series: dict[str, str]
    labels: dict[str, str] = field(default_factory=dict)
    up: str = f"1x{LONG}"


ACCOUNT = {"entity": "account"}
MONEY = {"what": "credit_limit EUR", "systems": "crm/erp"}


def constant(value: float) -> str:
    return f"{value:g}x{LONG}"


def metric(name: str, **labels: str) -> str:
    told = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return f"concordat_{name}{{{told}}}"


STORIES = (
    Story("ConcordatExporterDown", 9, 12, {}, {"job": "concordat", "instance": "i"}, up="1x5 0x60"),
    Story("ConcordatExporterDown", 4, 6, {}, {"job": "concordat"}, up=""),
    Story("ConcordatWatchDead", 15, 16, {metric("watched_timestamp_seconds"): constant(0)}),
    Story(
        "ConcordatDidNotRun", 8, 9,
        {metric("run_started_timestamp_seconds", **ACCOUNT): constant(0),
         metric("run_every_seconds", **ACCOUNT): constant(300)},
        ACCOUNT,
    ),
    Story(
        "ConcordatNotFresh", 18, 19,
        {metric("run_good_timestamp_seconds", **ACCOUNT): constant(0),
         metric("fresh_within_seconds", **ACCOUNT): constant(900)},
        ACCOUNT,
    ),
    Story(
        "ConcordatRunFailed", 4, 5, {metric("run_state", **ACCOUNT, state="halted"): "0x4 1x20"},
        {**ACCOUNT, "state": "halted"},
    ),
    Story(
        "ConcordatSystemNotRead", 14, 16,
        {metric("read_complete", system="erp", kind="A"): "1x5 0x60",
         metric("read_complete", system="erp", kind="B"): "0x90",
         metric("read_complete", system="crm", kind="A"): "0x4 1x90"},
        {"system": "erp"},
    ),
    Story(
        "ConcordatDiskNearlyFull", 9, 11, {metric("disk_free_bytes"): "20x5 9x60", metric("disk_size_bytes"): "100x90"},
    ),
    Story(
        "ConcordatBudgetNearlySpent", 4, 6,
        {metric("calls_today", system="crm"): "90x5 91x60", metric("calls_per_day", system="crm"): "100x90"},
        {"system": "crm"},
    ),
    Story("ConcordatUncertainWrites", 59, 61, {metric("uncertain_writes", **ACCOUNT): constant(2)}, ACCOUNT),
    Story(
        "ConcordatChannelFails", 9, 11, {metric("undelivered_messages", channel="pager"): constant(1)},
        {"channel": "pager"},
    ),
    Story(
        "ConcordatQuarantineOld", 24 * 60, 24 * 60 + 1,
        {metric("quarantined_oldest_seconds", **ACCOUNT, reason="rejected"): f"0+60x{LONG}",
         metric("quarantined_oldest_seconds", **ACCOUNT, reason="gap"): f"90000+60x{LONG}"},
        ACCOUNT,
    ),
    Story("ConcordatLedgerRestored", 4, 5, {metric("ledger_restored"): "0x4 1x60"}),
    Story("ConcordatBookBroken", 6, 7, {metric("book_loads"): "1x4 0x60", metric("book_faults"): "0x4 3x60"}),
    Story("ConcordatBookFaulty", 6, 7, {metric("book_loads"): "1x64", metric("book_faults"): "0x4 3x60"}),
    Story("ConcordatBookNotLoaded", 243, 245, {metric("book_not_loaded"): f"0x4 1x{LONG}"}),
    Story("ConcordatBookUnwatched", 15, 16, {metric("book_looked_timestamp_seconds"): constant(0)}),
    Story(
        "ConcordatReadNothing", 14, 16,
        {metric("read_doubted", system="erp", kind="A"): "1x60",
         metric("read_doubted", system="crm", kind="A"): "0x60"},
        {"system": "erp", "kind": "A"},
    ),
    Story(
        "ConcordatInboxWaits", 15, 16, {metric("inbox_oldest_seconds", system="crm"): "0+60x60"}, {"system": "crm"},
    ),
    Story(
        "ConcordatSchemaDrift", 4, 5,
        {metric("schema_changes", system="erp", kind="A", level="harmless"): "3x60",
         metric("schema_changes", system="erp", kind="A", level="write_fails"): "0x4 1x60"},
        {"system": "erp", "kind": "A"},
    ),
    Story("ConcordatClockSkew", 14, 16, {metric("clock_skew_seconds", system="erp"): "-121x60"}, {"system": "erp"}),
    Story(
        "ConcordatExpiresSoon", 60, 62,
        {metric("expires_timestamp_seconds", system="crm", what="certificate"): constant(14 * 86400 + 3660)},
        {"system": "crm", "what": "certificate"},
    ),
    Story(
        "ConcordatUpkeepLate", 2 * 24 * 60 + 60, 2 * 24 * 60 + 66,
        {metric("chore_done_timestamp_seconds", chore="backup"): constant(0),
         metric("chore_every_seconds", chore="backup"): constant(86400),
         metric("chore_failed", chore="backup"): constant(0)},
        {"chore": "backup"},
    ),
    Story("ConcordatUpkeepLate", 4, 6, {metric("chore_failed", chore="drill"): "1x60"}, {"chore": "drill"}),
    Story(
        "ConcordatLedgerGrows", 59, 61,
        {metric("disk_free_bytes"): "1300x90", metric("ledger_growth_bytes_per_day"): "100x90"},
    ),
    Story(
        "ConcordatDrift", 4, 5,
        {metric("unexplained_records", **ACCOUNT): "10x4 11x60", metric("compared_records", **ACCOUNT): "1000x90",
         metric("unexplained_records", entity="contact"): "9x90",
         metric("compared_records", entity="contact"): "10x90"},
        ACCOUNT,
    ),
    Story(
        "ConcordatTotalsDiffer", 8, 10,
        {metric("control_total_difference", **ACCOUNT, **MONEY): "-100x4 -101x60",
         metric("control_total", **ACCOUNT, **MONEY): "100000x90",
         metric("control_total_difference", entity="contact", **MONEY): "1x90",
         metric("control_total", entity="contact", **MONEY): "10x90"},
        {**ACCOUNT, **MONEY},
    ),
    Story(
        "ConcordatUnknownCodes", 60, 61, {metric("unknown_codes_oldest_seconds", map="erp"): "0+60x90"}, {"map": "erp"},
    ),
    Story(
        "ConcordatEarlyAccountsOverdue", 59, 61, {metric("early_overdue", **ACCOUNT, steward="finance"): "2x90"},
        {**ACCOUNT, "steward": "finance"},
    ),
    Story(
        "ConcordatQuestionsOld", 48 * 60, 48 * 60 + 1,
        {metric("questions_oldest_seconds", **ACCOUNT, steward="sales"): f"0+60x{LONG}"},
        {**ACCOUNT, "steward": "sales"},
    ),
)  # fmt: skip


def promtool_test(story: Story) -> dict[str, Any]:
    series = {'up{job="concordat",instance="i"}': story.up, **story.series} if story.up else story.series
    severity = next(rule["labels"]["severity"] for rule in rules() if rule["alert"] == story.alert)
    labels = {"alertname": story.alert, "alertstate": "firing", "severity": severity, **story.labels}
    told = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    firing = 'ALERTS{alertstate="firing"}'
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {"expr": firing, "eval_time": f"{story.silent}m", "exp_samples": []},
            {
                "expr": firing,
                "eval_time": f"{story.told}m",
                "exp_samples": [{"labels": f"ALERTS{{{told}}}", "value": 1}],
            },
        ],
    }


@pytest.mark.debian
@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.alert} {story.labels}")
def test_a_rule_is_silent_before_its_time_and_tells_then(story: Story, tmp_path: Path) -> None:
    file = tmp_path / "rules.test.yml"
    told = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [promtool_test(story)]}
    file.write_text(yaml.safe_dump(told), encoding="utf-8")
    said("promtool", "test", "rules", file)


RECORDED: Mapping[str, tuple[Mapping[str, float], float]] = {
    "concordat:in_sync:ratio": (
        {metric("in_sync_records", **ACCOUNT): 198, metric("compared_records", **ACCOUNT): 200}, 0.99,
    ),
    "concordat:promise_used:ratio": (
        {metric("run_good_timestamp_seconds", **ACCOUNT): 0, metric("fresh_within_seconds", **ACCOUNT): 600}, 0.5,
    ),
    "concordat:calls_used:ratio": (
        {metric("calls_today", system="crm"): 30, metric("calls_per_day", system="crm"): 40}, 0.75,
    ),
    "concordat:money_apart:sum_abs": (
        {metric("control_total_difference", **ACCOUNT, what="a EUR", systems="crm/erp"): -2.5,
         metric("control_total_difference", **ACCOUNT, what="b EUR", systems="crm/erp"): 2.5}, 5,
    ),
}  # fmt: skip


@pytest.mark.debian
@pytest.mark.parametrize("rule", records(), ids=lambda rule: rule["record"])
def test_a_recorded_figure_is_what_it_is_called(rule: dict[str, Any], tmp_path: Path) -> None:
    series, wanted = RECORDED[rule["record"]]
    labels = 'system="crm"' if "calls" in rule["record"] else 'entity="account"'
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": constant(value)} for name, value in series.items()],
        "promql_expr_test": [
            {
                "expr": rule["record"],
                "eval_time": "5m",
                "exp_samples": [{"labels": f"{rule['record']}{{{labels}}}", "value": wanted}],
            }
        ],
    }
    file = tmp_path / "rules.test.yml"
    told = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}
    file.write_text(yaml.safe_dump(told), encoding="utf-8")
    said("promtool", "test", "rules", file)


def test_every_rule_has_a_story() -> None:
    assert {story.alert for story in STORIES} == {rule["alert"] for rule in rules()}


@pytest.mark.debian
def test_prometheus_takes_the_rules_and_the_example() -> None:
    said("promtool", "check", "rules", RULES)
    said("promtool", "check", "config", RULES.with_name("prometheus.yml"))


def asked() -> Iterator[tuple[str, set[str]]]:
    """Every metric a rule asks for, with the labels it compares."""
    for rule in (*rules(), *records()):
        for name, labels in re.findall(r"(concordat_\w+)(?:\{([^}]*)\})?", rule["expr"]):
            yield name, set(re.findall(r"(\w+)\s*[=!]", labels))


def test_every_figure_a_rule_asks_for_is_one_the_exporter_tells() -> None:
    families = text_string_to_metric_families(expose(FULL).decode())
    told = {sample.name: set(sample.labels) for family in families for sample in family.samples}
    assert [name for name, labels in asked() if name not in told or not labels <= told[name]] == []


def test_every_rule_has_a_runbook_and_a_summary() -> None:
    for rule in rules():
        assert (MONITORING / "runbooks" / rule["annotations"]["runbook"]).is_file(), rule["alert"]
        assert rule["annotations"]["summary"]


@pytest.mark.debian
@pytest.mark.parametrize(
    ("severity", "receiver"), [("page", "on-call"), ("warn", "mail"), ("steward", "stewards"), ("", "mail")]
)
def test_who_is_told_by_the_example_of_routes(severity: str, receiver: str) -> None:
    label = f"severity={severity}" if severity else "alertname=Other"
    routed = said("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}", label)
    assert routed.strip() == receiver


@pytest.mark.debian
def test_alertmanager_takes_the_example() -> None:
    said("amtool", "check-config", ALERTMANAGER)
