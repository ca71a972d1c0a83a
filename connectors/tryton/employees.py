"""Users: the employees of the companies, for whom a salesperson's field stands. Read only, and always all."""

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.contract import Record, RecordRef
from connectors.tryton.documents import moment
from connectors.tryton.reading import USERS, Reader
from connectors.tryton.shape import COMPANY, EMPLOYEE, STAMPS, USER
from connectors.tryton.words import told

_FIELDS = ["party", "party.name", "party.email", "company", "active", "start_date", "end_date", *STAMPS]


class Employees:
    """Reads of one connection."""

    def __init__(self, reader: Reader, system: str, page: int) -> None:
        """Nothing is called yet."""
        self._reader = reader
        self._system = system
        self._page = page

    def pages(self) -> Iterator[list[Record]]:
        """All of them, those who have left included."""
        last = -1
        while True:
            rows = self._reader.search(EMPLOYEE, [["id", ">", last]], _FIELDS, self._page)
            yield [self._record(row) for row in rows]
            if len(rows) < self._page:
                return
            last = rows[-1]["id"]

    def by_id(self, ids: Sequence[int]) -> list[Record]:
        """Those of them that are there."""
        rows = self._reader.search(EMPLOYEE, [["id", "in", sorted(ids)]], _FIELDS)
        return [self._record(row) for row in rows]

    def _record(self, row: dict[str, Any]) -> Record:
        words = self._reader.words
        payload = {
            "id": row["id"],
            "name": told(row, "party.name"),
            "email": told(row, "party.email") or None,
            "party": str(row["party"]),
            "company": words.of(COMPANY, row["company"]),
            "active": bool(row["active"]),
            "start_date": _day(row["start_date"]),
            "end_date": _day(row["end_date"]),
        }
        editor = row["write_uid"] if row["write_uid"] is not None else row["create_uid"]
        ref = RecordRef(self._system, USERS, str(row["id"]))
        return Record(ref, payload, changed_at=moment(row["_timestamp"]), changed_by=words.of(USER, editor) or "")


def _day(raw: Any) -> str | None:
    return None if raw is None else str(raw.isoformat())
