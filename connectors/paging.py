"""Pages: drained to the end, never in a circle, and the last one known as the last."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from connectors.contract import Page, Record, Watermark
from connectors.errors import TransientError

_Item = TypeVar("_Item")
_MOST_PAGES = 1_000_000


def drained(
    fetch: Callable[[str], tuple[Sequence[_Item], str]], first: str = "", *, most: int = _MOST_PAGES
) -> Iterator[Sequence[_Item]]:
    """Pages until the system gives no next token. Raises TransientError when it goes round in a circle.

    `fetch` gets a token (for the first page `first`) and gives the items and the next token, empty at the end.
    """
    seen = {first}
    token = first
    for _ in range(most):
        items, token = fetch(token)
        yield items
        if not token:
            return
        if token in seen:
            raise TransientError("its pages go round in a circle: the same page token came twice", code="page_loop")
        seen.add(token)
    raise TransientError(f"its pages do not end: {most} were read", code="page_loop")


def crawled(pages: Iterable[Sequence[Record]], safe_point: Watermark) -> Iterator[Page]:
    """A complete crawl: the last page, and only it, bears the safe point. There is always a last page, be it empty.

    What `pages` raises goes through before any safe point is given.
    """
    waiting: Sequence[Record] = ()
    for number, records in enumerate(pages):
        if number:
            yield Page(tuple(waiting))
        waiting = records
    yield Page(tuple(waiting), safe_point)


def in_batches(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    """The items in their order, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
