"""What the contract suite needs to know of a system, and which checks apply to it.

The checks are plain methods with plain `assert`s, so that they run under pytest and without it (`concordat certify`).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from connectors.contract import Capabilities, Connector, Create, Page, Payload, Record, RecordRef, Watermark, Written
from connectors.errors import ConnectorError

# ruff: noqa: ARG002, B027 - offers have arguments for those that make them; real clocks need no waiting

_Check = TypeVar("_Check", bound=Callable[..., None])


class Bench(ABC):
    """One kind of one system, with hands that reach it behind the connector's back.

    The system need not be empty, and checks leave their records behind. Methods that are not abstract are offers: a
    bench that can do it overrides them, and the checks that need them run only then. A claim in `capabilities` whose
    check needs an offer obliges the bench to make it.
    """

    kind: str
    capabilities: Capabilities
    page_size: int = 3  # as the connector under test is configured
    prefix: str = "key"  # of our keys; a bench on a system that outlives it gives another one each time
    connector: Connector

    @abstractmethod
    def fresh(self) -> Payload:
        """Values for a create, unlike those of any other record, and stored by the system as they are."""

    @abstractmethod
    def changed(self) -> Payload:
        """Values for an update: another value at each call, and at least one field of `fresh` left out."""

    @abstractmethod
    def make(self, values: Payload) -> str:
        """A user makes a record. Gives its id."""

    @abstractmethod
    def edit(self, record_id: str, values: Payload) -> None:
        """A user edits a record."""

    @abstractmethod
    def delete(self, record_id: str) -> None:
        """A user deletes a record."""

    def tick(self) -> None:
        """Let a moment pass, longer than a stamp's resolution, shorter than the look-back; real clocks pass alone."""

    def settle(self) -> None:
        """Let pass what the system needs until everything done so far is seen; real clocks mostly pass alone."""

    # -- offers -------------------------------------------------------------------------------------------------------

    def refused(self) -> Payload:
        """Values for a create that the system refuses for good."""
        raise _not_offered("refused")

    def clearable(self) -> str:
        """A field that `fresh` fills and that may be set to null."""
        raise _not_offered("clearable")

    def merge(self, loser: str, winner: str) -> None:
        """A user merges two records."""
        raise _not_offered("merge")

    def notes(self, record_id: str) -> Sequence[str]:
        """What people see noted on a record."""
        raise _not_offered("notes")

    def is_archived(self, record: Record) -> bool:
        """Is this record out of use?"""
        raise _not_offered("is_archived")

    def burst(self, count: int) -> Sequence[str]:
        """A user makes this many records that all bear the same stamp. Gives their ids."""
        raise _not_offered("burst")

    def lose_answer(self) -> None:
        """Let the system do the next write and its answer never arrive."""
        raise _not_offered("lose_answer")

    def throttle(self) -> None:
        """Let the system refuse the next write call for now, as it does under load."""
        raise _not_offered("throttle")

    def break_page(self) -> None:
        """Let the second page of the next crawl fail, and go on failing for as long as that crawl lasts."""
        raise _not_offered("break_page")

    def write_calls(self) -> int:
        """How many write calls have reached the system so far."""
        raise _not_offered("write_calls")

    # -- what checks say often ----------------------------------------------------------------------------------------

    def key(self, name: str) -> str:
        """A key of ours, used by one check only."""
        return f"{self.prefix}-{name}"

    def ref(self, record_id: str) -> RecordRef:
        """The address of one of the system's records."""
        return RecordRef(self.connector.system, self.kind, record_id)

    def create(self, key: str, values: Payload | None = None) -> Create:
        """An item for `create`."""
        return Create(key, self.kind, self.fresh() if values is None else values)

    def created(self, key: str, values: Payload | None = None) -> Record:
        """A record that the connector made."""
        return proven(self.connector.create([self.create(key, values)])[0]).record

    def crawl(self, since: Watermark | None) -> "Crawl":
        """All pages."""
        return Crawl(list(self.connector.changes(self.kind, since)))

    def known(self, record_id: str) -> Record:
        """The record as it is, which has to be there."""
        record = self.now(record_id)
        assert record is not None, f"{record_id} is there, and a strong read does not find it"
        return record

    def now(self, record_id: str) -> Record | None:
        """The record as it is, by a strong read."""
        return self.connector.read([self.ref(record_id)]).get(self.ref(record_id))


class Crawl:
    """The pages of one crawl."""

    def __init__(self, pages: Sequence[Page]) -> None:
        """A crawl has at least one page, be it an empty one."""
        assert pages, "a crawl gave no page at all, so no safe point either"
        self.pages = pages

    @property
    def safe_point(self) -> Watermark:
        """That of the last page, without which the crawl is incomplete."""
        point = self.pages[-1].safe_point
        assert point is not None, "the last page of a complete crawl bears no safe point"
        return point

    def told(self) -> Mapping[str, Record]:
        """What it told last of each record, by id."""
        return {record.ref.id: record for page in self.pages for record in page.records}


def proven(result: object) -> Written:
    """The result is positive proof."""
    assert isinstance(result, Written), f"expected a proof of the write, got {result!r}"
    return result


def holds(payload: Payload, values: Payload) -> bool:
    """Does the payload hold these values?"""
    return all(payload.get(name) == value for name, value in values.items())


def missing(payload: Payload, values: Payload) -> Mapping[str, Any]:
    """Those of the values that the payload does not hold, with what it holds instead."""
    return {name: payload.get(name) for name, value in values.items() if payload.get(name) != value}


@contextmanager
def refusing(*errors: type[Exception]) -> Iterator[None]:
    """The block raises one of these."""
    try:
        yield
    except errors:
        return
    except ConnectorError as other:
        message = f"expected {' or '.join(error.__name__ for error in errors)}, got {other!r}"
        raise AssertionError(message) from other
    message = f"expected {' or '.join(error.__name__ for error in errors)}, and nothing was raised"
    raise AssertionError(message)


def when(*claims: str, without: str = "", offers: Sequence[str] = ()) -> Callable[[_Check], _Check]:
    """A check that applies where all these are claimed, `without` is not, and the bench offers these."""

    def mark(check: _Check) -> _Check:
        check.__dict__["applies"] = (claims, without, tuple(offers))
        return check

    return mark


def applies(check: Callable[..., None], bench: type[Bench]) -> bool:
    """Does the check apply to this bench? Raises TypeError where a claim cannot be checked for want of an offer."""
    if not is_claimed(check, bench.capabilities):
        return False
    claims, _, offers = _needs(check)
    wanting = [name for name in offers if getattr(bench, name) is getattr(Bench, name)]
    if wanting and set(claims) & _NEEDS_PROOF:
        message = f"{bench.__name__} claims {', '.join(claims)} and has to offer {', '.join(wanting)} to prove it"
        raise TypeError(message)
    return not wanting


def is_claimed(check: Callable[..., None], can: Capabilities) -> bool:
    """Is the check about something that is promised at all?"""
    claims, without, _ = _needs(check)
    return all(getattr(can, claim) for claim in claims) and not (without and getattr(can, without))


def offers_of(check: Callable[..., None]) -> Sequence[str]:
    """What a bench has to offer, so that the check can be tried."""
    return _needs(check)[2]


def _needs(check: Callable[..., None]) -> tuple[Sequence[str], str, Sequence[str]]:
    needs: tuple[Sequence[str], str, Sequence[str]] = check.__dict__.get("applies", ((), "", ()))
    return needs


_NEEDS_PROOF = {"states_merges", "notes", "archives"}


def _not_offered(name: str) -> LookupError:
    return LookupError(f"this bench does not offer {name}")
