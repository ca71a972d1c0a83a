"""Tryton installed from the package registry into a cache folder, with a seeded database that is copied at each start.

The server is GPL-3 software: it gets a virtual environment and processes of its own and is never imported.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connectors.errors import MisconfiguredError
from connectors.tryton.seeding import MODULES

DATABASE = "erp"

_REQUIREMENTS = (
    Path(__file__).parents[2] / "requirements" / "tryton.txt",  # a clone
    Path(__file__).with_name("requirements.txt"),  # an installed package
)
_LOCK_PATIENCE = 900.0  # seconds; somebody else may be installing over a slow network
_STEP_PATIENCE = 900.0
_FOREIGN = ("TRYTOND", "PYTHON", "VIRTUAL_ENV")  # another environment's variables would lead this one astray


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who may enter."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Installation:
    """What `prepared` promises: a server's programs, a seeded database to copy, and who may enter it."""

    home: Path  # of the programs, for this very list of packages and this Python
    seed: str  # what the template is seeded with

    @property
    def programs(self) -> Path:
        return self.home / "venv" / "bin"

    @property
    def template(self) -> Path:
        return self.home / f"template-{self.seed}.sqlite"

    @property
    def logins(self) -> Mapping[str, Login]:
        """`admin`, `sync` and `finance`; made up when the template was built."""
        known = json.loads(self.passwords.read_text(encoding="utf-8"))
        return {user: Login(user, password) for user, password in known.items()}

    @property
    def passwords(self) -> Path:
        return self.home / f"logins-{self.seed}.json"


Fill = Callable[[Installation, Path, Mapping[str, str]], None]  # start a server on that folder and seed it


def prepared(
    cache: Path, fill: Fill, *, python: Path = Path(sys.executable), say: Callable[[str], None] = lambda _: None
) -> Installation:
    """Install and build what is missing; take up again what was interrupted. Processes take turns."""
    lines = _requirements()
    programs = _fingerprint(f"{python}\n{sys.version}", lines)
    seed = _fingerprint("", Path(__file__).with_name("seeding.py"), Path(__file__).with_name("countries.csv"))
    installation = Installation(cache.absolute() / programs, seed)
    installation.home.mkdir(parents=True, exist_ok=True)
    with _alone(installation.home / "lock"):
        if not _stamp(installation).exists():
            say("installing Tryton into its own environment (once, some 20 seconds)")
            _install(installation, lines, python)
        if not installation.template.exists():
            say("building Tryton's database (once, some 30 seconds)")
            _build(installation, fill)
    return installation


def environment() -> dict[str, str]:
    """The caller's environment (proxies, pip's settings) without what belongs to another Python or Tryton."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}


def _requirements() -> Path:
    for path in _REQUIREMENTS:
        if path.exists():
            return path
    raise MisconfiguredError("the locked list of Tryton's packages is missing; run this from a clone of the repository")


def _fingerprint(text: str, *files: Path) -> str:
    known = hashlib.sha256(text.encode())
    for path in files:
        known.update(path.read_bytes())
    return known.hexdigest()[:12]


def _stamp(installation: Installation) -> Path:
    return installation.home / "installed"


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    until = time.monotonic() + _LOCK_PATIENCE
    with lock.open("w", encoding="utf-8") as handle:
        while not _locked(handle.fileno()):
            if time.monotonic() > until:
                raise MisconfiguredError(f"another process has been preparing Tryton for too long; it holds {lock}")
            time.sleep(0.2)
        yield


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _install(installation: Installation, lines: Path, python: Path) -> None:
    venv = installation.home / "venv"
    shutil.rmtree(venv, ignore_errors=True)
    _step(installation, "make Tryton's environment", [str(python), "-m", "venv", str(venv)], _NO_VENV)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    _step(installation, "install Tryton", [*pip, "--require-hashes", "--only-binary=:all:", "-r", str(lines)], _NO_NET)
    _stamp(installation).touch()


def _build(installation: Installation, fill: Fill) -> None:
    folder = installation.home / "building"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    passwords = {user: secrets.token_urlsafe(18) for user in ("admin", "sync", "finance")}
    _write_private(installation.passwords, json.dumps(passwords))
    _initialise(installation, folder, passwords["admin"])
    fill(installation, folder, passwords)
    copy_database(folder / f"{DATABASE}.sqlite", installation.template)
    shutil.rmtree(folder)


def copy_database(origin: Path, copy: Path) -> None:
    """With what stands in its write-ahead log, and by a rename: an interrupted copy is not taken for a database."""
    unfinished = copy.with_suffix(".copying")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(origin)) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
    unfinished.rename(copy)


def _initialise(installation: Installation, folder: Path, password: str) -> None:
    (folder / f"{DATABASE}.sqlite").touch()  # Tryton creates tables, not files
    _write_private(folder / "password", password)
    settings = write_settings(folder, port=0)
    admin = [str(installation.programs / "trytond-admin"), "-c", str(settings), "-d", DATABASE]
    asked = ["--email", "admin@concordat-trading.example", "-u", "ir", "res", *MODULES, "--activate-dependencies"]
    _step(installation, "build Tryton's database", [*admin, *asked], TRYTONPASSFILE=str(folder / "password"))


def write_settings(folder: Path, *, port: int, session_seconds: int = 86_400) -> Path:
    """A server's settings: one SQLite folder, loopback only."""
    path = folder / "trytond.conf"
    path.write_text(
        f"[web]\nlisten = 127.0.0.1:{port}\nroot = {folder / 'www'}\n"
        f"[database]\nuri = sqlite://\npath = {folder}\n"
        f"[session]\ntimeout = {session_seconds}\n",
        encoding="utf-8",
    )
    return path


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        handle.write(text)


_NO_VENV = "this Python lacks the venv module; on Debian: apt-get install python3-venv"
_NO_NET = "is the package registry within reach?"


def _step(installation: Installation, doing: str, command: Sequence[str], hint: str = "", **extra: str) -> None:
    """Run one command of the preparation. Raises MisconfiguredError with its last word; the rest is in the log."""
    log = installation.home / "prepare.log"
    try:
        done = subprocess.run(  # noqa: S603 - the command is ours
            command, env=environment() | extra, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=_STEP_PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MisconfiguredError(f"could not {doing}: {error}") from error
    with log.open("a", encoding="utf-8") as lines:
        lines.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    if done.returncode:
        said = _last_word(done.stdout)
        raise MisconfiguredError(f"could not {doing}: {said}{f' ({hint})' if hint else ''}; more in {log}")


def _last_word(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.upper().startswith("ERROR")]
    return (errors or lines or ["no reason given"])[-1][:300]
