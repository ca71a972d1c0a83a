"""What an answer does. A person's word outranks the rules, and is recorded with their name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

from connectors.contract import RecordRef
from mappings.book import Book
from mappings.references import References, entities_in, references_in
from mappings.values import Value
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.changes import OPEN, State
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim
from sync_pipelines.model.early import Word
from sync_pipelines.model.golden import JOINED, Because, Decided, Golden
from sync_pipelines.model.parts import overlay
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import AuditEntry, Coupling
from sync_pipelines.review.hastening import say
from sync_pipelines.review.joined import now_called
from sync_pipelines.review.promoting import promote
from sync_pipelines.review.referrers import referrers, refers


def answer(ledger: Ledger, book: Book, question_id: str, choice: str, by: str, now: datetime) -> None:
    """Apply a steward's answer; the next plan carries it out. LedgerError where it cannot be given."""
    question = ledger.question(question_id)
    if question is None:
        message = f"there is no question {question_id}; `concordat review list` shows the open ones"
        raise LedgerError(message)
    choice = _meant(question, choice)
    _check(question, choice, also(ledger, question))
    with ledger.transaction():
        if choice == HOLD:
            hold(ledger, question, by, now)
            return
        ledger.answer(question.id, choice, by, now)
        _CARRY_OUT[question.about](ledger, book, question, choice, by, now)
        if choice == CREATE:
            say(ledger, question.entity, question.entity_id, Word.CREATE, by, now)
        ledger.attend(question.entity, [question.entity_id])
        ledger.audit(
            [AuditEntry(now, by, f"answered {choice}", f"{question.entity}/{question.entity_id} {question.topic}")]
        )


def _meant(question: Question, choice: str) -> str:
    """Of two that are one, some questions say `link` and some `join`: a sheet may be older than its question."""
    other = {"link": "join", "join": "link"}.get(choice, "")
    return (
        other if len(question.others) == 1 and choice not in question.choices and other in question.choices else choice
    )


HOLD, CREATE = "hold", "create"  # answers besides those that a question names
HELD_FOR = timedelta(days=14)


def also(ledger: Ledger, question: Question) -> Mapping[str, str]:
    """What may be answered besides what the question names."""
    more = {HOLD: f"ask again in {HELD_FOR.days} days; until then all stays as it is"}
    waits = question.about is About.MATCH and ledger.early(entity=question.entity, entity_ids=[question.entity_id])
    return more | ({CREATE: "they are two, and it is made at once wherever it waits"} if waits else {})


def hold(ledger: Ledger, question: Question, by: str, now: datetime, lasts: timedelta = HELD_FOR) -> None:
    """A question stays open, and so does everything that waits for it; nobody is reminded of it for a while."""
    told = {"by": by, "until": (now + lasts).isoformat()}
    ledger.ask([replace(question, evidence={**question.evidence, "held": told})])
    ledger.audit([AuditEntry(now, by, "held a question", f"{question.entity}/{question.entity_id} {question.topic}")])


def held_until(question: Question) -> datetime | None:
    """Until when nobody is reminded of it."""
    told = question.evidence.get("held")
    return datetime.fromisoformat(told["until"]) if isinstance(told, Mapping) else None


def _check(question: Question, choice: str, more: Mapping[str, str]) -> None:
    word = choice.partition(":")[0]
    if question.answer:
        message = f"question {question.id} was answered already: {question.answer}, by {question.answered_by}"
        raise LedgerError(message)
    if choice in more and question.open:
        return
    if choice not in question.choices and (word not in question.choices or question.about is not About.CREATE):
        message = f"question {question.id} cannot be answered {choice!r}; choose one of: {', '.join(question.choices)}"
        raise LedgerError(message)
    if question.about is About.CREATE and word == "made" and not choice.partition(":")[2]:
        message = f"say which record was made: made:<id in {question.topic.partition(':')[2]}>"
        raise LedgerError(message)


# --- whose value stands ----------------------------------------------------------------------------------------------


def _value(ledger: Ledger, _book: Book, question: Question, choice: str, by: str, now: datetime) -> None:
    """The chosen value is agreed; what each record said when asked is acknowledged, so that only later edits count."""
    key, entity_id = question.topic.removeprefix("field:"), question.entity_id
    values: Mapping[str, Value] = question.evidence["values"]
    golden = ledger.golden_of(question.entity, [entity_id]).get(entity_id)
    chosen = overlay(golden.value(key) if golden else None, values[choice])
    word = Decided(chosen, Because.VERDICT, by=f"steward:{by}", rule=f"question {question.id}", run="", at=now)
    ledger.decide(question.entity, {entity_id: {key: word}})
    records = question.evidence.get("records", {})
    refs = {RecordRef.parse(address): name for name, address in records.items()}
    claims = ledger.claims_at(question.entity, sorted(refs))
    ledger.agree(
        [
            (claim.ref, claim.entity, claim.scope, {key: Agreed(values[refs[claim.ref]], values[refs[claim.ref]])})
            for claim in claims
            if refs[claim.ref] in values
        ]
    )


