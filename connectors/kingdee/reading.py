"""Crawls, strong reads and look-ups by our key, by ExecuteBillQuery.

A crawl goes by internal id, a later one over those whose stamps moved, so nothing slips through however often it is
edited meanwhile, and no two stamps have to be told apart. Rows of tables come by a query of their own for a whole page:
asked for together with their heads they would multiply them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from connectors.contract import Page, Record, RecordRef, Watermark
from connectors.errors import ConnectorError, TransientError
from connectors.kingdee import filters
from connectors.kingdee.client import Client
from connectors.kingdee.credit import Credit, Credits
from connectors.kingdee.settings import KingdeeSettings
from connectors.kingdee.shape import CREDITS, EDITOR, Shape, Table, asked, put, row_of
from connectors.paging import crawled, in_batches

NUMBER = "FNumber"
SURE_ROWS = 2000  # what any server tells at once: a page of so many may have been cut, whatever was asked for
_PORTION = 500  # records whose rows are asked for at once
Row = list[Any]


class Proof(NamedTuple):
    """A record as it is now, who touched it last beside its limits, and who each limit, by organisation."""

    record: Record
    editor: str
    limits: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads records of one data centre."""

    system: str
    client: Client
    settings: KingdeeSettings
    shapes: Mapping[str, Shape]
    credits: Credits
    stamps: Callable[[str], Sequence[str]]  # of a kind; asked often

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        """All records changed at or after `since`, or all living ones; only the last page bears a safe point."""
        started = self.client.server_time()
        pages = self._pages(kind, since.at if since else None)
        yield from crawled(pages, Watermark(started - self.settings.look_back))

    def keys(self, kind: str) -> Iterator[Sequence[str]]:
        """All living ids."""
        for rows in self._crawl(kind, (self.shapes[kind].form.id,), ""):
            yield tuple(str(row[0]) for row in rows)

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        """As they are now. What is no number cannot be there, and would make the query fail."""
        found: dict[RecordRef, Record] = {}
        for kind in dict.fromkeys(ref.kind for ref in refs):
            there = self.by_id(kind, [ref.id for ref in refs if ref.kind == kind])
            found |= {ref: there[ref.id] for ref in refs if ref.kind == kind and ref.id in there}
        return found

    def by_id(self, kind: str, ids: Sequence[str]) -> dict[str, Record]:
        """Living records by their ids."""
        return {proof.record.ref.id: proof.record for proof in self._of_ids(kind, ids)}

    def proofs(self, kind: str, ids: Sequence[str]) -> dict[str, Proof]:
        """The same, with who touched them."""
        return {proof.record.ref.id: proof for proof in self._of_ids(kind, ids)}

    def _of_ids(self, kind: str, ids: Sequence[str]) -> Iterator[Proof]:
        wanted = [one for one in dict.fromkeys(ids) if _is_id(one)]
        id_key = self.shapes[kind].form.id
        for part in in_batches(wanted, _PORTION):
            yield from self._page(kind, filters.ids(id_key, part))

    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Records that carry these keys, to the letter: the database itself may not tell upper from lower case."""
        found: dict[str, list[Record]] = {}
        stored = [self.stored_key(key) for key in dict.fromkeys(keys)]
        for portion in in_batches(stored, _PORTION):
            for record in (proof.record for proof in self._page(kind, filters.among(self.settings.key_field, portion))):
                found.setdefault(record.key, []).append(record)
        return {key: found[key] for key in keys if key in found}

    def stored_key(self, key: str) -> str:
        """Our key as it stands in the record."""
        return f"{self.settings.number_prefix}{key}" if self.settings.key_field == NUMBER else key

    def numbers(self, form: str, id_key: str, ids: Sequence[str]) -> Mapping[str, str]:
        """The numbers of records by their ids: on saving, references are made by number."""
        wanted = [one for one in dict.fromkeys(ids) if _is_id(one)]
        found: dict[str, str] = {}
        for portion in in_batches(wanted, _PORTION):
            rows = self.client.query(form, (id_key, NUMBER), filters.ids(id_key, portion), limit=SURE_ROWS)
            found |= {str(row[0]): str(row[1]) for row in rows}
        return found

    def knows(self, kind: str, editor: str) -> bool:
        """Whether anybody of this name was ever the last to touch a record."""
        form = self.shapes[kind].form
        return bool(self.client.query(form.name, (form.id,), filters.equal(EDITOR, editor), limit=1))

    def were_made_by(self, kind: str, ids: Sequence[str], creator: str) -> bool:
        """Whether any of these was made under this name; no where that cannot be asked, as it is for certainty only."""
        form = self.shapes[kind].form
        where = filters.every(filters.ids(form.id, filter(_is_id, ids)), filters.equal("FCreatorId.FName", creator))
        try:
            return bool(self.client.query(form.name, (form.id,), where, limit=1))
        except ConnectorError:
            return False

    def scope(self, kind: str) -> str:
        """The condition that leaves out copies which other organisations have of a record."""
        if not self.shapes[kind].form.of_organisation:
            return ""
        return filters.equal("FUseOrgId.FNumber", self.settings.organisation)

    # -- pages --------------------------------------------------------------------------------------------------------

    def _pages(self, kind: str, since: datetime | None) -> Iterator[list[Record]]:
        where = filters.since(self.stamps(kind), since, self.settings.zone) if since else ""
        for rows in self._crawl(kind, self._columns(kind), where):
            yield [proof.record for proof in self._proofs(kind, rows)]
        if since and self.shapes[kind].credits:
            for part in in_batches(self.credits.moved(since), _PORTION):
                yield list(self.by_id(kind, part).values())

    def _crawl(self, kind: str, columns: Sequence[str], where: str) -> Iterator[list[Row]]:
        form, last = self.shapes[kind].form, 0
        while True:
            condition = filters.every(self.scope(kind), where, filters.beyond(form.id, last))
            rows = self.client.query(form.name, columns, condition, order=f"{form.id} ASC", limit=self.settings.page)
            if rows:
                yield rows
                last = _ascended(form.name, last, rows)
            if len(rows) < min(self.settings.page, SURE_ROWS):
                return

    def _page(self, kind: str, where: str) -> list[Proof]:
        """One query's records, where they surely fit into one answer."""
        form = self.shapes[kind].form
        condition = filters.every(self.scope(kind), where)
        rows = self.client.query(form.name, self._columns(kind), condition, limit=SURE_ROWS)
        if len(rows) >= SURE_ROWS:
            raise TransientError(f"Kingdee told as many {form.name} at once as it can; some may be missing")
        return self._proofs(kind, rows)

    # -- from rows to records -----------------------------------------------------------------------------------------

    def _columns(self, kind: str) -> tuple[str, ...]:
        """What to ask of a head, in the order in which `_record` takes it apart."""
        shape, settings = self.shapes[kind], self.settings
        key = () if shape.form.read_only else (settings.key_field,)
        return (shape.form.id, EDITOR, *self.stamps(kind), *key, *map(asked, shape.fields))

    def _proofs(self, kind: str, rows: Sequence[Row]) -> list[Proof]:
        heads = {record.ref.id: record for record in (self._record(kind, row) for row in rows)}
        for name, fields in self.shapes[kind].tables.items():
            self._add_table(heads, kind, self.shapes[kind].table(name), fields)
        wanted = self.shapes[kind].credits
        if not wanted or not self.credits.is_used or not heads:
            return [Proof(head, head.changed_by) for head in heads.values()]
        told = self.credits.of(list(heads))
        return [_with_credits(head, told.get(one, {}), wanted) for one, head in heads.items()]

    def _record(self, kind: str, row: Row) -> Record:
        shape, settings = self.shapes[kind], self.settings
        number, editor, *rest = row
        known = len(self.stamps(kind))
        stamps = [filters.moment(cell, settings.zone) for cell in rest[:known]]
        rest = rest[known:]
        key = "" if shape.form.read_only else str(rest.pop(0) or "").strip()
        payload: dict[str, Any] = {}
        for path, cell in zip(shape.fields, rest, strict=True):
            put(payload, path, cell)
        return Record(
            RecordRef(self.system, kind, str(number)),
            payload,
            changed_at=max((stamp for stamp in stamps if stamp), default=None),
            changed_by=str(editor or ""),
            key=self._our_key(key),
        )

    def _our_key(self, stored: str) -> str:
        if self.settings.key_field != NUMBER:
            return stored
        prefix = self.settings.number_prefix
        return stored.removeprefix(prefix) if stored.startswith(prefix) else ""

    def _add_table(self, records: Mapping[str, Record], kind: str, table: Table, fields: tuple[str, ...]) -> None:
        rows: dict[str, list[dict[str, Any]]] = {one: [] for one in records}
        for portion in in_batches(list(records), _PORTION):
            for owner, row_id, *cells in self._table_rows(kind, table, fields, portion):
                if row_id and filters.number(row_id) and str(owner) in rows:
                    rows[str(owner)].append(row_of(table, fields, row_id, cells))
        for one, record in records.items():
            told = sorted(rows[one], key=lambda row: int(row["id"]))
            _payload(record)[table.name] = [row for row in told if not table.in_use or row[table.in_use]]

    def _table_rows(self, kind: str, table: Table, fields: Sequence[str], owners: Sequence[str]) -> Iterator[Row]:
        """Rows of these records; where there are too many for one answer, of half of them at a time."""
        form = self.shapes[kind].form
        keys = (form.id, table.id_key, *map(asked, fields))
        rows = self.client.query(form.name, keys, filters.ids(form.id, owners), limit=SURE_ROWS)
        if len(rows) < SURE_ROWS:
            yield from rows
            return
        if len(owners) == 1:
            raise TransientError(f"{form.name} {owners[0]} has more rows in {table.name} than Kingdee tells at once")
        middle = len(owners) // 2
        for half in (owners[:middle], owners[middle:]):
            yield from self._table_rows(kind, table, fields, half)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19 and text == str(int(text))  # noqa: PLR2004 - 63 bits


def _payload(record: Record) -> dict[str, Any]:
    return cast("dict[str, Any]", record.payload)  # of a record that was just made


def _with_credits(record: Record, held: Mapping[str, Credit], wanted: Sequence[str]) -> Proof:
    """A change of a limit is a change of the customer, by whoever made the later one."""
    told = {name: held[name] for name in wanted if name in held}
    amounts = {name: held[name].amount if name in held else None for name in wanted}
    last = max(told.values(), key=lambda one: one.changed_at.timestamp() if one.changed_at else 0.0, default=None)
    whole = replace(record, payload={**record.payload, CREDITS: amounts})
    if last is not None and last.changed_at and (record.changed_at is None or record.changed_at < last.changed_at):
        whole = replace(whole, changed_at=last.changed_at, changed_by=last.changed_by)
    return Proof(whole, record.changed_by, {name: one.changed_by for name, one in told.items()})


def _ascended(form: str, last: int, rows: Sequence[Row]) -> int:
    numbers = [filters.number(row[0]) for row in rows]
    if numbers[0] <= last or any(first >= second for first, second in pairwise(numbers)):
        raise TransientError(
            f"Kingdee told {form} out of order, so the end of a crawl cannot be known; try again later"
        )
    return numbers[-1]
