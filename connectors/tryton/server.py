"""A real Tryton server on this machine: for the demo, the tests, and for trying out a book of rules.

with TrytonServer(Path(".concordat/tryton")) as server:
    server.url, server.database, server.logins["sync"]
"""

import atexit
import base64
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Self

from connectors.errors import MisconfiguredError
from connectors.tryton import wire
from connectors.tryton.installation import (
    DATABASE,
    Installation,
    Login,
    copy_database,
    environment,
    prepared,
    write_settings,
)
from connectors.tryton.seeding import seed

_READY_PATIENCE = 60.0  # seconds
_STOP_PATIENCE = 10.0
_PORT_TRIES = 3  # another program may take a free port between choosing and listening

# The shell waits for the server; a watcher beside it reads our end of a pipe, which closes even when we are killed.
_LEASH = """
exec 3<&0
"$@" </dev/null 3<&- & server=$!
(read -r _ <&3; kill $server 2>/dev/null) & watcher=$!
exec 3<&-
wait $server; status=$?
kill $watcher 2>/dev/null; wait
exit $status
"""


class TrytonServer:
    """Prepared once per cache folder (some 50 seconds), then started on a copy of the template (3 seconds).

    `data` keeps the database between starts; without it every server begins with a fresh copy and leaves nothing.
    """

    def __init__(
        self,
        cache: Path,
        *,
        data: Path | None = None,
        python: Path = Path(sys.executable),
        session_seconds: int = 86_400,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Prepare and start. Raises MisconfiguredError with one line when this machine cannot."""
        self._installation = prepared(cache, _fill, python=python, say=say)
        self._running = _Running(self._installation, data, session_seconds)

    @property
    def url(self) -> str:
        return self._running.url

    @property
    def database(self) -> str:
        return DATABASE

    @property
    def logins(self) -> Mapping[str, Login]:
        """`sync` for the connection, `finance` for a person, `admin` for the administrator."""
        return self._installation.logins

    @property
    def log(self) -> Path:
        return self._running.log

    def call(self, method: str, *params: Any, login: str = "finance") -> Any:
        """One JSON-RPC call as a person would make it: `call("party.party.write", [7], {"name": "…"})`.

        Raises wire.RefusalError in the server's words.
        """
        return self._running.call(self.logins[login], f"model.{method}", params)

    def replace(self, loser: int, winner: int) -> None:
        """A person merges two parties with Tryton's own wizard."""
        finance = self.logins["finance"]
        session, state, _ = self._running.call(finance, "wizard.party.replace.create", ())
        self._running.call(finance, "wizard.party.replace.execute", (session, {}, state))
        asked = {"ask": {"source": loser, "destination": winner}}
        self._running.call(finance, "wizard.party.replace.execute", (session, asked, "replace"))
        self._running.call(finance, "wizard.party.replace.delete", (session,))

    def close(self) -> None:
        """Stop the server; twice is once."""
        self._running.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _fill(installation: Installation, folder: Path, passwords: Mapping[str, str]) -> None:
    """Seed the database in `folder` through a server that runs only for that."""
    running = _Running(installation, folder, 86_400)
    try:
        admin = Login("admin", passwords["admin"])
        seed(lambda method, *params: running.call(admin, f"model.{method}", params), passwords)
    finally:
        running.close()


class _Running:
    """One server process on one folder, and the sessions of those who called it."""

    def __init__(self, installation: Installation, folder: Path | None, session_seconds: int) -> None:
        self._own = folder is None  # nobody wants to keep it
        self._folder = (folder or Path(tempfile.mkdtemp(prefix="concordat-tryton-"))).absolute()
        self._sessions: dict[str, tuple[str, dict[str, Any]]] = {}
        self.log = self._folder / "trytond.log"
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not (self._folder / f"{DATABASE}.sqlite").exists():
                copy_database(installation.template, self._folder / f"{DATABASE}.sqlite")
            self._start(installation, session_seconds)
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def _start(self, installation: Installation, session_seconds: int) -> None:
        for _ in range(_PORT_TRIES):
            self._port = _free_port()
            settings = write_settings(self._folder, port=self._port, session_seconds=session_seconds)
            command = [str(installation.programs / "trytond"), "-c", str(settings), "-d", DATABASE]
            with self.log.open("ab") as log:
                self._process = _leashed(command, log)
            if self._is_ready():
                return
            self._stop()
        raise MisconfiguredError(f"Tryton did not start: {_last_line(self.log)}; more in {self.log}")

    def _is_ready(self) -> bool:
        """It answers, and takes our file for one of its databases."""
        until = time.monotonic() + _READY_PATIENCE
        while time.monotonic() < until and self._process is not None and self._process.poll() is None:
            try:
                databases = wire.result(self._post("/rpc/", wire.request_body("common.db.list", [])))
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                return DATABASE in databases
        return False

    def call(self, login: Login, method: str, params: tuple[Any, ...]) -> Any:
        session, context = self._session(login)
        return self._rpc(method, [*params, context], session)

    def _session(self, login: Login) -> tuple[str, dict[str, Any]]:
        if login.user not in self._sessions or not self._sessions[login.user][1].get("company"):
            user, token, *_ = self._rpc("common.db.login", [login.user, {"password": login.password}, "en"])
            session = base64.b64encode(f"{login.user}:{user}:{token}".encode()).decode()
            self._sessions[login.user] = session, self._rpc("model.res.user.get_preferences", [True, {}], session)
        return self._sessions[login.user]

    def _rpc(self, method: str, params: list[Any], session: str = "") -> Any:
        headers = {"Authorization": f"Session {session}"} if session else {}
        return wire.result(self._post(f"/{DATABASE}/rpc/", wire.request_body(method, params), headers))

    def _post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
        """Loopback to a process of our own; the connector's door to other people's systems is another one."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_READY_PATIENCE)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise http.client.HTTPException(f"HTTP {answer.status}")
        return text

    def close(self) -> None:
        atexit.unregister(self.close)
        self._stop()
        if self._own:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            _kill_group(process)
            process.wait()


def _leashed(command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """In a process group of its own, and gone when we are gone."""
    return subprocess.Popen(  # noqa: S603 - the command is ours
        ["/bin/sh", "-c", _LEASH, "sh", *command], env=environment(), stdin=subprocess.PIPE, stdout=log,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")[:300]
