"""The promises of a connector that can be tried without writing anything."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from connectors.contract import Capabilities, Connector, Finding, Record, RecordRef, Watermark
from connectors.errors import ConnectorError, TransientError

_A_FEW = 20
_NEVER_MADE = "concordat-certify-never-made"

Trial = Callable[[Connector, str, datetime], str]  # answers what was seen; raises BrokenError


class BrokenError(Exception):
    """A promise that is not kept, and how that showed."""


def certified(connector: Connector, kinds: Sequence[str], now: datetime) -> Iterator[Finding]:
    """One finding for each promise and kind."""
    yield _tried("the same tenant twice", partial(_tenant, connector))
    for kind in kinds:
        can = connector.kinds.get(kind)
        if can is None:
            yield Finding(ok=False, about=f"{kind}", says="the book maps it and the connector does not know it")
            continue
        for about, trial in _trials(can):
            yield _tried(f"{kind}: {about}", partial(trial, connector, kind, now))


def _tried(about: str, trial: Callable[[], str]) -> Finding:
    try:
        return Finding(ok=True, about=about, says=trial())
    except BrokenError as broken:
        return Finding(ok=False, about=about, says=str(broken))
    except TransientError:
        raise  # nothing was learned of the promise: the system cannot be asked just now
    except ConnectorError as error:
        return Finding(ok=False, about=about, says=f"{type(error).__name__}: {error}")


def _trials(can: Capabilities) -> Iterator[tuple[str, Trial]]:
    yield "describes itself", _describes
    yield "a crawl comes to its end", _crawls
    yield "what was crawled can be read by id", _reads
    yield "what is not there is not answered", _reads_nothing
    if can.lists_keys:
        yield "lists the ids of what it crawls", _lists
    if can.keyed:
        yield "finds nothing under a key never used", _finds_nothing
    if can.states_deletes:
        yield "says what is gone", _says_deleted
    if can.states_merges:
        yield "says what was merged", _says_merged


def _tenant(connector: Connector) -> str:
    first, second = connector.fingerprint(), connector.fingerprint()
    _must(bool(first) and first == second, f"it answered {first!r}, then {second!r}")
    return first


def _describes(connector: Connector, kind: str, _now: datetime) -> str:
    described = connector.describe(kind)
    _must(bool(described.fields), "no field is described")
    return f"{len(described.fields)} fields"


def _crawls(connector: Connector, kind: str, now: datetime) -> str:
    """Only the last page of a complete crawl bears a safe point, and it does not lie ahead."""
    count, safe_points = 0, []
    for page in connector.changes(kind, None):
        count += len(page.records)
        safe_points.append(page.safe_point)
    _must(bool(safe_points) and safe_points[-1] is not None, "it ended without a safe point")
    _must(all(point is None for point in safe_points[:-1]), "a page in the middle bore a safe point")
    last = safe_points[-1]
    _must(last is not None and last.at <= now + timedelta(hours=1), "its safe point lies in the future")
    return f"{count:,} records in {len(safe_points):,} pages"


def _some(connector: Connector, kind: str) -> list[Record]:
    records = (record for page in connector.changes(kind, None) for record in page.records)
    return list(islice(records, _A_FEW))


def _reads(connector: Connector, kind: str, _now: datetime) -> str:
    records = _some(connector, kind)
    there = connector.read([record.ref for record in records])
    lost = [record.ref for record in records if record.ref not in there]
    _must(not lost, f"{len(lost)} of {len(records)} were not answered, {lost[0] if lost else ''} among them")
    differ = [r.ref for r in records if there[r.ref].payload != r.payload and there[r.ref].version == r.version]
    _must(not differ, f"crawled and read by id, {differ[0] if differ else ''} is told differently")
    return f"{len(records)} of {len(records)}"


def _reads_nothing(connector: Connector, kind: str, _now: datetime) -> str:
    there = connector.read([RecordRef(connector.system, kind, "0")])
    _must(not there, "it answered a record with the id 0")
    return "no answer, and no error"


def _lists(connector: Connector, kind: str, _now: datetime) -> str:
    listed = {record_id for page in connector.keys(kind) for record_id in page}
    missing = [record.ref.id for record in _some(connector, kind) if record.ref.id not in listed]
    _must(not missing, f"{missing[0] if missing else ''} is crawled and not listed")
    return f"{len(listed):,} ids"


def _finds_nothing(connector: Connector, kind: str, _now: datetime) -> str:
    found = connector.find_created(kind, [_NEVER_MADE])
    _must(not found.get(_NEVER_MADE), "it found a record under a key that was never used")
    return "nothing found"


def _says_deleted(connector: Connector, kind: str, now: datetime) -> str:
    told = connector.deleted(kind, Watermark(now - timedelta(days=1)))
    return f"{len(told.tombstones):,} since yesterday"


def _says_merged(connector: Connector, kind: str, now: datetime) -> str:
    told = connector.merged(kind, Watermark(now - timedelta(days=1)))
    return f"{len(told.merges):,} since yesterday"


def _must(holds: bool, says: str) -> None:  # noqa: FBT001 - the one thing it is about
    if not holds:
        raise BrokenError(says)
