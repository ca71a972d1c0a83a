"""What was agreed by two is agreed by each of them anew: what its records say, and may go on saying."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mappings.book import EntitySpec
from mappings.ownership import Mode
from mappings.values import Value, field_of
from sync_pipelines.flow.sides import Side
from sync_pipelines.flow.stocktaking import BLANK
from sync_pipelines.model.claims import Agreed, Claim, Stance
from sync_pipelines.model.golden import Decided
from sync_pipelines.model.parts import project
from sync_pipelines.ownership.situation import Cast

_SHOWN = Agreed(None, None)


@dataclass(frozen=True, slots=True)
class Parted:
    """What both had agreed to, and what becomes true on one side."""

    spec: EntitySpec
    cast: Cast
    side: Side
    before: Mapping[str, Decided]
    golden: Mapping[str, Decided]

    def agreed(self, claim: Claim) -> Iterator[tuple[str, Agreed]]:
        """Who says otherwise agrees to what it did before: an edit of it stays one, as does a write that is due to it.

        Until its own value is back, what a record says now is no edit, and not what is wanted there: what could not be
        written at once is written later. A difference that was accepted is accepted still, and one that is there only
        because who decided is on the other side now is the record's own.
        """
        due = self.side.fields.get(claim.ref, {})
        for key, word in self.golden.items():
            wanted = self._at(claim, key, word)
            before = claim.baseline.get(key)
            if key in due:
                yield key, Agreed(due[key].old, due[key].old)
            elif before is not None and before.own and claim.values.get(key, before.stored) == before.stored:
                yield key, replace(before, sent=wanted)
            elif key not in claim.values:
                yield from _unseen(key, before, wanted, heard=claim.system in _speakers(self.spec, key, self.cast))
            elif claim.values[key] == wanted:
                yield key, Agreed(wanted, wanted)
            elif self._is_own(claim, key, wanted):
                yield key, Agreed(wanted, claim.values[key], own=True)
            elif before is not None:
                yield key, before if before.sent == wanted else replace(before, sent=before.stored)

    def _at(self, claim: Claim, key: str, word: Decided | None) -> Value:
        """A word as this record would be told of it."""
        return project(None if word is None else word.value, self.cast.parts_of(claim.system, field_of(key)))

    def _is_own(self, claim: Claim, key: str, wanted: Value) -> bool:
        """Whether a record says something by itself that it was not asked to change before they were parted.

        Not what we made it with, or sent it unseen; nor is its own edit a difference. Where somebody on its side says
        what stands, or has taken it out, it is told of that.
        """
        said = claim.values[key]
        if field_of(key) not in self.spec.fields or said in BLANK or key in self.side.made.get(claim.ref, ()):
            return False
        stood = self._at(claim, key, self.before.get(key))
        if claim.stance(key) is Stance.MOVED or stood in BLANK or wanted not in BLANK or self._was_carried(claim, key):
            return False
        return claim.baseline.get(key, _SHOWN).shown and not any(self._was_cleared(c, key) for c in self.side.living)

    def _was_carried(self, claim: Claim, key: str) -> bool:
        """Whether it is a number that another system gives: wherever else it stands, it names who is parted from it."""
        rules = self.spec.ownership.rules.get(field_of(key), ())
        issuers = tuple(role for rule in rules if rule.mode is Mode.ISSUED for role in rule.roles)
        return bool(issuers) and claim.system not in self.cast.ranked(issuers)

    def _was_cleared(self, claim: Claim, key: str) -> bool:
        """Whether who had said what stood has taken it out since, and nobody was told yet."""
        said = self.before[key].by.split("+") if key in self.before else ()
        is_edit = claim.stance(key) is Stance.MOVED and key not in self.side.fields.get(claim.ref, ())
        return is_edit and claim.system in said and claim.values[key] in BLANK


def _unseen(key: str, before: Agreed | None, wanted: Value, *, heard: bool) -> Iterator[tuple[str, Agreed]]:
    """A field that its record does not show just now: what it says there, if that may count, it says anew then."""
    if heard and before is not None and before.sent != wanted:
        yield key, Agreed(wanted, wanted)


def _speakers(spec: EntitySpec, key: str, cast: Cast) -> tuple[str, ...]:
    """Systems whose word on a field counts, or may."""
    rules = spec.ownership.rules.get(field_of(key), ())
    each = (role for rule in rules if rule.each for role in (*rule.each.decides, *rule.each.add))
    return cast.ranked((*(role for rule in rules for role in rule.roles), *each))
