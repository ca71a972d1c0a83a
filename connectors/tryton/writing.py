"""Batches in one call each, atomic on the server; a refused batch is halved until the bad record stands alone.

A refusal is an answer: the server's transaction is over, so halving repeats nothing. When an answer is lost, nothing
more is sent and nothing is repeated.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from connectors.contract import Archive, Create, ItemResult, Update, Written
from connectors.errors import (
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
    WriteError,
)
from connectors.tryton import commands
from connectors.tryton.commands import Change
from connectors.tryton.documents import Document
from connectors.tryton.reading import CONTACTS, Reader
from connectors.tryton.session import Session
from connectors.tryton.shape import PARTY
from connectors.tryton.wire import RefusalError

_CODE_TAKEN = "The code on party must be unique."
_NO_ACCESS = "You are not allowed to access"
_LONGEST = 300  # characters of a refusal; it may quote the record

Outcome: TypeAlias = "int | WriteError"  # the id of the party that was written, or what became of the item


@dataclass(frozen=True, slots=True)
class Planned:
    """One item, ready to be sent."""

    place: int  # in the batch
    values: Mapping[str, Any]
    key: str = ""
    document: Document | None = None  # as it stands, for an update
    stamps: Mapping[str, str] = field(default_factory=dict)


class Writer:
    """Writes of one kind of one connection."""

    def __init__(self, session: Session, reader: Reader, system: str, kind: str) -> None:
        """Nothing is called yet."""
        self._session = session
        self._reader = reader
        self._system = system
        self._kind = kind

    def create(self, batch: Sequence[Create]) -> list[ItemResult]:
        """One call for all where all are good."""
        self._reader.words.forget()
        outcomes: dict[int, Outcome] = {}
        planned: list[Planned] = []
        for place, item in enumerate(batch):
            try:
                values = commands.creation(self._reader.told, item.values, item.key, contact=self._kind == CONTACTS)
                planned.append(Planned(place, values, item.key))
            except RejectedError as error:
                outcomes[place] = error
        outcomes |= _Sending(self._create, self._created_before).all(planned)
        return self._proven([item.key for item in batch], outcomes, created=True)

    def update(self, batch: Sequence[Update]) -> list[ItemResult]:
        """Read, compare, and send what differs; the server checks once more that nothing has moved in between."""
        self._reader.words.forget()
        woken = self._awakened(batch)
        outcomes: dict[int, Outcome] = {
            place: outcome for place, outcome in woken.items() if not isinstance(outcome, int)
        }
        documents = self._documents([item for place, item in enumerate(batch) if place not in outcomes])
        planned: list[Planned] = []
        for place, item in enumerate(batch):
            if place not in outcomes:
                again = replace(item, version="", expected={}) if place in woken else item  # we have moved it ourselves
                self._plan_update(place, again, documents, planned, outcomes)
        unsent = {document.id: document.version for document in _settled(batch, outcomes, documents)}
        outcomes |= _Sending(self._write, self._written_before).all(planned)
        return self._proven([item.key for item in batch], outcomes, created=False, unsent=unsent)

    def archive(self, batch: Sequence[Archive]) -> list[ItemResult]:
        """Out of use, and nothing else."""
        updates = [Update(item.key, item.ref, {"active": False}, version=item.version) for item in batch]
        return self.update(updates)

    # -- planning -----------------------------------------------------------------------------------------------------

    def _documents(self, batch: Sequence[Update]) -> dict[str, Document]:
        ids = [int(item.ref.id) for item in batch if item.ref.id.isdecimal()]
        return {str(number): document for number, document in self._reader.by_id(self._kind, ids).items()}

    def _awakened(self, batch: Sequence[Update]) -> dict[int, Outcome]:
        """What is out of use is taken into use by a call of its own; only then the server lets the rest be written."""
        waking = {place: item for place, item in enumerate(batch) if item.values.get("active") is True}
        documents = self._documents(list(waking.values())) if waking else {}
        outcomes: dict[int, Outcome] = {}
        planned: list[Planned] = []
        for place, item in waking.items():
            document = documents.get(item.ref.id)
            if document is not None and not document.payload["active"]:
                alone = Update(item.key, item.ref, {"active": True}, item.expected, item.version)
                self._plan_update(place, alone, documents, planned, outcomes)
        return outcomes | _Sending(self._write, self._written_before).all(planned)

    def _plan_update(
        self,
        place: int,
        item: Update,
        documents: Mapping[str, Document],
        planned: list[Planned],
        outcomes: dict[int, Outcome],
    ) -> None:
        document = documents.get(item.ref.id)
        if document is None:
            outcomes[place] = StaleError(f"{item.ref} is no longer there", code="gone")
            return
        if _has_moved(item, document):
            outcomes[place] = StaleError(f"{item.ref} has been changed by {document.changed_by or 'somebody'}")
            return
        try:
            change = commands.update(self._reader.told, item.values, document)
        except RejectedError as error:
            outcomes[place] = error
            return
        if change.values:
            planned.append(Planned(place, change.values, item.key, document, _precondition(document, change)))
        else:
            outcomes[place] = document.id

    # -- calls --------------------------------------------------------------------------------------------------------

    def _create(self, part: Sequence[Planned]) -> list[int]:
        ids = self._session.write(f"model.{PARTY}.create", [dict(item.values) for item in part])
        if not isinstance(ids, list) or len(ids) != len(part) or not all(isinstance(one, int) for one in ids):
            raise UncertainError("Tryton answered a create without the ids of the new records")
        return ids

    def _created_before(self, part: Sequence[Planned]) -> dict[int, Outcome]:
        """After a refusal of an unknown sort: those that are there all the same, by our keys."""
        found = self._reader.keyed([item.key for item in part])
        return {item.place: found[item.key][0] for item in part if item.key in found}

    def _write(self, part: Sequence[Planned]) -> list[int]:
        pairs = [value for item in part for value in ([_id(item)], dict(item.values))]
        stamps = {name: stamp for item in part for name, stamp in item.stamps.items()}
        self._session.write(f"model.{PARTY}.write", *pairs, stamps=stamps)
        return [_id(item) for item in part]

    def _written_before(self, part: Sequence[Planned]) -> dict[int, Outcome]:
        """After a refusal of an unknown sort: those that have moved since may be ours or somebody else's work."""
        now = self._reader.by_id(self._kind, [_id(item) for item in part])
        moved = [item for item in part if item.document and _version(now.get(_id(item))) != item.document.version]
        return {item.place: UncertainError("Tryton reported an error, and the record has moved") for item in moved}

    # -- proofs -------------------------------------------------------------------------------------------------------

    def _proven(
        self,
        keys: Sequence[str],
        outcomes: Mapping[int, Outcome],
        *,
        created: bool,
        unsent: Mapping[int, str] = MappingProxyType({}),
    ) -> list[ItemResult]:
        """The records as they stand now, read back in one go. `unsent`: versions of those to which nothing was sent."""
        ids = sorted({outcome for outcome in outcomes.values() if isinstance(outcome, int)})
        unseen = "and does not show it"
        try:
            documents = self._reader.by_id(self._kind, ids) if ids else {}
        except (TransientError, MisconfiguredError) as error:
            documents, unseen = {}, f"and could not be asked to show it: {error}"
        touched = {
            number: document.version != unsent[number]
            if number in unsent
            else document.user not in {None, self._session.user}
            for number, document in documents.items()
        }
        proofs = [
            self._proof(key, outcomes[place], documents, touched, created=created) for place, key in enumerate(keys)
        ]
        return [proof or UncertainError(f"Tryton says that it is written, {unseen}") for proof in proofs]

    def _proof(
        self,
        key: str,
        outcome: Outcome,
        documents: Mapping[int, Document],
        touched: Mapping[int, bool],
        *,
        created: bool,
    ) -> ItemResult | None:
        if not isinstance(outcome, int):
            return outcome
        document = documents.get(outcome)
        if document is None:
            return None
        return Written(key, document.record(self._system, self._kind), created, touched[outcome])


