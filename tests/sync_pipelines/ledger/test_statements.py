"""Nothing is asked or written item by item: a hundred times the items need no more statements."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from mappings.fieldmap import Gap
from sync_pipelines.ledger import sql_statements as statements
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.ledger.shelves import ATTENTION, CHANGE, COUPLING, GOLDEN, QUESTION
from sync_pipelines.ledger.store import Shelf
from sync_pipelines.model.changes import State
from sync_pipelines.model.decisions import EntityDecision
from sync_pipelines.model.golden import HandOver
from sync_pipelines.model.records import AuditEntry
from tests.sync_pipelines.ledger.facts import (
    ACCOUNT,
    NOW,
    agreed,
    at,
    change,
    claim,
    coupling,
    crm,
    decided,
    head,
    held_back,
    part,
    question,
    statements_of,
)

Act = Callable[[Ledger, list[str]], object]


def intend(ledger: Ledger, ids: list[str]) -> None:
    lease = ledger.acquire("x", "me", NOW, at(9))
    assert lease is not None
    ledger.intend([change(f"k{i}") for i in ids], lease, NOW)


def save_plan(ledger: Ledger, ids: list[str]) -> None:
    plan = f"plan of {len(ids)}"
    changes = [change(f"n{i}", plan) for i in ids]
    ledger.save_plan(head(plan), changes, [EntityDecision(f"a{i}") for i in ids])


ACTS: Mapping[str, Act] = {
    "seen": lambda ledger, ids: ledger.seen("crm", "Account", ids),
    "unlike": lambda ledger, ids: ledger.unlike("crm", "Account", "m1", dict.fromkeys(ids, ("h", "1", NOW))),
    "unlike_imprints": lambda ledger, ids: ledger.unlike_imprints("crm", "Account", "m1", dict.fromkeys(ids, "i")),
    "land": lambda ledger, ids: ledger.land([claim(crm(i)) for i in ids]),
    "restamp": lambda ledger, ids: ledger.restamp("crm", "Account", dict.fromkeys(ids, ("2", NOW))),
    "bury": lambda ledger, ids: ledger.bury([crm(i) for i in ids], NOW),
    "unbury": lambda ledger, ids: ledger.bury([crm(i) for i in ids], NOW, gone=False),
    "claims_of": lambda ledger, ids: ledger.claims_of(ACCOUNT, [f"a{i}" for i in ids]),
    "claims_at": lambda ledger, ids: ledger.claims_at(ACCOUNT, [crm(i) for i in ids]),
    "stamps": lambda ledger, ids: ledger.stamps(ACCOUNT, [crm(i) for i in ids]),
    "uncoupled": lambda ledger, _: ledger.uncoupled(ACCOUNT),
    "agree": lambda ledger, ids: ledger.agree([(crm(i), ACCOUNT, "", agreed(name=i)) for i in ids]),
    "forget_baselines": lambda ledger, ids: ledger.forget_baselines(ACCOUNT, [f"a{i}" for i in ids]),
    "index_keys": lambda ledger, ids: ledger.index_keys(ACCOUNT, [(crm(i), "", [f"new{i}"]) for i in ids]),
    "find_keys": lambda ledger, ids: ledger.find_keys(ACCOUNT, [f"key{i}" for i in ids]),
    "bearers": lambda ledger, ids: ledger.bearers(ACCOUNT, [f"key{i}" for i in ids]),
    "crowded_keys": lambda ledger, ids: ledger.crowded_keys(ACCOUNT, [f"key{i}" for i in ids], 0),
    "couple": lambda ledger, ids: ledger.couple([coupling(crm(i), f"a{i}") for i in ids]),
    "uncouple": lambda ledger, ids: ledger.uncouple(ACCOUNT, [crm(i) for i in ids]),
    "couplings_of": lambda ledger, ids: ledger.couplings_of(ACCOUNT, [f"a{i}" for i in ids]),
    "couplings_at": lambda ledger, ids: ledger.couplings_at(ACCOUNT, [crm(i) for i in ids]),
    "golden_of": lambda ledger, ids: ledger.golden_of(ACCOUNT, [f"a{i}" for i in ids]),
    "decide": lambda ledger, ids: ledger.decide(ACCOUNT, {f"a{i}": {"name": decided(i)} for i in ids}),
    "hand_over": lambda ledger, ids: ledger.hand_over([HandOver(ACCOUNT, i, "k", "a", "b", "taken") for i in ids]),
    "overrides_of": lambda ledger, ids: ledger.overrides_of(ACCOUNT, [f"a{i}" for i in ids]),
    "attend": lambda ledger, ids: ledger.attend(ACCOUNT, [f"a{i}" for i in ids]),
    "attended": lambda ledger, _: ledger.attended(ACCOUNT),
    "marks": lambda ledger, ids: ledger.marks(ACCOUNT, [f"a{i}" for i in ids]),
    "settle": lambda ledger, ids: ledger.settle(ACCOUNT, [f"a{i}" for i in ids]),
    "save_plan": save_plan,
    "judge": lambda ledger, ids: ledger.judge("p1", [part(i) for i in ids]),
    "intend": intend,
    "resolve": lambda ledger, ids: ledger.resolve([(f"k{i}", State.DROPPED, "") for i in ids]),
    "mark_dirty": lambda ledger, ids: ledger.mark_dirty([crm(i) for i in ids], "late"),
    "clean": lambda ledger, ids: ledger.clean([crm(i) for i in ids]),
    "quarantine": lambda ledger, ids: ledger.quarantine([held_back(crm(i), field="x") for i in ids]),
    "release": lambda ledger, ids: ledger.release([crm(i) for i in ids], ACCOUNT),
    "note_gaps": lambda ledger, ids: ledger.note_gaps("m", [(crm(i), Gap("f", "t", i, "decode")) for i in ids], NOW),
    "gaps": lambda ledger, _: ledger.gaps(),
    "ask": lambda ledger, ids: ledger.ask([question(f"a{i}") for i in ids]),
    "questions": lambda ledger, ids: ledger.questions(entity_ids=[f"a{i}" for i in ids]),
    "withdraw": lambda ledger, ids: ledger.withdraw(ACCOUNT, [(f"a{i}", "field:phone") for i in ids]),
    "keep_apart": lambda ledger, ids: ledger.keep_apart(ACCOUNT, [(i, f"other{i}") for i in ids], "ada", NOW),
    "apart": lambda ledger, ids: ledger.apart(ACCOUNT, ids),
    "suppress": lambda ledger, ids: ledger.suppress(ids, NOW),
    "suppressed": lambda ledger, ids: ledger.suppressed(ids),
    "audit": lambda ledger, ids: ledger.audit([AuditEntry(NOW, "ada", "did", i) for i in ids]),
    "erase_audited": lambda ledger, ids: ledger.erase_audited(ids),
}


def fill(ledger: Ledger, ids: list[str]) -> None:
    refs = [crm(i) for i in ids]
    ledger.land([replace(claim(ref), gone=False) for ref in refs])
    ledger.couple([coupling(ref, f"a{ref.id}") for ref in refs])
    ledger.index_keys(ACCOUNT, [(ref, "", [f"key{ref.id}", f"also{ref.id}"]) for ref in refs])
    ledger.quarantine([held_back(ref, field=f"field{ref.id}") for ref in refs])
    ledger.ask([question(f"a{i}") for i in ids])
    ledger.save_plan(head("p1"), [change(f"k{i}") for i in ids], [EntityDecision(f"a{i}") for i in ids])


@pytest.mark.parametrize("act", ACTS)
def test_a_hundred_times_the_items_need_no_more_statements(sqlite_ledger_url: str, act: str) -> None:
    ledger = open_ledger(sqlite_ledger_url, audit_key=b"key")
    many = [f"{number:03d}" for number in range(400)]
    fill(ledger, many)
    with statements_of(ledger) as few, ledger.transaction():
        ACTS[act](ledger, many[:4])
    with statements_of(ledger) as said, ledger.transaction():
        ACTS[act](ledger, many[4:])
    assert 0 < len(said) < len(few) + 5
    ledger.close()


@pytest.mark.parametrize("shelf", [COUPLING, CHANGE, QUESTION, GOLDEN], ids=lambda shelf: shelf.name)
@pytest.mark.parametrize("ids", [["a1"], ["a1", "a2", "a3"]], ids=["one", "some"])
def test_what_belongs_to_some_entities_is_looked_up_and_not_walked_to(
    sqlite_ledger_url: str, shelf: Shelf[Any], ids: list[str]
) -> None:
    ledger = open_ledger(sqlite_ledger_url, audit_key=b"key")
    where = {"entity": [ACCOUNT], "entity_id": ids}
    wanted = statements.selection("sqlite", shelf, statements.shape(where), ("entity_id",), None, newest=False)
    asked = wanted.params(statements.asked(where)).compile(
        dialect=ledger.session.connection.dialect, compile_kwargs={"literal_binds": True}
    )
    steps = ledger.session.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all()
    assert any("entity_id=?" in str(step) for step in steps), steps
    ledger.close()


@pytest.mark.parametrize(
    ("shelf", "where"), [(ATTENTION, {"entity": [ACCOUNT], "waiting": [True]}), (COUPLING, {"entity": [ACCOUNT]})]
)
def test_no_page_of_ids_sorts_the_rest(
    sqlite_ledger_url: str, shelf: Shelf[Any], where: Mapping[str, list[Any]]
) -> None:
    ledger = open_ledger(sqlite_ledger_url, audit_key=b"key")
    wanted = statements.different_behind(shelf, statements.shape(where), "entity_id", behind=True)
    asked = wanted.params({**statements.asked(where), "behind": "a", "most": 10}).compile(
        dialect=ledger.session.connection.dialect, compile_kwargs={"literal_binds": True}
    )
    steps = ledger.session.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all()
    assert [str(step) for step in steps if "TEMP B-TREE" in str(step)] == [], steps
    assert "COVERING INDEX" in str(steps[0]), steps
    ledger.close()


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 63, 64, 65, 200])
def test_a_list_of_any_length_finds_each_of_its_own_and_nobody_else(sqlite_ledger_url: str, length: int) -> None:
    ledger = open_ledger(sqlite_ledger_url, audit_key=b"key")
    ledger.couple([coupling(crm(f"{number:03d}"), f"a{number:03d}") for number in range(201)])
    ids = [f"a{number:03d}" for number in range(length)]
    found = ledger.couplings_of(ACCOUNT, [*ids, "nobody"][-length:])
    assert sum(len(couplings) for couplings in found.values()) == length - 1
    assert [len(couplings) for couplings in ledger.couplings_of(ACCOUNT, ids).values()] == [1] * length
    ledger.close()
