"""`ui`: Dagster, opened on this house; on the demo's, with all of its systems running beside it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from connectors.errors import MisconfiguredError
from sync_pipelines.commands.office import FINE, LOOK, Office, office

_DEMO = Path(".concordat/demo")
_OURS = ("CONCORDAT_HOME", "CONCORDAT_BOOK", "CONCORDAT_LEDGER", "CONCORDAT_LEDGER_FILE")
_PORTS = 20


@click.command(short_help="open Dagster on this house")
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="The UI of Dagster has no login: keep it on loopback."
)
@office
def ui(office: Office, port: int, host: str) -> int:
    """Open Dagster on this house, until Ctrl-C.

    Where no house of your own is set up here, it is the demo's: the demo runs first if it has not run yet, and its
    systems are started beside Dagster. A page then shows the same firms in CRM and ERP: an edit in the one announces
    itself, and arrives in the other.
    """
    home, port = _home(office), _free(host, port)
    with _systems(home, office, f"http://{host}:{port}") if _is_demo(home) else nullcontext():
        return _dagster(office, home, host, port)


def _home(office: Office) -> Path:
    if any(os.environ.get(name) for name in _OURS) or Path(".concordat/ledger.sqlite").exists():
        return Path(os.environ.get("CONCORDAT_HOME") or ".concordat").absolute()
    if not _is_demo(_DEMO):
        from sync_pipelines.cli import run

        office.print("There is no house here yet, so the demo makes one first.\n")
        if run(["demo"]) != FINE:
            raise MisconfiguredError("the demo did not come to its end; what it said stands above")
    return _DEMO.absolute()


def _is_demo(home: Path) -> bool:
    return (home / "demo.json").is_file() and (home / "crm.json").is_file()


@contextmanager
def _systems(home: Path, office: Office, ui: str) -> Iterator[None]:
    from mappings.loading import load_book
    from sync_pipelines.demo.desk import open_desk
    from sync_pipelines.demo.systems import DemoSystems, erp_of
    from sync_pipelines.settings import Place

    os.environ["CONCORDAT_HOME"] = str(home)
    book, cache = load_book(home / "book"), home.parent / "tryton"
    with DemoSystems(home, book, erp_of(home), cache, lambda says: office.print(f"  {says} …")) as systems:
        up = ", ".join(f"{name} {url}" for name, url in systems.urls.items())
        office.print(f"The demo's systems are up: {up}")
        with open_desk(systems, book, Place.found(), ui) as (_, desk):
            office.print(f"Edit in the CRM and see it arrive in the ERP: {desk}")
            yield


def _free(host: str, port: int) -> int:
    """The port asked for, or one of the next where somebody else listens there."""
    for candidate in range(port, min(port + _PORTS, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return candidate
    raise MisconfiguredError(f"ports {port} to {port + _PORTS - 1} of {host} are all taken; choose one with --port")


def _dagster(office: Office, home: Path, host: str, port: int) -> int:
    program = Path(sys.executable).with_name("dagster")
    if not program.exists():
        raise MisconfiguredError("dagster is not installed in this environment; `make setup` installs it")
    command = [str(program), "dev", "-m", "sync_pipelines.definitions", "-h", host, "-p", str(port)]
    office.print(f"Dagster starts, and soon answers at http://{host}:{port}   (Ctrl-C ends it)")
    office.print(f"Its log: {home / 'dagster' / 'dev.log'}")
    with _ending_is_ctrl_c(), (dagster_home(home) / "dev.log").open("ab") as log:
        process = subprocess.Popen(command, env=_environment(home), stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 - our own command
        return _until_the_end(office, process)


@contextmanager
def _ending_is_ctrl_c() -> Iterator[None]:
    """Whoever ends us ends Dagster too: also where a shell started us in the background, deaf to interrupts."""
    ends = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(end, signal.default_int_handler) for end in ends]
    try:
        yield
    finally:
        for end, handler in zip(ends, before, strict=True):
            signal.signal(end, handler)


def _until_the_end(office: Office, process: "subprocess.Popen[bytes]") -> int:
    try:
        code = process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait(30)
        office.print("stopped.")
        return FINE
    office.print(f"Dagster ended by itself (exit code {code}); its log says why.")
    return FINE if code == 0 else LOOK


def dagster_home(home: Path) -> Path:
    """Where Dagster keeps its own, in this house; with our settings where it has none."""
    folder = home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    bundled = Path(__file__).parents[2] / "dagster.yaml"
    if not (folder / "dagster.yaml").exists() and bundled.exists():
        shutil.copyfile(bundled, folder / "dagster.yaml")
    return folder


def _environment(home: Path) -> dict[str, str]:
    own = {"CONCORDAT_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "yes"}
    return {**os.environ, **own, "DAGSTER_HOME": os.environ.get("DAGSTER_HOME") or str(dagster_home(home))}
