"""Pages end, do not go round in circles, and only a complete crawl bears a safe point."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from threading import Barrier
from threading import enumerate as enumerate_threads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Record, RecordRef, Watermark
from connectors.errors import TransientError
from connectors.paging import crawled, drained, in_batches, overlapped

POINT = Watermark(datetime(2026, 1, 1, tzinfo=UTC))


def _records(count: int) -> list[Record]:
    return [Record(RecordRef("crm", "Account", str(n)), {}) for n in range(count)]


@given(st.lists(st.lists(st.integers()), min_size=1, max_size=9))
def test_every_page_is_drained_in_order(pages: list[list[int]]) -> None:
    def fetch(token: str) -> tuple[Sequence[int], str]:
        place = int(token)
        return pages[place], str(place + 1) if place + 1 < len(pages) else ""

    assert list(drained(fetch, "0")) == pages


@pytest.mark.parametrize("at_once", [1, 2, 8])
@given(st.lists(st.lists(st.integers(0, 9)), max_size=9))
def test_what_is_read_at_once_is_told_whole_and_once(at_once: int, listings: list[list[int]]) -> None:
    told = [*overlapped([partial(iter, some) for some in listings], at_once)]
    assert sorted(told) == sorted(item for some in listings for item in some)


def test_the_pages_of_one_listing_stay_in_order() -> None:
    assert [*overlapped([lambda: iter(range(50))], 1)] == [*range(50)]


def test_listings_are_really_read_at_once() -> None:
    both_are_there = Barrier(2)

    def listing() -> Iterator[int]:
        both_are_there.wait(timeout=30)
        yield 1

    assert [*overlapped([listing, listing], 2)] == [1, 1]


def test_an_error_in_one_listing_ends_all_and_goes_through() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield 1

    def broken() -> Iterator[int]:
        yield 1
        raise TransientError("cut off")

    with pytest.raises(TransientError, match="cut off"):
        for _ in overlapped([endless, broken], 2):
            pass
    assert not [thread for thread in enumerate_threads() if thread.name.startswith("page-")]


def test_who_turns_away_stops_the_reading() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield 1

    pages = overlapped([endless, endless], 2)
    next(pages)
    pages.close()
    assert not [thread for thread in enumerate_threads() if thread.name.startswith("page-")]


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"], ["a", "b", "start"]])
def test_a_circle_of_tokens_is_an_error_and_not_an_end(tokens: list[str]) -> None:
    following = iter(tokens)
    with pytest.raises(TransientError, match="circle"):
        list(drained(lambda _token: ([1], next(following)), "start"))


def test_pages_without_end_are_an_error() -> None:
    with pytest.raises(TransientError, match="do not end"):
        list(drained(lambda token: ([1], token + "x"), most=50))


@given(st.lists(st.integers(0, 3), max_size=6))
def test_the_last_page_and_only_it_bears_the_safe_point(sizes: list[int]) -> None:
    pages = list(crawled([_records(size) for size in sizes], POINT))
    assert [len(page.records) for page in pages] == (sizes or [0])
    assert [page.safe_point for page in pages] == [None] * (len(pages) - 1) + [POINT]


@pytest.mark.parametrize("breaks_at", [0, 1, 2])
def test_a_crawl_that_breaks_bears_no_safe_point(breaks_at: int) -> None:
    def pages() -> Iterator[Sequence[Record]]:
        for _ in range(breaks_at):
            yield _records(2)
        raise TransientError("gone")

    told: list[Watermark | None] = []
    with pytest.raises(TransientError):
        told.extend(page.safe_point for page in crawled(pages(), POINT))
    assert set(told) <= {None}


@given(st.lists(st.integers()), st.integers(1, 5))
def test_batches_keep_order_and_size(items: list[int], size: int) -> None:
    batches = list(in_batches(items, size))
    assert [item for batch in batches for item in batch] == items
    assert all(0 < len(batch) <= size for batch in batches)
