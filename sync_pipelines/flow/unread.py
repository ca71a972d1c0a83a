"""What is left out of a plan where a system could not be read, or not to its end."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sync_pipelines.intake.crawl import Crawl
from sync_pipelines.model.changes import Change, Op


class Unread:
    """The readings of one run. What is left out is planned again by a run that could read."""

    def __init__(self, crawls: Sequence[Crawl]) -> None:
        self._halted = {crawl.system for crawl in crawls if crawl.halted}
        self._cut_short = {(crawl.system, crawl.kind) for crawl in crawls if not crawl.complete}
        self._waiting: Counter[tuple[str, str]] = Counter()

    def written(self, changes: Sequence[Change]) -> list[Change]:
        """Without those to a system that refused us: what it says now is not known.

        And without creates where a reading did not come to its end: a person may have made the same there since.
        """
        return [change for change in changes if change.system not in self._halted and not self._waits(change)]

    def says(self) -> Iterator[str]:
        """What is not made for that."""
        for (system, kind), count in sorted(self._waiting.items()):
            yield f"{system}/{kind} was not read to its end, so {count} creates wait: they may be there by now"

    def _waits(self, change: Change) -> bool:
        place = (change.system, change.kind)
        if change.op is not Op.CREATE or place not in self._cut_short:
            return False
        self._waiting[place] += 1
        return True
