"""What an early record waits for, in words a person can act on: the book's condition, a field, an answer. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mappings.ownership import Clause, CreateRule, Ownership, Test, When
from mappings.values import Value
from sync_pipelines.model.early import Early, Lack, Stage, Word, key_of
from sync_pipelines.ownership.conditions import holds, rule_for
from sync_pipelines.ownership.situation import Cast, Situation

_A_PERSON = {Word.HOLD: Stage.HELD, Word.DISMISS: Stage.DISMISSED}


def word_of(situation: Situation, role: str) -> Word | None:
    """What a person said of its place in this role."""
    said = situation.overrides.get(key_of(role))
    return Word(str(said.value)) if said is not None else None


def waits(rule: CreateRule) -> bool:
    """Whether the book lets something come first before a record is made."""
    return bool(rule.when.clauses or rule.needs)


def may_be_made(word: Word | None, *, wanted: bool) -> bool:
    """Whether a record is made as soon as nothing is missing: as the book says, unless a person said otherwise."""
    return word not in _A_PERSON and (wanted or word is Word.CREATE)


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at: an entity, and the sentence by which it would be made in a role that has no record of it."""

    rule: CreateRule
    ownership: Ownership
    situation: Situation
    agreed: Mapping[str, Value]
    cast: Cast

    def pooled(self, scopes: Sequence[str]) -> bool:
        """Whether one record there serves it and others, in any of these companies. *Now* is said of one by itself."""
        pool, word = self.rule.pool, word_of(self.situation, self.rule.role)
        if pool is None or word is Word.CREATE:
            return False
        return any(holds(pool.when, self.agreed, self.situation, self.cast, scope) for scope in scopes)

    def served(self, wrong: str) -> Early:
        """How it stands to a role where it is served so. `wrong`: why that record cannot serve anybody now."""
        lacks = (Lack("pool", wrong),) if wrong else ()
        return Early(self.rule.role, Stage.POOLED, lacks, self.cast.ranked((self.rule.role,)))

    def early(self, *, wanted: bool, missing: Sequence[str], doubtful: bool) -> Early:
        """How the entity stands to that role."""
        role = self.rule.role
        there = self.cast.ranked((role,))
        word = word_of(self.situation, role)
        if word is not None and word in _A_PERSON:
            return Early(role, _A_PERSON[word], there=there)
        wanted = may_be_made(word, wanted=wanted)
        lacks = [] if wanted else [*self._unmet()]
        lacks += [self._missing(name) for name in missing]
        if doubtful:
            lacks.append(Lack("match", f"a possible match in {role} waits for an answer"))
        return Early(role, Stage.WAITING if wanted else Stage.PROVISIONAL, tuple(lacks), there)

    def _unmet(self) -> Iterator[Lack]:
        for clause in self.rule.when.clauses:
            if not holds(When((clause,)), self.agreed, self.situation, self.cast):
                yield Lack(clause.subject, _says(clause), self._steward(clause.subject))

    def _missing(self, name: str) -> Lack:
        has = self.agreed.get(name) not in (None, [], "")
        says = f"{name} has no record in {self.rule.role} yet" if has else f"{name} is missing"
        return Lack(name, says, self._steward(name))

    def _steward(self, name: str) -> str:
        """Whoever answers for the field now; empty where it is no field."""
        rule = rule_for(self.ownership.rules.get(name, ()), self.agreed, self.situation, self.cast, "")
        return rule.steward if rule is not None else ""


def _says(clause: Clause) -> str:
    """What is not so, without a value of the record: it may be a person's."""
    words = " or ".join(str(value) for value in clause.values)
    return {
        Test.IN: f"{clause.subject} is not {words}",
        Test.SET: f"{clause.subject} has no value",
        Test.UNSET: f"{clause.subject} has a value",
        Test.COUPLED: f"{clause.subject} does not know it yet",
        Test.UNCOUPLED: f"{clause.subject} knows it",
        Test.EXISTS: f"there is no {clause.subject} of it yet",
        Test.MISSING: f"there is {clause.subject} of it",
        Test.SCOPE: f"it is not of company {words}",
    }[clause.test]
