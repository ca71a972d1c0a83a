"""Pages: drained to the end, never in a circle, and the last one known as the last."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from queue import Queue
from threading import Event, Thread
from typing import Generic, TypeVar

from connectors.contract import Listed, Page, Record, Watermark
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
            yield Page(waiting)
        waiting = records if isinstance(records, Listed) else tuple(records)
    yield Page(waiting, safe_point)


def in_batches(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    """The items in their order, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def overlapped(listings: Sequence[Callable[[], Iterator[_Item]]], at_once: int) -> Generator[_Item, None, None]:
    """The pages of several listings as they come, so many listings read at once, each in a thread of its own.

    It ends when all have ended. The first error of any goes through, after the others have stopped; a reader who
    turns away stops them, too. No more pages wait than there are threads.
    """
    reading = _Reading(deque(listings), Queue(at_once))
    threads = [Thread(target=reading.work, name=f"page-{number}", daemon=True) for number in range(at_once)]
    for thread in threads:
        thread.start()
    left = len(threads)
    try:
        while left:
            got = reading.pages.get()
            left -= got is None
            if isinstance(got, _Failed):
                raise got.error
            if got is not None:
                yield got.item
    finally:
        reading.stopped.set()
        while left:
            left -= reading.pages.get() is None
        for thread in threads:
            thread.join()


@dataclass(frozen=True, slots=True)
class _Got(Generic[_Item]):
    item: _Item


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


class _Reading(Generic[_Item]):
    """What the threads share."""

    def __init__(
        self,
        listings: deque[Callable[[], Iterator[_Item]]],
        pages: "Queue[_Got[_Item] | _Failed | None]",  # None: a thread has ended
    ) -> None:
        self.listings, self.pages = listings, pages
        self.stopped = Event()

    def work(self) -> None:
        """One listing after the other, until there are no more or somebody stops it."""
        try:
            self._read()
        except BaseException as error:  # noqa: BLE001 - it is raised where the pages are read
            self.stopped.set()
            self.pages.put(_Failed(error))
        finally:
            self.pages.put(None)

    def _read(self) -> None:
        while (listing := self._next()) is not None:
            for item in listing():
                if self.stopped.is_set():
                    return
                self.pages.put(_Got(item))

    def _next(self) -> Callable[[], Iterator[_Item]] | None:
        try:
            return None if self.stopped.is_set() else self.listings.popleft()
        except IndexError:
            return None
