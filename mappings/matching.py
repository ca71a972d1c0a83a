"""How records are recognised as one entity, as data. Evaluated in `sync_pipelines/identity`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mappings.values import NOWHERE, Value, Where

# How two values are held against each other on a level; evaluated in `sync_pipelines/identity`.
COMPARISONS = ("exact", "name", "domain", "country")

# How two values of a field are weighed: what can come of it, and what that speaks for (more than 0) or against one
# entity, in bits: one more doubles the odds. A book overrides single ones; `concordat match train` learns them.
WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "company": {
        "same": 9, "close": 6.5, "similar": 3.5, "partly": -1.5, "different": -7,
        "part": 3.5, "sound": 6, "branch": -16, "branches": 0, "group": -4, "grouped": -4, "person": -2, "form": -0.7,
        "in_full": 0, "namesake": -6,
    },
    "person": {"same": 8, "close": 5.5, "similar": 2.5, "partly": -1, "different": -7, "sound": 4, "namesake": -6},
    "address": {
        "same": 8, "same_but_city": 5, "same_but_postcode": 5.5, "same_but_part": 5, "street": 2.5,
        "house": 3.5, "postcode": 2, "town": 0.5, "city": 0.5, "different": -2.5, "country": -4,
    },
    "phone": {"same": 7.5, "close": 2.5, "switchboard": 1, "different": -1},
    "email": {"same": 8.5, "close": 4, "domain": 4, "local": 2.5, "different": -1},
    "site": {"same": 6, "similar": 3, "called": 4, "different": -2.5},
    "tax_id": {"same": 13, "close": 2, "different": -10},
    "number": {"same": 10, "close": 4.5, "different": -4},
    "date": {"same": 7, "close": 3.5, "different": -4},
    "reference": {"same": 5, "different": -2},
    "text": {"same": 1.5, "close": 0.7, "different": -0.6},
}  # fmt: skip

# The types of fields that a kind can read. A type of a team's own codec may be anything.
READS: Mapping[str, frozenset[str]] = {
    "company": frozenset({"text", "person_name"}),
    "person": frozenset({"text", "person_name"}),
    "address": frozenset({"address", "text"}),
    "phone": frozenset({"phone", "text"}),
    "email": frozenset({"email", "text"}),
    "site": frozenset({"domain", "email", "text"}),
    "tax_id": frozenset({"tax_id", "text"}),
    "number": frozenset({"text", "code", "tax_id", "decimal"}),
    "date": frozenset({"date"}),
    "reference": frozenset({"reference"}),
    "text": frozenset({"text", "choice", "code", "country", "region", "currency", "domain", "person_name"}),
}
TYPES = frozenset({"datetime", "money", "yes_no", "list"}).union(*READS.values())


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
class Weighed:
    """How one field is weighed: a kind of WEIGHTS, and the weights that differ from it."""

    kind: str
    weights: Mapping[str, float] = field(default_factory=dict)
    where: Where = NOWHERE

    def weight(self, level: str) -> float:
        """What an outcome counts, in bits."""
        return self.weights.get(level, WEIGHTS[self.kind][level])


@dataclass(frozen=True, slots=True)
class Scoring:
    """Every field weighed by itself, added up, and held against two thresholds: link from here, ask from there."""

    fields: Mapping[str, Weighed] = field(default_factory=dict)
    link: float = 13.0
    ask: float = 5.0
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class Matching:
    """The ordered levels of an entity, strongest first. `never` lists values that prove nothing (free-mail domains).

    Where there is a `scoring`, it speaks of the pairs on which no level does.
    """

    entity: str
    levels: tuple[Level, ...] = ()
    contradicts: tuple[str, ...] = ()  # fields that, both set and different, forbid a link (tax_id)
    never: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pooled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # likewise: numbers of records that serve many
    scoring: Scoring | None = None


def serving_many(matching: Matching, known_by: Iterable[Mapping[str, Value]]) -> Matching:
    """The same, where these values (by field) name records that serve many: who bears one is nobody in particular."""
    pooled: dict[str, tuple[str, ...]] = dict(matching.pooled)
    for known in known_by:
        for name, value in known.items():
            pooled[name] = (*pooled.get(name, ()), str(value))
    return replace(matching, pooled=pooled) if pooled else matching
