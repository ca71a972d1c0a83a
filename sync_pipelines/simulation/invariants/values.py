"""A value goes from one system to another and comes back, and is the same."""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.testing.world import MIDDLEWARE
from sync_pipelines.simulation.invariants.words import CODES, TEXTS, attribute, blank, canonical
from sync_pipelines.simulation.testimony import Evidence

_TYPED = frozenset({*(attribute(field) for field in TEXTS), "Rating", "Email", "Street", "City", "Country"})
_AGREED = (*((field, attribute(field)) for field in (*TEXTS, "rating", "email")),)


def somebody_said_it(evidence: Evidence) -> Iterator[str]:
    """I25: what we send, and what is agreed, somebody typed in that field, or a system issued.

    A value that was changed on its way out or on its way back is one that nobody typed. What a system makes of a value
    of ours when it stores it (it cuts it, say) is nobody's word either, and goes nowhere; but where a restored ledger
    knows nothing of that write, what was left of a text looks like somebody's. And what was left of what an undo gave
    back is all that a record says, where it was parted from everybody else who said it: that it was cut was told.
    """
    typed = _typed(evidence)
    for name, value in _left_of_what_was_forgotten(evidence):
        if any(str(whole).startswith(str(value)) for whole in typed[name]):
            typed[name].add(value)
    for sent in evidence.sent:
        for name, value in _words(sent.values, sent.system):
            if value not in typed[name]:
                yield f"{name}={value!r:.80} was sent to {sent.system}/{sent.id}, and nobody ever typed it"
    for (entity, entity_id), golden in evidence.told.golden.items():
        for field, name in _AGREED:
            value = canonical(golden[field].value) if field in golden else None
            if value is not None and value not in typed[name]:
                yield f"{entity} {entity_id} agreed on {field}={value!r:.80}, and nobody ever typed it"


def _typed(evidence: Evidence) -> Mapping[str, set[object]]:
    typed: dict[str, set[object]] = {name: set() for name in (*_TYPED, "Terms", "town")}
    for system in evidence.world.systems.values():
        for entry in system.log:
            after = entry.after or {}
            if entry.actor != MIDDLEWARE:
                for name, value in _words(after, system.name):
                    typed[name].add(value)
            elif entry.op == "create" and not blank(after.get("Number")):
                typed["Number"].add(canonical(after["Number"]))
    return typed


def _left_of_what_was_forgotten(evidence: Evidence) -> Iterator[tuple[str, object]]:
    undone = {line.key for line in evidence.told.journal if line.undone} if evidence.ever_parted else set[str]()
    for system in evidence.world.systems.values():
        for entry in system.log:
            if entry.actor == MIDDLEWARE and entry.key and entry.key in evidence.forgotten | undone:
                yield from _words(entry.after or {}, system.name)


def _words(values: Mapping[str, Any], system: str) -> Iterator[tuple[str, object]]:
    """Whatever is said, as all would spell it."""
    for name, value in values.items():
        if blank(value):
            continue
        if name in _TYPED and (said := canonical(value)) is not None:
            yield name, said
        elif name == "Terms" and system in CODES and value in CODES[system]:
            yield name, CODES[system][value]
        elif name == "Places" and isinstance(value, (list, tuple)):
            yield from (("town", canonical(one["town"])) for one in value if not blank(one.get("town")))
