"""What people are asked, and what they keep apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.ledger.shelves import KEPT_APART, QUESTION, KeptApart
from sync_pipelines.ledger.store import Kept, Key, reads, writes, writes_all
from sync_pipelines.model.questions import Question


class People(Kept):
    """Questions and verdicts."""

    @writes
    def ask(self, questions: Sequence[Question]) -> Sequence[str]:
        """A question without an id is named after its place (`q12`). What is asked already keeps id and `asked_at`."""
        known = self._open_ones(questions)
        place = self._store.last(QUESTION)
        for each in questions:
            before = known.get(_about(each))
            if before is None:
                place += 1
                known[_about(each)] = replace(each, id=each.id or f"q{place}", open=True)
            else:
                known[_about(each)] = replace(
                    each, id=before.id, asked_at=before.asked_at, open=True, evidence=_still_held(before, each)
                )
        self._store.put(QUESTION, [known[key] for key in dict.fromkeys(map(_about, questions))])
        return [known[_about(each)].id for each in questions]

    def _open_ones(self, questions: Sequence[Question]) -> dict[Key, Question]:
        known: dict[Key, Question] = {}
        for entity in sorted({each.entity for each in questions}):
            ids = {each.entity_id for each in questions if each.entity == entity}
            found = self._store.find(QUESTION, {"entity": [entity], "entity_id": ids, "open": [True]})
            known |= {_about(each): each for each in found}
        return known

    def questions(
        self, *, entity: str = "", entity_ids: Sequence[str] = (), open_only: bool = True
    ) -> Sequence[Question]:
        where: dict[str, Any] = {}
        if entity:
            where["entity"] = [entity]
        if entity_ids:
            where["entity_id"] = set(entity_ids)
        if open_only:
            where["open"] = [True]
        return self._store.find(QUESTION, where)

    def question(self, question_id: str) -> Question | None:
        return self._store.get(QUESTION, [(question_id,)]).get((question_id,))

    @writes
    def answer(self, question_id: str, answer: str, by: str, at: datetime) -> None:
        known = self.question(question_id)
        if known is None:
            raise LedgerError(f"question {question_id} is unknown: `concordat review list` shows those that are open")
        if not known.open:
            said = f"{known.answered_by} said {known.answer!r}" if known.answered_by else "the doubt is gone by itself"
            raise LedgerError(f"question {question_id} is closed: {said}")
        self._store.put(QUESTION, [replace(known, answer=answer, answered_by=by, answered_at=at, open=False)])

    @writes_all
    def withdraw(self, entity: str, topics: Sequence[tuple[str, str]]) -> None:
        """Kept, closed and without an answer."""
        where = {"entity": [entity], "entity_id": {entity_id for entity_id, _ in topics}, "open": [True]}
        gone = set(topics)
        found = [each for each in self._store.find(QUESTION, where) if (each.entity_id, each.topic) in gone]
        self._store.put(QUESTION, [replace(each, open=False) for each in found])

    @writes
    def keep_apart(self, entity: str, pairs: Sequence[tuple[str, str]], by: str, at: datetime) -> None:
        self._store.put(KEPT_APART, [KeptApart(entity, min(pair), max(pair), by, at) for pair in pairs])

    @writes
    def forget_apart(self, entity: str, names: Sequence[str]) -> None:
        known = {(entity, min(pair), max(pair)) for pair in self.apart(entity, names) if {*pair} <= {*names}}
        self._store.drop(KEPT_APART, known)

    @reads
    def apart(self, entity: str, names: Sequence[str]) -> frozenset[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for side in ("left", "right"):
            for each in self._store.find(KEPT_APART, {"entity": [entity], side: set(names)}):
                found |= {(each.left, each.right), (each.right, each.left)}
        return frozenset(found)


def _still_held(before: Question, now: Question) -> Mapping[str, Any]:
    """Who said that it can wait said so of this evidence; where there is other, it is brought to mind again."""
    held = {"held": before.evidence["held"]} if "held" in before.evidence else {}
    same = held and {**now.evidence, **held} == before.evidence
    return before.evidence if same and "held" not in now.evidence else now.evidence


def _about(question: Question) -> Key:
    return (question.entity, question.entity_id, question.topic)
