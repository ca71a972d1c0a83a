"""What is gone, by the system's own word: `queryAll` shows the bin and losers of merges, getDeleted what left it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import Deletions, Merge, Merges, Record, RecordRef, Tombstone, Watermark
from connectors.errors import TransientError
from connectors.salesforce import records, soql
from connectors.salesforce.client import Client
from connectors.salesforce.ids import long_id
from connectors.salesforce.reading import Reader, Row

# getDeleted refuses a start more than 30 days back; a day is left for clocks and long runs.
_TOLD_FOR = timedelta(days=29)
_MINUTE = timedelta(minutes=1)
_MASTER = "MasterRecordId"


@dataclass(frozen=True, slots=True)
class Removals:
    """Deletions and merges of one org."""

    client: Client
    reader: Reader
    mergeable: frozenset[str]

    def deleted(self, kind: str, since: Watermark) -> Deletions:
        """Records in the bin and purged ones; losers of merges are not among them."""
        told = self._told(kind, since.at)
        gone = self._gone(kind, since.at)
        stones = {long_id(row["Id"]): row[records.STAMP] for row in gone if not row.get(_MASTER)}
        merged = {long_id(row["Id"]) for row in gone if row.get(_MASTER)}
        logged = {each: at for each, at in told.deleted.items() if each not in stones and each not in merged}
        stones |= self._proven(kind, logged)
        tombstones = tuple(
            Tombstone(RecordRef(self.reader.system, kind, each), records.moment(at)) for each, at in stones.items()
        )
        return Deletions(tombstones, told.safe_point(self._look_back), told.complete_since(since.at))

    def merged(self, kind: str, since: Watermark) -> Merges:
        """Each step of a chain by itself, as the system keeps it."""
        started = self.client.server_time()
        merges = tuple(self._merge(kind, row) for row in self._gone(kind, since.at) if row.get(_MASTER))
        return Merges(merges, Watermark(started - self._look_back))

    def heirs(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """By key of ours: where a record lives now that was merged since."""
        if not keys or kind not in self.mergeable:
            return {}
        key_field, ends = self.reader.settings.key_field, dict[str, str]()
        for row in self._merged_where(kind, key_field, keys):
            if row[key_field] in keys:  # SOQL compares texts without regard to case
                ends[row[key_field]] = long_id(row[_MASTER])
        while further := {
            long_id(row["Id"]): long_id(row[_MASTER]) for row in self._merged_where(kind, "Id", ends.values())
        }:
            ends = {key: further.get(end, end) for key, end in ends.items()}
        there = self.reader.by_id(kind, list(ends.values()))
        return {key: (there[end],) for key, end in ends.items() if end in there}

    def _merged_where(self, kind: str, field: str, values: Collection[str]) -> list[Row]:
        columns = dict.fromkeys(("Id", _MASTER, field))
        return [
            row
            for portion in soql.portions(dict.fromkeys(values))
            for row in self.reader.query(
                soql.select(columns, kind, soql.both("IsDeleted = true", soql.among(field, portion))), with_gone=True
            )
            if row.get(_MASTER)
        ]

    @property
    def _look_back(self) -> timedelta:
        return self.reader.settings.look_back

    def _merge(self, kind: str, row: Row) -> Merge:
        loser, winner = (RecordRef(self.reader.system, kind, long_id(row[name])) for name in ("Id", _MASTER))
        return Merge(loser, winner, records.moment(row[records.STAMP]))

    def _gone(self, kind: str, since: datetime) -> list[Row]:
        columns = ("Id", records.STAMP, *([_MASTER] if kind in self.mergeable else []))
        where = f"IsDeleted = true AND {soql.since(since)}"
        return self.reader.query(soql.select(columns, kind, where), with_gone=True)

    def _told(self, kind: str, since: datetime) -> "_Told":
        """Ask getDeleted, in a window that it accepts: whole minutes, at least one, at most 30 days back."""
        now = self.client.server_time()
        start = max(since, now - _TOLD_FOR)
        start = min(start, now - _MINUTE).replace(second=0, microsecond=0)
        end = now.replace(second=0, microsecond=0) + _MINUTE
        window = {"start": start.isoformat(), "end": end.isoformat()}
        return _Told.of(now, start, self.client.get(f"sobjects/{soql.name(kind)}/deleted", window).data)

    def _proven(self, kind: str, logged: Mapping[str, str]) -> Mapping[str, str]:
        """What getDeleted alone tells, without what is alive again (restored from the bin) and what was merged away."""
        if not logged:
            return {}
        columns = ("Id", "IsDeleted", *([_MASTER] if kind in self.mergeable else []))
        still: set[str] = set()
        for portion in soql.portions(logged):
            rows = self.reader.query(soql.select(columns, kind, soql.among("Id", portion)), with_gone=True)
            still |= {long_id(row["Id"]) for row in rows if not row["IsDeleted"] or row.get(_MASTER)}
        return {each: at for each, at in logged.items() if each not in still}


@dataclass(frozen=True, slots=True)
class _Told:
    """An answer of getDeleted."""

    now: datetime
    start: datetime
    deleted: Mapping[str, str]
    earliest: datetime
    covered: datetime

    @classmethod
    def of(cls, now: datetime, start: datetime, body: Any) -> "_Told":
        """Read it, or raise TransientError."""
        try:
            deleted = {long_id(each["id"]): str(each["deletedDate"]) for each in body["deletedRecords"]}
            earliest, covered = (records.moment(body[name]) for name in ("earliestDateAvailable", "latestDateCovered"))
        except (KeyError, TypeError) as error:
            raise TransientError("Salesforce answered getDeleted with something unreadable; try again later") from error
        return cls(now, start, deleted, earliest, covered)

    def safe_point(self, look_back: timedelta) -> Watermark:
        """Not past what the system calls covered: a transaction still open holds that back."""
        return Watermark(min(self.covered, self.now - look_back))

    def complete_since(self, since: datetime) -> datetime | None:
        """Later than asked for, where the log or its window does not reach back that far."""
        from_ = max(self.earliest, self.start)
        return from_ if from_ > since else None
