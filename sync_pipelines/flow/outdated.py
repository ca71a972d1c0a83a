"""What a restored ledger cannot tell from what we wrote ourselves after the copy was taken.

A split gives a record its own value back, which may be none, and an undo puts what was made out of use. To a ledger
that forgot it, both look like somebody's edit; followed, it would empty or archive the firm everywhere.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from mappings.values import Value, field_of
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim, Stance
from sync_pipelines.model.decisions import Agreement, EntityDecision

_NOTHING: tuple[Value, ...] = (None, [], {}, "")


def as_they_are(entity_id: str, claims: Sequence[Claim], left: Counter[str]) -> EntityDecision | None:
    """What is less than the ledger knew stays so, where it is, and nothing follows from it; `left` counts by field."""
    agreements = tuple(_agreements(claims, left))
    return EntityDecision(entity_id, agreements=agreements, settled=False) if agreements else None


def _agreements(claims: Sequence[Claim], left: Counter[str]) -> Iterator[Agreement]:
    for claim in claims:
        less = [key for key in claim.values if claim.stance(key) is Stance.MOVED and _is_less(claim, key)]
        if less:
            left.update({field_of(key).lstrip("_") for key in less})
            yield Agreement(claim.ref, claim.scope, {key: _kept(claim, key) for key in less})


def _is_less(claim: Claim, key: str) -> bool:
    said, knew = claim.values[key], claim.baseline[key].stored
    return said is True if key == ARCHIVED else _lacks(said, knew)


def _lacks(said: Value, knew: Value) -> bool:
    """Whether nothing is left of it, or of a part of it."""
    if said in _NOTHING:
        return knew not in _NOTHING
    if isinstance(said, Mapping) and isinstance(knew, Mapping):
        return any(_lacks(said.get(part), was) for part, was in knew.items())
    return isinstance(said, list) and isinstance(knew, list) and len(said) < len(knew)


def _kept(claim: Claim, key: str) -> Agreed:
    """Its own, whatever the others say; of being out of use it is all the word there is."""
    said = claim.values[key]
    return Agreed(said, said) if key == ARCHIVED else Agreed(claim.baseline[key].sent, said, own=True)
