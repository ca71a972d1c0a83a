"""Bulk API 2.0 query: a large read as one job, fetched as CSV page by page.

Sources differ on whether later pages repeat the header line: it is looked for, not assumed. An empty cell is null; the
other cells get back the types that a JSON answer gives them, so that both ways tell the same payload.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from connectors.answers import Answer, UnreadableError
from connectors.errors import ConnectorError, TransientError
from connectors.salesforce.client import Client
from connectors.salesforce.records import moment, stamp

FIRST_WAIT = 1.0  # seconds before the second look at a job
LONGEST_WAIT = 30.0
PATIENCE = 3600.0  # seconds of waiting for one job
LAST_PAGE = "null"
_ENDED = frozenset({"Failed", "Aborted"})
Sleep = Callable[[float], None]


def rows(
    client: Client, soql: str, columns: Sequence[str], types: Mapping[str, str], sleep: Sleep, page_rows: int
) -> Iterator[list[dict[str, Any]]]:
    """Pages of rows, shaped as JSON answers are. Raises rather than end early. The job is removed afterwards."""
    job = str(client.submit("jobs/query", {"operation": "query", "query": soql})["id"])
    try:
        expected = _wait(client, job, sleep)
        yield from _pages(client, job, columns, types, page_rows, expected)
    finally:
        with suppress(ConnectorError):  # what is left of a job vanishes by itself after a week
            client.discard(f"jobs/query/{job}")


def _wait(client: Client, job: str, sleep: Sleep) -> int | None:
    """Until the job is done; gives the number of rows it found, where it tells."""
    waited, pause = 0.0, FIRST_WAIT
    while (told := _state(client, job))["state"] != "JobComplete":
        if told["state"] in _ENDED:
            why = told.get("errorMessage", "no reason given")
            raise TransientError(f"Salesforce ended bulk job {job} as {told['state']}: {why}", code=told["state"])
        if waited >= PATIENCE:
            raise TransientError(f"Salesforce bulk job {job} is {told['state']} after {waited:.0f} s; try again later")
        sleep(pause)
        waited, pause = waited + pause, min(2 * pause, LONGEST_WAIT)
    return told.get("numberRecordsProcessed")


def _state(client: Client, job: str) -> Mapping[str, Any]:
    told = client.get(f"jobs/query/{job}").data
    if not isinstance(told, Mapping) or "state" not in told:
        raise TransientError(f"Salesforce does not say how bulk job {job} stands; try again later")
    return told


def _pages(
    client: Client, job: str, columns: Sequence[str], types: Mapping[str, str], page_rows: int, expected: int | None
) -> Iterator[list[dict[str, Any]]]:
    locator, seen = "", 0
    while locator != LAST_PAGE:
        query = {"maxRecords": str(page_rows), **({"locator": locator} if locator else {})}
        answer = client.get(f"jobs/query/{job}/results", query, expect="bytes")
        page = _parsed(answer, columns)
        following = answer.headers.get("sforce-locator", LAST_PAGE)
        if following == locator:
            raise TransientError(f"Salesforce bulk job {job} gives the same page again; try again later")
        locator, seen = following, seen + len(page)
        if locator == LAST_PAGE and expected is not None and seen != expected:
            raise TransientError(f"Salesforce bulk job {job} found {expected} rows and gave {seen}; try again later")
        yield [shaped(columns, types, cells) for cells in page]


def _parsed(answer: Answer, columns: Sequence[str]) -> list[list[str]]:
    """The cells of one page without a header. Raises TransientError where the page is not whole."""
    try:
        lines = list(csv.reader(io.StringIO(answer.text, newline=""), strict=True))
    except (csv.Error, UnreadableError) as error:
        raise TransientError(f"Salesforce sent a bulk page that cannot be read ({error}); try again later") from error
    if lines and lines[0] == list(columns):
        del lines[0]
    told = answer.headers.get("sforce-numberofrecords", "")
    if (told.isdigit() and int(told) != len(lines)) or any(len(line) != len(columns) for line in lines):
        raise TransientError("Salesforce sent a bulk page that is not whole; try again later")
    return lines


def shaped(columns: Sequence[str], types: Mapping[str, str], cells: Sequence[str]) -> dict[str, Any]:
    """One row as a JSON answer would tell it; a path such as Owner.Name becomes nested."""
    row: dict[str, Any] = {}
    for path, cell in zip(columns, cells, strict=True):
        value = typed(types.get(path, "string"), cell)
        *way, last = path.split(".")
        node = row
        for step in way:
            node = node.setdefault(step, {})
        node[last] = value
    return row


def typed(type_: str, cell: str) -> Any:
    """The value of a cell, by the field's type."""
    if not cell:
        return None
    convert = _CONVERTERS.get(type_)
    try:
        return convert(cell) if convert else cell
    except ValueError:
        message = f"Salesforce sent {cell!r} for a field of type {type_}"
        raise TransientError(message) from None


_CONVERTERS: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda cell: cell == "true",
    "int": int,
    "long": int,
    "double": float,
    "currency": float,
    "percent": float,
    "datetime": lambda cell: stamp(moment(cell)),
}
