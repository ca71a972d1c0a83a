"""An answer taken back: what a person kept apart may be one again, and is asked about once more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.questions import KEPT_APART, About, Question
from sync_pipelines.model.records import AuditEntry
from sync_pipelines.review.joined import now_called


def revoke(ledger: Ledger, question_id: str, by: str, now: datetime) -> str:
    """Open an answered question anew; answers its new name. LedgerError where its answer cannot be taken back so."""
    question = ledger.question(question_id)
    if question is None:
        raise LedgerError(f"there is no question {question_id}; `concordat review list --answered` shows the answered")
    _check(question)
    called = now_called(ledger, question.entity, [question.entity_id, *question.others])
    mine, others = called[question.entity_id], [called[other] for other in question.others]
    if mine in others:
        raise LedgerError(f"question {question.id} is about one {question.entity} by now, so it cannot be asked again")
    with ledger.transaction():
        ledger.forget_apart(question.entity, [*called, *called.values(), *question.evidence.get("records", {})])
        (asked,) = ledger.ask([_again(question, mine, others, now)])
        ledger.attend(question.entity, [mine, *others])
        about = f"{question.entity}/{question.entity_id} {question.topic}"
        ledger.audit([AuditEntry(now, by, f"revoked {question.answer} of {question.answered_by}", about)])
    return asked


def _check(question: Question) -> None:
    if not question.answer:
        raise LedgerError(f"question {question.id} has no answer that could be taken back")
    if question.about not in (About.MATCH, About.JOIN):
        message = (
            f"question {question.id} was about a value: change that where it is decided, or take back the run that "
            f"wrote it with `concordat undo RUN`"
        )
        raise LedgerError(message)
    if question.answer not in KEPT_APART:
        said = f"question {question.id} was answered {question.answer}"
        message = f"{said}: the two are one by now; see `concordat split`"
        raise LedgerError(message)


def _again(question: Question, mine: str, others: Sequence[str], now: datetime) -> Question:
    evidence = {**question.evidence, "before": f"{question.answered_by} said {question.answer}, and it was revoked"}
    evidence |= {"other": others[0]} if others else {}
    if "others" in evidence:
        evidence["others"] = dict(zip(evidence["others"], others, strict=True))
    topic = f"{question.topic.partition(':')[0]}:{'+'.join(others)}"
    return replace(
        question, id="", entity_id=mine, topic=topic, evidence=evidence, asked_at=now,
        answer="", answered_by="", answered_at=None, open=True,
    )  # fmt: skip
