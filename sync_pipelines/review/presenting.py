"""A question as it is put to people: whose it is, and what the records in question say.

Whoever asks while a system is read or written to knows neither the book's stewards nor what the records elsewhere say.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mappings.book import EntitySpec
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.questions import About, Question


def chief_steward(spec: EntitySpec) -> str:
    """Who answers for most of its fields: whatever nobody else is asked concerns them."""
    told = Counter(rule.steward for rules in spec.ownership.rules.values() for rule in rules if rule.steward)
    return told.most_common(1)[0][0] if told else ""


def addressed(question: Question, spec: EntitySpec) -> Question:
    """The same, with its steward."""
    return question if question.steward else replace(question, steward=chief_steward(spec))


def presented(ledger: Ledger, question: Question, spec: EntitySpec) -> Question:
    """The same, with its steward, and with the records side by side where it only names them."""
    asked = addressed(question, spec)
    if not asked.open or isinstance(asked.evidence.get("values"), Mapping) or _tells(asked.evidence.get("records")):
        return asked
    return replace(asked, evidence={**asked.evidence, "records": _records(ledger, asked)})


def _tells(records: Any) -> bool:
    return isinstance(records, Mapping) and any(isinstance(told, Mapping) and told for told in records.values())


def _records(ledger: Ledger, question: Question) -> Mapping[str, Mapping[str, Any]]:
    """What each record of those in question says, their companies together; of a create what was sent, too."""
    sent = question.evidence.get("sent") if question.about is About.CREATE else None
    found: dict[str, dict[str, Any]] = {"what was sent": dict(sent)} if isinstance(sent, Mapping) else {}
    claims = ledger.claims_of(question.entity, [question.entity_id, *question.others])
    for claim in sorted((one for some in claims.values() for one in some), key=lambda one: (one.ref, one.scope)):
        found.setdefault(str(claim.ref) + (" (gone)" if claim.gone else ""), {}).update(claim.values)
    return found
