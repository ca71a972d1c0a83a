"""From a run that breaks to the person who is told: exporter, Prometheus and Alertmanager, all of them real."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.real.prometheus.conftest import CONCORDAT, Receiver, Start, free_port, program, until

pytestmark = [pytest.mark.debian, pytest.mark.slow]
EXAMPLE = Path(__file__).parents[3] / "monitoring" / "rules" / "alertmanager.yml"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A house on the bundled book, whose systems nobody has set up."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONCORDAT_")}
    return {**kept, "CONCORDAT_HOME": str(tmp_path / "home")}


@pytest.fixture
def exporter(start: Start, environment: dict[str, str]) -> str:
    port = free_port()
    start(CONCORDAT, "exporter", "--port", port, **environment)
    return f"127.0.0.1:{port}"


@pytest.fixture
def alertmanager(start: Start, receiver: Receiver, tmp_path: Path) -> str:
    """With the example of routes, in a hurry, and with our receiver in place of those it names."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in (("127.0.0.1:9099", f"127.0.0.1:{receiver.port}"), ("30s", "0s"), ("5m", "1s")):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "alertmanager.yml").write_text(text, encoding="utf-8")
    port = free_port()
    start(
        program("prometheus-alertmanager"), f"--config.file={tmp_path / 'alertmanager.yml'}",
        f"--storage.path={tmp_path / 'alertmanager'}", f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    )  # fmt: skip
    until(lambda: httpx.get(f"http://127.0.0.1:{port}/-/ready").is_success, "Alertmanager is ready")
    return f"127.0.0.1:{port}"


def test_a_run_that_breaks_reaches_who_is_on_call(
    environment: dict[str, str],
    exporter: str,
    alertmanager: str,
    prometheus: Callable[..., str],
    receiver: Receiver,
) -> None:
    prometheus(exporter, alertmanager)
    broken = subprocess.run(
        [CONCORDAT, "apply", "account"], env=environment, capture_output=True, timeout=120, check=False
    )
    assert broken.returncode == 1, "nothing is set up, so nothing can be read"
    ((path, alert), *_) = until(lambda: receiver.told("ConcordatRunFailed"), "the alert")
    assert path == "/on-call"
    assert alert["labels"]["entity"] == "account"
    assert alert["annotations"] == {
        "summary": "account: the newest run was halted",
        "runbook": "run_failed.md",
        "command": "concordat status",
    }
