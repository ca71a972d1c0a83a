"""Match keys follow the rules: what was landed under other rules is found by those of today."""

from collections.abc import Iterable, Sequence

from mappings.book import Book, EntitySpec
from mappings.matching import Matching
from sync_pipelines.identity.keys import VERSION, match_keys
from sync_pipelines.intake.landing import payload_digest
from sync_pipelines.intake.readers import references_of
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.claims import Claim

_PAGE = 1_000


def rekey(ledger: Ledger, spec: EntitySpec) -> int:
    """Find new keys for every claim where the rules for them changed; answers for how many. Where it is cut off, it
    begins anew, and writes only what differs.
    """
    rules = _rules(spec)
    if ledger.get_pin(_pin(spec)) == rules:
        return 0
    done = 0
    for page in ledger.entity_id_pages(spec.name, _PAGE):
        done += _index(ledger, spec, [claim for some in ledger.claims_of(spec.name, page).values() for claim in some])
    after = None
    while strangers := ledger.uncoupled(spec.name, after, _PAGE):
        done += _index(ledger, spec, strangers)
        after = strangers[-1].ref
    ledger.set_pin(_pin(spec), rules)
    return done


def begin_keys(ledger: Ledger, book: Book, entities: Iterable[str]) -> None:
    """Before anything of these is ever landed: it will have the keys of today, and none has to be found anew."""
    for spec in (book.entities[name] for name in entities):
        if not ledger.get_pin(_pin(spec)) and not _knows_any(ledger, spec):
            ledger.set_pin(_pin(spec), _rules(spec))


def _knows_any(ledger: Ledger, spec: EntitySpec) -> bool:
    return bool(next(iter(ledger.entity_id_pages(spec.name, 1)), ()) or ledger.uncoupled(spec.name, None, 1))


def _index(ledger: Ledger, spec: EntitySpec, claims: Sequence[Claim]) -> int:
    references = frozenset(references_of(spec))
    keys = [(claim.ref, claim.scope, match_keys(claim.values, spec.matching, references)) for claim in claims]
    ledger.index_keys(spec.name, keys)
    return len(keys)


def _rules(spec: EntitySpec) -> str:
    """A fingerprint of all that keys come from; weights, thresholds and what follows from a level are no part of it."""
    return payload_digest({"version": VERSION, "references": sorted(references_of(spec)), **_told(spec.matching)})


def _told(matching: Matching) -> dict[str, object]:
    weighed = matching.scoring.fields if matching.scoring else {}
    return {
        "levels": [(level.name, level.fields, sorted(level.compare.items())) for level in matching.levels],
        "never": sorted((name, sorted(values)) for name, values in matching.never.items()),
        "pooled": sorted((name, sorted(values)) for name, values in matching.pooled.items()),
        "weighed": [(name, field.kind) for name, field in weighed.items()],
    }


def _pin(spec: EntitySpec) -> str:
    return f"keys:{spec.name}"
