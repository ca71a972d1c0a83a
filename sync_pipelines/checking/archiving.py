"""An archive is heard where it may begin, and can be done and seen where it is carried to."""

from collections.abc import Iterator

from mappings.complaints import Complaint
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.states import an
from sync_pipelines.checking.view import Side, View


def archiving(view: View) -> Iterator[Complaint]:
    """The archive rule of an entity."""
    rule = view.spec.ownership.archive
    if bool(rule.from_) != bool(rule.to):
        says = "an archive is carried from nowhere" if rule.to else "an archive is carried nowhere"
        yield complaint("archive-idle", rule.where, says, "give both from and to, or neither")
    leaves = view.spec.ownership.takes_part
    if leaves.on_leave == "archive" and not rule.to:
        says = f"{view.one} that takes part no longer shall be archived, and `archive` says nowhere"
        yield complaint("leave-nowhere", leaves.where, says, "add archive: {from: […], to: […]}")
    for role in dict.fromkeys((*rule.from_, *rule.to)):
        if view.is_played(role) and role not in view.roles:
            says = f"{role} has a part in archiving {view.one}, and no system of that role has a map of it"
            yield complaint("archive-unmapped", rule.where, says, f"take {role} out, or write the map")
    for role in rule.from_:
        yield from _heard(view, role)
    for side in [side for role in rule.to for side in view.of_role(role)]:
        yield from _carried(view, side)


def _heard(view: View, role: str) -> Iterator[Complaint]:
    for side in view.of_role(role):
        told = side.can is None or side.can.states_deletes or side.can.lists_keys
        if not side.kind_map.archived_at and not told:
            says = f"{side.name} may archive {view.one}, and its map does not say how it looks when it did"
            yield complaint("archive-unheard", side.kind_map.where, says, "say archived: {at: …, is: …}")


def _carried(view: View, side: Side) -> Iterator[Complaint]:
    where = view.spec.ownership.archive.where
    if side.can is None or not side.is_written(view.entity):
        return
    if not side.can.archives:
        says = f"{side.name} cannot archive {an(side.kind_map.kind)}, so none is ever taken out of use there"
        yield complaint("cannot-archive", where, says, f"take {side.system.role} out of `to`")
    elif not side.kind_map.archived_at and not side.can.states_deletes:
        says = f"the map does not say how an archived {view.entity} looks in {side.name}: every run would archive it"
        yield complaint("archive-unread", side.kind_map.where, says, "say archived: {at: …, is: …}")
