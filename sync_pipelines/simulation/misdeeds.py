"""What people do to records on the days one remembers."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from connectors.testing.world import Row
from sync_pipelines.simulation.deeds import Deed, How
from sync_pipelines.simulation.little_book import PERSON, ROLES
from sync_pipelines.simulation.stage import USER, Stage, picked

_BURST = 6
_OLD = datetime(1990, 1, 1, tzinfo=UTC)
_PAUSE = timedelta(days=31)
_WITHIN, _BEYOND = timedelta(seconds=60), timedelta(minutes=8)
_COMPARED = ("crm", "erp")


def _change(stage: Stage, how: How, row: Row, **more: Any) -> Callable[[], object]:
    system = how["system"]
    values = {how["field"]: how["value"]}
    return partial(stage.at(system).update, stage.little.kind(system), row.id, values, by=USER, **more)


def _on_a_record(what: str, deed: Callable[[Stage, How, Row], object]) -> Deed:
    """A deed on the record that is meant, where there is one."""

    def do(stage: Stage, how: How) -> None:
        row = stage.row(how)
        if row is not None:
            line = f"{what} {how['system']}/{row.id} {how['field']}={how['value']!r}"
            stage.tries(what, line, lambda: deed(stage, how, row))

    return do


def _same_stamp_burst(stage: Stage, how: How) -> None:
    """More than a page within one stamp."""
    system = how["system"]
    stage.little.world.clock.advance(1)
    for number in range(_BURST):
        values = {"Name": f"Burst {number}", "Tax_Id": f"B{how['pick'] % 7}{number}", how["field"]: how["value"]}
        make = partial(stage.at(system).create, stage.little.kind(system), values, by=USER)
        stage.tries("same_stamp_burst", f"burst {system} {values}", make, wait=0)


def _late(what: str, delay: timedelta) -> Deed:
    def deed(stage: Stage, how: How, row: Row) -> None:
        stage.at(how["system"]).late(delay, _change(stage, how, row))

    return _on_a_record(what, deed)


def _silent(stage: Stage, how: How, row: Row) -> None:
    _change(stage, how, row, silent=True)()


def _old_import(stage: Stage, how: How) -> None:
    system = how["system"]
    values = {"Name": "Old", "Tax_Id": f"O{how['pick'] % 3}"}
    make = partial(stage.at(system).create, stage.little.kind(system), values, by=USER)
    stage.tries("old_import", f"old import {system} {values}", lambda: stage.at(system).dated(_OLD, make))


# --- gone and back ---------------------------------------------------------------------------------------------------


def _undelete(stage: Stage, how: How) -> None:
    table = stage.at(how["system"]).tables[stage.little.kind(how["system"])]
    bin_ = sorted((row for row in table.rows.values() if row.gone == "deleted"), key=lambda row: row.id)
    if bin_:
        row = picked(bin_, how["pick"])
        back = partial(stage.at(how["system"]).undelete, row.kind, row.id, by=USER)
        stage.tries("undelete", f"undelete {how['system']}/{row.id}", back)


def _hard_delete(stage: Stage, how: How, row: Row) -> None:
    stage.at(how["system"]).delete(row.kind, row.id, by=USER, hard=True)


def _delete_and_back(stage: Stage, how: How, row: Row) -> None:
    stage.at(how["system"]).delete(row.kind, row.id, by=USER)
    stage.at(how["system"]).undelete(row.kind, row.id, by=USER)


def _of_one_firm(row: Row) -> dict[str, object]:
    """By what a person would know it again; an administrator may have taken fields away."""
    return {name: row.values[name] for name in ("Name", "Tax_Id") if name in row.values}


def _remade(stage: Stage, how: How, row: Row) -> None:
    at = stage.at(how["system"])
    at.delete(row.kind, row.id, by=USER)
    at.create(row.kind, _of_one_firm(row), by=USER)


def _reactivation(stage: Stage, how: How) -> None:
    system = how["system"]
    out = [row for row in stage.rows(system) if not row.values["Active"]]
    if out:
        row = picked(out, how["pick"])
        again = partial(stage.little.edit, system, row.id, Active=True)
        stage.tries("reactivation", f"reactivate {system}/{row.id}", again, wait=0)


def _delete_against_edit(stage: Stage, how: How, row: Row) -> None:
    """The same firm: deleted here, edited there, as far as a name tells."""
    stage.at(how["system"]).delete(row.kind, row.id, by=USER)
    for system in ROLES:
        alike = [one for one in stage.rows(system) if one.values["Tax_Id"] == row.values["Tax_Id"]]
        if system != how["system"] and row.values["Tax_Id"] and alike:
            stage.at(system).update(stage.little.kind(system), alike[0].id, {how["field"]: how["value"]}, by=USER)


def _cascade(stage: Stage, how: How, row: Row) -> None:
    at = stage.at(how["system"])
    if (people := stage.little.kind(how["system"], PERSON)) in at.tables:
        for person in [one for one in at.living(people) if one.values["AccountId"] == row.id]:
            at.delete(people, person.id, by=USER)
    at.delete(row.kind, row.id, by=USER)


# --- merges ----------------------------------------------------------------------------------------------------------


def _merge_chain(stage: Stage, how: How) -> None:
    rows = stage.rows("crm")
    if len(rows) < 3:  # noqa: PLR2004 - a chain has three
        return
    start = how["pick"]
    first, second, third = (picked(rows, start + step).id for step in range(3))
    for loser, winner in ((first, second), (second, third)):
        into = partial(stage.at("crm").merge, stage.little.kind("crm"), loser, winner, by=USER)
        stage.tries("merge_chain", f"merge crm/{loser} into {winner}", into)


def _id_redirect(stage: Stage, how: How) -> None:
    """As where a merge makes a third record, to which both old ids lead from then on."""
    rows, at, kind = stage.rows("crm"), stage.at("crm"), stage.little.kind("crm")
    if len(rows) < 2:  # noqa: PLR2004 - there have to be two
        return
    winner, loser = (picked(rows, how["pick"] + step) for step in range(2))

    def merge_into_a_third() -> None:
        values = {name: value for name, value in winner.values.items() if name not in ("Key", "Active")}
        third = at.create(kind, values, by=USER).id
        for gone in (loser, winner):
            at.merge(kind, gone.id, third, by=USER)
        at.update(kind, third, {"Key": winner.values["Key"]}, by=USER)

    stage.tries("id_redirect", f"merge crm/{loser.id} and {winner.id} into a new one", merge_into_a_third)


def _merge_of_two(stage: Stage, how: How) -> None:
    coupled = [row for row in stage.rows("crm") if row.values["Number"]]  # the ERP knows them, so they are coupled
    if len(coupled) > 1:
        loser, winner = picked(coupled, how["pick"]).id, picked(coupled, how["pick"] + 1).id
        into = partial(stage.at("crm").merge, stage.little.kind("crm"), loser, winner, by=USER)
        stage.tries("merge_of_two", f"merge crm/{loser} into {winner}, both coupled", into)


# --- who is who, and whose -------------------------------------------------------------------------------------------


def _twin(stage: Stage, how: How, row: Row) -> None:
    stage.at(how["system"]).create(row.kind, _of_one_firm(row), by=USER)


def _out_of_scope(stage: Stage, how: How, row: Row) -> None:
    status = "Won" if row.values["Status"] == "Test" else "Test"
    stage.at(how["system"]).update(row.kind, row.id, {"Status": status}, by=USER)


def _orphan(stage: Stage, how: How) -> None:
    system = picked(_COMPARED, how["pick"])
    values = {"Name": "Orphan", "Email": "o@x.example"}
    stage.tries("orphan", f"orphan {system}", lambda: stage.little.create(system, PERSON, **values), wait=0)


def _moved_child(stage: Stage, how: How) -> None:
    system = picked(_COMPARED, how["other"])
    people, firms = stage.rows(system, PERSON), stage.rows(system)
    if people and firms:
        person, firm = picked(people, how["pick"]).id, picked(firms, how["pick"] + 1).id
        move = partial(stage.little.edit, system, person, PERSON, AccountId=firm)
        stage.tries("moved_child", f"move {system}/{person} to {firm}", move, wait=0)


def _flip_flop(stage: Stage, how: How, row: Row) -> None:
    value = "flip" if row.values.get(how["field"]) != "flip" else "flop"  # made while there was no such field
    stage.at(how["system"]).update(row.kind, row.id, {how["field"]: value}, by="user:automation")


def _mass_edit(stage: Stage, how: How) -> None:
    for row in stage.rows(how["system"]):
        line = f"mass edit {how['system']}/{row.id} {how['field']}={how['value']!r}"
        stage.tries("mass_edit", line, _change(stage, how, row), wait=0)


def _long_pause(stage: Stage, how: How) -> None:
    del how
    stage.little.world.clock.advance(_PAUSE)
    stage.done["long_pause"] += 1
    stage.tell("31 days pass")


MISDEEDS: Mapping[str, Deed] = {
    "same_stamp_burst": _same_stamp_burst,
    "late_commit": _late("late_commit", _WITHIN),
    "very_late_commit": _late("very_late_commit", _BEYOND),
    "silent_change": _on_a_record("silent_change", _silent),
    "old_import": _old_import,
    "long_pause": _long_pause,
    "hard_delete": _on_a_record("hard_delete", _hard_delete),
    "undelete": _undelete,
    "delete_and_back": _on_a_record("delete_and_back", _delete_and_back),
    "remade_with_same_key": _on_a_record("remade_with_same_key", _remade),
    "merge_chain": _merge_chain,
    "merge_of_two": _merge_of_two,
    "id_redirect": _id_redirect,
    "twin": _on_a_record("twin", _twin),
    "delete_against_edit": _on_a_record("delete_against_edit", _delete_against_edit),
    "cascade": _on_a_record("cascade", _cascade),
    "reactivation": _reactivation,
    "out_of_scope": _on_a_record("out_of_scope", _out_of_scope),
    "orphan": _orphan,
    "moved_child": _moved_child,
    "flip_flop": _on_a_record("flip_flop", _flip_flop),
    "mass_edit": _mass_edit,
}
