"""How records are recognised as one entity, as data. Evaluated in `sync_pipelines/identity`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mappings.values import NOWHERE, Where

# How two values are held against each other; evaluated in `sync_pipelines/identity`.
COMPARISONS = ("exact", "name", "domain", "country")


@dataclass(frozen=True, slots=True)
class Level:
    """One way to recognise: all `fields` equal (after `compare`), with what follows from it.

    `then` is `link` (done without asking), `ask` (a person decides) or `apart`.
    """

    name: str
    fields: tuple[str, ...]
    then: str
    weight: float = 0.0
    compare: Mapping[str, str] = field(default_factory=dict)  # field → one of COMPARISONS; exact where it is not named
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class Matching:
    """The ordered levels of an entity, strongest first. `never` lists values that prove nothing (free-mail domains)."""

    entity: str
    levels: tuple[Level, ...] = ()
    contradicts: tuple[str, ...] = ()  # fields that, both set and different, forbid a link (tax_id)
    never: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
