"""Whoever refers to one that is served by a record of many: what that record's name means there, and what becomes of
it when the one leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.contract import RecordRef
from mappings.book import Book
from mappings.once import once
from mappings.references import References, leading_to, references_in
from mappings.values import Value, field_of
from sync_pipelines.flow.referring import has_pools
from sync_pipelines.flow.wording import Wording, by_the_letter
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import Change, Op
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.decisions import Agreement, EntityDecision
from sync_pipelines.model.early import KeptEarly
from sync_pipelines.model.golden import Golden
from sync_pipelines.model.referring import item_keys
from sync_pipelines.planning.entity import EntityPlan

_Place = tuple[RecordRef, str, str]  # record, scope, key


@dataclass(frozen=True, slots=True)
class Meant:
    """Claims as they are meant, and what some of them say by the letter: that they belong to the record of many."""

    claims: Mapping[str, list[Claim]]  # by entity
    letters: Mapping[_Place, Value]

    def by_the_letter(self, made: EntityPlan) -> None:
        """A plan expects to find, and a baseline keeps, what a record says itself."""
        if self.letters:
            made.changes[:] = [self._change(change) for change in made.changes]
            made.decision = self._decision(made.decision)

    def _change(self, change: Change) -> Change:
        if change.op is not Op.UPDATE:
            return change
        ref = RecordRef(change.system, change.kind, change.record_id)
        fields = {
            key: replace(f, old=self.letters.get((ref, change.scope, key), f.old)) for key, f in change.fields.items()
        }
        return replace(change, fields=fields)

    def _decision(self, decision: EntityDecision) -> EntityDecision:
        return replace(decision, agreements=tuple(self._agreement(one) for one in decision.agreements))

    def _agreement(self, one: Agreement) -> Agreement:
        baseline = {
            key: replace(agreed, stored=self.letters.get((one.ref, one.scope, key), agreed.stored))
            for key, agreed in one.baseline.items()
        }
        return replace(one, baseline=baseline)


def as_meant(ledger: Ledger, resolver: Resolver, entity: str, claims: Mapping[str, list[Claim]]) -> Meant:
    """Where a record names the record of many, and its entity is known to mean one whom that one serves: the latter."""
    leading = _leads_to_pools(resolver.book).get(entity)
    if not leading:
        return Meant(claims, {})
    golden = ledger.golden_of(entity, sorted(claims))
    named = {entity_id: _named(some, golden.get(entity_id), leading) for entity_id, some in claims.items()}
    said = [pair for some in claims.values() for claim in some for pair in claim.values.items()]
    links = resolver.links(entity, [*said, *(pair for pairs in named.values() for pair in pairs)])
    keys = item_keys(resolver.book.entities[entity])
    letters: dict[_Place, Value] = {}
    told = {
        entity_id: [
            _meant(claim, named[entity_id], Wording(claim.system, links, leading, keys), letters) for claim in some
        ]
        for entity_id, some in claims.items()
    }
    return Meant(told, letters)


def leave_pool(ledger: Ledger, entity: str, rows: Sequence[KeptEarly]) -> None:
    """These are served there no longer: what refers to them is looked at again, and belongs to their own record."""
    there = {row.entity_id: frozenset(row.there) for row in rows}
    referring = ledger.referring(entity, sorted(there)) if there else ()
    for name in sorted({each.entity for each in referring}):
        ids = sorted({each.entity_id for each in referring if each.entity == name})
        claims = [claim for some in ledger.claims_of(name, ids).values() for claim in some]
        baselines = [(c.ref, name, c.scope, _as_it_says(c, there)) for c in claims]
        ledger.agree([told for told in baselines if told[-1]])
        ledger.attend(name, ids)


def _as_it_says(claim: Claim, there: Mapping[str, frozenset[str]]) -> Mapping[str, Agreed]:
    """It was agreed to belong to the record of many, and to no more than that."""
    leaving = frozenset(entity_id for entity_id, systems in there.items() if claim.system in systems)
    said = {key: by_the_letter(agreed.sent, agreed.stored, leaving) for key, agreed in claim.baseline.items()}
    return {
        key: Agreed(now, agreed.stored) for key, agreed in claim.baseline.items() if (now := said[key]) != agreed.sent
    }


@once
def _leads_to_pools(book: Book) -> Mapping[str, References]:
    """By entity: what of it refers to one of which some are served by a record of many."""
    return {
        name: leading_to(references_in(spec.fields), lambda told: has_pools(book, told))
        for name, spec in book.entities.items()
    }


def _named(claims: Sequence[Claim], golden: Golden | None, leading: References) -> list[tuple[str, Value]]:
    """Who may be meant: what was agreed, or all that anybody says where nothing was."""
    agreed = {key: golden.value(key) for key in golden.fields if field_of(key) in leading} if golden else {}
    said = [(key, value) for claim in claims for key, value in claim.values.items() if field_of(key) in leading]
    told = [*agreed.items(), *((key, value) for key, value in said if agreed.get(key) is None)]
    return [pair for number, pair in enumerate(told) if pair[1] is not None and pair not in told[:number]]


def _meant(claim: Claim, named: Sequence[tuple[str, Value]], wording: Wording, letters: dict[_Place, Value]) -> Claim:
    values, baseline = dict(claim.values), dict(claim.baseline)
    for key, value in named:
        said = claim.values.get(key)
        if said in (None, value) or claim.holds(key, value) or values[key] != said:
            continue
        values[key] = wording.meant(key, said, value)
        if values[key] != said:
            letters[claim.ref, claim.scope, key] = said
        if isinstance(said, list) and key in baseline:  # what else moved in the list is seen beside what is meant
            baseline[key] = replace(baseline[key], stored=wording.meant(key, baseline[key].stored, value))
    return replace(claim, values=values, baseline=baseline) if values != claim.values else claim
