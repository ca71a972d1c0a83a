"""A code that somebody mapped lets go of the records that waited for it, by themselves."""

from connectors.contract import RecordRef
from mappings.book import Book
from sync_pipelines.applying.encoding import NEW
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.records import OpenGap


def replay_mapped_gaps(ledger: Ledger, book: Book) -> int:
    """Close gaps that the book now knows; their records are read again by id. Answers how many gaps were closed."""
    waiting = {entry.ref for entry in ledger.quarantined() if entry.reason == "gap"}
    mapped = [gap for gap in ledger.gaps() if _is_mapped(gap, book) or _nobody_waits(gap, waiting)]
    for gap in mapped:
        with ledger.transaction():
            ledger.mark_dirty([ref for ref in gap.refs if not ref.id.startswith(NEW)], f"code {gap.code} was mapped")
            ledger.close_gap(gap.table, gap.map, gap.code, gap.way)
    return len(mapped)


def _nobody_waits(gap: OpenGap, waiting: set[RecordRef]) -> bool:
    """Its records say something else by now, or a changed map has had them read anew."""
    return gap.way == "decode" and not waiting.intersection(gap.refs)


def _is_mapped(gap: OpenGap, book: Book) -> bool:
    table = book.tables.get(gap.table)
    if table is None:
        return False
    codes = table.decode if gap.way == "decode" else table.encode
    return gap.code in codes.get(gap.map, {})
