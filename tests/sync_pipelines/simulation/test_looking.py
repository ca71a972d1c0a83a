"""A person looks into a system that shows nothing any more: in the middle of a history, and says what is so."""

import pytest

from sync_pipelines.intake.vanishing import vanished
from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.operations import Operation
from sync_pipelines.simulation.playing import perform, staged
from sync_pipelines.simulation.stage import Stage
from sync_pipelines.simulation.swarm import Swarm

_HOW = {"system": "erp", "pick": 0, "other": 0, "field": "Remark", "value": "1", "way": "delete"}


def _history(what: str) -> History:
    told: tuple[tuple[str, dict[str, object]], ...] = (
        ("create", {"system": "erp", "values": {"Name": "Acme", "Tax_Id": "T1"}}),
        ("run", {}),
        (what, _HOW),
        ("run", {"befalls": "full_run", "nth": 1, "after": 1}),
        ("answer", {"pick": 0, "choice": 1}),
        ("run", {}),
    )
    operations = tuple(Operation(number, name, how) for number, (name, how) in enumerate(told))
    return History(1, Swarm(), operations, hits=())


def _stage(what: str) -> Stage:
    history = _history(what)
    stage = staged(history)
    for operation in history.operations:
        perform(stage, operation.number, operation.what, dict(operation.how))
    return stage


def test_where_everything_is_there_our_user_is_given_back_what_it_may_see() -> None:
    stage = _stage("blindness")
    assert stage.done["seen_again"] == 1
    assert "sight of erp" not in stage.mend
    assert vanished(stage.little.ledger, "erp", "Customer") is None
    assert len(stage.rows("erp")) == 1


def test_where_nothing_is_left_it_is_said_in_the_middle() -> None:
    stage = _stage("hard_delete")
    assert stage.done["said_gone"] == 1
    known = vanished(stage.little.ledger, "erp", "Customer")
    assert known is not None
    assert not known.doubted


@pytest.mark.parametrize("what", ["blindness", "hard_delete"])
def test_a_look_in_the_middle_breaks_nothing(what: str) -> None:
    verdict = examine(_history(what))
    assert not verdict.broken, "\n".join([*verdict.broken, *verdict.stage.told])
    looked = next(place for place, line in enumerate(verdict.stage.told) if line.startswith("olga has looked"))
    assert looked < verdict.stage.told.index("everything heals")
