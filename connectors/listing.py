"""Rows of JSON as records that need not be made: nearly all that a full read shows is known already."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import orjson
import xxhash

from connectors.contract import Listed, Record

Row: TypeAlias = dict[str, Any]


def listed(
    system: str,
    kind: str,
    rows: Sequence[Row],
    id_of: Callable[[Row], str],
    make: Callable[[Row], Record],
    *,
    version: str,
) -> Sequence[Record]:
    """`make` is a function of its row alone; `version` is another one when it makes something else of the same row."""
    seed = xxhash.xxh3_64_intdigest(version.encode())
    try:
        imprints = {id_of(row): xxhash.xxh3_128_hexdigest(orjson.dumps(row), seed) for row in rows}
    except TypeError:  # what JSON itself cannot hold: a number of more digits, half of a character
        return [make(row) for row in rows]
    return Listed(system, kind, imprints, rows, make)


def imprinted(system: str, kind: str, records: Sequence[Record]) -> Sequence[Record]:
    """Records that are made already, for whoever makes them of more than one row."""
    told = {one.ref.id: (one.payload, one.version, one.changed_at, one.changed_by, one.key) for one in records}
    try:
        imprints = {one: xxhash.xxh3_128_hexdigest(orjson.dumps(said, default=str)) for one, said in told.items()}
    except TypeError:
        return records
    return Listed(system, kind, imprints, records, lambda record: record)
