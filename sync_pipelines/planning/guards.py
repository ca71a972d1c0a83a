"""How much change is usual. Only the part that is too much is held; the rest goes on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mappings.book import Guards, WriteSwitch
from sync_pipelines.model.changes import Approval, Change, Op, Part

NOBODY: Mapping[str, str] = {}
SHADOW = "is in shadow (write: off)"  # how the verdict on a part ends that the book wills not to be written


def op_of(change: Change) -> str:
    """The operation a guard counts: an update that empties a field is a `blank`."""
    if change.op is Op.UPDATE and any(_blanks(f.old, f.new) for f in change.fields.values()):
        return "blank"
    return change.op.value


def part_id(change: Change) -> str:
    """The part of its plan a change belongs to."""
    return f"{change.plan}:{change.system}:{op_of(change)}"


def judge_plan(
    changes: Iterable[Change],
    known: Mapping[str, int],
    guards: Guards,
    switches: Mapping[str, WriteSwitch],
    approvals: Sequence[Approval],
    now: datetime,
    closed: Mapping[str, str] = NOBODY,
) -> list[Part]:
    """A verdict for each part of a plan.

    `known` counts the coupled records of each system; `closed` says why a system is not written to at this hour.
    """
    firsts: dict[str, Change] = {}
    counts: Counter[str] = Counter()
    for change in changes:
        name = part_id(change)
        firsts.setdefault(name, change)
        counts[name] += 1
    asked = [
        Part(name, first.system, first.entity, op_of(first), counts[name], known.get(first.system, 0), passed=True)
        for name, first in sorted(firsts.items())
    ]
    parts = [_judge(part, guards, switches, approvals, now) for part in asked]
    return [_held(part, closed[part.system]) if part.passed and part.system in closed else part for part in parts]


def _blanks(old: object, new: object) -> bool:
    return old not in (None, []) and new in (None, [])


def _judge(
    part: Part, guards: Guards, switches: Mapping[str, WriteSwitch], approvals: Sequence[Approval], now: datetime
) -> Part:
    switch = switches.get(part.system, WriteSwitch.OFF)
    if switch is WriteSwitch.OFF:
        return _held(part, f"{part.system} {SHADOW}")
    waits = "every plan waits here (write: review)" if switch is WriteSwitch.REVIEW else ""
    says = waits or _too_much(part.op, part.count, part.known, guards)
    if not says:
        return part
    leave = next((a for a in approvals if covers(a, part, now)), None)
    return _held(part, says) if leave is None else _approved(part, says, leave)


def _too_much(op: str, count: int, known: int, guards: Guards) -> str:
    share = {"create": guards.creates, "update": guards.updates, "blank": guards.blanks, "archive": guards.archives}[op]
    allowed = max(guards.at_least, int(share * known))
    if count <= allowed:
        return ""
    return f"{count} {op}s are more than usual (at most {allowed} of {known} records)"


def covers(approval: Approval, part: Part, now: datetime) -> bool:
    """Whether a person's leave is for this part: by its id, or within its bound and time.

    Leave given to a part by its id is leave for as much of the same in the next plan: an approval at nine is not stale
    because the plan was made at two.
    """
    if approval.until is not None and now > approval.until:
        return False
    if approval.part == part.id:
        return True
    named = (approval.system or part.system, approval.entity or part.entity, approval.op or part.op)
    return named == (part.system, part.entity, part.op) and part.count <= approval.up_to


def _held(part: Part, says: str) -> Part:
    return replace(part, passed=False, says=says)


def _approved(part: Part, says: str, leave: Approval) -> Part:
    return replace(part, passed=True, says=says, approved_by=leave.by)
