"""An erased person is not made again, however the words about them came back: an import, a restore, a re-sync."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mappings.book import EntitySpec
from mappings.values import Values
from sync_pipelines.identity.keys import telling_keys
from sync_pipelines.intake.readers import references_of
from sync_pipelines.ledger.port import Ledger


def suppress(ledger: Ledger, spec: EntitySpec, told: Sequence[Values], at: datetime) -> None:
    """Whoever fits one of these values is not made again. LedgerError where the ledger has no audit key.

    An announcement that is kept as it came may name them. Emptied, it asks for a reading of all that changed.
    """
    ledger.suppress(sorted({mark for values in told for mark in _marks(spec, values)}), at)
    ledger.forget_bodies(at)


def erased_among(ledger: Ledger, spec: EntitySpec, told: Mapping[str, Values]) -> frozenset[str]:
    """Which of these entities, by id, are erased persons."""
    marks = {entity_id: _marks(spec, values) for entity_id, values in told.items()}
    known = ledger.suppressed(sorted({mark for some in marks.values() for mark in some}))
    return frozenset(entity_id for entity_id, some in marks.items() if not known.isdisjoint(some))


def _marks(spec: EntitySpec, values: Values) -> list[str]:
    return [f"{spec.name}:{key}" for key in telling_keys(values, spec.matching, frozenset(references_of(spec)))]
