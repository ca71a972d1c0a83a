"""The two that one entity becomes, and what that means to those who refer to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connectors.contract import RecordRef
from mappings.references import entities_in, references_in
from sync_pipelines.flow.run import House
from sync_pipelines.model.changes import FieldChange, Op, State
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.decisions import Agreement, Referrer
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.review.referrers import referrers


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, as it will be. Its claims say what they will say once their own values are back."""

    entity_id: str
    claims: tuple[Claim, ...]  # aliases and gone ones too
    fields: Mapping[RecordRef, Mapping[str, FieldChange]] = field(default_factory=dict)  # what is given back
    made: Mapping[RecordRef, frozenset[str]] = field(
        default_factory=dict
    )  # what says still what we left in those of our making

    @property
    def living(self) -> list[Claim]:
        """Those that speak."""
        return [claim for claim in self.claims if claim.primary and not claim.gone]


def referrers_of(house: House, entity: str, stays: Side, leaves: Side, by: str) -> Iterator[Referrer]:
    """Everybody who refers to the one that is split. Whom a record meant that is not of our making tells which of the
    two is meant now.
    """
    gone = {claim.ref for claim in leaves.claims}
    for name, spec in house.book.entities.items():
        refer = {key: told for key, told in references_in(spec.fields).items() if entity in entities_in(told)}
        telling = referrers(house.ledger, name, refer, (entity, stays.entity_id)) if refer else {}
        claims = house.ledger.claims_of(name, sorted(telling))
        made = _made(house, name, sorted(telling))
        plain = [key for key, told in refer.items() if told == entity]
        for entity_id, golden in telling.items():
            follows = _Follows(house, entity, gone, leaves.entity_id, [c for c in claims[entity_id] if not c.gone])
            yield Referrer(
                name,
                entity_id,
                {
                    key: Decided(leaves.entity_id, Because.SPLIT, by=f"steward:{by}")
                    for key in plain
                    if golden.value(key) == stays.entity_id and follows.all_of(key, made.get(entity_id, frozenset()))
                },
                tuple(follows.agreements(plain)),
            )


@dataclass(frozen=True, slots=True)
class _Follows:
    """Whom the records of one referrer mean."""

    house: House
    entity: str
    gone: set[RecordRef]
    new: str
    claims: list[Claim]

    def all_of(self, key: str, made: frozenset[str]) -> bool:
        """Whether every record that people made means one who leaves."""
        told = [self._leaves(claim, key) for claim in self.claims if claim.system not in made and claim.values.get(key)]
        return bool(told) and all(told)

    def agreements(self, keys: list[str]) -> Iterator[Agreement]:
        """That a record now means another one is no edit of it."""
        for claim in self.claims:
            baseline = {key: Agreed(self.new, self.new) for key in keys if self._leaves(claim, key)}
            if baseline:
                yield Agreement(claim.ref, claim.scope, baseline)

    def _leaves(self, claim: Claim, key: str) -> bool:
        theirs = self.house.book.entities[self.entity].maps.get(claim.system)
        return theirs is not None and RecordRef(claim.system, theirs.kind, str(claim.values.get(key))) in self.gone


def _made(house: House, entity: str, entity_ids: list[str]) -> Mapping[str, frozenset[str]]:
    """By entity, the systems in which its record is of our making."""
    written = house.ledger.changes(entity=entity, entity_ids=entity_ids, states=(State.DONE,)) if entity_ids else ()
    made: dict[str, frozenset[str]] = {}
    for change in written:
        if change.op is Op.CREATE:
            made[change.entity_id] = made.get(change.entity_id, frozenset()) | {change.system}
    return made