# --- who is who ------------------------------------------------------------------------------------------------------


def _match(ledger: Ledger, book: Book, question: Question, choice: str, by: str, now: datetime) -> None:
    """One of several, all of them, or none; whom it is told from is kept apart, entities and records alike."""
    mine, named = question.entity_id, question.evidence.get("others", {})
    one = [str(named[choice])] if choice in named else [*question.others] if choice in ("link", "join") else []
    apart = [other for other in question.others if other not in one]
    _keep_apart(ledger, question, [mine, *one], apart, by, now)
    for lost in [mine, *one[1:]] if one else []:
        join(ledger, book, question.entity, keep=one[0], lose=lost, by=by, now=now)
    ledger.attend(question.entity, apart)


def _keep_apart(
    ledger: Ledger, question: Question, mine: Sequence[str], others: Sequence[str], by: str, now: datetime
) -> None:
    """Each of `others` from all of `mine`; their records too, as far as the question shows them."""
    shown = [str(RecordRef.parse(address)) for address in question.evidence.get("records", {})]
    whose = {
        str(ref): coupling.entity_id
        for ref, coupling in ledger.couplings_at(
            question.entity, [RecordRef.parse(address) for address in shown]
        ).items()
    }
    ours = [*mine, *(address for address in shown if whose.get(address, question.entity_id) in mine)]
    theirs = [*others, *(address for address in shown if whose.get(address) in others)]
    ledger.keep_apart(question.entity, [*product(ours, theirs)], by, now)


def join(ledger: Ledger, book: Book, entity: str, *, keep: str, lose: str, by: str, now: datetime) -> None:
    """Two entities become one. The records of the one that is lost start without a baseline.

    Nothing of theirs is agreed.
    """
    found = ledger.couplings_of(entity, [keep, lose])
    staying, moving = found.get(keep, ()), found.get(lose, ())
    taken = {(c.ref.system, c.ref.kind, c.scope) for c in staying if c.primary}
    ledger.uncouple(entity, [c.ref for c in moving])
    ledger.couple([_moved(c, keep, taken, by, now) for c in moving])
    promote(ledger, entity, [keep], now)
    ledger.decide(entity, {lose: {JOINED: Decided(keep, Because.VERDICT, by=f"steward:{by}", at=now)}})
    _readdress(ledger, entity, keep, lose)
    ledger.attend(entity, [keep])
    for name, spec in book.entities.items():
        refer = {field: told for field, told in references_in(spec.fields).items() if entity in entities_in(told)}
        if refer:
            _refer_anew(ledger, name, refer, (entity, lose))


def _readdress(ledger: Ledger, entity: str, keep: str, lose: str) -> None:
    """Doubts about the entity that is no more are doubts about the one that stays.

    Those about its values are decided anew.
    """
    for question in ledger.questions(entity=entity):
        if lose not in (question.entity_id, *question.others):
            continue
        ledger.withdraw(entity, [(question.entity_id, question.topic)])
        mine, *others = (keep if name == lose else name for name in (question.entity_id, *question.others))
        theirs = [name for name in dict.fromkeys(others) if name != mine]
        if theirs:
            ledger.ask(
                [_about(question, mine, theirs, dict(zip(question.evidence.get("others", ()), others, strict=False)))]
            )
        ledger.attend(entity, [mine, *theirs])


def _about(question: Question, mine: str, others: Sequence[str], named: Mapping[str, str]) -> Question:
    """The same doubt under the names that they bear now; of several there may be one left."""
    topic = f"{question.topic.partition(':')[0]}:{'+'.join(others)}"
    evidence = {**question.evidence, "other": others[0]}
    left: dict[str, str] = {}
    for choice, other in named.items():
        left.setdefault(other, choice)
    choices = question.choices
    if len(others) > 1:
        choices = {c: means for c, means in question.choices.items() if c not in named or c in left.values()}
        evidence["others"] = {left[other]: other for other in others}
    elif evidence.pop("others", None):
        choices = {"link": "they are one", "apart": "they are two, and stay so"}
    return replace(question, id="", entity_id=mine, topic=topic, choices=choices, evidence=evidence)


