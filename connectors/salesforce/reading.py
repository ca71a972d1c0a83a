"""Crawls, strong reads and look-ups by our key, over SOQL.

A full read goes by id, so that no record slips through however often it is edited meanwhile; a large one is cut into
ranges of ids, of which several are read at once. A later read goes by (SystemModstamp, id), bounded by the system's
time at its start. A page is one query with a LIMIT; where the system
sends fewer rows at a time, its locator is followed, and when that dies the crawl goes on behind the last row seen.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from connectors.answers import Answer, Halves
from connectors.contract import Page, Record, RecordRef, Watermark
from connectors.errors import TransientError
from connectors.paging import crawled, overlapped
from connectors.salesforce import bulk, records, soql
from connectors.salesforce.client import Client, LocatorDeadError, told_time
from connectors.salesforce.ids import dividing, is_id, long_id
from connectors.salesforce.records import Shape
from connectors.salesforce.settings import SalesforceSettings

Row = dict[str, Any]
Keyset = Callable[[Row | None], str]  # the condition for what comes behind this row, or at all


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads records of one org. `shapes` says, by kind, what to fetch; `sleep` waits between looks at a bulk job."""

    system: str
    client: Client
    settings: SalesforceSettings
    shapes: Mapping[str, Shape]
    types: Callable[[str], Mapping[str, str]]
    sleep: bulk.Sleep

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        """All records changed at or after `since`, or all living ones; only the last page bears a safe point."""
        found, started = self._count(kind, since)
        if self.settings.bulk_above is not None and found > self.settings.bulk_above:
            where = soql.between(since.at, started) if since else ""
            batches = self._bulk(kind, where)
        elif since is None:
            batches = self._everything(kind, found)
        else:
            batches = self._crawl(kind, self.shapes[kind].columns, _by_stamp(since.at, started), _STAMPED)
        yield from crawled(map(self.shapes[kind].records, batches), Watermark(started - self.settings.look_back))

    def keys(self, kind: str) -> Iterator[Sequence[str]]:
        """All living ids."""
        for rows in self._crawl(kind, ("Id",), _by_id(), ("Id",)):
            yield tuple(long_id(row["Id"]) for row in rows)

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        """As they are now. What has not the form of an id cannot be there, and would make the query fail."""
        found: dict[RecordRef, Record] = {}
        for kind in dict.fromkeys(ref.kind for ref in refs):
            wanted = [ref for ref in refs if ref.kind == kind and is_id(ref.id)]
            there = self.by_id(kind, [ref.id for ref in wanted])
            found |= {ref: there[long_id(ref.id)] for ref in wanted if long_id(ref.id) in there}
        return found

    def by_id(self, kind: str, ids: Sequence[str]) -> Mapping[str, Record]:
        """Living records by their long ids; one query for 200."""
        return {record.ref.id: record for record in self._records(kind, "Id", ids)}

    def rows_by_id(self, kind: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Row]:
        """These fields of living records, by long id."""
        columns = tuple(dict.fromkeys(("Id", *fields)))
        return {long_id(row["Id"]): row for row in self._among(kind, columns, "Id", ids)}

    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Records that carry these keys, to the letter: SOQL itself compares texts without regard to case."""
        key_field, found = self.settings.key_field, dict[str, list[Record]]()
        for record in self._records(kind, key_field, keys):
            found.setdefault(record.key, []).append(record)
        return {key: found[key] for key in keys if key in found}

    def query(self, soql_: str, *, with_gone: bool = False) -> list[Row]:
        """All rows of one query, over however many pages."""
        return [row for rows in self._answers(soql_, with_gone=with_gone) for row in rows]

    # -- within -------------------------------------------------------------------------------------------------------

    def _records(self, kind: str, field: str, values: Sequence[str]) -> Iterator[Record]:
        columns = self.shapes[kind].columns
        return (self.shapes[kind].record(row) for row in self._among(kind, columns, field, values))

    def _among(self, kind: str, columns: Sequence[str], field: str, values: Sequence[str]) -> Iterator[Row]:
        for portion in soql.portions(dict.fromkeys(values)):
            yield from self.query(soql.select(columns, kind, soql.among(field, portion)))

    def _count(self, kind: str, since: Watermark | None) -> tuple[float, datetime]:
        """How many there are to read, and the system's time before the first of them is read.

        An org that cannot count them in time has many.
        """
        where = soql.since(since.at) if since else ""
        try:
            answer = self.client.get("query", {"q": soql.count(kind, where)})
        except TransientError as error:
            if error.code != "QUERY_TIMEOUT":
                raise
            return math.inf, self.client.server_time()
        return int(_body(answer)["totalSize"]), told_time(answer)

    def _everything(self, kind: str, found: float) -> Iterator[Sequence[Row]]:
        """All rows by id; from where each window has two pages and more to read, several windows at once."""
        columns, parts = self.shapes[kind].columns, self._parts(found)
        cuts = self._cuts(kind, parts) if parts > 1 else []
        bounds = zip(["", *cuts], [*cuts, ""], strict=True)
        windows = [partial(self._crawl, kind, columns, _by_id(above, end), ("Id",)) for above, end in bounds]
        return overlapped(windows, self.settings.windows) if parts > 1 else windows[0]()

    def _parts(self, found: float) -> int:
        """Twice as many as are read at once, as ids are not spread evenly."""
        pages = found / self.settings.page_size
        return 1 if self.settings.windows == 1 else int(min(2 * self.settings.windows, pages // 2))

    def _cuts(self, kind: str, parts: int) -> list[str]:
        first = self.query(soql.select(("Id",), kind, order=("Id",), limit=1))
        last = self.query(soql.select(("Id",), kind, order=("Id",), limit=1, descending=True))
        return dividing(first[0]["Id"], last[0]["Id"], parts) if first and last else []

    def _bulk(self, kind: str, where: str) -> Iterator[Sequence[Row]]:
        columns = self.shapes[kind].columns
        query = soql.select(columns, kind, where)
        return bulk.rows(self.client, query, columns, self.types(kind), self.sleep, self.settings.bulk_page_rows)

    def _crawl(
        self, kind: str, columns: Sequence[str], keyset: Keyset, order: Sequence[str]
    ) -> Iterator[Sequence[Row]]:
        last: Row | None = None
        limit = self.settings.page_size
        while True:
            seen = 0
            query = soql.select(columns, kind, keyset(last), order=order, limit=limit)
            try:
                for rows in self._answers(query):
                    seen += len(rows)
                    last = {name: rows[-1].get(name) for name in _STAMPED} if rows else last  # who reads a row takes it
                    yield rows
            except LocatorDeadError:
                continue  # go on behind the last row seen: a locator only dies after a page
            if seen < limit:
                return

    def _answers(self, query: str, *, with_gone: bool = False) -> Iterator[list[Row]]:
        """The pages of one query. Raises TransientError where the rows are not as many as announced."""
        halves = Halves.REFUSED if with_gone else Halves.KEPT  # of what is gone only ids are told
        body = _body(self.client.get("queryAll" if with_gone else "query", {"q": query}, halves=halves))
        seen, visited = 0, set[str]()
        while True:
            rows = body["records"]
            seen += len(rows)
            yield rows
            if body["done"]:
                break
            address = body.get("nextRecordsUrl", "")
            if address in visited:
                raise TransientError("Salesforce gives the same page of a query again; try again later")
            visited.add(address)
            body = _body(self.client.follow(address, halves=halves))
        if seen != body["totalSize"]:
            raise TransientError(f"Salesforce announced {body['totalSize']} rows and sent {seen}; try again later")


_STAMPED = (records.STAMP, "Id")


def _by_id(above: str = "", end: str = "") -> Keyset:
    def behind(last: Row | None) -> str:
        return soql.both(soql.after_id(last["Id"] if last else above), soql.up_to_id(end) if end else "")

    return behind


def _by_stamp(since: datetime, end: datetime) -> Keyset:
    def behind(last: Row | None) -> str:
        if last is None:
            return soql.between(since, end)
        return soql.after(records.moment(last[records.STAMP]), last["Id"], end)

    return behind


def _body(answer: Answer) -> Mapping[str, Any]:
    """The body of a query answer, if it is one: what is cut or a stranger's must not look like the end of a crawl."""
    body = answer.data
    if not isinstance(body, Mapping) or not isinstance(body.get("records"), list) or "totalSize" not in body:
        raise TransientError("Salesforce answered a query with something that is no query result; try again later")
    if not isinstance(body.get("done"), bool):
        raise TransientError("Salesforce answered a query without saying whether it is done; try again later")
    return body
