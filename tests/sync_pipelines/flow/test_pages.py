"""Plans of many entities: made page by page they are the plans that one page would make, and never half ones."""

import pytest

from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import Op, RunState
from tests.laws.little_world import LittleWorld

ROOMS = "sync_pipelines.flow."


def customers(little: LittleWorld) -> LittleWorld:
    """Some in one system, some in two, by number and by name; one contradicts; two are asked about."""
    for number in range(7):
        little.create("crm", Name=f"Firm {number}", Status="Won", Tax_Id=f"DE{number}")
    for number in range(3, 9):
        little.create("erp", Name=f"Firm {number} AG", Tax_Id=f"DE{number}")
    little.create("erp", Name="firm 1", Tax_Id="DE99")
    little.create("erp", Name="FIRM 2")
    little.create("shop", Name="Firm 2", Tax_Id="DE2")
    return little


def story(little: LittleWorld) -> list[object]:
    """What is planned, asked and coupled until nothing is left to do."""
    told: list[object] = []
    for _ in range(4):
        result = little.house.run("account")
        changes = little.ledger.changes(plan=result.plan)
        told.append([(c.system, c.op, c.record_id, sorted((k, f.new) for k, f in c.fields.items())) for c in changes])
        told.append((result.state, result.changes, len(result.held)))
        told.append(sorted(question.asks for question in little.questions()))
    homes: dict[str, list[str]] = {}
    for entity_id in little.ledger.entity_ids("account"):
        homes[entity_id] = [f"{c.ref}" for c in little.ledger.couplings_of("account", [entity_id])[entity_id]]
    return [*told, sorted(homes.values())]


def firms(little: LittleWorld, system: str) -> list[str]:
    """By number and name."""
    return sorted(f"{row.values['Tax_Id']} {row.values['Name']}" for row in little.rows(system))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_plan_of_many_pages_is_the_plan_of_one(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = story(customers(LittleWorld()))
    assert any(isinstance(said, list) and len(said) > size for said in whole)
    monkeypatch.setattr(f"{ROOMS}drafting._CHUNK", size)
    monkeypatch.setattr(f"{ROOMS}recognising._PART", size)
    assert story(customers(LittleWorld())) == whole


def test_nothing_is_made_while_there_are_records_that_nobody_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{ROOMS}recognising._PART", 2)
    monkeypatch.setattr(f"{ROOMS}recognising.MOST", 4)
    little = customers(LittleWorld())
    runs, looked_at, more = 0, 0, True
    while more:
        result = little.house.run("account")
        coupled = sum(map(len, little.ledger.couplings_of("account", little.ledger.entity_ids("account")).values()))
        assert coupled > looked_at
        runs, looked_at, more = runs + 1, coupled, bool(little.ledger.uncoupled("account"))
        assert (result.state is RunState.INCOMPLETE) == more
        assert ("nothing is made before all are" in "; ".join(result.says)) == more
        made = [c for c in little.ledger.changes(plan=result.plan) if c.op is Op.CREATE]
        assert bool(made) != more
    assert runs > 2
    little.settle()
    at_once = customers(LittleWorld())
    monkeypatch.undo()
    at_once.settle()
    for system in ("crm", "erp", "shop"):
        assert firms(little, system) == firms(at_once, system)
    assert len(firms(little, "erp")) > 8


def test_a_plan_that_is_cut_off_is_no_plan_and_the_next_one_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{ROOMS}drafting._CHUNK", 3)
    little = customers(LittleWorld())
    result = little.house.begin("account", "sync")
    little.house.read(result)
    keep, pages = little.ledger.draft_plan, 0

    def cut_off(*args: object) -> None:
        nonlocal pages
        pages += 1
        if pages == 2:
            raise LedgerError("the ledger's disk is full")
        keep(*args)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(little.ledger, "draft_plan", cut_off)
    with pytest.raises(LedgerError, match="disk is full"):
        little.house.plan(result)
    monkeypatch.setattr(little.ledger, "draft_plan", keep)
    half = little.ledger.plan(result.plan)
    assert half is not None
    assert half.state == "drafting"
    with pytest.raises(LedgerError, match="not been judged"):
        little.house.apply(result)
    whole = story(little)
    assert little.ledger.plan(half.id) is not None
    assert whole == story(customers(LittleWorld()))