class _Sending:
    """One batch on its way, whole or in halves."""

    def __init__(
        self,
        send: Callable[[Sequence[Planned]], list[int]],
        done_before: Callable[[Sequence[Planned]], dict[int, Outcome]],
    ) -> None:
        self._send = send
        self._done_before = done_before
        self._has_answered = False  # from then on what is known of some items must not be lost by raising
        self._has_done = False
        self._stopped = ""

    def all(self, part: Sequence[Planned]) -> dict[int, Outcome]:
        """What became of each item, by its place."""
        if self._stopped:
            return {item.place: TransientError(f"not sent: {self._stopped}") for item in part}
        return self._sent(part) if part else {}

    def _sent(self, part: Sequence[Planned]) -> dict[int, Outcome]:
        try:
            ids = self._send(part)
        except RefusalError as refusal:
            return self._refused(part, refusal)
        except RejectedError as error:  # the whole call was too large
            return self._halved(part, error)
        except UncertainError as error:
            self._stopped = "the answer to the call before was lost"
            return {item.place: error for item in part}
        except (TransientError, MisconfiguredError) as error:
            return self._interrupted(part, error)
        self._has_answered = self._has_done = True
        return {item.place: number for item, number in zip(part, ids, strict=True)}

    def _interrupted(self, part: Sequence[Planned], error: TransientError | MisconfiguredError) -> dict[int, Outcome]:
        if not self._has_answered:
            raise error
        self._stopped = str(error)
        return self.all(part)

    def _refused(self, part: Sequence[Planned], refusal: RefusalError) -> dict[int, Outcome]:
        if refusal.message.startswith(_NO_ACCESS):
            self._has_answered = self._has_done
            message = f"Tryton: {_short(refusal)}; give the connection's user that right"
            return self._interrupted(part, MisconfiguredError(message, code="access"))
        self._has_answered = True
        done = {} if refusal.is_known else self._looked(part)
        rest = [item for item in part if item.place not in done]
        return done | (self._halved(rest, refusal) if rest else {})

    def _looked(self, part: Sequence[Planned]) -> dict[int, Outcome]:
        try:
            return self._done_before(part)
        except (TransientError, MisconfiguredError) as error:
            lost = UncertainError(f"Tryton reported an error, and could not be asked what became of it: {error}")
            return {item.place: lost for item in part}

    def _halved(self, part: Sequence[Planned], why: RefusalError | RejectedError) -> dict[int, Outcome]:
        if len(part) == 1:
            return {part[0].place: _verdict(part[0], why) if isinstance(why, RefusalError) else why}
        middle = len(part) // 2
        return self.all(part[:middle]) | self.all(part[middle:])


