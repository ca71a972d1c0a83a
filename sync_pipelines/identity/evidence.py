"""What one field of two records says of whether they are one: which outcome, of what weight, in words for a steward."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log2

from mappings.matching import Weighed

COMMONEST = 0.15  # what a word still says that stands in nearly every name


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of a score. `weight` in bits: what speaks for one entity is above 0."""

    field: str
    level: str
    weight: float
    says: str
    shared: bool = False  # others bear the value, too


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How many records bear a value, and how rare a word is, where that is known. Unknown counts as rare."""

    values: Mapping[str, float] = field(default_factory=dict)  # `field:key` → how many on the side where it is commoner
    rare: Mapping[str, float] = field(default_factory=dict)  # word of a name → from 1 (nobody else) down to COMMONEST

    def rarity(self, word: str) -> float:
        """How much a word says."""
        return self.rare.get(word, 1.0)

    def shared(self, key: str) -> float:
        """Bits that a value loses because others bear it, too."""
        return log2(max(self.values.get(key, 1.0), 1.0))


def rare(bearers: Mapping[str, int], records: int) -> dict[str, float]:
    """What words say, by in how many of all names they stand."""
    whole = log2(records + 1)
    return {word: max(COMMONEST, log2((records + 1) / count) / whole) for word, count in bearers.items()}


@dataclass(frozen=True, slots=True)
class Finding:
    """An outcome before it is weighed. `key`: under which value others are counted, where agreement is on a value."""

    level: str
    says: str
    key: str = ""
    alike: float | None = None  # where outcomes lie on a scale: how far along


_FAINT = 4.0  # bits that a likeness by sound loses on the way from 1 to 0

# The scale of names: how alike they are for an outcome to count in full; in between it counts in between.
_SCALE = ((0.30, "different"), (0.58, "partly"), (0.76, "similar"), (0.90, "close"), (1.0, "same"))


def on_scale(alike: float) -> str:
    """The outcome a likeness comes closest to, from below."""
    return next(level for least, level in reversed(_SCALE) if alike >= least or level == "different")


def weigh(name: str, weighed: Weighed, finding: Finding, known: Frequencies) -> Reason:
    """The outcome as a reason."""
    weight = _weight(weighed, finding)
    says = finding.says
    lost = known.shared(f"{name}:{finding.key}") if finding.key and weight > 0 else 0.0
    if lost:
        weight = max(weight - lost, min(weight, 0.2))
        says = f"{says}; about {round(2**lost)} records share it"
    return Reason(name, finding.level, round(weight, 2), says, shared=lost > 0)


def _weight(weighed: Weighed, finding: Finding) -> float:
    if finding.alike is None:
        return weighed.weight(finding.level)
    if finding.level == "sound":  # it never says as much as letters do
        return min(_between(finding.alike, weighed), weighed.weight("sound")) - _FAINT * (1 - finding.alike)
    return _between(finding.alike, weighed)


def _between(alike: float, weighed: Weighed) -> float:
    return sum(share * weighed.weight(level) for level, share in steps(alike))


def steps(alike: float) -> list[tuple[str, float]]:
    """Between which two outcomes a likeness lies, and its share of each."""
    below = _SCALE[0]
    if alike <= below[0]:
        return [(below[1], 1.0)]
    for step in _SCALE[1:]:
        if alike <= step[0]:
            part = (alike - below[0]) / (step[0] - below[0])
            return [(below[1], 1 - part), (step[1], part)]
        below = step
    return [("same", 1.0)]
