"""Small made-up facts for the ledger's tests."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event

from connectors.contract import RecordRef
from mappings.values import Value
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.ledger.sql import SqlLedger
from sync_pipelines.model.changes import Change, FieldChange, Op, Part
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import Coupling, PlanHead, Quarantined, RunRecord

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
ACCOUNT = "account"


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def crm(record_id: str) -> RecordRef:
    return RecordRef("crm", "Account", record_id)


def erp(record_id: str) -> RecordRef:
    return RecordRef("erp", "party", record_id)


def claim(ref: RecordRef, scope: str = "", entity: str = ACCOUNT, **values: Value) -> Claim:
    return Claim(ref, entity, values or {"name": ref.id}, scope=scope, payload_hash="h", version="1", map_version="m1")


def coupling(ref: RecordRef, entity_id: str, *, scope: str = "", primary: bool = True) -> Coupling:
    return Coupling(ref, ACCOUNT, entity_id, scope=scope, primary=primary, because="tax_id", run="r1", at=NOW)


def agreed(**values: Value) -> Mapping[str, Agreed]:
    return {key: Agreed(value, value) for key, value in values.items()}


def decided(value: Value, run: str = "r1", minutes: int = 0) -> Decided:
    return Decided(value, Because.CHANGED, "crm", "ownership.yaml:7", run, at(minutes))


def head(plan: str, run: str = "r1", entity: str = ACCOUNT) -> PlanHead:
    return PlanHead(plan, entity, run, book="b1", made_at=NOW, counts={"erp/create": 1}, held=2)


def change(key: str, plan: str = "p1", entity_id: str = "a1", system: str = "erp", run: str = "") -> Change:
    fields = {"name": FieldChange("old", "new", "crm decides"), "note": FieldChange(None, None, reverts=True)}
    return Change(
        key, plan, Op.UPDATE, system, "party", ACCOUNT, entity_id, fields, record_id="7", version="v1", run=run
    )


def part(part_id: str, *, passed: bool = True) -> Part:
    return Part(part_id, "erp", ACCOUNT, "create", 3, 100, passed, says="3 of 100")


def question(entity_id: str, topic: str = "field:phone", asks: str = "Which one?", entity: str = ACCOUNT) -> Question:
    evidence = {"crm": {"phone": "1"}, "erp": {"phone": None}}
    return Question(entity, entity_id, topic, About.VALUE, "sales", asks, {"crm": "the CRM's"}, evidence, asked_at=NOW)


def held_back(ref: RecordRef, reason: str = "gap", field: str = "", minutes: int = 0) -> Quarantined:
    return Quarantined(ref, ACCOUNT, reason, "N31 is unknown", field, "hash", at(minutes))


def run_record(run: str, entity: str = ACCOUNT) -> RunRecord:
    return RunRecord(run, entity, "sync", NOW)


class _Heard:
    """A driver's cursor that is overheard."""

    def __init__(self, cursor: Any, said: list[str]) -> None:
        self._cursor, self._said = cursor, said
        self.fetchall = cursor.fetchall

    def execute(self, text: str, *parameters: Any) -> Any:
        self._said.append(text)
        return self._cursor.execute(text, *parameters)

    def executemany(self, text: str, parameters: Any) -> Any:
        self._said.append(text)
        return self._cursor.executemany(text, parameters)


@contextmanager
def statements_of(ledger: Ledger) -> Generator[list[str]]:
    """What is said to the database meanwhile; nothing where there is none."""
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    if not isinstance(ledger, SqlLedger):
        yield said
        return
    session = ledger.session
    event.listen(session.connection, "before_cursor_execute", hear)
    cursor = session.speaker()
    session.cursor = _Heard(cursor, said)
    yield said
    session.cursor = cursor
    event.remove(session.connection, "before_cursor_execute", hear)
