"""What a person named, held against the book. A message quotes nothing: what stands in quotes is taken for a value."""

from collections.abc import Iterable
from datetime import UTC, datetime

from mappings.book import Book
from sync_pipelines.ledger.port import LedgerError


def entities_named(book: Book, names: Iterable[str]) -> tuple[str, ...]:
    """In the order of the book; all of them where none is named. Raises LedgerError."""
    return _among("entity", names, book.entities)


def systems_named(book: Book, names: Iterable[str]) -> tuple[str, ...]:
    """Likewise."""
    return _among("system", names, book.systems)


def _among(what: str, names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    wanted, there = set(names), tuple(known)
    if unknown := sorted(wanted - set(there)):
        raise LedgerError(f"the book has no {what} {', '.join(unknown)}; there are: {', '.join(there)}")
    return tuple(name for name in there if not wanted or name in wanted)


def moment(said: str) -> datetime:
    """`2026-03-01`, or `2026-03-01T08:00Z`; without a zone it is UTC. Raises LedgerError."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise LedgerError(f"since: {said} is no time; write it as YYYY-MM-DD or YYYY-MM-DDThh:mmZ") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
