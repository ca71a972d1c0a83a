"""From a row of an answer to a `Record`, whether it came as JSON or as CSV."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.contract import Record, RecordRef
from connectors.errors import TransientError
from connectors.salesforce.ids import long_id

STAMP = "SystemModstamp"
EDITOR = "LastModifiedById"
# Read with every record, whatever the map asks for; not part of the payload unless the map asks for them.
ALWAYS = ("Id", STAMP, EDITOR)


@dataclass(frozen=True, slots=True)
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

    def record(self, row: Mapping[str, Any]) -> Record:
        """Raises TransientError where the row lacks what every row has: the answer is not whole."""
        if not isinstance(row.get("Id"), str) or not isinstance(row.get(STAMP), str):
            raise TransientError(f"Salesforce answered a {self.kind} without Id or {STAMP}; the answer is not usable")
        return Record(
            ref=RecordRef(self.system, self.kind, long_id(row["Id"])),
            payload={field: _plain(at(row, field)) for field in self.fields if has(row, field)},
            version=row[STAMP] if self.versioned else "",
            changed_at=moment(row[STAMP]),
            changed_by=long_id(row.get(EDITOR) or ""),
            key=row.get(self.key_field) or "",
        )


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


def _plain(value: Any) -> Any:
    """A related or compound value without the vendor's `attributes`."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items() if name != "attributes"}
    return value


def moment(text: str) -> datetime:
    """Read `2013-05-07T22:07:19.000+0000` or `…Z`. Raises TransientError where it is neither."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        message = f"Salesforce answered {text!r} where a time was due"
        raise TransientError(message) from None


def stamp(moment_: datetime) -> str:
    """Write a moment as the JSON answers do."""
    return moment_.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
