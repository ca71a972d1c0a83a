"""What people do on ordinary days."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from connectors.errors import ConnectorError
from sync_pipelines.flow.undoing import plan_undo
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import State
from sync_pipelines.model.questions import About, Question
from sync_pipelines.simulation.draws import Draws
from sync_pipelines.simulation.little_book import KINDS
from sync_pipelines.simulation.stage import PERSON, USER, Stage, picked

How: TypeAlias = dict[str, Any]
Deed: TypeAlias = Callable[[Stage, How], None]


def _create(stage: Stage, how: How) -> None:
    system, values = how["system"], how["values"]
    stage.tries("create", f"create {system} {values}", lambda: stage.little.create(system, **values))


def _person(stage: Stage, how: How) -> None:
    system = how["system"]
    firms = stage.rows(system)
    values = {**how["values"], "AccountId": picked(firms, how["of"]).id if firms else None}
    stage.tries("create", f"create {system} person {values}", lambda: stage.little.create(system, PERSON, **values))


def _edit(stage: Stage, how: How) -> None:
    system, kind, name = how["system"], how.get("kind", ""), how["field"]
    row = stage.row(how, kind)
    if row is None:
        return
    line = f"edit {system}/{row.id} {name}={how['value']!r:.60}"
    stage.tries("edit", line, lambda: stage.little.edit(system, row.id, kind, **{name: how["value"]}))


def _place(stage: Stage, how: How) -> None:
    """A child of a record is added, changed or taken out."""
    system, row = how["system"], stage.row(how)
    if row is None:
        return
    there = [dict(place) for place in row.values["Places"] or []]
    places = [place for place in there if place["code"] != how["code"]]
    if len(places) == len(there) or not how["remove"]:
        places.append({"code": how["code"], "town": how["town"]})
    line = f"places {system}/{row.id} {places}"
    stage.tries("child", line, lambda: stage.little.edit(system, row.id, Places=places))


def _retire(stage: Stage, how: How) -> None:
    system, row, other = how["system"], stage.row(how), stage.row(how, name="other")
    if row is None or other is None:
        return
    at, kind = stage.at(system), KINDS[system]
    ways: dict[str, Callable[[], object]] = {
        "archive": lambda: at.archive(kind, row.id, by=USER),
        "delete": lambda: at.delete(kind, row.id, by=USER),
    }
    if system == "crm" and other.id != row.id:
        ways["merge"] = lambda: at.merge(kind, row.id, other.id, by=USER)
    if how["way"] in ways:
        into = f" into {other.id}" if how["way"] == "merge" else ""
        stage.tries(how["way"], f"{how['way']} {system}/{row.id}{into}", ways[how["way"]])


def _merge(stage: Stage, how: How) -> None:
    """The next one that is left, where both picks are the same."""
    system, kind = how["system"], how.get("kind", "") or KINDS[how["system"]]
    rows = stage.rows(system, kind)
    if len(rows) > 1:
        loser = picked(rows, how["pick"])
        winner = picked([row for row in rows if row.id != loser.id], how["other"])
        into = partial(stage.at(system).merge, kind, loser.id, winner.id, by=USER)
        stage.tries("merge", f"merge {system}/{loser.id} into {winner.id}", into)


def _undo(stage: Stage, how: How) -> None:
    """An operator takes a run back, as far as nobody has edited since: `concordat undo RUN --go`."""
    little = stage.little
    runs = {change.run: None for change in little.ledger.changes(states=(State.DONE,)) if change.run}
    if not runs:
        return
    run = picked(list(runs), how["pick"])
    stage.tell(f"undo {run}")
    little.world.clock.advance(60)
    try:
        result = plan_undo(little.house, run)
        little.house.apply(result)
        little.house.end(result)
    except (LedgerError, ConnectorError) as error:
        stage.tell(f"  not undone: {error}")
        return
    stage.done["undo"] += any(result.applied.total(name) for name in ("updates", "archives", "uncertain"))


def _wait(stage: Stage, how: How) -> None:
    stage.little.world.clock.advance(how["seconds"])
    stage.tell(f"{how['seconds']} seconds pass")


# --- stewards --------------------------------------------------------------------------------------------------------


def _answer(stage: Stage, how: How) -> None:
    questions = stage.little.questions()
    if questions:
        answer(stage, picked(questions, how["pick"]), how["choice"])


def answer(stage: Stage, question: Question, choice: int) -> None:
    """A steward answers; whether a lost create was made nobody knows better than the system."""
    word = "not_made" if question.about is About.CREATE else picked(sorted(question.choices), choice)
    stage.tell(f"answer {question.entity} {question.topic}: {word}")
    stage.little.answer(question, word)
    stage.done["answer"] += 1
    stage.done["apart"] += word == "apart"
    stage.done["join"] += question.about in (About.MATCH, About.JOIN) and word != "apart"


def answer_all(stage: Stage, round_: int) -> None:
    """Every question that is open, and still is when its turn comes: an answer may have changed the next one."""
    draws = Draws(stage.seed, -2 - round_)
    for place, asked in enumerate(stage.little.questions()):
        question = next((one for one in stage.little.questions() if one.id == asked.id), None)
        if question is not None:
            answer(stage, question, draws.upto(f"answer {place}", 10_000))


DEEDS: Mapping[str, Deed] = {
    "create": _create,
    "person": _person,
    "edit": _edit,
    "place": _place,
    "retire": _retire,
    "merge": _merge,
    "undo": _undo,
    "wait": _wait,
    "answer": _answer,
}
