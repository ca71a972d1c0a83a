"""What holds for every write of the middleware, by the systems' own logs."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.testing.world import MIDDLEWARE, LogEntry
from sync_pipelines.simulation.invariants.words import (
    TEXTS,
    attribute,
    by_key,
    by_users,
    canonical,
    filled,
    moved,
    slipped_in,
    written,
)
from sync_pipelines.simulation.testimony import Evidence, Made, Planned, Ref

_CALLS_PER_RUN = 80  # that a run may make of one system in any case, and
_CALLS_PER_RECORD = 8  # for each record beside
_COMPARED = frozenset({*TEXTS, "email"})
_TWICE = frozenset({"double_execution", "delayed"})
_TELLS_WHO = frozenset({"Name", "Tax_Id", "Email"})  # by which the little book knows who is who
_UNOWNED = ("Credit", "Number")  # in the ERP these are the ERP's alone


def once(evidence: Evidence) -> Iterator[str]:
    """I3: at most one create for each entity and system, whatever was lost and whoever died.

    A user may delete one that nobody noted yet; then another is made.
    """
    for system in evidence.world.systems.values():
        standing: dict[tuple[str, str], str] = {}
        for entry in system.log:
            if entry.op == "create" and entry.actor == MIDDLEWARE:
                if other := standing.get((entry.kind, entry.key)):
                    yield f"made twice: {system.name}/{entry.id}, and {other} stands there: {entry.key}"
                standing[entry.kind, entry.key] = entry.id
            elif entry.op in ("delete", "merge"):
                standing = {key: one for key, one in standing.items() if (key[0], one) != (entry.kind, entry.id)}


def once_for_each_source(evidence: Evidence) -> Iterator[str]:
    """I3, I35: for one record elsewhere one record is made in each place, whatever the ledger forgot meanwhile.

    What it forgot it asks about; whoever answers that two are two lets it make one more. Who was given another name or
    number meanwhile says of itself that it is somebody else. Of a kind that shows nothing a ledger that forgot the
    first can know nothing, where nothing beside it tells that it is an older one.
    """
    restored = evidence.done.get("restored_ledger", 0) > 0
    for place, second in enumerate(evidence.made):
        for first in evidence.made[:place]:
            if first[:2] != second[:2] or first.id == second.id:
                continue
            shared = (first.sources & second.sources) - _parted_from(evidence, first, second.at)
            shared -= _kept_apart_from(evidence, first)
            if restored:
                renamed = _renamed(evidence, first.at, second.at)
                shared -= first.sources if first[:3] in renamed else renamed
            unseen = _unseen(evidence, first, second.sent or second.at)
            if shared and not unseen and _in_use(evidence, first, second.at):
                whom = sorted("/".join(source) for source in shared)
                yield f"{first.system}/{first.id} and {second.system}/{second.id} were both made for {whom}"


def _unseen(evidence: Evidence, made: Made, when: datetime) -> bool:
    """It was forgotten since, and could not be seen until then."""
    return any(one[:2] == made[:2] and made.at < one.since <= when <= one.until for one in evidence.unseen)


def _parted_from(evidence: Evidence, made: Made, before: datetime) -> set[Ref]:
    """A person said meanwhile that these are others than the one that we made for them.

    One that nobody knew of then is where its entity is: with those who are others, or not.
    """
    homes = {c[0:1] + c[2:5]: c.entity_id for c in evidence.told.couplings}
    others: set[Ref] = set()
    for one in evidence.ever_parted:
        home = homes.get((one.entity, *made[:3]), "nowhere")
        for mine, theirs in (((one.leaves,), one.stays), (one.stays, (one.leaves,))):
            among = made[:3] in mine or any(homes.get((one.entity, *ref)) == home for ref in mine)
            if among and made.at <= one.at < before:
                others.update(theirs)
    return others


def _kept_apart_from(evidence: Evidence, made: Made) -> set[Ref]:
    """A person was asked about it and these, and said that they are several."""
    return {ref for some in evidence.apart if made[:3] in some for ref in some}


def _renamed(evidence: Evidence, since: datetime, until: datetime) -> set[Ref]:
    """To whom a person gave another name or number meanwhile."""
    meanwhile = (e for e in by_users(evidence) if since <= e.at <= until and e.op == "update")
    return {(e.system, e.kind, e.id) for e in meanwhile if moved(e) & _TELLS_WHO}


def _in_use(evidence: Evidence, made: Made, when: datetime) -> bool:
    mine = [e for e in evidence.world.systems[made.system].log if (e.kind, e.id) == made[1:3] and e.at <= when]
    return mine[-1].op not in ("delete", "merge") and bool((mine[-1].after or {}).get("Active"))


def made_belongs_somewhere(evidence: Evidence) -> Iterator[str]:
    """I3: a record that we made, and know that we made, is coupled; unless it was parted, and is gone by now.

    Where people merged it away before it was found, by recovery or after a restore, the one in which it lives now is.
    """
    parted = {ref for one in evidence.ever_parted for ref in (one.leaves, *one.stays)}
    for line in evidence.told.journal:
        if line.op == "create" and line.state == "done":
            made = [
                e.id
                for e in evidence.world.systems[line.system].log
                if e.op == "create" and e.key == line.create_key and e.actor == "middleware"
            ]
            left = [i for i in made if evidence.world.systems[line.system].read(line.kind, i) is not None]
            if not left and any((line.system, line.kind, i) in parted for i in made):
                continue
            late = "recovery" in line.reason or "an older copy" in line.reason
            known = {*made, *(_heirs(evidence, line, made) if late else ())}
            if made and not any(c.system == line.system and c.id in known for c in evidence.told.couplings):
                yield f"{line.system}/{made[0]} was made by us and belongs to nobody"


def _heirs(evidence: Evidence, line: Planned, made: Sequence[str]) -> set[str]:
    """Where these live that were merged, at every step."""
    rows, heirs = evidence.world.systems[line.system].tables[line.kind].rows, {*made}
    while further := {rows[one].merged_into for one in heirs if rows[one].gone == "merged"} - heirs:
        heirs |= further
    return heirs


def sovereignty(evidence: Evidence) -> Iterator[str]:
    """I5: what a system alone decides is never written there, after the record was made.

    But one thing, since it is that system's own word about the same firm: where its record is gone there, the twin that
    takes its place is given what it said last, in fields in which the twin says nothing itself.
    """
    for entry in written(evidence):
        theirs = moved(entry) & set(_UNOWNED) if entry.system == "erp" and entry.op == "update" else set()
        if theirs and theirs - (filled(entry) & _left_behind(evidence, entry)):
            yield f"the ERP's own field was written: {entry.before} → {entry.after}"


def _left_behind(evidence: Evidence, entry: LogEntry) -> set[str]:
    """Fields that say after a write what a record of the same entity said last that was gone by then.

    Last, or when a run was over: what was said after that may have been gone before anybody read it.
    """
    homes = {c.id: c.entity_id for c in evidence.told.couplings if (c.system, c.kind) == (entry.system, entry.kind)}
    log = evidence.world.systems[entry.system].log
    before = [e for e in log if e.kind == entry.kind and e.n < entry.n]
    gone = {e.id for e in before if e.op in ("delete", "merge")}
    twins = {one for one in gone if one in homes and homes[one] == homes.get(entry.id)}
    looks = [before, *(log[: one.logged[entry.system]] for one in evidence.passes if one.logged)]
    said = [{e.id: e.after for e in look if e.id in twins and e.n < entry.n and e.after} for look in looks if twins]
    last = [state for one in said for state in one.values()]
    return {name for name, value in (entry.after or {}).items() if any(state.get(name) == value for state in last)}


def no_blind_overwrite(evidence: Evidence) -> Iterator[str]:
    """I7: what an update was decided on is what stood there when it was executed, or it was not executed.

    The ERP is written to by version: a value there that changed without a new one, and stands under it still, can be
    known to nobody.
    """
    unseen = slipped_in(evidence)
    for one in evidence.overwritten:
        name = attribute(one.field)
        if one.field not in _COMPARED or one.there.get(name) == one.written.get(name):
            continue
        if one.system == "erp" and name in unseen.get(one.n, ()):
            continue
        if canonical(one.there.get(name)) != canonical(one.decided_on):
            yield (
                f"{one.system}/{one.id} said {one.field}={one.there.get(name)!r:.80} when it was overwritten, "
                f"decided was on {one.decided_on!r:.80}"
            )


def only_what_was_planned(evidence: Evidence) -> Iterator[str]:
    """I11: everything written was planned, judged and intended, in just these fields."""
    journal = by_key(evidence)
    for entry in _keyed(evidence):
        line = journal.get((entry.system, entry.key))
        if line is None:
            yield f"nobody planned {entry.op} {entry.system}/{entry.id}"
        elif not any(part.startswith(f"{line.plan}:{line.system}:") for part in evidence.told.passed):
            yield f"{line.key} was written and its part was never let through"
        elif entry.op == "update" and not moved(entry) <= line.payload | {"Places"}:
            yield f"{line.key} moved {sorted(moved(entry))} and was meant to move {sorted(line.payload)}"


def honest_journal(evidence: Evidence) -> Iterator[str]:
    """I12: what is done was written, and what was refused was not."""
    keys = {entry.key for entry in written(evidence)}
    silent = {entry.system for entry in written(evidence) if not entry.key}
    for line in evidence.told.journal:
        if line.system in silent and line.op != "create":
            continue
        executed = line.key in keys or (line.create_key in keys and bool(line.create_key))
        if line.state == "done" and not executed and "recovery" not in line.reason:
            yield f"{line.key} ({line.op} in {line.system}) is said to be done and {line.system} knows nothing of it"
        if line.state == "quarantined" and line.key in keys and not evidence.kinds & _TWICE:
            yield f"{line.key} ({line.op} in {line.system}) is said to be refused and was executed"


def intent_before_effect(evidence: Evidence) -> Iterator[str]:
    """I13: at the instant a write executes, its intent is in the ledger."""
    yield from evidence.unannounced
    intended: dict[str, datetime] = {}
    for line in evidence.told.journal:
        for key in (line.key, line.create_key):
            if key and line.sent_at is not None:
                intended[key] = min(line.sent_at, intended.get(key, line.sent_at))
    for entry in _keyed(evidence):
        if entry.key not in intended or intended[entry.key] > entry.at:
            yield f"{entry.key} was executed at {entry.at} and intended at {intended.get(entry.key)}"


def under_lease(evidence: Evidence) -> Iterator[str]:
    """I31: what is executed is executed for one who has the right to write there, unless the network held it up."""
    if not evidence.kinds & _TWICE:
        yield from evidence.unleased


def no_resurrection(evidence: Evidence) -> Iterator[str]:
    """I19: what a person deleted is not made again by us under another id, unless a person said so."""
    log = evidence.world.log()
    homes = {(c.system, c.kind, c.id): c.entity_id for c in evidence.told.couplings}
    lines = {line.create_key: line for line in evidence.told.journal if line.op == "create"}
    gone: dict[tuple[str, str, str], int] = {}
    for place, entry in enumerate(log):
        home = homes.get((entry.system, entry.kind, entry.id))
        if entry.actor != "middleware" and entry.op == "delete" and home is not None:
            gone.setdefault((entry.system, entry.kind, home), place)
        if entry.actor == "middleware" and entry.op == "create" and entry.key in lines:
            made_for = (entry.system, entry.kind, lines[entry.key].entity_id)
            if made_for in gone and not evidence.done.get("answer"):
                yield f"{entry.system}: {made_for[2]} was deleted by a person and made again as {entry.id}"


def one_book_a_plan(evidence: Evidence) -> Iterator[str]:
    """I26: all writes of a plan were decided by one version of the rules, which the plan names."""
    for line in evidence.told.journal:
        if not evidence.told.books.get(line.plan):
            yield f"plan {line.plan} names no version of the rules"


def few_calls(evidence: Evidence) -> Iterator[str]:
    """I32: however much fails, a run calls a system no more often than its records explain."""
    for seen in evidence.passes:
        most = _CALLS_PER_RUN + _CALLS_PER_RECORD * seen.records
        for system, calls in seen.calls.items():
            if calls > most:
                yield f"{calls} calls of {system} in one run (operation {seen.operation}) with {seen.records} records"


def reasons(evidence: Evidence) -> Iterator[str]:
    """L9: every agreed value says who, why, when and in which run or by which answer."""
    for (entity, entity_id), golden in evidence.told.golden.items():
        for field, word in golden.items():
            if not (word.by and word.because and word.at and (word.run or word.by.startswith("steward:"))):
                yield f"{entity} {entity_id} {field} has no reason: {word}"


def watermarks_move_on(evidence: Evidence) -> Iterator[str]:
    """I22: a position is never earlier than it was, unless it was rewound by name."""
    last: dict[tuple[str, str, str], object] = {}
    for seen in evidence.passes:
        for flow, at in seen.watermarks.items():
            before = last.get(flow)
            if not seen.rewound and before is not None and at < before:  # type: ignore[operator]  # both are instants
                yield f"{flow} went back from {before} to {at} in operation {seen.operation}"
            last[flow] = at


def _keyed(evidence: Evidence) -> list[LogEntry]:
    """Writes that can be told from each other, and that the ledger has not forgotten.

    Over HTTP an update has no room for a key of ours.
    """
    told = (entry for entry in written(evidence) if entry.key not in evidence.forgotten)
    return [entry for entry in told if entry.key or entry.op == "create"]
