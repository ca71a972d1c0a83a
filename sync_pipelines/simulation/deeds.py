"""What people do on ordinary days."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from connectors.contract import RecordRef
from connectors.errors import ConnectorError
from sync_pipelines.flow.splitting import plan_split
from sync_pipelines.flow.undoing import plan_undo
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import Approval, State
from sync_pipelines.model.golden import Because
from sync_pipelines.model.questions import KEPT_APART, About, Question
from sync_pipelines.review.approving import approve, approve_part
from sync_pipelines.simulation.draws import Draws
from sync_pipelines.simulation.little_book import PERSON
from sync_pipelines.simulation.looking import look_for_vanished
from sync_pipelines.simulation.stage import USER, Stage, picked
from sync_pipelines.simulation.testimony import Leave, Parted, Ref, Ruled

How: TypeAlias = dict[str, Any]
Deed: TypeAlias = Callable[[Stage, How], None]
_ALL = 10_000  # changes at once


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
    """A child of a record is added, changed or taken out, where records have any."""
    system, row = how["system"], stage.row(how)
    if row is None or "Places" not in row.values:
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
    at, kind = stage.at(system), stage.little.kind(system)
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
    system, rows = how["system"], stage.rows(how["system"], how.get("kind", ""))
    if len(rows) > 1:
        loser = picked(rows, how["pick"])
        winner = picked([row for row in rows if row.id != loser.id], how["other"])
        into = partial(stage.at(system).merge, loser.kind, loser.id, winner.id, by=USER)
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
        stage.undoing.add(result.plan)
        little.house.apply(result)
        little.house.end(result)
    except (LedgerError, ConnectorError) as error:
        stage.tell(f"  not undone: {error}")
        return
    stage.done["undo"] += any(result.applied.total(name) for name in ("updates", "archives", "uncertain"))


def _split(stage: Stage, how: How) -> None:
    """A steward parts what was taken for one: `concordat split ENTITY RECORD --go`."""
    little = stage.little
    several = [
        (entity, sorted({c.ref for c in couplings}))
        for entity in little.book.entities
        for couplings in little.ledger.couplings_of(entity, list(little.ledger.entity_ids(entity))).values()
        if len({c.ref for c in couplings}) > 1
    ]
    if not several:
        return
    entity, refs = picked(sorted(several), how["pick"])
    leaves = picked(refs, how["other"])
    stays = [ref for ref in refs if ref != leaves]
    stage.tell(f"split {leaves} from {', '.join(map(str, stays))}")
    little.world.clock.advance(60)
    began = little.world.clock.now()
    try:
        parted = plan_split(little.house, entity, [leaves], "stella")
        little.house.apply(parted.result)
        little.house.end(parted.result)
    except (LedgerError, ConnectorError) as error:
        stage.tell(f"  not split: {error}")
        return
    _note_parted(stage, entity, leaves, stays, parted.result.plan, began)


def _note_parted(
    stage: Stage, entity: str, leaves: RecordRef, stays: Sequence[RecordRef], plan: str, at: datetime
) -> None:
    """Who is on the other side by now: what was made and not known yet was looked up before they were parted."""
    now = stage.little.ledger.couplings_at(entity, [leaves, *stays])
    homes = sorted({now[ref].entity_id for ref in stays if ref in now} - {now[leaves].entity_id})
    sides = stage.little.ledger.couplings_of(entity, homes)
    left = tuple(sorted({(c.ref.system, c.ref.kind, c.ref.id) for home in homes for c in sides[home]}))
    if left:
        stage.done["split"] += 1
        stage.parted.append(Parted(entity, (leaves.system, leaves.kind, leaves.id), left, plan, at))
        stage.ever_parted.append(stage.parted[-1])


def _wait(stage: Stage, how: How) -> None:
    stage.little.world.clock.advance(how["seconds"])
    stage.tell(f"{how['seconds']} seconds pass")


# --- stewards --------------------------------------------------------------------------------------------------------


def _answer(stage: Stage, how: How) -> None:
    """Whoever sits down to it mostly looks first at what on-call is told, if there is anything."""
    if how["choice"] % 4:
        look_for_vanished(stage)
    questions = stage.little.questions()
    held = [part for some in stage.held.values() for part in some]
    if held and (how["choice"] % 2 or not questions):
        _let_through(stage, held, how)
    elif questions:
        answer(stage, picked(questions, how["pick"]), how["choice"])


def _let_through(stage: Stage, held: Sequence[str], how: How) -> None:
    """An operator has looked at it: `concordat approve PART`."""
    part = picked(held, how["pick"])
    stage.little.world.clock.advance(1)
    now = stage.little.world.clock.now()
    stage.tell(f"let through {part}")
    try:
        given = approve_part(stage.little.ledger, part, "olga", now)
    except LedgerError as error:  # the ledger was restored, and knows nothing of that plan
        stage.tell(f"  not let through: {error}")
        return
    stage.leaves.append(Leave(given.id, given.system, given.entity, given.op, given.count, now))
    stage.done["let_through"] += 1


def let_all_through(stage: Stage) -> None:
    """Whatever is still due: `concordat approve --up-to 10000`."""
    stage.little.world.clock.advance(1)
    now = stage.little.world.clock.now()
    approve(stage.little.ledger, Approval("olga", now, up_to=_ALL))
    stage.leaves.append(Leave("", "", "", "", _ALL, now))
    stage.tell("whatever is due is let through")


def answer(stage: Stage, question: Question, choice: int) -> None:
    """A steward answers; whether a lost create was made nobody knows better than the system."""
    word = "not_made" if question.about is About.CREATE else picked(sorted(question.choices), choice)
    stage.tell(f"answer {question.entity} {question.topic}: {word}")
    concerned = _concerned(stage, question, question.others)
    chosen = _chosen(question, word) if question.others else ""
    one = _records(stage, question, [question.entity_id, chosen])
    others = _records(stage, question, [other for other in question.others if other != chosen])
    stage.little.answer(question, word)
    stage.done["answer"] += 1
    stage.ruled += _ruled(stage, question)
    if word in KEPT_APART:
        stage.apart.append(concerned)
    elif question.about in (About.MATCH, About.JOIN):
        stage.done["join"] += 1
        stage.parted[:] = [one for one in stage.parted if not _are_both(one, concerned)]  # somebody knows better
        stage.apart += [others | {ref} for ref in sorted(one)] if chosen else []
    if question.about is About.ARCHIVE and word != "keep":
        stage.let_go.add(question.entity_id)


def _ruled(stage: Stage, question: Question) -> Iterator[Ruled]:
    """What stands there by somebody's word."""
    home, now = question.entity_id, stage.little.world.clock.now()
    of = _records(stage, question, [home])
    golden = stage.little.ledger.golden_of(question.entity, [home]).get(home)
    for key, word in golden.fields.items() if golden else ():
        if word.because is Because.VERDICT:
            yield Ruled(of, key, word.value, now)


def _chosen(question: Question, word: str) -> str:
    """Which of several it is, and no other one."""
    return str(question.evidence.get("others", {}).get(word, ""))


def _concerned(stage: Stage, question: Question, others: Sequence[str]) -> frozenset[Ref]:
    """The records of the one that it is asked about, and of these."""
    return _records(stage, question, [question.entity_id, *others])


def _records(stage: Stage, question: Question, ids: Sequence[str]) -> frozenset[Ref]:
    found = stage.little.ledger.couplings_of(question.entity, sorted({*ids}))
    return frozenset((c.ref.system, c.ref.kind, c.ref.id) for some in found.values() for c in some)


def _are_both(parted: Parted, concerned: frozenset[Ref]) -> bool:
    return parted.leaves in concerned and not concerned.isdisjoint(parted.stays)


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
    "split": _split,
    "wait": _wait,
    "answer": _answer,
}
