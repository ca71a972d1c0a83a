"""What a plan costs in calls, before it is applied."""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil

from connectors.contract import Connector
from sync_pipelines.model.changes import Change, Op


def calls_of(connectors: Mapping[str, Connector], changes: Iterable[Change]) -> Mapping[str, int]:
    """By system, the calls that these writes take: one for each batch, and a look before those that change a record.

    An estimate: a connector may need more for one write (a chain of steps, children), and a refused batch is cut.
    """
    counts = Counter((change.system, change.kind, change.op) for change in changes)
    calls: Counter[str] = Counter()
    for (system, kind, op), count in counts.items():
        if system in connectors:
            batches = ceil(count / max(1, connectors[system].kinds[kind].max_batch))
            calls[system] += batches if op is Op.CREATE else 2 * batches
    return dict(sorted(calls.items()))
