"""What a changed book needs, once for each change: a run of the entities that it concerns, and no others.

Measured with Dagster 1.13: each run is a process of its own that loads the book anew, so runs go by the new one (or
fail by it) at once. This sensor lives in the code server: it sees the new files, too, but assets, jobs and schedules
stay those of the book that was loaded when it began, until a person presses *Reload definitions* (or starts the code
server again). No sensor can do that, so this one says where it is needed.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from mappings.book import Book, WriteSwitch
from mappings.fingerprints import Fingerprint, fingerprints
from monitoring.redact import redact
from sync_pipelines.defs.schedules import zone_of
from sync_pipelines.entity_assets import job_of
from sync_pipelines.flow.rulebook import Examined

BOOK_CHANGED = "concordat_book_changed"
_EVERY = 30  # seconds
_RELOAD = "press Reload definitions in Dagster (Deployment), or start its code server again"

Unknown = Callable[[Book], Sequence[str]]  # what of a book the code location does not know
Examines = Callable[[Unknown], Examined]  # looks at the book as it lies there, and keeps how it stands in the ledger


@dataclass(frozen=True, slots=True)
class Seen:
    """What the sensor remembers: the book of the last look, and what was asked for of each entity."""

    version: str = ""
    changes: int = 0
    asked: Mapping[str, Fingerprint] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: str) -> "Seen":
        """As Dagster kept it."""
        said: dict[str, Any] = json.loads(cursor)
        asked = {name: Fingerprint(*parts) for name, parts in said["asked"].items()}
        return cls(said["version"], said["changes"], asked)

    def kept(self) -> str:
        """For Dagster to keep."""
        return json.dumps({"version": self.version, "changes": self.changes, "asked": self.asked})


def book_changes(book: Book, examines: Examines, jobs: Sequence[Any]) -> dg.Definitions:
    """The sensor. `jobs` are those of the entities of the book that is loaded."""

    @dg.sensor(
        name=BOOK_CHANGED,
        jobs=jobs,
        minimum_interval_seconds=_EVERY,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Checks the book of rules when it was changed. Where it is sound, each entity that the change "
        "concerns is planned anew, and written where the book lets runs write by themselves. Where it is not, on-call "
        "is told after two minutes.",
    )
    def changed(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        examined = examines(lambda now: list(_news(now, book)))
        if examined.book is None or examined.faults:
            seen = Seen.of(context.cursor) if context.cursor else Seen()
            return _skips(_broken(examined), Seen(examined.version, seen.changes, seen.asked), first=not seen.asked)
        if not context.cursor:
            says = "this book is what later ones are held against"
            return _skips(says, Seen(examined.version, 0, fingerprints(examined.book)))
        return _asks(context, Seen.of(context.cursor), examined.version, examined.book, book)

    return dg.Definitions(sensors=[changed])


def _asks(context: dg.SensorEvaluationContext, seen: Seen, version: str, now: Book, loaded: Book) -> dg.SensorResult:
    if version != seen.version:  # a file may be half written, and sound all the same
        says = "the book was changed; the next look takes it up, should it stand still until then"
        return _skips(says, Seen(version, seen.changes, seen.asked))
    words = fingerprints(now)
    touched = [name for name, word in words.items() if seen.asked.get(name) != word]
    kept = {name: word for name, word in seen.asked.items() if name in words}
    ready = [name for name in touched if _runs_as_loaded(name, now, loaded)]
    hint = "; ".join(_hints(now, loaded))
    after = Seen(version, seen.changes + bool(ready), {**kept, **{name: words[name] for name in ready}})
    if not ready:
        return _skips(hint or "the book says what it said", after)
    if hint:
        context.log.warning(hint)
    return dg.SensorResult(
        run_requests=[_request(name, now, seen.asked.get(name), words[name], after.changes) for name in ready],
        cursor=after.kept(),
    )


def _request(name: str, now: Book, before: Fingerprint | None, after: Fingerprint, number: int) -> dg.RunRequest:
    """A plan; where the book lets runs of the entity write, a run as its schedule would start one."""
    writes = any(now.systems[system].switch(name) is WriteSwitch.ON for system in now.entities[name].maps)
    anew = before is None or before.read != after.read
    return dg.RunRequest(
        run_key=f"book:{number}:{name}:{after.read}{after.rules}",
        job_name=job_of(name),
        run_config={"full": anew, "dry_run": not writes},
        tags={"sync/because": "the book was changed"},
    )


def _skips(says: str, seen: Seen, *, first: bool = False) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=says, cursor=None if first else seen.kept())


def _broken(examined: Examined) -> str:
    more = len(examined.faults) - 1
    fault = redact(examined.faults[0]) if examined.faults else "it cannot be loaded"
    what = "cannot be loaded, and runs fail" if examined.book is None else "has faults, and runs go on with it"
    return f"the book {what}: {fault} ({f'and {more} more: ' if more > 0 else ''}`concordat check`)"


# --- what the code location does not know yet -------------------------------------------------------------------------


def _runs_as_loaded(name: str, now: Book, loaded: Book) -> bool:
    """Whether the steps of its job are still those that a run needs."""
    return name in loaded.entities and _kinds(name, now) == _kinds(name, loaded)


def _kinds(name: str, book: Book) -> Mapping[str, str]:
    return {system: kind_map.kind for system, kind_map in book.entities[name].maps.items()}


def _hints(now: Book, loaded: Book) -> Iterator[str]:
    """What a person has to do."""
    if lines := list(_news(now, loaded)):
        yield f"Dagster still shows the book of before ({'; '.join(lines)}): {_RELOAD}"


def _news(now: Book, loaded: Book) -> Iterator[str]:
    """What the code location does not know, by entity."""
    both = [name for name in now.entities if name in loaded.entities]
    told = {
        "new": [name for name in now.entities if name not in loaded.entities],
        "gone": [name for name in loaded.entities if name not in now.entities],
        "read elsewhere": [name for name in both if _kinds(name, now) != _kinds(name, loaded)],
        "at other times": [name for name in both if _times(name, now) != _times(name, loaded)],
    }
    yield from (f"{what}: {', '.join(names)}" for what, names in told.items() if names)
    if _comparing(now) != _comparing(loaded):
        yield "compared at other times"


def _comparing(book: Book) -> tuple[str, str]:
    return book.comparing.at, zone_of(book)


def _times(name: str, book: Book) -> Iterable[tuple[str, ...]]:
    cadence = book.entities[name].ownership.cadence
    return [(line.every, str(line.fresh_within), str(line.webhooks)) for line in cadence]