def _verdict(item: Planned, refusal: RefusalError) -> WriteError:
    """What a refusal means for the one record it was about."""
    if refusal.kind == "ConcurrencyException":
        return StaleError("the record was changed just before it was to be written", code=refusal.kind)
    if refusal.message == _CODE_TAKEN and "code" not in item.values:
        return TransientError("another create took the same number from the sequence", code="sequence")
    hint = "Tryton asks for a confirmation: " if refusal.kind == "UserWarning" else ""
    return RejectedError(f"{hint}{_short(refusal)}", code=refusal.kind or "server_error")


def _short(refusal: RefusalError) -> str:
    return " ".join(str(refusal).split())[:_LONGEST]


def _settled(
    batch: Sequence[Update], outcomes: Mapping[int, Outcome], documents: Mapping[str, Document]
) -> list[Document]:
    """What stands there already, so that nothing is sent."""
    ids = [item.ref.id for place, item in enumerate(batch) if isinstance(outcomes.get(place), int)]
    return [documents[one] for one in ids if one in documents]


def _has_moved(item: Update, document: Document) -> bool:
    if item.version:
        return item.version != document.version
    return any(not _expected(wanted, document.payload.get(name)) for name, wanted in item.expected.items())


def _expected(wanted: Any, held: Any) -> bool:
    """`expected` has the shape of a partial payload: selectors pick the elements that are compared."""
    if not isinstance(wanted, Mapping):
        return bool(wanted == held)
    if isinstance(held, Mapping):
        return all(_expected(inner, held.get(name)) for name, inner in wanted.items())
    if isinstance(held, Sequence) and not isinstance(held, str):
        return all(_expected_at(selector, inner, held) for selector, inner in wanted.items())
    return all(inner is None for inner in wanted.values())


def _expected_at(selector: str, wanted: Any, held: Sequence[Any]) -> bool:
    matching = list(_matching(selector, held))
    if isinstance(wanted, Mapping):
        return bool(matching) and _expected(wanted, matching[0])
    if wanted is None:
        return not matching
    return bool(wanted == matching)


def _matching(selector: str, held: Sequence[Any]) -> Iterator[Any]:
    return (one for one in held if commands.selects(selector, one))


def _precondition(document: Document, change: Change) -> dict[str, str]:
    """The stamps of the party and of each child that will be touched."""
    return {name: document.stamps[name] for name in (f"{PARTY},{document.id}", *sorted(change.touched))}


def _id(item: Planned) -> int:
    if item.document is None:
        raise AssertionError("an update has a document")
    return item.document.id


def _version(document: Document | None) -> str:
    return document.version if document else ""
