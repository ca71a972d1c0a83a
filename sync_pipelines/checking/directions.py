"""Both directions of every map exist where ownership needs them: who decides is read, who follows is written."""

from collections.abc import Iterator
from dataclasses import dataclass

from mappings.complaints import Complaint
from mappings.fieldmap import Line
from mappings.ownership import Elsewhere, Handover, Mode, Rule
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.states import RuleReach
from sync_pipelines.checking.view import Side, View, bringers

_REPORT = "say edited_elsewhere: report"
_NO_SAY = "take its say in the field away"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Why a system is given a field's value."""

    why: str
    do: str  # what else than letting it be written
    excused: bool = False  # `report`: what it says otherwise may stand, so it need not be writable


def directions(view: View) -> Iterator[Complaint]:
    """Every line of every map of an entity."""
    for side in view.sides.values():
        for name in side.lines:
            yield from _scopes(view, side, name)
            yield from _unwritten(view, side, name)


def receives(view: View, side: Side, name: str) -> Receipt | None:
    """Why a system is given a field's value; None where it is the one that everybody follows."""
    reach = view.reach.get(name)
    found = [receipt for one in (reach.living if reach else ()) if (receipt := _receives(view, side, one))]
    return next((receipt for receipt in found if not receipt.excused), found[0] if found else None)


def is_given(view: View, side: Side, name: str) -> str:
    """Why a field is written to a system by lines that let it be written; empty where it is not."""
    receipt = receives(view, side, name) if any(line.write != "never" for line in side.lines[name]) else None
    return receipt.why if receipt else ""


def _receives(view: View, side: Side, reach: RuleReach) -> Receipt | None:
    rule, role = reach.rule, side.system.role
    excused = rule.edited_elsewhere is Elsewhere.REPORT
    if not reach.may_meet(role):
        return None
    if role not in bringers(rule):
        return Receipt(_deciding(rule), _REPORT, excused)
    others = _others(view, side, rule)
    if rule.mode in {Mode.SHARED, Mode.EACH}:
        return Receipt(f"{' and '.join(others)} may change it", _NO_SAY) if others else None
    return _decider_receives(view, side, rule, others, excused=excused)


def _deciding(rule: Rule) -> str:
    if rule.borrowed is not None:
        return f"{rule.borrowed.entity}.{rule.borrowed.field} decides it"
    return f"{' or '.join(rule.roles)} decide{'s' if len(rule.roles) == 1 else ''} it"


def _decider_receives(view: View, side: Side, rule: Rule, others: list[str], *, excused: bool) -> Receipt | None:
    """A decider is written to where a higher one knows the entity, is handed over to, or may not blank the value."""
    higher = [other for other in others if _rank(view, rule, other) < _rank(view, rule, side.name)]
    if higher:
        return Receipt(f"{higher[0]} decides it where it knows the {view.entity}", _REPORT, excused)
    if others and rule.handover is not Handover.TAKE:
        return Receipt(f"it may be handed over from {others[0]}", "say handover: take")
    if rule.keep_on_blank:
        return Receipt("`blank: keep` gives a blanked value back", "do without blank: keep")
    if rule.by and rule.edited_elsewhere is Elsewhere.REVERT:
        return Receipt(f"edits outside {rule.by} are taken back", _REPORT)
    return None


def _others(view: View, side: Side, rule: Rule) -> list[str]:
    """The other systems that have a say and may keep the same record."""
    speaking = [other for role in bringers(rule) for other in view.speakers(role, rule.field)]
    return [other.name for other in speaking if other.name != side.name and other.overlaps(side)]


def _rank(view: View, rule: Rule, system: str) -> tuple[int, int]:
    role = view.sides[system].system.role
    return bringers(rule).index(role), list(view.sides).index(system)


def _unwritten(view: View, side: Side, name: str) -> Iterator[Complaint]:
    receipt = receives(view, side, name)
    if receipt is None:
        return
    for line in side.lines[name]:
        if line.write == "never" and not receipt.excused:
            says = f"{side.name} has to be given `{name}` ({receipt.why}), and its line says write: never"
            yield complaint("write-never", line.where, says, f"let it be written, or {receipt.do}")
        elif line.write == "create":
            says = f"{side.name} is given `{name}` only in a new record; it does not follow later ({receipt.why})"
            yield complaint("write-once", line.where, says, "say write: always, if the system allows it")


# --- companies -----------------------------------------------------------------------------------------------------


def _scopes(view: View, side: Side, name: str) -> Iterator[Complaint]:
    lines = side.lines[name]
    if view.spec.fields[name].per:
        yield from _of_companies(side, name, lines)
        return
    for line in lines:
        if line.scope or line.per:
            says = f"`{name}` is read per company here, and its sentence in ownership.yaml does not say per: company"
            yield complaint("scope-unwanted", line.where, says, "say per: company there, or take the company out here")


def _of_companies(side: Side, name: str, lines: tuple[Line, ...]) -> Iterator[Complaint]:
    kept = side.system.scopes
    for line in lines:
        if not line.scope and not line.per and not side.kind_map.scope_at:
            says = f"`{name}` is decided per company, and the line does not say of which company {side.name} speaks"
            do = "give it `scope: <company>`, `per: company`, or the map a `scope:` path"
            yield complaint("scope-missing", line.where, says, do)
        elif line.scope and kept and line.scope not in kept:
            says = f"{side.name} does not keep company {line.scope}, for which this line is"
            yield complaint("scope-unkept", line.where, says, f"it keeps {', '.join(kept)}")
    pinned = {line.scope for line in lines}
    missing = [scope for scope in kept if scope not in pinned] if "" not in pinned else []
    if missing:
        says = f"{side.name} keeps company {', '.join(missing)}, for which `{name}` has no line"
        yield complaint("scope-uncovered", lines[0].where, says, "give it one line for each company")


def per_mixed(view: View) -> Iterator[Complaint]:
    """A field is kept per company, or it is not."""
    for name, rules in view.rules.items():
        if len({rule.per for rule in rules}) > 1:
            other = next(rule for rule in rules if rule.per != rules[0].per)
            says = f"some sentences about `{name}` say per: company and some do not"
            yield complaint("per-mixed", other.where, says, "say it in all of them or in none")
