"""What became of an entity that was joined with another one: its id lives on in keys, open writes and references."""

from collections.abc import Iterable, Mapping

from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.golden import JOINED


def now_called(ledger: Ledger, entity: str, entity_ids: Iterable[str]) -> Mapping[str, str]:
    """Each entity's present id: its own, or that of the one it was joined with, and so on."""
    names = {entity_id: entity_id for entity_id in entity_ids}
    asked: set[str] = set()
    while new := sorted(set(names.values()) - asked):
        asked |= set(new)
        golden = ledger.golden_of(entity, new)
        went = {old: str(found.value(JOINED)) for old, found in golden.items() if found.value(JOINED)}
        names = {entity_id: went.get(name, name) for entity_id, name in names.items()}
    return names
