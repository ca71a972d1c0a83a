"""`bundle`: all that helps to find a fault, in one file that may be shown to others."""

import json
import os
import platform
import re
import sys
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import click

from monitoring.logs import STDERR
from monitoring.redact import redact
from sync_pipelines.commands.bookless import ledger_and_book
from sync_pipelines.commands.office import FINE, Office, office, plain
from sync_pipelines.flow.bundling import collected
from sync_pipelines.flow.recounting import recounted
from sync_pipelines.ledger.tables import HEAD

_TAIL = 2000  # lines of each log
_OWN = "logs/concordat.log"
_WRITTEN = "logs/engine.jsonl"
_SHOWN = frozenset(
    {
        "CONCORDAT_HOME",
        "CONCORDAT_BOOK",
        "CONCORDAT_BACKUPS",
        "CONCORDAT_LOG",
        "CONCORDAT_LOG_LEVEL",
        "CONCORDAT_UI_URL",
        "DAGSTER_HOME",
    }
)


@click.command(short_help="all that helps to find a fault, without secrets and personal data")
@click.option(
    "--to", "file", type=click.Path(path_type=Path, dir_okay=False), help="Default: concordat-bundle-….zip here."
)
@click.option(
    "--log", "logs", type=click.Path(path_type=Path, exists=True, dir_okay=False), multiple=True,
    help="Take the end of this log along, line by line without what may be a person's or a secret.",
)  # fmt: skip
@office
def bundle(office: Office, file: Path | None, logs: tuple[Path, ...]) -> int:
    """Write versions, settings, the shape of the book, how everything stands, runs, alerts and a log into a zip.

    A log is made from the ledger: what ran, what was refused or held back, what was announced, line by line. Where
    CONCORDAT_LOG names a file, the end of that goes along as well.

    No value of a record, no payload and no secret is in it; of the environment it holds names, and values only of
    places. Look into it before you send it all the same: it is plain JSON.
    """
    written = _written(office.place().log)
    place = file or Path(f"concordat-bundle-{office.clock():%Y%m%dT%H%M%SZ}.zip")
    watchman = office.watchman()
    with ledger_and_book(office) as (ledger, book):
        told = {
            "versions.json": _versions(),
            "settings.json": _settings(os.environ),
            **collected(ledger, book, watchman.settings, watchman.kept(), office.clock()),
        }
        happened = recounted(ledger, _TAIL)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in told.items():
            archive.writestr(name, json.dumps(plain(content), indent=2, ensure_ascii=False))
        archive.writestr(_OWN, "\n".join(happened))
        for log in written:
            archive.writestr(_WRITTEN, "\n".join(_sifted(line) for line in _end_of(log)))
        for number, log in enumerate(logs, 1):
            archive.writestr(f"logs/{number}-{log.name}", "\n".join(map(redact, _end_of(log))))
    place.chmod(0o600)
    office.print(f"{place}: {', '.join([*told, _OWN, *(f'the end of {log}' for log in (*written, *logs))])}")
    return FINE


def _versions() -> dict[str, Any]:
    ours = requires("concordat") or [] if _version("concordat") else []
    names = sorted({_name(line) for line in ours} | {"dagster", "sqlalchemy", "httpx", "pydantic"})
    found = {name: _version(name) for name in ["concordat", *names]}
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "ledger": HEAD,
        "packages": {name: one for name, one in found.items() if one},
    }


def _name(requirement: str) -> str:
    """`rich[x]>=15; …` is rich."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Which variables are set; what they hold only where that is a place."""
    ours = sorted(name for name in environment if name.startswith(("CONCORDAT_", "DAGSTER_")))
    return {name: redact(environment[name]) if name in _SHOWN else "set" for name in ours}


def _written(log: str) -> tuple[Path, ...]:
    """The engine's own, where it goes into a file and there is one."""
    return (Path(log),) if log not in ("", STDERR) and Path(log).is_file() else ()


def _end_of(log: Path) -> Iterator[str]:
    with log.open(encoding="utf-8", errors="replace") as lines:
        yield from deque(lines, maxlen=_TAIL)


def _sifted(line: str) -> str:
    """References stay in a line of ours; its words go through the sieve once more, as does one that is cut off."""
    try:
        told = json.loads(line)
    except ValueError:
        return redact(line)
    if not isinstance(told, dict):
        return redact(line)
    return json.dumps({**told, **({"says": redact(str(told["says"]))} if "says" in told else {})}, ensure_ascii=False)
