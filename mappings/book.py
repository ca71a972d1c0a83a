"""The book of rules as one value: systems, entities (fields, ownership, maps, matching) and code tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import timedelta
from enum import StrEnum
from typing import Any

from mappings.codec import Codec
from mappings.fieldmap import KindMap
from mappings.matching import Matching
from mappings.ownership import Ownership
from mappings.values import NOWHERE, Where


class WriteSwitch(StrEnum):
    """Whether a system is written to."""

    OFF = "off"  # shadow: plans are made and shown, nothing is sent
    REVIEW = "review"  # every plan waits for a person
    ON = "on"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When people and systems work. Times are local wall clock as `HH:MM-HH:MM`."""

    time_zone: str = "UTC"
    quiet_hours: tuple[str, ...] = ()  # nothing is written then
    holidays: tuple[str, ...] = ()  # ISO dates


@dataclass(frozen=True, slots=True)
class SystemSpec:
    """One line of `systems.yaml`."""

    name: str
    role: str
    connector: str
    write: WriteSwitch = WriteSwitch.OFF
    rank: int = 0  # among the systems of one role, lower first
    scopes: tuple[str, ...] = ()  # companies it keeps; empty: all
    map: str = ""  # which map file serves it; by default the connector's name, then the system's
    calls_per_day: int | None = None
    calls_per_second: float | None = None
    reserve: float = 0.1  # share of the day's calls kept for people
    calendar: Calendar = Calendar()
    package: str = ""  # distribution that brings the connector, when it is the user's own
    options: Mapping[str, Any] = attribute(default_factory=dict)
    entities: Mapping[str, WriteSwitch] = attribute(default_factory=dict)  # write switch per entity, where it differs
    may_be_empty: tuple[str, ...] = ()  # kinds of which it is believed that there is none yet
    where: Where = NOWHERE

    def switch(self, entity: str) -> WriteSwitch:
        """The write switch for one entity."""
        return self.entities.get(entity, self.write)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a canonical field means and how it may be handled."""

    name: str
    type: str  # one of `codecs.TYPES`: how its canonical form is spelled
    means: str
    privacy: str = "public"  # public | personal | financial
    length: int | None = None
    choices: tuple[str, ...] = ()
    refers_to: str = ""  # entity of a reference
    per: str = ""
    items: Mapping[str, "FieldSpec"] = attribute(default_factory=dict)  # fields of a list's records
    required: bool = False
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class CodeTable:
    """Canonical code ↔ each system's code. Where several of its codes mean one of ours, the first is sent."""

    name: str
    decode: Mapping[str, Mapping[str, str]]  # map (or system) name → its code → canonical code
    encode: Mapping[str, Mapping[str, str]]  # map (or system) name → canonical code → its code
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class EntitySpec:
    """Everything the book says of one entity."""

    name: str
    fields: Mapping[str, FieldSpec]
    ownership: Ownership
    maps: Mapping[str, KindMap]  # by system name
    matching: Matching


@dataclass(frozen=True, slots=True)
class Guards:
    """How much change is usual, per system, entity and operation; more of it waits for a person."""

    creates: float = 0.2  # share of the known records
    updates: float = 0.3
    blanks: float = 0.05
    archives: float = 0.02
    at_least: int = 20  # so few are always let through


@dataclass(frozen=True, slots=True)
class Comparing:
    """When every record is compared with what was decided."""

    at: str = "10 4 * * *"  # a cron line, by the clock most systems live by; empty: never by itself
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class Book:
    """A folder of rules, loaded. `version` is a hash of every file that went into it."""

    systems: Mapping[str, SystemSpec]
    entities: Mapping[str, EntitySpec]  # in the order in which they are synchronised: referred-to first
    tables: Mapping[str, CodeTable]
    version: str
    guards: Guards = Guards()
    promises: Mapping[str, timedelta] = attribute(default_factory=dict)  # e.g. early account: how long it may wait
    comparing: Comparing = Comparing()
    folder: str = ""
    codecs: Mapping[str, Codec] = attribute(default_factory=dict)  # the user's own, by the name that lines use

    def systems_of(self, role: str) -> tuple[str, ...]:
        """Names of the systems that play a role, by rank."""
        playing = [s for s in self.systems.values() if s.role == role]
        return tuple(s.name for s in sorted(playing, key=lambda s: (s.rank, s.name)))

    def ranked(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the systems of several roles, in the order of the roles, then by rank."""
        return tuple(name for role in roles for name in self.systems_of(role))
