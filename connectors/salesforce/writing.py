"""Creates, updates and archiving through sObject Collections: up to 200 records in a call, a result for each.

A create is an upsert by our own external id, so that not even a repeated one makes a second record. An answer proves
only the id, so what was written is read back, once for the whole batch.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import orjson

from connectors.batches import by_kind, spared, unsent
from connectors.contract import Archive, Create, ItemResult, Record, Update, Written
from connectors.errors import (
    ConnectorError,
    RejectedError,
    StaleError,
    UncertainError,
    WriteError,
)
from connectors.salesforce import records, soql
from connectors.salesforce.answers import GONE, item_error
from connectors.salesforce.client import Client
from connectors.salesforce.ids import is_id, long_id
from connectors.salesforce.reading import Reader, Row
from connectors.salesforce.settings import SalesforceSettings

# The system's duplicate rules stay in force; with details they name the records they take for the same.
DUPLICATE_RULES = "allowSave=false; includeRecordDetails=true; runAsCurrentUser=true"
_HEADERS = {"Sforce-Duplicate-Rule-Header": DUPLICATE_RULES}
Item: TypeAlias = Mapping[str, Any]
Outcome: TypeAlias = WriteError | str  # an error, or the id of the record that was written
MOST = 200
_DIGITS = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_NUMBERS = frozenset({"currency", "double", "percent", "int"})


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes to one org. Nothing here is ever sent a second time, unless the system surely refused the whole call."""

    client: Client
    reader: Reader
    settings: SalesforceSettings
    types: Callable[[str], Mapping[str, str]]  # of a kind's fields, in the system's words; asked once

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        """Upsert by our key; one kind after the other."""
        _refuse_oversize(batch)
        return by_kind(batch, lambda item: item.kind, self._create)

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        """Only what is still as expected is sent."""
        _refuse_oversize(batch)
        return by_kind(batch, lambda item: item.ref.kind, self._update)

    def archive(self, batch: Sequence[Archive]) -> Sequence[ItemResult]:
        """Set the fields that take a record out of use, as configured."""
        return self.update(
            [Update(item.key, item.ref, self.settings.archive[item.ref.kind], version=item.version) for item in batch]
        )

    # -- one kind -----------------------------------------------------------------------------------------------------

    def _create(self, kind: str, batch: Sequence[Create]) -> Sequence[ItemResult]:
        key_field, we = self.settings.key_field, self.client.user()
        place = f"composite/sobjects/{soql.name(kind)}/{soql.name(key_field)}"
        items = [_item(kind, {**self._named(kind, item.values), key_field: item.key}) for item in batch]
        rows = self._send(place, items)
        outcomes = [_outcome(row) for row in rows]
        made = [isinstance(row, Mapping) and row.get("created") is True for row in rows]
        proofs = self._proofs(kind, outcomes)
        return [
            self._written(item.key, outcome, proofs, we, created=created)
            for item, outcome, created in zip(batch, outcomes, made, strict=True)
        ]

    def _update(self, kind: str, batch: Sequence[Update]) -> Sequence[ItemResult]:
        stale, we = self._stale(kind, batch), self.client.user()
        outcomes: list[Outcome] = [stale.get(place, "") for place in range(len(batch))]
        going = [place for place, outcome in enumerate(outcomes) if outcome == ""]
        for place, outcome in zip(going, self._sent(kind, [batch[place] for place in going]), strict=True):
            outcomes[place] = outcome
        proofs = self._proofs(kind, outcomes)
        return [self._written(item.key, outcome, proofs, we) for item, outcome in zip(batch, outcomes, strict=True)]

    def _sent(self, kind: str, batch: Sequence[Update]) -> Sequence[Outcome]:
        if not batch:
            return ()
        if kind == "Account" and self.settings.conditional_accounts:
            return [self._row_update(item) if item.version else self._collected(kind, [item])[0] for item in batch]
        return self._collected(kind, batch)

    def _collected(self, kind: str, batch: Sequence[Update]) -> Sequence[Outcome]:
        items = [{**_item(kind, self._named(kind, item.values)), "id": item.ref.id} for item in batch]
        rows = self._send("composite/sobjects", items)
        return [_outcome(row, item.ref.id) for item, row in zip(batch, rows, strict=True)]

    def _named(self, kind: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {soql.name(field): self._sendable(kind, field, value) for field, value in values.items()}

    def _sendable(self, kind: str, field: str, value: Any) -> Any:
        """A text of digits in a field of numbers goes as a JSON number, digit by digit: as a text it is refused."""
        if isinstance(value, str) and _DIGITS.fullmatch(value) and self.types(kind).get(field) in _NUMBERS:
            return orjson.Fragment(value)
        return sendable(value)

    # -- just before --------------------------------------------------------------------------------------------------

    def _stale(self, kind: str, batch: Sequence[Update]) -> dict[int, WriteError]:
        """Compare with what is expected, by one query for the batch. Fails as a whole: then nothing was sent."""
        compared = {place: item for place, item in enumerate(batch) if item.expected}
        if not compared:
            return {}
        paths = dict.fromkeys(path for item in compared.values() for path in item.expected)
        there = self.reader.rows_by_id(kind, [item.ref.id for item in compared.values()], tuple(paths))
        found = {place: _difference(item, there.get(long_id(item.ref.id))) for place, item in compared.items()}
        return {place: error for place, error in found.items() if error is not None}

    def _row_update(self, item: Update) -> Outcome:
        """One Account row, with an ETag of its own: the system itself refuses it if anybody was quicker."""
        place = f"sobjects/Account/{item.ref.id}"
        try:
            named = dict(self._named("Account", item.values))
            row = self.client.get(place, {"fields": records.STAMP})
            if not isinstance(row.data, Mapping) or row.data.get(records.STAMP) != item.version:
                return StaleError(f"{item.ref} was changed since it was read", code="stale")
            headers = {**_HEADERS, "If-Match": row.headers.get("etag", "")}
            self.client.write("PATCH", place, named, headers)
        except ConnectorError as error:
            return _gone(item, error) or unsent(error)
        return long_id(item.ref.id)

    # -- the call -----------------------------------------------------------------------------------------------------

    def _send(self, place: str, items: Sequence[Item]) -> Sequence[Any]:
        """A row per item; where the outcome is open, an error in its place.

        A refusal of the whole call surely did nothing. If a record is to blame it is found by halving: the halves that
        go through were not sent before.
        """
        try:
            answer = self.client.write("PATCH", place, {"allOrNone": False, "records": list(items)}, _HEADERS)
        except UncertainError as lost:
            return [lost] * len(items)
        except RejectedError as refused:
            return self._halved(place, items, refused)
        rows = answer.data
        if not isinstance(rows, list) or len(rows) != len(items):
            unread = UncertainError("Salesforce answered a batch with something else than a result per record")
            return [unread] * len(items)
        return rows

    def _halved(self, place: str, items: Sequence[Item], blamed: RejectedError) -> Sequence[Any]:
        if len(items) == 1:
            return [blamed]
        first, second = items[: len(items) // 2], items[len(items) // 2 :]
        done = self._send(place, first)
        return [*done, *spared(lambda: self._send(place, second), len(second))]

    def _proofs(self, kind: str, outcomes: Sequence[Outcome]) -> Mapping[str, Record]:
        """The written records as the system holds them now; none, if they cannot be read just now."""
        ids = [outcome for outcome in outcomes if isinstance(outcome, str)]
        try:
            return self.reader.by_id(kind, ids) if ids else {}
        except ConnectorError:
            return {}

    def _written(
        self, key: str, outcome: Outcome, proofs: Mapping[str, Record], we: str, *, created: bool = False
    ) -> ItemResult:
        if isinstance(outcome, WriteError):
            return outcome
        if outcome not in proofs:
            return UncertainError(
                "Salesforce reports a success, but the record could not be read back", code="unproven"
            )
        record = proofs[outcome]
        touched = bool(we and record.changed_by) and record.changed_by != long_id(we)
        return Written(key, record, created, touched)


def _refuse_oversize(batch: Sequence[object]) -> None:
    if len(batch) > MOST:
        raise ValueError(f"Salesforce takes {MOST} records in a call, not {len(batch)}")


def _gone(item: Update, error: ConnectorError) -> StaleError | None:
    return StaleError(f"{item.ref} is no longer there", code=error.code) if error.code in GONE else None


def sendable(value: Any) -> Any:
    """A value as JSON takes it. Numbers go as doubles; a Decimal of more digits than those hold goes as text [G]."""
    if isinstance(value, Decimal):
        number = int(value) if value == value.to_integral_value() else float(value)
        return number if Decimal(str(number)) == value else format(value, "f")
    return value


def _item(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"attributes": {"type": kind}, **values}


def _outcome(row: Any, asked: str = "") -> Outcome:
    """Success is an id and the word true; an update's has to be the id that was asked for."""
    if isinstance(row, WriteError):
        return row
    if not isinstance(row, Mapping) or row.get("success") is not True:
        return item_error(row)
    if not is_id(row.get("id")) or (asked and long_id(row["id"]) != long_id(asked)):
        return UncertainError("Salesforce reports a success, but not for the record that was sent")
    return long_id(row["id"])


def _difference(item: Update, row: Row | None) -> WriteError | None:
    if row is None:
        return StaleError(f"{item.ref} is no longer there", code="gone")
    for path, expected in item.expected.items():
        if records.at(row, path) != expected:
            return StaleError(f"{item.ref}: {path} is no longer what it was when this was planned", field=path)
    return None
