"""Pages end, do not go round in circles, and only a complete crawl bears a safe point."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Record, RecordRef, Watermark
from connectors.errors import TransientError
from connectors.paging import crawled, drained, in_batches

POINT = Watermark(datetime(2026, 1, 1, tzinfo=UTC))


def _records(count: int) -> list[Record]:
    return [Record(RecordRef("crm", "Account", str(n)), {}) for n in range(count)]


@given(st.lists(st.lists(st.integers()), min_size=1, max_size=9))
def test_every_page_is_drained_in_order(pages: list[list[int]]) -> None:
    def fetch(token: str) -> tuple[Sequence[int], str]:
        place = int(token)
        return pages[place], str(place + 1) if place + 1 < len(pages) else ""

    assert list(drained(fetch, "0")) == pages


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
