"""Strangers: gather what is needed to say who they are, in bulk, and ask the matcher."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import RecordRef
from mappings.book import EntitySpec
from sync_pipelines.identity.keys import OUR_KEY, match_keys
from sync_pipelines.identity.matcher import Found, Known, Matcher
from sync_pipelines.intake.readers import references_of
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import Op
from sync_pipelines.model.claims import Claim
from sync_pipelines.review.joined import now_called


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Looks at uncoupled claims of one entity."""

    ledger: Ledger
    resolver: Resolver
    matcher: Matcher
    new_id: Callable[[], str]

    def recognise(self, spec: EntitySpec, uncoupled: Sequence[Claim] | None = None) -> Found:
        """Who the strangers are: all of them, or these. Nothing is written."""
        if uncoupled is None:
            uncoupled = self.ledger.uncoupled(spec.name)
        strangers = self.resolver.resolve(spec.name, uncoupled)
        if not strangers:
            return Found()
        return self.matcher(spec.matching, strangers, self._known(spec, strangers), self.new_id)

    def _known(self, spec: EntitySpec, strangers: Sequence[Claim]) -> Known:
        candidates = self._candidates(spec, strangers)
        ids = sorted({claim.entity_id for others in candidates.values() for claim in others if claim.entity_id})
        ours = self._ours(spec, strangers)
        couplings = self.ledger.couplings_of(spec.name, sorted({*ids, *ours.values()}))
        names = sorted({str(claim.ref) for claim in strangers})
        return Known(
            entity=spec.name,
            candidates=candidates,
            members={i: [c for c in some if not c.gone] for i, some in self.ledger.claims_of(spec.name, ids).items()},
            taken=frozenset(
                (c.entity_id, c.ref.system, c.ref.kind, c.scope)
                for found in couplings.values()
                for c in found
                if c.primary
            ),
            ours=ours,
            apart=self.ledger.apart(spec.name, names),
            references=frozenset(references_of(spec)),
            steward=_steward(spec),
        )

    def _candidates(self, spec: EntitySpec, strangers: Sequence[Claim]) -> Mapping[RecordRef, Sequence[Claim]]:
        references = frozenset(references_of(spec))
        keys = {claim.ref: match_keys(claim.values, spec.matching, references) for claim in strangers}
        found = self.ledger.find_keys(spec.name, sorted({key for some in keys.values() for key in some}))
        others: dict[RecordRef, Claim] = {claim.ref: claim for some in found.values() for claim in some}
        resolved = {claim.ref: claim for claim in self.resolver.resolve(spec.name, list(others.values()))}
        return {
            ref: sorted(
                {resolved[c.ref].ref: resolved[c.ref] for key in some for c in found.get(key, ())}.values(),
                key=lambda c: c.ref,
            )
            for ref, some in keys.items()
        }

    def _ours(self, spec: EntitySpec, strangers: Sequence[Claim]) -> dict[tuple[str, str], str]:
        """Keys of ours that we did plan to put there; any other was typed in by somebody."""
        told = {(claim.system, str(claim.values.get(OUR_KEY) or "")) for claim in strangers}
        keys = sorted({key for _, key in told if key})
        if not keys:
            return {}
        planned = self.ledger.changes(entity=spec.name, entity_ids=keys)
        ours = {(c.system, c.create_key) for c in planned if c.op is Op.CREATE} & told
        homes = now_called(self.ledger, spec.name, {key for _, key in ours})
        return {(system, key): homes[key] for system, key in sorted(ours)}


def _steward(spec: EntitySpec) -> str:
    return next((rule.steward for rules in spec.ownership.rules.values() for rule in rules if rule.steward), "")
