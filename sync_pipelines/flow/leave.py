"""Which held parts of a plan a person's leave lets through."""

from sync_pipelines.flow.drifting import PAUSED
from sync_pipelines.flow.emptiness import UNMET, UNREAD, VANISHED
from sync_pipelines.flow.hours import QUIET
from sync_pipelines.model.changes import Part
from sync_pipelines.planning.guards import SHADOW


def asks_for_leave(part: Part) -> bool:
    """Not where it waits for an hour, for a map, for the book or for sight: those are told with what ends them."""
    closed = part.says.startswith((PAUSED, QUIET, UNMET, VANISHED, UNREAD)) or part.says.endswith(SHADOW)
    return not part.passed and not closed