def _moved(coupling: Coupling, keep: str, taken: set[tuple[str, str, str]], by: str, now: datetime) -> Coupling:
    place = (coupling.ref.system, coupling.ref.kind, coupling.scope)
    primary = coupling.primary and place not in taken
    taken.add(place)
    return Coupling(coupling.ref, coupling.entity, keep, coupling.scope, primary, f"steward:{by}", at=now)


def _refer_anew(ledger: Ledger, entity: str, refer: References, lost: tuple[str, str]) -> None:
    """Whoever refers to the one that is no more is looked at again: what that reference means has changed.

    One that stands on a single record is recognised anew: what told it from another one may have been this reference,
    unless it stands in the items of a list.
    """
    golden = referrers(ledger, entity, refer, lost)
    theirs = list(golden)
    ledger.attend(entity, theirs)
    couplings = ledger.couplings_of(entity, theirs)
    busy = (
        {change.entity_id for change in ledger.changes(entity=entity, entity_ids=theirs, states=OPEN)} if theirs else {}
    )
    settled = {name for name, words in ledger.overrides_of(entity, theirs).items() if words}
    plain = {field: told for field, told in refer.items() if isinstance(told, str)}
    telling = [i for i in theirs if refers(golden[i], plain, lost)]
    asked = ledger.questions(entity=entity)
    kept = {*busy, *settled, *(i for q in asked if _comes_once(q) for i in (q.entity_id, *q.others))}
    alone = [i for i in telling if len(couplings[i]) == 1 and i not in kept and not _judged(golden[i])]
    ledger.uncouple(entity, [coupling.ref for name in alone for coupling in couplings[name]])
    about = [q for q in asked if {q.entity_id, *q.others} & {*alone}]
    ledger.withdraw(entity, [(question.entity_id, question.topic) for question in about])
    ledger.attend(entity, sorted({name for q in about for name in (q.entity_id, *q.others)}))  # nobody waits for it now


def _comes_once(question: Question) -> bool:
    """Whether no recognition would ask it again: for whom something was made that the ledger has forgotten."""
    return question.about is About.MATCH and question.evidence.get("level", "our key") == "our key"


def _judged(golden: Golden) -> bool:
    """Whether a person's word stands on it, which belongs to its id."""
    return any(word.because is Because.VERDICT for word in golden.fields.values())


# --- was it made, and what of an archive -----------------------------------------------------------------------------


def _create(ledger: Ledger, _book: Book, question: Question, choice: str, by: str, now: datetime) -> None:
    word, _, record_id = choice.partition(":")
    open_ones = ledger.changes(entity=question.entity, entity_id=question.entity_id, states=OPEN)
    change = next((c for c in open_ones if c.key == question.evidence.get("change")), None)
    if change is None:
        return
    if word == "not_made":
        ledger.resolve([(change.key, State.DROPPED, f"not made, says {by}")])
        return
    ref = RecordRef(change.system, change.kind, record_id)
    home = now_called(ledger, change.entity, [change.entity_id])[change.entity_id]
    ledger.couple([Coupling(ref, change.entity, home, change.scope, because=f"steward:{by}", at=now)])
    ledger.attend(change.entity, [home])
    ledger.resolve([(change.key, State.DONE, f"made as {record_id}, says {by}")])
    ledger.mark_dirty([ref], "a person says that it was made")


def _archive(ledger: Ledger, _book: Book, question: Question, choice: str, by: str, now: datetime) -> None:
    """`keep` accepts each record as it stands; `archive` lets what the book allows follow, those that came back too."""
    refs = [RecordRef.parse(address) for address in question.evidence.get("records", {}).values()]
    golden = ledger.golden_of(question.entity, [question.entity_id]).get(question.entity_id)
    kept = golden is not None and golden.value(ARCHIVED) is True
    claims = ledger.claims_at(question.entity, sorted(refs))
    ledger.agree([(c.ref, c.entity, c.scope, {ARCHIVED: _accepted(c, choice, kept=kept)}) for c in claims])
    if choice == "archive":
        word = Decided(value=True, because=Because.VERDICT, by=f"steward:{by}", rule=f"question {question.id}", at=now)
        ledger.decide(question.entity, {question.entity_id: {ARCHIVED: word}})


def _accepted(claim: Claim, choice: str, *, kept: bool) -> Agreed:
    out = claim.gone or claim.values.get(ARCHIVED) is True
    return Agreed(kept if choice == "keep" else out, out)


_CARRY_OUT: Mapping[About, Callable[[Ledger, Book, Question, str, str, datetime], None]] = {
    About.VALUE: _value,
    About.PROPOSAL: _value,
    About.MATCH: _match,
    About.JOIN: _match,
    About.CREATE: _create,
    About.ARCHIVE: _archive,
}
