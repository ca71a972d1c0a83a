"""From a row of an answer to a `Record`, whether it came as JSON or as CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from connectors.contract import Record, RecordRef
from connectors.errors import TransientError
from connectors.listing import listed
from connectors.salesforce.ids import LONG, long_id

STAMP = "SystemModstamp"
EDITOR = "LastModifiedById"
# Read with every record, whatever the map asks for; not part of the payload unless the map asks for them.
ALWAYS = ("Id", STAMP, EDITOR)
_MADE = 1  # one more when another record is made of the same row: what is known by its row is looked at again then


@dataclass(frozen=True)
class Shape:
    """What is fetched of one kind, and the record that a row becomes."""

    system: str
    kind: str
    fields: tuple[str, ...]  # what the maps want: the payload
    key_field: str = ""  # where our key stands; empty where the kind bears none
    versioned: bool = False  # the stamp serves as version

    @property
    def columns(self) -> tuple[str, ...]:
        """What to SELECT, each once."""
        return tuple(dict.fromkeys((*ALWAYS, *([self.key_field] if self.key_field else []), *self.fields)))

    def record(self, row: dict[str, Any]) -> Record:
        """Takes the row for its own: a row that tells what was asked for, and nothing nested, becomes the payload.

        Raises TransientError where the row lacks what every row has: the answer is not whole.
        """
        get = row.get
        record_id, stamped = get("Id"), get(STAMP)
        if not isinstance(record_id, str) or not isinstance(stamped, str):
            raise self._not_usable()
        editor, key = get(EDITOR), get(self.key_field)
        return Record(
            RecordRef(self.system, self.kind, _long(record_id)),
            self._payload(row),
            stamped if self.versioned else "",
            moment(stamped),
            _long(editor or ""),
            key or "",
        )

    def records(self, rows: Sequence[dict[str, Any]]) -> Sequence[Record]:
        """Takes the rows for its own; each is made a record when somebody looks at it."""
        return listed(self.system, self.kind, rows, self._id_of, self.record, version=self._version)

    def _id_of(self, row: Mapping[str, Any]) -> str:
        record_id = row.get("Id")
        if not isinstance(record_id, str):
            raise self._not_usable()
        return _long(record_id)

    def _not_usable(self) -> TransientError:
        return TransientError(f"Salesforce answered a {self.kind} without Id or {STAMP}; the answer is not usable")

    @cached_property
    def _version(self) -> str:
        return f"{_MADE} {self.fields} {self.key_field} {self.versioned}"

    @cached_property
    def _beside(self) -> tuple[str, ...]:
        """What a row tells besides the payload."""
        return tuple(name for name in (*ALWAYS, self.key_field, "attributes") if name not in self.fields)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.fields)

    def _payload(self, row: dict[str, Any]) -> dict[str, Any]:
        for name in self._beside:
            row.pop(name, None)
        if row.keys() == self._names and dict not in map(type, row.values()):
            return row
        return self._payload_of_any(row)

    def _payload_of_any(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {field: _plain(at(row, field)) for field in self.fields if has(row, field)}


def at(row: Mapping[str, Any], field: str) -> Any:
    """Follow a path such as Owner.Name; a relationship that is empty makes everything behind it empty."""
    node: Any = row
    for step in field.split("."):
        if not isinstance(node, Mapping):
            return None
        node = node.get(step)
    return node


def has(row: Mapping[str, Any], field: str) -> bool:
    """Whether the answer says anything about the field: what is not told is not null."""
    return field.split(".", 1)[0] in row


def _long(record_id: str) -> str:
    """An answer's own long ids are right as they are."""
    return record_id if len(record_id) == LONG else long_id(record_id)


def _plain(value: Any) -> Any:
    """A related or compound value without the vendor's `attributes`."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items() if name != "attributes"}
    return value


def moment(text: str) -> datetime:
    """Read `2013-05-07T22:07:19.000+0000` or `…Z`. Raises TransientError where it is neither."""
    try:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo is UTC else at.astimezone(UTC)
    except ValueError:
        message = f"Salesforce answered {text!r} where a time was due"
        raise TransientError(message) from None


def stamp(moment_: datetime) -> str:
    """Write a moment as the JSON answers do."""
    return moment_.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
