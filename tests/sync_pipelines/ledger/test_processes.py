"""Real processes: killed, paused, at the same moment."""

import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.model.changes import OPEN, State
from tests.sync_pipelines.ledger.conftest import both_databases
from tests.sync_pipelines.ledger.facts import NOW, at

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
Process: TypeAlias = "subprocess.Popen[str]"
Starts: TypeAlias = Callable[..., Process]


@pytest.fixture
def start() -> Generator[Starts]:
    """Starts a process that does one of `processes.ACTS`; none outlives the test."""
    with ExitStack() as stack:

        def started(act: str, *told: str) -> Process:
            command = [sys.executable, "-m", "tests.sync_pipelines.ledger.processes", act, *told]
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield started


def heard(process: Process) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.write("go on\n")
    process.stdin.flush()


@both_databases
def test_an_intent_survives_the_death_of_its_process(ledger_url: str, start: Starts) -> None:
    process = start("intend_and_wait", ledger_url)
    assert heard(process) == "intended"
    process.kill()
    process.wait()
    ledger = open_ledger(ledger_url)
    (left,) = ledger.changes(states=OPEN)
    assert (left.key, left.state, left.payload) == ("k1", State.INTENDED, {"name": "new"})
    assert ledger.acquire("erp/party", "who recovers", at(9), at(30)) is None
    lease = ledger.acquire("erp/party", "who recovers", at(10), at(30))
    assert lease is not None
    assert lease.token == 2
    ledger.close()


@both_databases
def test_a_process_that_dies_before_its_commit_leaves_nothing_and_locks_nobody_out(
    ledger_url: str, start: Starts
) -> None:
    process = start("intend_within_a_transaction_and_wait", ledger_url)
    assert heard(process) == "intended"
    process.kill()
    process.wait()
    ledger = open_ledger(ledger_url, patience=20)
    assert (ledger.changes(), ledger.plans()) == ([], [])
    assert ledger.acquire("erp/party", "next", NOW, at(10)) is not None
    ledger.close()


@both_databases
def test_of_two_processes_at_the_same_moment_one_gets_the_lease(ledger_url: str, start: Starts) -> None:
    processes = [start("acquire", ledger_url, holder) for holder in ("one", "two")]
    assert [heard(process) for process in processes] == ["ready"] * 2
    for process in processes:
        tell(process)
    assert sorted(heard(process) for process in processes) == ["1", "refused"]


@both_databases
def test_a_zombie_with_an_old_token_is_refused(ledger_url: str, start: Starts) -> None:
    zombie = start("be_a_zombie", ledger_url)
    assert heard(zombie) == "paused"
    ledger = open_ledger(ledger_url)
    assert ledger.acquire("erp/party", "successor", at(11), at(30)) is not None
    tell(zombie)
    assert heard(zombie) == "erp/party: zombie no longer has the right to write (token 1)"
    assert [change.state for change in ledger.changes()] == [State.PLANNED]
    ledger.close()


@both_databases
def test_processes_that_count_together_lose_no_call(ledger_url: str, start: Starts) -> None:
    processes = [start("spend", ledger_url, "25") for _ in range(2)]
    assert [heard(process) for process in processes] == ["ready"] * 2
    for process in processes:
        tell(process)
    assert [heard(process) for process in processes] == ["done"] * 2
    ledger = open_ledger(ledger_url)
    assert ledger.spend("crm", "2026-03-01", 0) == 50
    ledger.close()
