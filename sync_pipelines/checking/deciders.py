"""Every decider can speak, there is one of them at a time, and what it does not know has somebody to ask."""

from collections.abc import Iterator
from itertools import combinations

from mappings.complaints import Complaint
from mappings.ownership import Conflict, Elsewhere, Handover, Mode, Rule
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.view import Side, View, bringers

_DO = "map it in a system of that role, or name another role"


def deciders(view: View) -> Iterator[Complaint]:
    """Every sentence of an entity."""
    yield from _ties(view)
    for rules in view.rules.values():
        for rule in rules:
            yield from _producers(view, rule)
            yield from _present(view, rule)
            yield from _issued(view, rule)
            yield from _department(view, rule)
            yield from _steward(view, rule)
            yield from _heard_elsewhere(view, rule)


def _producers(view: View, rule: Rule) -> Iterator[Complaint]:
    roles = bringers(rule)
    played = [role for role in roles if view.is_played(role)]
    silent = [role for role in played if not view.says(role, rule.field)]
    if len(silent) == len(played) and rule.mode is not Mode.BORROWED:
        yield complaint("decider-missing", rule.where, f"nobody decides `{rule.field}`: {_why(view, rule)}", _DO)
    for role in silent if len(silent) < len(played) else ():
        says = f"{role} has a say in `{rule.field}`, and {_who(view, role)} maps it: it goes by the others"
        yield complaint("decider-silent", rule.where, says, _DO)
    for role in sorted({role for role in rule.roles if rule.roles.count(role) > 1}):
        yield complaint("role-twice", rule.where, f"{role} stands twice about `{rule.field}`", "keep one")


def _why(view: View, rule: Rule) -> str:
    roles = bringers(rule)
    if not any(view.is_played(role) for role in roles):
        return f"no system plays {' or '.join(roles)}" if roles else "the sentence names no role"
    return f"{' and '.join(_who(view, role) for role in roles if view.is_played(role))} maps it"


def _who(view: View, role: str) -> str:
    sides = [side.name for side in view.of_role(role)]
    return f"no map of {' or '.join(sides)}" if sides else f"no system of that role has a map of {view.entity} that"


def _present(view: View, rule: Rule) -> Iterator[Complaint]:
    """A sentence for entities that none of its deciders keeps lets nobody decide."""
    reach = view.reach[rule.field]
    if reach.too_many or not reach.of(rule).states or not rule.roles:
        return
    if not any(reach.of(rule).may_meet(role) for role in rule.roles):
        roles = " or ".join(rule.roles)
        says = f"{roles} shall decide `{rule.field}` exactly where there is no {roles} record"
        yield complaint("decider-absent", rule.where, says, "name a role that has a record then")


def _ties(view: View) -> Iterator[Complaint]:
    """Several systems of one role: somebody has to be the first."""
    sides = list(view.sides.values())
    for one, two in combinations(sides, 2):
        same = (one.system.role, one.system.rank) == (two.system.role, two.system.rank)
        names = (
            [name for name in view.rules if _both_decide(view, name, one, two)] if same and one.overlaps(two) else []
        )
        if names:
            fields = f"`{names[0]}`" if len(names) == 1 else f"`{names[0]}` and {len(names) - 1} more"
            says = (
                f"{one.name} and {two.name} play {one.system.role} with one rank and both decide {fields} of {view.one}"
            )
            do = "give one of them another `rank`, or each its own `scopes`"
            yield complaint("rank-tie", two.system.where, says, do)


def _both_decide(view: View, name: str, one: Side, two: Side) -> bool:
    deciding = {role for rule in view.rules[name] for role in bringers(rule)}
    return one.system.role in deciding and name in one.lines and name in two.lines


def _issued(view: View, rule: Rule) -> Iterator[Complaint]:
    issuing = [side for role in rule.roles for side in view.speakers(role, rule.field) if rule.mode is Mode.ISSUED]
    rivals = [side.name for side in issuing if any(_collide(rule, side, other) for other in issuing)]
    if rivals:
        says = f"{' and '.join(rivals)} each issue a `{rule.field}`, and one would be written over the other's"
        yield complaint("issued-twice", rule.where, says, "map it in one of them only")


def _collide(rule: Rule, one: Side, two: Side) -> bool:
    """Numbers for each company do not meet where no company is kept twice."""
    return one is not two and (not rule.per or one.overlaps(two))


def _department(view: View, rule: Rule) -> Iterator[Complaint]:
    for side in [side for role in rule.roles for side in view.speakers(role, rule.field)] if rule.by else []:
        if side.kind_map.editor_at:
            continue
        if side.can is not None and side.can.tells_editor:
            says = f"{side.name} tells the person who edited, no department: every edit counts as `{rule.by}`'s own"
            yield complaint("by-person", rule.where, says, "give its map an `editor:` that tells the department")
        else:
            says = f"{side.name} does not tell who edited: an edit outside `{rule.by}` counts as its own"
            yield complaint("by-degrades", rule.where, says, "give its map an `editor:`, or do without `by`")


def _steward(view: View, rule: Rule) -> Iterator[Complaint]:
    why = "" if rule.steward else _asks(view, rule)
    if why:
        says = f"`{rule.field}` has no steward, and {why}"
        yield complaint("steward-missing", rule.where, says, "name one: steward: <team>")


def _asks(view: View, rule: Rule) -> str:
    """Why a person may be asked about a field."""
    if rule.edited_elsewhere is Elsewhere.PROPOSE:
        return "edits elsewhere are proposed to one"
    sharers = [side for role in rule.roles for side in view.speakers(role, rule.field)]
    if len(sharers) < 2:  # noqa: PLR2004 - nobody to differ from
        return ""
    if rule.mode is Mode.SHARED and rule.conflict in {Conflict.REVIEW, Conflict.RANK_AFTER}:
        return "a conflict between its sharers is asked"
    if rule.mode in {Mode.DECIDES, Mode.ISSUED} and rule.handover is Handover.ASK_IF_DIFFERS:
        return "a hand-over that differs is asked"
    return ""


def _heard_elsewhere(view: View, rule: Rule) -> Iterator[Complaint]:
    """What happens to an edit elsewhere can only happen where somebody else maps the field."""
    if rule.edited_elsewhere is Elsewhere.REVERT:
        return
    others = [side for side in view.mapping(rule.field) if side.system.role not in bringers(rule)]
    ranked = len([role for role in rule.roles if view.says(role, rule.field)]) > 1 and rule.mode is not Mode.SHARED
    if not others and not ranked and not rule.by:
        says = f"an edit of `{rule.field}` elsewhere shall be {_done(rule)}, and it is read from nowhere else"
        yield complaint("elsewhere-unread", rule.where, says, "map it in the systems where it may be edited")


def _done(rule: Rule) -> str:
    return "proposed" if rule.edited_elsewhere is Elsewhere.PROPOSE else "reported"


def unplayed(view: View) -> Iterator[Complaint]:
    """A role that waits for its first system is no fault; it is said once for an entity."""
    named: dict[str, list[Rule]] = {}
    for rules in view.rules.values():
        for rule in rules:
            for role in bringers(rule):
                named.setdefault(role, []).append(rule)
    for role, waiting in named.items():
        if not view.is_played(role):
            says = f"no system plays {role}; of {view.entity}, {_sentences(len(waiting))} for one"
            yield complaint("role-unplayed", waiting[0].where, says, "nothing, or give systems.yaml one")


def _sentences(number: int) -> str:
    return "1 sentence waits" if number == 1 else f"{number} sentences wait"
