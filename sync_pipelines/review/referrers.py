"""Who refers to an entity: by what is agreed, whatever the rules ask for."""

from mappings.references import References, named
from mappings.values import field_of
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.golden import Golden

_AT_ONCE = 1_000


def referrers(ledger: Ledger, entity: str, refer: References, whom: tuple[str, str]) -> dict[str, Golden]:
    """By id, in order. All of `entity` are looked at, a page at a time: only those that refer are kept in mind."""
    return {
        entity_id: golden
        for page in ledger.entity_id_pages(entity, _AT_ONCE)
        for entity_id, golden in sorted(ledger.golden_of(entity, page).items())
        if refers(golden, refer, whom)
    }


def refers(golden: Golden, refer: References, whom: tuple[str, str]) -> bool:
    """Whether it names `whom`: an entity's kind and id."""
    return any(whom in named(word.value, refer.get(field_of(key))) for key, word in golden.fields.items())
