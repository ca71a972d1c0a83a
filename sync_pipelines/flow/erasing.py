"""A person asks to be forgotten: all that the ledger keeps about them goes, and they are neither read nor made again.

What they are in the systems themselves is for people to erase there: nothing of ours deletes a record. From then on
their records are passed over when they are read, by a keyed hash of their address.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from connectors.contract import RecordRef
from mappings.book import Book, EntitySpec
from mappings.values import Value, Values, field_of
from sync_pipelines.flow.run import House
from sync_pipelines.flow.suppressing import suppress as suppress_person
from sync_pipelines.intake.landing import mark_of
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.changes import OPEN
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.records import AuditEntry, Reference
from sync_pipelines.review.why import entity_id_of, spec_of

_SHORTEST = 4  # letters of a word that is looked for in what others say
_UNAPPLIED = ("drafting", "planned", "judged")
_PLANS = 20  # looked through for those that were not applied


@dataclass(frozen=True, slots=True)
class Erasure:
    """Who is to be forgotten, what that takes away, and what stays for people to do."""

    entity: str
    entity_id: str  # empty: a record that nobody recognised yet
    ids: tuple[str, ...]  # and of those that became one with it
    refs: tuple[RecordRef, ...]
    living: tuple[RecordRef, ...]  # still there in their systems, as far as we know
    also: tuple[tuple[str, str], ...]  # (entity, id or address) that the same records are besides
    referrers: tuple[Reference, ...]
    gone: Mapping[str, int]  # by shelf of the ledger


class _TriedError(Exception):
    """Takes back what was only tried."""


def plan_erasure(house: House, entity: str, name: str) -> Erasure:
    """What `erase` would do. Nothing is changed. LedgerError where it cannot be done now."""
    found = _found(house, entity, name)
    tried: list[Mapping[str, int]] = []
    with suppress(_TriedError), house.ledger.transaction():
        tried.append(_forgotten(house, found, "nobody"))
        raise _TriedError
    return replace(found, gone=tried[0])


def erase(house: House, erasure: Erasure, by: str) -> Erasure:
    """Do it, in one transaction. LedgerError where something was written about them since it was planned."""
    now = _found(house, erasure.entity, erasure.entity_id or str(erasure.refs[0]))
    with house.ledger.transaction():
        return replace(now, gone=_forgotten(house, now, by))


def _found(house: House, entity: str, name: str) -> Erasure:
    ledger, spec = house.ledger, spec_of(house.book, entity)
    entity_id, claims = _whose(ledger, spec, name)
    ids = tuple(ledger.joined_into(entity, [entity_id])) if entity_id else ()
    waiting = ledger.changes(entity=entity, entity_ids=ids, states=OPEN) if ids else []
    if waiting:
        raise LedgerError(
            f"{entity}/{entity_id}: {len(waiting)} of our writes about it have no known outcome, and the systems may "
            f"still do them; `concordat apply {entity}` looks them up, then erase"
        )
    coupled = {one.ref for some in ledger.couplings_of(entity, ids).values() for one in some} if ids else set()
    refs = tuple(sorted({claim.ref for claim in claims} | coupled))
    living = tuple(sorted({claim.ref for claim in claims if not claim.gone}))
    referrers = tuple(ledger.referring(entity, ids)) if ids else ()
    return Erasure(entity, entity_id, ids, refs, living, tuple(_also(house, entity, refs)), referrers, {})


def _whose(ledger: Ledger, spec: EntitySpec, name: str) -> tuple[str, Sequence[Claim]]:
    """By id, by the address of a record, or a record that belongs to nobody yet."""
    if "/" in name:
        ref = _ref(name)
        claims = ledger.claims_at(spec.name, [ref])
        if claims and not any(claim.entity_id for claim in claims):
            return "", claims
    entity_id = entity_id_of(ledger, spec.name, name)
    ids = ledger.joined_into(spec.name, [entity_id])
    return entity_id, [claim for some in ledger.claims_of(spec.name, ids).values() for claim in some]


def _ref(name: str) -> RecordRef:
    try:
        return RecordRef.parse(name)
    except ValueError as error:
        raise LedgerError(str(error)) from error


def _also(house: House, entity: str, refs: Sequence[RecordRef]) -> Iterator[tuple[str, str]]:
    """A shop's customer is an account and a contact."""
    for other in house.book.entities:
        if other != entity:
            claims = house.ledger.claims_at(other, refs)
            yield from sorted({(other, claim.entity_id or str(claim.ref)) for claim in claims})


# --- doing it ---------------------------------------------------------------------------------------------------------


def _forgotten(house: House, erasure: Erasure, by: str) -> Mapping[str, int]:
    ledger, spec, now = house.ledger, house.book.entities[erasure.entity], house.seams.clock()
    told = list(_told(ledger, erasure))
    suppress_person(ledger, spec, told, now)
    ledger.suppress([mark_of(ref) for ref in erasure.refs], now)
    _supersede(ledger, house.book)
    for reference in erasure.referrers:
        ledger.attend(reference.entity, [reference.entity_id])
    gone = ledger.forget(erasure.entity, erasure.ids, erasure.refs, _words(spec, told))
    about = f"{erasure.entity}/{erasure.entity_id or 'not recognised'}"
    ledger.audit([AuditEntry(now, by, "erased a person", about, {"records": len(erasure.refs)})])
    return gone


def _supersede(ledger: Ledger, book: Book) -> None:
    """A plan that was not applied may hold anything about them; the next one is made without."""
    for entity in book.entities:
        for head in ledger.plans(entity, _PLANS):
            if head.state in _UNAPPLIED:
                ledger.close_plan(head.id, "superseded")


def _told(ledger: Ledger, erasure: Erasure) -> Iterator[Values]:
    """All that was ever said of them, as far as it is kept."""
    for claim in ledger.claims_at(erasure.entity, erasure.refs):
        yield claim.values
    for golden in ledger.golden_of(erasure.entity, erasure.ids).values():
        yield {key: decided.value for key, decided in golden.fields.items()}
    for entity_id in erasure.ids:
        for step in ledger.history(erasure.entity, entity_id):
            yield {step.key: step.new}
            yield {step.key: step.old}


def _words(spec: EntitySpec, told: Sequence[Values]) -> frozenset[str]:
    """Whatever in the texts of others would tell who it was: the values of fields that are not public."""
    found = (
        word
        for values in told
        for key, value in values.items()
        if (field := spec.fields.get(field_of(key))) is not None and field.privacy != "public"
        for word in _texts(value)
    )
    return frozenset(word for word in found if len(word) >= _SHORTEST)


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (word for one in value.values() for word in _texts(one))
    elif isinstance(value, list | tuple):
        yield from (word for one in value for word in _texts(one))
