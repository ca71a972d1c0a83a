"""What a steward's desk is made of: coupled records, questions about them, and answers."""

from datetime import UTC, datetime
from typing import Any

from connectors.contract import RecordRef
from mappings.values import Value
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import Coupling
from sync_pipelines.review.answering import answer
from tests.laws.little_book import little_book

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
BOOK = little_book()


def ref(system: str, number: str = "1") -> RecordRef:
    return RecordRef(system, {"crm": "Account", "erp": "Customer", "shop": "Buyer"}[system], number)


def stands(ledger: MemoryLedger, system: str, entity_id: str, number: str = "1", **more: Any) -> RecordRef:
    """A coupled record: `says` what it says now, `base` what it agreed to."""
    here, values, scope = ref(system, number), more.get("says", {}), more.get("scope", "")
    ledger.land([Claim(here, "account", {ARCHIVED: False, **values}, scope=scope)])
    ledger.couple([Coupling(here, "account", entity_id, scope, primary=more.get("primary", True))])
    ledger.agree([(here, "account", scope, {key: Agreed(v, v) for key, v in more.get("base", {}).items()})])
    return here


def ask(ledger: MemoryLedger, about: About, topic: str, entity_id: str = "e1", **evidence: Any) -> str:
    choices = {
        About.VALUE: ("agreed", "crm", "shop"),
        About.PROPOSAL: ("agreed", "erp"),
        About.MATCH: ("link", "apart"),
        About.JOIN: ("link", "apart"),
        About.CREATE: ("made", "not_made"),
        About.ARCHIVE: ("keep", "archive"),
    }[about]
    told = Question(
        "account", entity_id, topic, about, "sally", "?", dict.fromkeys(choices, ""), evidence, asked_at=NOW
    )
    return ledger.ask([told])[0]


def say(ledger: MemoryLedger, question: str, choice: str) -> None:
    answer(ledger, BOOK, question, choice, "stella", NOW)


def golden(ledger: MemoryLedger, **values: Any) -> None:
    ledger.decide("account", {"e1": {key: Decided(v, Because.FIRST, by="crm", at=NOW) for key, v in values.items()}})


def value(ledger: MemoryLedger, key: str, entity_id: str = "e1") -> Value:
    found = ledger.golden_of("account", [entity_id])
    return found[entity_id].value(key) if entity_id in found else None
