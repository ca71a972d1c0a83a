"""What holds for every test: loopback only, a Dagster home of its own, and skips that are counted and explained."""

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Generator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None)  # make test ARGS="--hypothesis-profile=explore"
settings.load_profile("steady")

_SKIPS_FAIL = os.environ.get("CI") == "true"
_SKIPPED: pytest.StashKey[Counter[str]] = pytest.StashKey()
_HOME: pytest.StashKey[Path] = pytest.StashKey()


# --- loopback only ------------------------------------------------------------------------------------------------


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        address = ip_address(str(name).split("%", maxsplit=1)[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _asked_host(event: str, arguments: tuple[Any, ...]) -> object:
    """The host an audited socket call is about; `None` where no network is involved (Unix sockets, netlink)."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        return address[0] if isinstance(address, tuple) and isinstance(address[0], str | bytes) else None
    if event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        return arguments[0]
    return None


def _refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook sees every socket of this process, in every thread and whatever library opens it.

    `pytest.fail` raises a BaseException, so that no `except Exception` or retry swallows it. What it cannot see:
    sockets opened by C libraries themselves (libpq, gRPC) and by processes that a test starts.
    """
    if event.startswith("socket.") and not _is_loopback(host := _asked_host(event, arguments)):
        pytest.fail(f"tests reach loopback only, but this one asked for {host!r} ({event})")


# --- a Dagster home of its own ------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Before any test module is imported, since dagster reads its environment when it is."""
    home = Path(tempfile.mkdtemp(prefix="concordat-tests-"))
    home.joinpath("dagster.yaml").write_text("telemetry: {enabled: false}\nnux: {enabled: false}\n", encoding="utf-8")
    os.environ.update(DAGSTER_HOME=str(home), DAGSTER_DISABLE_TELEMETRY="yes")
    config.stash[_HOME] = home
    config.stash[_SKIPPED] = Counter()
    sys.addaudithook(_refuse_network)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[_HOME], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "real" in item.path.relative_to(Path(__file__).parent).parts[:-1]:
            item.add_marker(pytest.mark.real)


# --- a skipped test is a failure in CI, elsewhere it is counted and explained ---------------------------------------


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr).removeprefix("Skipped: ")


def _account_for(report: pytest.TestReport | pytest.CollectReport, config: pytest.Config) -> None:
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    config.stash[_SKIPPED][_reason(report)] += 1
    if _SKIPS_FAIL:
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as a failure where CI=true: {_reason(report)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _account_for(report, item.config)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _account_for(report, collector.config)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = config.stash[_SKIPPED]
    if not skipped:
        return
    terminalreporter.section(f"{skipped.total()} skipped, and why")
    for reason, count in skipped.most_common():
        terminalreporter.write_line(f"{count:5}  {reason}")
    if not _SKIPS_FAIL:
        terminalreporter.write_line("What these need is installed by .ci/setup; in CI a skipped test is a failure.")
