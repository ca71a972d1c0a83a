"""Why a field has its value: who decided, by which sentence of the book, when, and what everybody else says now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches

from connectors.contract import RecordRef
from mappings.book import Book, EntitySpec
from mappings.ownership import Mode, Rule
from mappings.references import references_in
from mappings.values import Value, field_of, scope_of
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.changes import Change, State
from sync_pipelines.model.claims import Claim, Stance
from sync_pipelines.model.golden import Decided, HandOver, Override
from sync_pipelines.model.parts import Parts, project
from sync_pipelines.model.questions import Question
from sync_pipelines.model.records import GoldenStep, Quarantined, RunRecord
from sync_pipelines.review.referred import resolve_claims

_RUNS_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Voice:
    """What one record says of the field now."""

    ref: RecordRef
    part: str  # decides | shares | is told
    value: Value
    says: str  # agrees | differs | says nothing | is gone
    stance: Stance
    scope: str = ""
    changed_at: datetime | None = None
    editor: str = ""
    primary: bool = True


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say about one value."""

    entity: str
    entity_id: str
    key: str
    decided: Decided | None
    rule: Rule | None  # None: nothing is decided, or the sentence that did is no longer in the book
    rules: tuple[Rule, ...]  # all sentences about the field
    run: RunRecord | None
    voices: tuple[Voice, ...]
    history: tuple[GoldenStep, ...]
    hand_overs: tuple[HandOver, ...]
    writes: tuple[Change, ...]  # that carried this field, newest first
    question: Question | None
    override: Override | None
    quarantined: tuple[Quarantined, ...]

    @property
    def losers(self) -> tuple[Voice, ...]:
        """Those that say something else."""
        return tuple(voice for voice in self.voices if voice.says == "differs")


def explain(ledger: Ledger, book: Book, entity: str, name: str, key: str) -> Explanation:
    """`name` is an entity's id or the address of one of its records. LedgerError where there is nothing to explain."""
    spec = spec_of(book, entity)
    _check_field(spec, key)
    entity_id = entity_id_of(ledger, entity, name)
    decided = _decided(ledger, entity, entity_id, key)
    claims = ledger.claims_of(entity, [entity_id])[entity_id]
    refs = {claim.ref for claim in claims}
    return Explanation(
        entity=entity,
        entity_id=entity_id,
        key=key,
        decided=decided,
        rule=_rule(spec, key, decided),
        rules=spec.ownership.rules.get(field_of(key), ()),
        run=_run(ledger, entity, decided),
        voices=_voices(ledger, book, spec, key, decided, claims),
        history=tuple(ledger.history(entity, entity_id, key)),
        hand_overs=tuple(h for h in ledger.hand_overs(entity, entity_id) if h.key == key),
        writes=_writes(ledger, entity, entity_id, key),
        question=_question(ledger, entity, entity_id, key),
        override=next((o for o in ledger.overrides_of(entity, [entity_id])[entity_id] if o.key == key), None),
        quarantined=tuple(q for q in ledger.quarantined(entity=entity) if q.ref in refs and q.field in ("", key)),
    )


# --- what was asked for ----------------------------------------------------------------------------------------------


def spec_of(book: Book, entity: str) -> EntitySpec:
    """What the book says of an entity. LedgerError with a near miss where it knows none of that name."""
    if entity not in book.entities:
        raise LedgerError(f"the book has no entity {entity!r}; {_instead(entity, book.entities)}")
    return book.entities[entity]


def entity_id_of(ledger: Ledger, entity: str, name: str) -> str:
    """The id of an entity by its id or by the address of one of its records."""
    if "/" in name:
        return _by_address(ledger, entity, name)
    if ledger.couplings_of(entity, [name])[name]:
        return name
    message = f"no {entity} has the id {name!r}; name its id, or one of its records as system/kind/id"
    raise LedgerError(message)


def _by_address(ledger: Ledger, entity: str, name: str) -> str:
    try:
        ref = RecordRef.parse(name)
    except ValueError as error:
        raise LedgerError(str(error)) from error
    coupling = ledger.couplings_at(entity, [ref]).get(ref)
    if coupling is not None:
        return coupling.entity_id
    known = ledger.claims_at(entity, [ref])
    says = f"{name} was read and belongs to no {entity} yet; `concordat apply` couples it"
    raise LedgerError(says if known else f"{name} was never read as {entity}; see `concordat status`")


def _check_field(spec: EntitySpec, key: str) -> None:
    if field_of(key) not in spec.ownership.rules and not key.startswith("_"):
        raise LedgerError(f"{spec.name} has no field {key!r}; {_instead(key, spec.ownership.rules)}")


