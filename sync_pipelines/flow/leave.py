"""Which held parts of a plan a person's leave lets through."""

from sync_pipelines.flow.drifting import PAUSED
from sync_pipelines.flow.emptiness import UNMET, UNREAD, VANISHED
from sync_pipelines.flow.hours import QUIET
from sync_pipelines.model.changes import Part


def asks_for_leave(part: Part) -> bool:
    """Not where it waits for an hour, for a map, for the book or for sight: those are told with what ends them."""
    return not part.passed and not part.says.startswith((PAUSED, QUIET, UNMET, VANISHED, UNREAD))
