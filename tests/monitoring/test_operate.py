"""The page for operators shows every alert as it is, and an alerts.yaml that can be used."""

import re
from pathlib import Path

import pytest

from monitoring.kinds import KINDS
from monitoring.problems import Kind, Severity
from monitoring.settings import read_alerts
from tests.monitoring.test_watching import CASES

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "howto" / "operate.md"
HEADING = "## All alerts\n"
RUNBOOKS = "../../monitoring/runbooks"
WAKES = {
    Severity.PAGE: "page: somebody, now",
    Severity.WARN: "warn: on-call, in waking hours",
    Severity.STEWARD: "steward, in office hours",
}


def table() -> str:
    """Every alert, by whom it wakes."""
    order = list(WAKES)
    rows = [_row(kind) for kind in sorted(KINDS, key=lambda kind: (order.index(kind.severity), kind.name))]
    return (
        "\n".join(["| alert | it is told when | whom it wakes | runbook | test |", "|---|---|---|---|---|", *rows])
        + "\n"
    )


def _row(kind: Kind) -> str:
    case = next(key for key in CASES if key.partition(":")[0] == kind.name)
    page = f"[{kind.name}.md]({RUNBOOKS}/{kind.name}.md)"
    return f"| `{kind.name}` | {kind.trigger} | {WAKES[kind.severity]} | {page} | `test_watching.py`: `{case}` |"


def test_the_page_shows_every_alert_as_it_is() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.endswith(f"{HEADING}\n{table()}"), "run: python -m tests.monitoring.document"


def test_the_alerts_yaml_of_the_page_can_be_used(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    (tmp_path / "alerts.yaml").write_text(found[1], encoding="utf-8")
    assert len(read_alerts(tmp_path / "alerts.yaml").policy().routes) == 4


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_triggers_an_alert_is_told_in_one_line_of_a_table(kind: Kind) -> None:
    assert kind.trigger
    assert "|" not in kind.trigger
    assert "\n" not in kind.trigger


def test_a_steward_is_never_woken_by_what_on_call_has_to_do() -> None:
    assert {k.name for k in KINDS if k.severity is Severity.STEWARD} == {
        "quarantine_age", "unknown_code", "gaps_grow", "review_age", "early_account", "totals_differ",
    }  # fmt: skip
