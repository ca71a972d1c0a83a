"""A code that somebody mapped lets go of the records that waited for it, by themselves."""

from mappings.book import Book
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.records import OpenGap

_NEW = "new:"  # how a record that does not exist yet is named


def replay_mapped_gaps(ledger: Ledger, book: Book) -> int:
    """Close gaps that the book now knows; their records are read again by id. Answers how many gaps were closed."""
    mapped = [gap for gap in ledger.gaps() if _is_mapped(gap, book)]
    for gap in mapped:
        with ledger.transaction():
            ledger.mark_dirty([ref for ref in gap.refs if not ref.id.startswith(_NEW)], f"code {gap.code} was mapped")
            ledger.close_gap(gap.table, gap.map, gap.code, gap.way)
    return len(mapped)


def _is_mapped(gap: OpenGap, book: Book) -> bool:
    table = book.tables.get(gap.table)
    if table is None:
        return False
    codes = table.decode if gap.way == "decode" else table.encode
    return gap.code in codes.get(gap.map, {})
