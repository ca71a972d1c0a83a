"""One line per field, read in both directions. Declared here; `reading` decodes a payload, `writing` encodes values."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from mappings.values import NOWHERE, Value, Where


@dataclass(frozen=True, slots=True)
class Line:
    """`tax_id: {at: Tax_Number__c, as: tax_id, with: {country: country}}`.

    `at` is a path into the payload (README, *Paths*). `scope` pins the line to one scope (the limit of company 100);
    `per` says that the payload holds a dict from scope to value there. `lines` describe the items of a list of records,
    or the parts of an address.
    """

    field: str
    at: str
    codec: str
    options: Mapping[str, Any] = attribute(default_factory=dict)
    scope: str = ""
    per: bool = False
    write: str = "always"  # always | create (only when the record is made) | never (read only)
    lines: tuple["Line", ...] = ()
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class KindMap:
    """How one system's kind and one entity correspond."""

    entity: str
    system: str
    kind: str
    lines: tuple[Line, ...]  # in reading order: a field that another line's option names comes before that line
    map: str = ""  # the map file's name; code tables have a column of this name
    scope_at: str = ""  # path of the record's own scope (Kingdee's FUseOrgId); empty: the record is for all
    only: Mapping[str, tuple[Any, ...]] = attribute(default_factory=dict)  # path → raw values that are ours, no others
    archived_at: str = ""  # path that says a record is out of use …
    archived_is: tuple[Any, ...] = ()  # … by holding one of these
    archived_back: Any = None  # … and what is written there to take it back into use; None: that is done by hand
    editor_at: str = ""  # path of the last modifier's department, where `by:` needs it
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class Gap:
    """A code that no table knows. The record waits until somebody maps it."""

    field: str
    table: str
    code: str
    way: str  # "decode": the system's code is unknown · "encode": the canonical code has no counterpart there


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that cannot be read or written. It spoils its own field only."""

    field: str
    says: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A payload in canonical fields. Keys are `field` or `field@scope`; what the payload does not hold is absent."""

    values: Mapping[str, Value]
    scope: str = ""
    archived: bool = False
    editor: str = ""
    takes_part: bool = True  # False: `only` says it is none of ours
    gaps: tuple[Gap, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Writing:
    """Canonical values in a system's words, as a partial payload of the paths that were asked for."""

    payload: Mapping[str, Any]
    gaps: tuple[Gap, ...] = ()
    faults: tuple[Fault, ...] = ()
