"""A batch of writes cut into calls: results in the order of the batch, and a proof that no later failure takes away."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from connectors.contract import ItemResult
from connectors.errors import ConnectorError, TransientError, WriteError


def by_kind(
    batch: Sequence[Any], kind_of: Callable[[Any], str], write: Callable[[str, Sequence[Any]], Sequence[ItemResult]]
) -> Sequence[ItemResult]:
    """Send each kind by itself, and give the results in the order of the batch."""
    results: dict[int, ItemResult] = {}
    for kind in dict.fromkeys(map(kind_of, batch)):
        places = [place for place, item in enumerate(batch) if kind_of(item) == kind]
        part = [batch[place] for place in places]
        done = spared(partial(write, kind, part), len(part)) if results else write(kind, part)
        results |= dict(zip(places, done, strict=True))
    return [results[place] for place in range(len(batch))]


def spared(send: Callable[[], Sequence[Any]], count: int) -> Sequence[Any]:
    """After something was written, a failing call must not take the proof of that with it."""
    try:
        return send()
    except ConnectorError as error:
        return [unsent(error)] * count


def unsent(error: ConnectorError) -> WriteError:
    """The outcome of an item whose call failed; what only a person can mend comes up again by itself."""
    return error if isinstance(error, WriteError) else TransientError(f"not done: {error}", code=error.code)
