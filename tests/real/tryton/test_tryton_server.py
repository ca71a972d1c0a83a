"""The server that tests and the demo start: prepared once, gone with its parent, and clear about what it lacks."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.errors import MisconfiguredError
from connectors.tryton.installation import copy_database, prepared
from connectors.tryton.server import TrytonServer
from tests.real.tryton.conftest import CACHE

_HELD = """
import os, pathlib, sys
from connectors.tryton.server import TrytonServer
server = TrytonServer(pathlib.Path(sys.argv[1]), data=pathlib.Path(sys.argv[2]))
print(server._running._process.pid, flush=True)
sys.stdin.read()
"""


def polled(what: Callable[[], bool], seconds: float = 15) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.05)
    return False


def is_group_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return all(state in {"Z", ""} for state in _states(group))


def _states(group: int) -> list[str]:
    """Zombies that nobody reaps still count for `killpg`."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    return [line.split()[1][:1] for line in listed.splitlines() if line.split()[0] == str(group)]


def test_each_server_has_a_database_of_its_own(server: TrytonServer) -> None:
    (made,) = server.call("party.party.create", [{"name": "nur hier"}])
    with TrytonServer(CACHE) as other:
        assert other.url != server.url
        assert other.call("party.party.search", [["name", "=", "nur hier"]], 0, None, None) == []
    assert server.call("party.party.read", [made], ["name"])[0]["name"] == "nur hier"


def test_a_data_folder_keeps_its_database_and_no_folder_leaves_nothing(tmp_path: Path) -> None:
    with TrytonServer(CACHE, data=tmp_path) as first:
        (made,) = first.call("party.party.create", [{"name": "bleibt"}])
    with TrytonServer(CACHE, data=tmp_path) as second:
        assert second.call("party.party.read", [made], ["name"]) == [{"id": made, "name": "bleibt"}]
    with TrytonServer(CACHE) as third:
        folder = third.log.parent
        assert folder.exists()
    assert not folder.exists()


def test_closing_twice_is_no_harm_and_stops_the_process() -> None:
    server = TrytonServer(CACHE)
    process = server._running._process
    assert process is not None
    server.close()
    server.close()
    assert process.poll() is not None
    assert polled(lambda: is_group_gone(process.pid))


def test_a_server_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _HELD, str(CACHE), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    group = int(parent.stdout.readline())
    assert not is_group_gone(group)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(10)
    parent.stdin.close()
    parent.stdout.close()
    assert polled(lambda: is_group_gone(group)), "a server without a parent goes on listening"


def test_passwords_are_not_shown_and_not_readable_by_others(server: TrytonServer) -> None:
    assert server.logins["sync"].password not in repr(server.logins)
    kept = next(CACHE.glob("*/logins-*.json"))
    assert kept.stat().st_mode & 0o077 == 0


def test_an_interrupted_copy_is_not_taken_for_a_database(server: TrytonServer, tmp_path: Path) -> None:
    template = next(CACHE.glob("*/template-*.sqlite"))
    (tmp_path / "erp.copying").write_bytes(b"half a database")
    copy_database(template, tmp_path / "erp.sqlite")
    assert (tmp_path / "erp.sqlite").stat().st_size == pytest.approx(template.stat().st_size, rel=0.2)
    assert not (tmp_path / "erp.copying").exists()


@pytest.mark.slow
def test_a_registry_out_of_reach_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(MisconfiguredError) as raised:
        prepared(tmp_path, lambda *_: pytest.fail("nothing to fill"))
    message = str(raised.value)
    assert message.startswith("could not install Tryton: ERROR: ")
    assert "within reach?" in message
    assert "\n" not in message


def test_a_python_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match=r"could not make Tryton's environment: .*venv"):
        prepared(tmp_path, lambda *_: pytest.fail("nothing to fill"), python=Path("/bin/false"))
    with pytest.raises(MisconfiguredError, match="No such file"):
        prepared(tmp_path / "other", lambda *_: pytest.fail("nothing to fill"), python=tmp_path / "python")


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "erp.sqlite").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(MisconfiguredError, match="did not start") as raised:
        TrytonServer(CACHE, data=tmp_path)
    assert "trytond.log" in str(raised.value)
