"""What administrators and the passing of time do to systems. All of it is mended when everything heals."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from connectors.testing.metadata import KindSpec, Refusal
from sync_pipelines.simulation.deeds import Deed, How
from sync_pipelines.simulation.little_book import CODES, codes_without, edited, rules_of_the_day
from sync_pipelines.simulation.stage import Stage, picked
from sync_pipelines.simulation.testimony import Unseen

_STEP, _LEAP = timedelta(minutes=10), timedelta(days=1)
_LIST_OF = {"Status": ("Open", "Won", "Test"), "Rating": ("1", "22", "0")}


# --- fields ----------------------------------------------------------------------------------------------------------


def _altered(what: str, change: Callable[[KindSpec, How], KindSpec]) -> Deed:
    """A kind is other than it was until everything heals."""

    def do(stage: Stage, how: How) -> None:
        system = how["system"]
        table = stage.at(system).tables[stage.little.kind(system)]
        before = table.spec
        try:
            after = change(before, how)
        except KeyError:
            return  # that field is gone already
        stage.mended(f"metadata of {system}", partial(table.respecify, before))
        table.respecify(after)
        stage.little.engine()  # each run is a process of its own, and asks anew what fields there are
        stage.done[what] += 1
        stage.tell(f"{what} {system} {how['field']}")

    return do


def _with(**spec: Any) -> Callable[[KindSpec, How], KindSpec]:
    def change(kind: KindSpec, how: How) -> KindSpec:
        return kind.with_fields(replace(kind.fields[how["field"]], **spec))

    return change


def _dropped(kind: KindSpec, how: How) -> KindSpec:
    return kind.without(how["field"]) if how["field"] in kind.fields else kind


def _with_option_less(kind: KindSpec, how: How) -> KindSpec:
    name = picked(sorted(_LIST_OF), how["pick"])
    options = tuple(option for option in _LIST_OF[name] if option != picked(_LIST_OF[name], how["other"]))
    return kind.with_fields(replace(kind.fields[name], choices=options))


def _with_duplicate_rule(kind: KindSpec, how: How) -> KindSpec:
    del how
    return replace(kind, duplicate_rule=("Name",))


# --- records and kinds -----------------------------------------------------------------------------------------------


def _locked_record(stage: Stage, how: How) -> None:
    row = stage.row(how)
    if row is not None:
        at = stage.at(how["system"])
        at.poison(row.kind, row.id)
        stage.mended(f"lock of {how['system']}/{row.id}", partial(at.cure, row.kind, row.id))
        stage.done["locked_record"] += 1
        stage.tell(f"locked {how['system']}/{row.id}")


def _closed_period(stage: Stage, how: How) -> None:
    at, kind = stage.at(how["system"]), stage.little.kind(how["system"])

    def refuse(op: str, its: str, record_id: str, values: Mapping[str, Any]) -> Refusal | None:
        del op, record_id, values
        return Refusal("rule", f"the period of {kind} is closed") if its == kind else None

    at.rules.append(refuse)
    stage.mended(f"period of {how['system']} {len(at.rules)}", partial(at.rules.remove, refuse))
    stage.done["closed_period"] += 1
    stage.tell(f"the period of {how['system']} is closed")


def _blindness(stage: Stage, how: How) -> None:
    at, kind = stage.at(how["system"]), stage.little.kind(how["system"])
    at.blind.add(kind)
    stage.mended(f"sight of {how['system']}", partial(_shown_again, stage, how["system"]))
    calls, since = stage.unread.get(how["system"], (-1, stage.little.world.clock.now()))
    if calls == at.calls.total():  # the ledger that was put back has seen nothing of it yet
        stage.hidden.append((how["system"], kind, since))
    stage.done["blindness"] += 1
    stage.tell(f"{how['system']} shows no {kind} any more")


def _shown_again(stage: Stage, system: str) -> None:
    stage.at(system).blind.clear()
    now = stage.little.world.clock.now()
    stage.unseen += [Unseen(*one, now) for one in stage.hidden if one[0] == system]
    stage.hidden[:] = [one for one in stage.hidden if one[0] != system]


def _quota(stage: Stage, how: How) -> None:
    at = stage.at(how["system"])
    left = how["pick"] % 8
    at.allow(left)
    stage.mended(f"quota of {how['system']}", partial(setattr, at, "daily_calls", None))
    stage.done["quota"] += 1
    stage.tell(f"{how['system']} allows {left} more calls today")


def _other_tenant(stage: Stage, how: How) -> None:
    at = stage.at(how["system"])
    if not stage.little.ledger.get_pin(f"tenant:{how['system']}"):
        return  # whoever answers first is the tenant
    stage.mended(f"tenant of {how['system']}", partial(setattr, at, "tenant", at.tenant))
    at.tenant = "another"
    stage.done["other_tenant"] += 1
    stage.tell(f"another tenant answers as {how['system']}")


# --- clocks ----------------------------------------------------------------------------------------------------------


def _stepped(what: str, by: timedelta) -> Deed:
    def do(stage: Stage, how: How) -> None:
        at = stage.at(how["system"])
        stage.mended(f"clock of {how['system']}", partial(setattr, at, "skew", at.skew))
        at.step_clock(by)
        stage.done[what] += 1
        stage.tell(f"the clock of {how['system']} jumps by {by.total_seconds():.0f} s")

    return do


# --- the book --------------------------------------------------------------------------------------------------------


def _codes_edited(stage: Stage, how: How) -> None:
    tables = codes_without(picked(sorted(CODES["crm"]), how["pick"]), picked(sorted(CODES["erp"]), how["other"]))
    stage.mended("codes", partial(_back, stage, tables=stage.little.book.tables))
    _back(stage, tables=tables)
    stage.done["codes_edited"] += 1
    stage.tell(f"codes are now {tables['terms'].decode}")


def edit_rules(stage: Stage) -> None:
    """The book decides remarks and phones otherwise from the next run on."""
    book = stage.little.book
    stage.mended("rules", partial(_back, stage, entities=book.entities, version=book.version))
    _back(stage, entities=rules_of_the_day(book.entities), version="2")
    stage.tell("the rules were edited")


def _rules_edited(stage: Stage, how: How) -> None:
    del how
    edit_rules(stage)
    stage.done["rules_edited"] += 1


def _back(stage: Stage, **changes: Any) -> None:
    stage.little.book = edited(stage.little.book, **changes)
    stage.little.engine()


ADMINISTRATORS: Mapping[str, Deed] = {
    "drop_field": _altered("drop_field", _dropped),
    "hide_field": _altered("hide_field", _with(visible=False)),
    "retype_field": _altered("retype_field", _with(type="decimal")),
    "read_only_field": _altered("read_only_field", _with(writable=False)),
    "shorten_field": _altered("shorten_field", _with(length=3)),
    "cut_field": _altered("cut_field", _with(length=3, cuts=True)),
    "lower_field": _altered("lower_field", _with(saves=("lower",))),
    "blank_is_null": _altered("blank_is_null", _with(blank_is_null=True)),
    "drop_option": _altered("drop_option", _with_option_less),
    "require_field": _altered("require_field", _with(required=True)),
    "duplicate_rule": _altered("duplicate_rule", _with_duplicate_rule),
    "locked_record": _locked_record,
    "closed_period": _closed_period,
    "blindness": _blindness,
    "quota": _quota,
    "other_tenant": _other_tenant,
    "clock_step_back": _stepped("clock_step_back", -_STEP),
    "clock_step_on": _stepped("clock_step_on", _STEP),
    "clock_leap": _stepped("clock_leap", _LEAP),
    "codes_edited": _codes_edited,
    "rules_edited": _rules_edited,
}
