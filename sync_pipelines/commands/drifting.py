"""What `status --drift` shows: records that say something else than was decided, and why."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.padding import Padding

from sync_pipelines.commands.plans import many, table
from sync_pipelines.flow.agreement import Agreement, percent

_SHOWN = 20


def drift_lines(found: Sequence[Agreement]) -> Iterator[Any]:
    """A block for each entity; values are shown by `concordat why`."""
    for one in found:
        yield f"{one.entity}: {percent(one)} in agreement, {one.in_sync:,} of {many(one.compared, 'record')}"
        if not one.drifts:
            continue
        causes = table("records", "why", right=("records",))
        for cause, count in one.causes.items():
            causes.add_row(f"{count:,}", cause)
        listed = table("record", "differs in", "why")
        for drift in one.drifts[:_SHOWN]:
            listed.add_row(f"{drift.ref.system}/{drift.ref.kind}/{drift.ref.id}", ", ".join(drift.keys), drift.cause)
        yield Padding(causes, (0, 0, 1, 2))
        yield Padding(listed, (0, 0, 0, 2))
        left = one.compared - one.in_sync - min(_SHOWN, len(one.drifts))
        if left:
            yield f"  and {left:,} more (--json lists {len(one.drifts):,})"
        yield f"  concordat why {one.entity} RECORD FIELD  says who said what"


def drift_data(found: Sequence[Agreement]) -> dict[str, Any]:
    """For programs."""
    return {"agreement": {one.entity: {"share": one.share, "found": one} for one in found}}
