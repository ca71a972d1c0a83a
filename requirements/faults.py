# ruff: noqa: INP001 - a script beside the locks, no package
"""What `make audit` does around the tool that looks packages up: which pins are looked up, and what is too much.

Without anything but the standard library, so that a fault in what comes with us does not keep it from running.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

WAIVERS = Path(__file__).with_name("known_faults.toml")
LONGEST = timedelta(days=90)
_PIN = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;\\]+)", re.MULTILINE)
_FINE, _FAULTY, _USAGE = 0, 1, 2


@dataclass(frozen=True)
class Waiver:
    """A known fault that somebody answers for."""

    package: str
    fault: str
    why: str
    until: date

    def covers(self, package: str, names: Iterable[str]) -> bool:
        """Whether it is about this one, whichever of its names is used."""
        return package == self.package and self.fault in names


def pins(lock: str) -> list[dict[str, str]]:
    """Every package of a lock and its version, also those for other platforms: of some there are two, in two lists."""
    lists: list[dict[str, str]] = [{}]
    for name, version in _PIN.findall(lock):
        free = next((one for one in lists if _plain(name) not in one), None)
        if free is None:
            lists.append(free := {})
        free[_plain(name)] = version
    return lists


def waivers(told: Mapping[str, Any]) -> list[Waiver]:
    """As they stand in the file. ValueError where one says too little."""
    read = []
    for entry in told.get("waived", ()):
        if set(entry) != {"package", "fault", "why", "until"} or not entry["why"] or type(entry["until"]) is not date:
            raise ValueError(f"{WAIVERS.name}: a waiver says package, fault, why and until (a date): {entry}")
        read.append(Waiver(_plain(entry["package"]), entry["fault"], entry["why"], entry["until"]))
    return read


def complaints(
    wanted: Mapping[str, str], found: Mapping[str, Any], waived: Sequence[Waiver], today: date
) -> Iterator[str]:
    """What is wrong with the packages of one lock, by what was found of them."""
    looked_up = {_plain(one["name"]): one for one in found["dependencies"]}
    for name, version in sorted(wanted.items()):
        told = looked_up.get(name)
        if told is None or "vulns" not in told:
            why = told.get("skip_reason", "no reason given") if told else "it was left out"
            yield f"{name} {version} could not be looked up, so nobody knows: {why}"
            continue
        for fault in told["vulns"]:
            names = [fault["id"], *fault.get("aliases", ())]
            waiver = next((one for one in waived if one.covers(name, names)), None)
            if waiver is None or waiver.until < today:
                yield _fault(name, version, fault, waiver)


def _fault(name: str, version: str, fault: Mapping[str, Any], waiver: Waiver | None) -> str:
    mended = f"mended in {', '.join(fault['fix_versions'])}" if fault.get("fix_versions") else "not mended yet"
    over = f"; it was waived until {waiver.until}" if waiver else ""
    return f"{name} {version} has {fault['id']}, {mended}{over}: `make lock ARGS='--upgrade-package {name}'`"


def bad_waivers(waived: Sequence[Waiver], found: Iterable[Mapping[str, Any]], today: date) -> Iterator[str]:
    """Those that fit nothing any more, and those that are to last too long."""
    known = [
        (_plain(one["name"]), [fault["id"], *fault.get("aliases", ())])
        for told in found
        for one in told["dependencies"]
        for fault in one.get("vulns", ())
    ]
    for one in waived:
        if one.until - today > LONGEST:
            yield f"{one.package} {one.fault} is waived until {one.until}; {LONGEST.days} days are the longest"
        if not any(one.covers(package, names) for package, names in known):
            yield f"{one.package} {one.fault} is waived and is not there (any more): take it out of {WAIVERS.name}"


def judged(folder: Path, waived: Sequence[Waiver], today: date) -> list[str]:
    """Everything that is wrong, by the files that `requirements/audit` leaves in a folder: pins, and what was found."""
    told = {path: json.loads(path.with_name(f"{path.name}.json").read_text()) for path in sorted(folder.glob("*.txt"))}
    said = [
        f"{path.name}: {one}"
        for path, found in told.items()
        for one in complaints(pins(path.read_text())[0], found, waived, today)
    ]
    return said + list(bad_waivers(waived, told.values(), today))


def _write_pins(folder: Path) -> None:
    for lock in sorted(Path(__file__).parent.glob("*.txt")):
        for number, some in enumerate(pins(lock.read_text())):
            name = f"{lock.stem}{number or ''}.txt"
            (folder / name).write_text("".join(f"{package}=={version}\n" for package, version in some.items()))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: Sequence[str]) -> int:
    """`pins FOLDER` writes what is to be looked up, `judge FOLDER` reads what was found beside it."""
    if len(arguments) != 2 or arguments[0] not in ("pins", "judge"):  # noqa: PLR2004 - a word and a place
        sys.stderr.write("usage: faults.py pins FOLDER | judge FOLDER\n")
        return _USAGE
    place = Path(arguments[1])
    if arguments[0] == "pins":
        _write_pins(place)
        return _FINE
    try:
        said = judged(place, waivers(tomllib.loads(WAIVERS.read_text())), datetime.now(UTC).date())
    except ValueError as error:
        said = [str(error)]
    sys.stdout.writelines(f"{one}\n" for one in said or ["no known fault in any lock"])
    return _FAULTY if said else _FINE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
