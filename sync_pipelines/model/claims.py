"""What one record says now, and what it last agreed to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from connectors.contract import RecordRef
from mappings.values import Value, Values

ARCHIVED = "_archived"  # the key under which a claim says whether its record is out of use


@dataclass(frozen=True, slots=True)
class Agreed:
    """The baseline of one field on one record: the value it was last agreed on, and how the record spells it.

    They differ where the system changes a value on save, and where a difference was accepted (adoption, `report`). Such
    a difference is the record's `own`: whatever is taken back or parted, nobody may take it for what we wrote.

    What was sent to a field that its record does not show us is not `shown`: `stored` is then what we wrote, and
    whether that is there is looked at when the field shows.
    """

    sent: Value
    stored: Value
    own: bool = False
    shown: bool = True


class Stance(Enum):
    """How a record stands to a field since it last agreed. Clocks are not asked."""

    SILENT = "silent"  # it does not speak of the field
    FRESH = "fresh"  # it speaks, and has never agreed to anything; or otherwise than what we sent it unseen
    REST = "rest"  # it says what it last agreed to
    MOVED = "moved"  # somebody there changed it since


@dataclass(frozen=True, slots=True)
class Claim:
    """The canonical values of one record for one entity, with its own baseline."""

    ref: RecordRef
    entity: str
    values: Values
    scope: str = ""
    entity_id: str = ""  # empty: not coupled yet
    primary: bool = True  # False: an alias, a further record of the same entity in the same system
    baseline: Mapping[str, Agreed] = field(default_factory=dict)
    version: str = ""
    payload_hash: str = ""
    map_version: str = ""
    changed_at: datetime | None = None
    editor: str = ""
    gone: bool = False  # the system said so

    @property
    def system(self) -> str:
        """The system that speaks."""
        return self.ref.system

    def stance(self, key: str) -> Stance:
        """How this record stands to a field."""
        if self.gone or key not in self.values:
            return Stance.SILENT
        if key not in self.baseline:
            return Stance.FRESH
        agreed = self.baseline[key]
        other = Stance.MOVED if agreed.shown else Stance.FRESH
        return Stance.REST if self.values[key] in (agreed.stored, agreed.sent) else other

    def resting(self, keys: Collection[str]) -> "Claim":
        """The same where nobody knows yet whose word these fields are: as if it had agreed to what it says there."""
        said = {key: Agreed(self.values[key], self.values[key]) for key in keys if key in self.values}
        return replace(self, baseline={**self.baseline, **said}) if said else self

    def has_agreed(self, key: str, golden: Value) -> bool:
        """Whether its baseline says so already: this golden value, spelled as the record spells it now."""
        agreed = self.baseline.get(key)
        return agreed is not None and agreed.shown and agreed.sent == golden and agreed.stored == self.values[key]

    def holds(self, key: str, golden: Value) -> bool:
        """Whether the record is as the golden value wants it: equal, or spelled as it was when it agreed to it."""
        if key not in self.values:
            return False
        said = self.values[key]
        agreed = self.baseline.get(key)
        return said == golden or (agreed is not None and agreed.sent == golden and agreed.stored == said)