def _instead(word: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(word, known, 1)
    return f"is {near[0]!r} meant?" if near else f"there are: {', '.join(known)}"


# --- what is known ---------------------------------------------------------------------------------------------------


def _decided(ledger: Ledger, entity: str, entity_id: str, key: str) -> Decided | None:
    golden = ledger.golden_of(entity, [entity_id]).get(entity_id)
    return None if golden is None else golden.fields.get(key)


def _rule(spec: EntitySpec, key: str, decided: Decided | None) -> Rule | None:
    rules = spec.ownership.rules.get(field_of(key), ())
    if decided is None or not decided.rule or ":" not in decided.rule:
        return rules[0] if len(rules) == 1 else None
    return next((rule for rule in rules if str(rule.where) == decided.rule), None)


def _run(ledger: Ledger, entity: str, decided: Decided | None) -> RunRecord | None:
    if decided is None or not decided.run:
        return None
    return next((run for run in ledger.runs(entity, _RUNS_LOOKED_AT) if run.id == decided.run), None)


def _question(ledger: Ledger, entity: str, entity_id: str, key: str) -> Question | None:
    asked = ledger.questions(entity=entity, entity_ids=[entity_id])
    return next((question for question in asked if question.topic == f"field:{key}"), None)


def _writes(ledger: Ledger, entity: str, entity_id: str, key: str) -> tuple[Change, ...]:
    changes = ledger.changes(entity=entity, entity_id=entity_id)
    sent = [one for one in changes if key in one.fields and one.state not in (State.PLANNED, State.DROPPED)]
    return tuple(reversed(sent))


# --- what everybody says ---------------------------------------------------------------------------------------------


def _voices(
    ledger: Ledger, book: Book, spec: EntitySpec, key: str, decided: Decided | None, claims: Sequence[Claim]
) -> tuple[Voice, ...]:
    values = _resolved(ledger, book, spec, key, claims)
    ours = [claim for claim in claims if not claim.scope or not scope_of(key) or claim.scope == scope_of(key)]
    voices = [_voice(book, spec, key, decided, claim, values.get(claim.ref)) for claim in ours]
    order = {"decides": 0, "shares": 1, "is told": 2}
    return tuple(sorted(voices, key=lambda voice: (order[voice.part], voice.ref)))


def _voice(book: Book, spec: EntitySpec, key: str, decided: Decided | None, claim: Claim, resolved: Value) -> Voice:
    value = claim.values.get(key) if resolved is None else resolved
    return Voice(
        ref=claim.ref,
        part=_part(book, spec, key, claim.system),
        value=value,
        says=_says(claim, key, value, decided, _parts(spec, claim.system, key)),
        stance=claim.stance(key),
        scope=claim.scope,
        changed_at=claim.changed_at,
        editor=claim.editor,
        primary=claim.primary,
    )


def _says(claim: Claim, key: str, value: Value, decided: Decided | None, parts: Parts) -> str:
    if claim.gone:
        return "is gone"
    if key not in claim.values:
        return "says nothing"
    golden = None if decided is None else project(decided.value, parts)
    return "agrees" if value == golden or claim.holds(key, golden) else "differs"


def _part(book: Book, spec: EntitySpec, key: str, system: str) -> str:
    roles = {role for rule in spec.ownership.rules.get(field_of(key), ()) for role in roles_of(rule)}
    shared = any(rule.mode is Mode.SHARED for rule in spec.ownership.rules.get(field_of(key), ()))
    if book.systems[system].role not in roles:
        return "is told"
    return "shares" if shared else "decides"


def roles_of(rule: Rule) -> tuple[str, ...]:
    """Who may decide by a sentence."""
    return tuple(dict.fromkeys((*rule.roles, *rule.each.decides))) if rule.each else rule.roles


def _parts(spec: EntitySpec, system: str, key: str) -> Parts:
    lines = spec.maps[system].lines if system in spec.maps else ()
    line = next((line for line in lines if line.field == field_of(key)), None)
    return tuple(part.field for part in line.lines) if line is not None and line.lines else None


def _resolved(
    ledger: Ledger, book: Book, spec: EntitySpec, key: str, claims: Sequence[Claim]
) -> Mapping[RecordRef, Value]:
    """A reference says the id of a record in its own system; people and golden records speak of entities."""
    if field_of(key) not in references_in(spec.fields):
        return {}
    bare = [replace(claim, values={key: claim.values[key]}) for claim in claims if key in claim.values]
    return {claim.ref: claim.values[key] for claim in resolve_claims(ledger, book, spec.name, bare) if claim.values}


# --- a sentence of the book, in words --------------------------------------------------------------------------------


def sentence(rule: Rule) -> str:
    """What the book says, in one line."""
    roles = list(roles_of(rule))
    said = {
        Mode.DECIDES: f"{roles[0] if roles else 'nobody'} decides" if len(roles) == 1 else _ranked(roles),
        Mode.ISSUED: f"given once by {_or(roles)}, written back everywhere",
        Mode.SHARED: f"shared by {_and(roles)}; a conflict: {rule.conflict}",
        Mode.EACH: f"item by item; {_or(roles)} decides",
        Mode.BORROWED: _borrowed(rule),
    }[rule.mode]
    return f"{said}{f', by {rule.by}' if rule.by else ''}{f', per {rule.per}' if rule.per else ''}"


def _ranked(roles: Sequence[str]) -> str:
    return f"the first of {', '.join(roles)} that knows it decides"


def _borrowed(rule: Rule) -> str:
    return f"follows {rule.borrowed.entity}.{rule.borrowed.field}" if rule.borrowed else "follows another entity"


def _and(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)


def _or(words: Sequence[str]) -> str:
    return " or ".join(words)
