"""Each checker can speak: on logs and testimony made by hand it has something to say, and nothing on what is sound."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.testing.world import MIDDLEWARE, START
from sync_pipelines.simulation.invariants import agreement, writing
from sync_pipelines.simulation.invariants.table import INVARIANTS, Checker
from sync_pipelines.simulation.testimony import Asked, Coupled, Decided, LastEdit, Pass, Planned, Waiting
from tests.sync_pipelines.simulation import test_checkers, test_excuses
from tests.sync_pipelines.simulation.told import ERP, FIRST, OTHER, Told

NONE = frozenset[str]()
LINE = Planned("k", "", "plan", "account", "A", *ERP, "update", "done", "", frozenset({"Phone"}), NONE, START)
WAITING = Waiting(*ERP, "account", "fault", "phone", "cannot be read", START, "hash")
FLOW = ("crm", "Account", "changes")
LATER = START + timedelta(hours=1)
Tells = Callable[[], Told]


def says(**testimony: Any) -> Told:
    """What the engine says of itself."""
    told = Told()
    return with_told(told, **testimony)


def with_told(told: Told, **testimony: Any) -> Told:
    told.evidence.told = replace(told.evidence.told, **testimony)
    return told


def agreed(value: Any, **more: Any) -> dict[tuple[str, str], dict[str, Decided]]:
    word = Decided(value, "erp", "first", START, "run")
    return {("account", "A"): {"status": word._replace(value="won"), "phone": word._replace(**more)}}


def firm(*, phone: str, golden: str) -> Told:
    """A living firm of the CRM, and what was agreed."""
    told = Told()
    row = told.world.world.systems["crm"].create("Account", {"Phone": phone}, by="user:u")
    ref = Coupled("account", "A", "crm", "Account", row.id, primary=True)
    told.evidence.last_edit = LastEdit("A", "erp", "1", "phone", golden, 0)
    return with_told(told, couplings=[ref], golden=agreed(golden))


def unknown(*, coupled: bool) -> Told:
    told = firm(phone="1", golden="1")
    return told if coupled else with_told(told, couplings=[])


def coupled_twice(*, primary: bool) -> Told:
    first = Coupled("account", "A", *ERP, primary=True)
    return says(couplings=[first, Coupled("account", "A", *OTHER, primary=primary)])


def gone_before_a_twin(*, primary: bool) -> Told:
    told = Told()
    crm = told.world.world.systems["crm"]
    gone, lives = (crm.create("Account", {"Name": name}, by="user:u").id for name in "ab")
    crm.delete("Account", gone, by="user:u")
    couplings = [Coupled("account", "A", "crm", "Account", one, primary=primary) for one in (gone, lives)]
    return with_told(told, couplings=couplings)


def echoed(system: str) -> Told:
    told = Told().line("update", ERP, Phone="1")
    told.evidence.last_edit = LastEdit("A", "erp", "1", "phone", "1", 1)
    return told.line("update", ERP if system == "erp" else FIRST, MIDDLEWARE, Phone="1")


def at_rest(*, writes: bool) -> Told:
    told = Told()
    told.evidence.settled, told.evidence.rested = {"erp": 0}, told.evidence.told
    return told.line("update", ERP, MIDDLEWARE, Phone="1") if writes else told


def rested_with(**testimony: Any) -> Told:
    told = Told()
    told.evidence.rested = replace(told.evidence.told, **testimony)
    return told


def written(key: str = "k", passed: str = "plan:erp:update", line: Planned = LINE, **after: Any) -> Told:
    """An update of ours, as the ERP logged it, and a line of the journal."""
    told = Told().line("create", ERP).line("update", ERP, MIDDLEWARE, key=key, **(after or {"Phone": "1"}))
    return with_told(told, journal=[line], passed=frozenset({passed}))


def seen(*passes: Pass) -> Told:
    told = Told()
    told.evidence.passes = passes
    return told


def deleted_and_made_again(*, answered: bool) -> Told:
    told = Told().line("create", ERP).line("delete", ERP).line("create", OTHER, MIDDLEWARE, key="new")
    line = LINE._replace(op="create", create_key="new")
    told = with_told(told, journal=[line], couplings=[Coupled("account", "A", *ERP, primary=True)])
    return told.answered() if answered else told


def unleased(*, kinds: frozenset[str] = NONE) -> Told:
    told = Told()
    told.evidence.unleased, told.evidence.kinds = ["one"], kinds
    return told


# checker, what it says nothing of, and what it complains of
CASES: list[tuple[Checker, Tells, Tells]] = [
    (agreement.agreement, lambda: firm(phone="1", golden="1"), lambda: firm(phone="1", golden="2")),
    (agreement.coverage, lambda: unknown(coupled=True), lambda: unknown(coupled=False)),
    (agreement.last_edit_arrives, lambda: firm(phone="1", golden="1"), lambda: firm(phone="1", golden="2")),
    (agreement.last_edit_has_no_echo, lambda: echoed("crm"), lambda: echoed("erp")),
    (agreement.couplings_are_one_to_one, lambda: coupled_twice(primary=False), lambda: coupled_twice(primary=True)),
    (agreement.tombstones_last, lambda: gone_before_a_twin(primary=False), lambda: gone_before_a_twin(primary=True)),
    (agreement.rest, lambda: at_rest(writes=False), lambda: at_rest(writes=True)),
    (agreement.rest, lambda: rested_with(asked=[Asked("account", "A", "t")]), lambda: rested_with(journal=[LINE])),
    (agreement.rest, lambda: rested_with(dirty=["x"]), lambda: rested_with(waiting=[WAITING])),
    (agreement.nothing_parked, lambda: says(journal=[LINE]), lambda: says(journal=[LINE._replace(state="uncertain")])),
    (agreement.nothing_parked, lambda: says(gaps=[("erp", "1")]), lambda: says(dirty=["erp/Customer/1"])),
    (
        agreement.rejections_are_visible,
        lambda: says(waiting=[WAITING]),
        lambda: says(waiting=[WAITING._replace(says="")]),
    ),
    (writing.only_what_was_planned, written, lambda: written(key="another")),
    (writing.only_what_was_planned, written, lambda: written(passed="other:erp:update")),
    (writing.only_what_was_planned, written, lambda: written(Phone="1", Remark="2")),
    (writing.honest_journal, written, lambda: written(key="another")),
    (writing.honest_journal, written, lambda: written(line=LINE._replace(state="quarantined"))),
    (writing.intent_before_effect, written, lambda: written(line=LINE._replace(sent_at=None))),
    (writing.intent_before_effect, written, lambda: written(line=LINE._replace(sent_at=LATER))),
    (
        writing.no_resurrection,
        lambda: deleted_and_made_again(answered=True),
        lambda: deleted_and_made_again(answered=False),
    ),
    (
        writing.one_book_a_plan,
        lambda: says(journal=[LINE], books={"plan": "1"}),
        lambda: says(journal=[LINE], books={"plan": ""}),
    ),
    (writing.under_lease, lambda: unleased(kinds=frozenset({"delayed"})), unleased),
    (
        writing.few_calls,
        lambda: seen(Pass(1, {"crm": 80}, 0, {}, rewound=False)),
        lambda: seen(Pass(1, {"crm": 81}, 0, {}, rewound=False)),
    ),
    (writing.reasons, lambda: says(golden=agreed("1")), lambda: says(golden=agreed("1", run=""))),
    (
        writing.watermarks_move_on,
        lambda: seen(Pass(1, {}, 0, {FLOW: LATER}, rewound=False), Pass(2, {}, 0, {FLOW: START}, rewound=True)),
        lambda: seen(Pass(1, {}, 0, {FLOW: LATER}, rewound=False), Pass(2, {}, 0, {FLOW: START}, rewound=False)),
    ),
]


@pytest.mark.parametrize(("check", "sound", "broken"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_a_checker_says_nothing_of_what_is_sound_and_complains_of_what_is_not(
    check: Checker, sound: Tells, broken: Tells
) -> None:
    assert list(check(sound().evidence)) == []
    assert list(check(broken().evidence))


def test_each_checker_of_the_table_is_heard_in_a_test() -> None:
    checkers = {check for one in INVARIANTS for check in (*one.at_rest, *one.at_end)}
    by_hand = {check for check, *_ in CASES} | {check for _, check, _ in test_excuses.FAULTS}
    laws = {should.law for should in test_checkers.SHOULD_BE_HEARD}
    in_histories = {check for one in INVARIANTS if one.id in laws for check in (*one.at_rest, *one.at_end)}
    assert {check.__name__ for check in checkers - by_hand - in_histories} == set()
