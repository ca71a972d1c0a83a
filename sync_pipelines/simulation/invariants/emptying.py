"""What held something and holds nothing: somebody has to have said so, who is nobody of ours."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from connectors.testing.world import MIDDLEWARE, LogEntry
from sync_pipelines.simulation.invariants.words import (
    ADDRESS,
    NEVER_THEIRS,
    attribute,
    blank,
    by_users,
    canonical,
    emptied,
    mentioned,
    moved,
    slipped_in,
    visible,
)
from sync_pipelines.simulation.testimony import Evidence, Ruled

_Node: TypeAlias = tuple[str, ...]  # a record (system, kind, id), or an entity (its kind, its id)

# Fields in which another system's word may go before that of this one, by system and kind of record.
_OUTRANKED = {
    ("crm", "Account"): {"Credit", "Number", "Tax_Id", "Terms", "Street", "City", "Country"},
    ("erp", "Customer"): {"Name", "Status", "Segment", "Terms"},
    ("shop", "Buyer"): {"Name", "Number", "Tax_Id"},
    ("erp", "Person"): {"Email", "AccountId"},
}
_BY_OTHER_RULES = {("erp", "Customer"): {"Remark"}, ("shop", "Buyer"): {"Remark"}}
_ADDRESS = frozenset({part.title() for parts in ADDRESS.values() for part in parts})
_BOTH = frozenset.intersection(*(frozenset(part.title() for part in parts) for parts in ADDRESS.values()))
_NOTED = {"Credit": "credit_limit", "Number": "number"}


def silence_is_not_null(evidence: Evidence) -> Iterator[str]:
    """I24: nothing is emptied by us but what somebody emptied before, in a record of the same one.

    An address is one value: where a steward says which one stands, another part of it may go with it.
    Besides, a value may go that is ours: where a run was taken back, and where something was parted, whose records give
    back what they had from there. And one that a person typed in a blank where others decide, also after an undo gave
    it back; or over a value, where nobody there decides, in a record that was parted: its editor is told. And one of
    which a person said, when asked, that nothing is what stands. What slipped into the ERP under a version that was
    read can be known to nobody.
    """
    kin, told, unseen = _Kin(evidence), _Told(), slipped_in(evidence)
    for entry in evidence.world.log():
        if entry.actor == MIDDLEWARE and entry.writes:
            known = emptied(entry) - (unseen.get(entry.n, set()) if entry.system == "erp" else set())
            left = {name for name in known if not _is_excused(evidence, kin, told, entry, name)}
            if left:
                yield f"{entry.system}/{entry.id}: {sorted(left)} emptied by us and by nobody else"
        told.hear(entry)


@dataclass(slots=True)
class _Told:
    """What was said so far: by field of a record what we wrote last, and what people found there."""

    ours: dict[tuple[_Node, str], Any] = field(default_factory=dict)
    found: dict[tuple[_Node, str], Any] = field(default_factory=dict)
    by_people: set[tuple[_Node, str]] = field(default_factory=set)
    in_blanks: set[tuple[_Node, str, str]] = field(default_factory=set)  # with the value that people typed there

    def hear(self, entry: LogEntry) -> None:
        """One entry more. A note says nothing of a record."""
        if entry.op == "note":
            return
        ref, is_ours = _ref(entry), entry.actor == MIDDLEWARE
        for name in moved(entry):
            if is_ours:
                self.ours[ref, name] = (entry.after or {}).get(name)
                self.by_people.discard((ref, name))
            elif _alike((entry.before or {}).get(name), (entry.after or {}).get(name)):
                continue
            elif (ref, name) not in self.by_people:
                self.found[ref, name] = (entry.before or {}).get(name)
                self.by_people.add((ref, name))
            if not is_ours and blank(self.found[ref, name]):
                self.in_blanks.add((ref, name, str((entry.after or {}).get(name))))


def _alike(one: Any, other: Any) -> bool:
    """The same, or with other signs that nobody sees: who types that has said nothing."""
    texts = isinstance(one, str) and isinstance(other, str)
    return mentioned(one) == mentioned(other) or (texts and visible(one) == visible(other))


def _is_left_of(ours: Any, said: Any) -> bool:
    """Whether there is nothing but what we wrote; people may have taken out some of a list."""
    lists = isinstance(ours, list) and isinstance(said, list)
    return _alike(ours, said) or (lists and all(any(_alike([one], [other]) for other in ours) for one in said))


def _is_excused(evidence: Evidence, kin: "_Kin", told: _Told, entry: LogEntry, name: str) -> bool:
    ref = _ref(entry)
    if any(name in emptied(e) and e.at <= entry.at and kin.are_one(_ref(e), ref) for e in by_users(evidence)):
        return True
    if name in _ADDRESS and evidence.done.get("answer") and _is_anothers_address(evidence, kin, entry):
        return True
    is_ours = (ref, name) in told.ours and _is_left_of(told.ours[ref, name], (entry.before or {}).get(name))
    if _is_a_verdict(evidence, kin, entry, name):
        return True
    if is_ours:
        given_back = evidence.done.get("undo") and (ref, name, str(told.ours[ref, name])) in told.in_blanks
        outranked = given_back and name in _outranked(evidence, entry)
        return outranked or _is_taken_back(evidence, entry) or kin.was_parted(entry)
    if (ref, name) in told.by_people and blank(told.found[ref, name]) and name in _outranked(evidence, entry):
        return True
    return (
        name in NEVER_THEIRS.get(evidence.place(entry), ())
        and kin.was_parted(entry)
        and _is_noted(evidence, entry, name)
    )


def _is_a_verdict(evidence: Evidence, kin: "_Kin", entry: LogEntry, name: str) -> bool:
    """Whether a person was asked before whose value stands, and said that of who has none."""
    said = (r for r in evidence.ruled if r.at <= entry.at and _leaves_blank(r, name))
    return any(kin.are_one(ref, _ref(entry)) for word in said for ref in word.of)


def _leaves_blank(ruled: Ruled, name: str) -> bool:
    """Of an address, which is one value, that may be a part."""
    if ruled.field == "address" and isinstance(ruled.value, dict):
        return name in _ADDRESS and blank(ruled.value.get(name.lower()))
    return attribute(ruled.field) == name and blank(ruled.value)


def _is_anothers_address(evidence: Evidence, kin: "_Kin", entry: LogEntry) -> bool:
    """Whether what is left is a whole address: what a record of the same one in another system says just then."""
    mine = {part: canonical((entry.after or {}).get(part)) for part in _ADDRESS}
    there: dict[_Node, dict[str, Any]] = {}
    for one in evidence.world.log():
        if one.system != entry.system and one.at <= entry.at and one.after is not None and one.writes:
            there[_ref(one)] = one.after
    alike = (ref for ref, said in there.items() if all(canonical(said.get(p)) == mine[p] for p in _BOTH))
    return any(mine.values()) and any(kin.are_one(ref, _ref(entry)) for ref in alike)


def _is_taken_back(evidence: Evidence, entry: LogEntry) -> bool:
    """By an undo, as far as anybody remembers."""
    if evidence.done.get("undo") and entry.key in evidence.forgotten:
        return True
    return any(line.key == entry.key for line in evidence.told.journal if line.undone)


def _outranked(evidence: Evidence, entry: LogEntry) -> set[str]:
    place = evidence.place(entry)
    other = _BY_OTHER_RULES.get(place, set()) if evidence.kinds & {"rules_edited", "rules_edited_mid_run"} else set()
    return _OUTRANKED.get(place, set()) | other


def _is_noted(evidence: Evidence, entry: LogEntry, name: str) -> bool:
    """Only the CRM has notes."""
    notes = (
        e for e in evidence.world.systems[entry.system].log if e.op == "note" and e.id == entry.id and e.n > entry.n
    )
    return entry.system != "crm" or any(f" {_NOTED[name]} " in (e.after or {}).get("text", "") for e in notes)


def _ref(entry: LogEntry) -> _Node:
    return (entry.system, entry.kind, entry.id)


class _Kin:
    """Records that were of one entity at any time."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._up: dict[_Node, _Node] = {}

    def are_one(self, one: _Node, other: _Node) -> bool:
        """Whether both belonged to the same one, as far as anybody remembers."""
        if not self._up:
            for pair in (*_by_word(self._evidence), *_by_deed(self._evidence)):
                self._up[self._top(pair[0])] = self._top(pair[1])
        return self._top(one) == self._top(other) or bool(self._evidence.done.get("restored_ledger"))

    def was_parted(self, entry: LogEntry) -> bool:
        """Whether a person parted what this record belongs to, before."""
        return any(
            parted.at <= entry.at and self.are_one(parted.leaves, _ref(entry)) for parted in self._evidence.ever_parted
        )

    def _top(self, node: _Node) -> _Node:
        while (up := self._up.get(node, node)) != node:
            node = up
        return node


def _by_word(evidence: Evidence) -> Iterator[tuple[_Node, _Node]]:
    """What the engine says of itself. Whoever was joined is called by another name since."""
    told = evidence.told
    yield from (((c.system, c.kind, c.id), (c.entity, c.entity_id)) for c in told.couplings)
    for line in told.journal:
        yield (line.system, line.kind, line.id or line.create_key), (line.entity, line.entity_id)
    for (entity, entity_id), golden in told.golden.items():
        if "_joined" in golden:
            yield (entity, entity_id), (entity, str(golden["_joined"].value))


def _by_deed(evidence: Evidence) -> Iterator[tuple[_Node, _Node]]:
    """What was seen to be done."""
    yield from (((made.system, made.kind, made.id), source) for made in evidence.made for source in made.sources)
    yield from ((parted.leaves, other) for parted in evidence.ever_parted for other in parted.stays)
    for entry in evidence.world.log():
        if entry.op == "merge":
            yield _ref(entry), (entry.system, entry.kind, entry.other)
        elif entry.op == "create" and entry.key:
            yield _ref(entry), (entry.system, entry.kind, entry.key)
