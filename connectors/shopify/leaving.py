"""How a write leaves a record, by the answer to it: who looks afterwards and finds another value finds an edit.

Shopify does not tell who touched a record. Of a document of several mutations the last one that answers with the record
itself tells all that was sent; where there is none, an address tells itself, and what was removed is gone. Of a
company's location nothing is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.contract import Payload
from connectors.shopify.kinds import CUSTOMER, Shape
from connectors.shopify.mutations import Mutation
from connectors.shopify.selection import (
    ADDRESSES,
    DEFAULT_ADDRESS,
    IS_DEFAULT,
    MAIN_LOCATION,
    METAFIELDS,
    Tree,
    address_names,
)

_RECORDS = frozenset({"customer", "node", "company"})
_NOT_TOLD = frozenset({ADDRESSES, MAIN_LOCATION})


def telling(parts: Sequence[Mutation], values: Payload, shape: Shape) -> Sequence[Mutation]:
    """The same mutations, of which one answers with what these values have become."""
    wanted = sent_of(values, shape)
    last = next((part for part in reversed(parts) if _head(part) in _RECORDS), None)
    if last is not None:
        return [replace(part, gives=_of_record(part, wanted, shape)) if part is last else part for part in parts]
    if DEFAULT_ADDRESS not in wanted:
        return parts
    names = address_names(wanted[DEFAULT_ADDRESS])
    return [replace(part, gives=f"address {{ {names} }}") if _of_default(part) else part for part in parts]


def left_by(
    parts: Sequence[Mutation], answers: Sequence[Mapping[str, Any]], values: Payload, before: Payload, shape: Shape
) -> Payload:
    """A partial payload: what was sent, as the record told it when it was written; `before`, if it was so already."""
    wanted = sent_of(values, shape)
    pairs = list(zip(parts, answers, strict=True))
    if record := next((answer[_head(part)] for part, answer in reversed(pairs) if _head(part) in _RECORDS), None):
        return shape.payload(record, wanted)
    found = {name: before[name] for name in wanted if name in before}
    if any(_head(part) == "deletedMetafields" for part in parts) and METAFIELDS in wanted:
        found |= shape.payload({}, {METAFIELDS: wanted[METAFIELDS]})
    if any(part.of_default for part in parts):
        told = next((answer["address"] for part, answer in pairs if _of_default(part)), None)
        found |= shape.payload({DEFAULT_ADDRESS: told}, {DEFAULT_ADDRESS: wanted[DEFAULT_ADDRESS]}) if told else {}
        found = found if told else {name: value for name, value in found.items() if name != DEFAULT_ADDRESS}
    return found


def held(values: Payload, now: Payload, shape: Shape) -> Payload:
    """What the record said where these are written, as far as anybody looked."""
    wanted = sent_of(values, shape)
    found = {name: now[name] for name in wanted if name in now}
    if DEFAULT_ADDRESS in wanted and ADDRESSES in now:
        default = next((one for one in now[ADDRESSES] if one.get(IS_DEFAULT)), None)
        found[DEFAULT_ADDRESS] = default and {name: default.get(name) for name in wanted[DEFAULT_ADDRESS]}
    return found


def sent_of(values: Payload, shape: Shape) -> Tree:
    """What of these values a record tells of itself."""
    return {
        name: _within(values[name], known) for name, known in shape.wanted.items() if name in values.keys() - _NOT_TOLD
    }


def _within(value: Any, known: Tree) -> Tree:
    """The parts that were sent, where it has parts; the whole, where it was sent whole."""
    sent = {name: _within(value[name], known[name]) for name in known if name in value} if _has_parts(value) else {}
    return sent or known


def _has_parts(value: Any) -> bool:
    return isinstance(value, Mapping)


def _of_record(part: Mutation, wanted: Tree, shape: Shape) -> str:
    asked = shape.asked(wanted)
    return f"node {{ id ... on {CUSTOMER} {{ {asked} }} }}" if _head(part) == "node" else f"{_head(part)} {{ {asked} }}"


def _head(part: Mutation) -> str:
    return part.proof.split(".")[0]


def _of_default(part: Mutation) -> bool:
    return part.of_default and _head(part) == "address"
