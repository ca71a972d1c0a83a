"""What looking after a house needs besides its ledger: alerts.yaml, the channels, the disk, the outside address."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import MisconfiguredError
from connectors.settings import secrets_folder
from monitoring.notify import Channels, Sender, beat
from monitoring.settings import AlertsError, AlertSettings, addresses, kept_form, read_alerts
from monitoring.standing import KeptStanding
from sync_pipelines.flow.rulebook import Examined, examine, last_settings
from sync_pipelines.settings import Place, open_ledger_at

_SQLITE = "sqlite:///"
FILE = "alerts.yaml"


@dataclass(frozen=True, slots=True)
class Watchman:
    """Who looks, and how people are told."""

    settings: AlertSettings
    sender: Sender
    kept: Callable[[], KeptStanding]
    beat: Callable[[], None]  # tells an outside address that alerting is alive
    missing: tuple[str, ...] = ()  # channels without an address
    examine: Callable[[], Examined] | None = None  # whether the book is sound; None: that is not looked at
    to_keep: str = ""  # the settings, for the day on which alerts.yaml is broken; empty: it is
    broken: str = ""  # what is wrong with alerts.yaml, while what it said last is gone by


def found() -> Watchman:
    """As the environment says. Raises MisconfiguredError.

    Where alerts.yaml is broken, people are told as it said last: somebody has to be told that it is.
    """
    place = Place.found()
    settings, to_keep, broken = _settings(place)
    known = addresses(settings, told)
    return Watchman(
        settings,
        Channels(settings, known),
        lambda: kept_of(place.ledger),
        lambda: _beat(told("CONCORDAT_HEARTBEAT_URL")),
        tuple(channel for channel, address in known.items() if not address),
        lambda: examine(place.book),
        to_keep,
        broken,
    )


def _settings(place: Place) -> tuple[AlertSettings, str, str]:
    try:
        return read_alerts(place.book / FILE), kept_form(place.book / FILE), ""
    except AlertsError as error:
        broken = str(error)
    with open_ledger_at(place) as ledger:
        last = last_settings(ledger)
    if last is None:
        raise MisconfiguredError(broken)
    return last, "", broken


def told(name: str) -> str:
    """A secret by its name: a variable, the file its `_FILE` twin names, or a file in the secrets folder."""
    if said := os.environ.get(name, ""):
        return said.strip()
    folder = secrets_folder()
    place = os.environ.get(f"{name}_FILE") or (folder / name.lower() if folder else None)
    if place is None or not Path(place).is_file():
        return ""
    try:
        return Path(place).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MisconfiguredError(f"{name}: {place} cannot be read ({type(error).__name__})") from error


def kept_of(ledger: str) -> KeptStanding:
    """The size of a ledger in a file, and what is left on its disk; of a server's it is the server's matter."""
    file = Path(ledger.removeprefix(_SQLITE))
    if not ledger.startswith(_SQLITE) or not file.is_file():
        return KeptStanding()
    parts = [file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))]
    usage = shutil.disk_usage(file.parent)
    return KeptStanding(sum(part.stat().st_size for part in parts if part.is_file()), usage.free, usage.total)


def _beat(address: str) -> None:
    if address:
        beat(address)
