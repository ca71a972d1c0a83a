"""What a run came to, as a person reads it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.padding import Padding
from rich.text import Text

from sync_pipelines.commands.plans import held_lines, many, stewards_of, table
from sync_pipelines.flow.forecasting import forecast
from sync_pipelines.flow.leave import asks_for_leave
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.model.changes import Part, RunState
from sync_pipelines.planning.guards import SHADOW
from sync_pipelines.review.presenting import addressed

_COLOURS = {RunState.COMPLETE: "green", RunState.WITH_REJECTS: "yellow", RunState.INCOMPLETE: "yellow"}
_WORDS = {RunState.WITH_REJECTS: "complete with rejects"}
_WRITES = (("creates", "create"), ("updates", "update"), ("archives", "archive"))
_TROUBLES = (("rejected", "refused"), ("stale", "changed meanwhile"), ("failed", "failed"), ("uncertain", "uncertain"))


def state_text(state: str) -> Text:
    """How it ended, coloured."""
    known = RunState(state) if state else None
    if known is None:
        return Text("running", "cyan")
    return Text(_WORDS.get(known, known.value), _COLOURS.get(known, "bold red"))


def forecasts(house: House, entities: Sequence[str], now: datetime) -> list[str]:
    """What reading everything takes in calls, to be said before it begins."""
    return [one.says for one in forecast(house.ledger, house.book, entities, now)]


def pass_lines(title: str, results: Sequence[RunResult]) -> Iterator[Any]:
    """One line for each entity; one for all of them where nothing was due."""
    if all(result.state is RunState.COMPLETE and not written(result) and not waits(result) for result in results):
        yield Text.assemble((title, "bold"), "  nothing is left to write\n")
        return
    made = table("entity", "read", "written", "waits", "ended", right=("read",))
    for result in results:
        read = sum(crawl.tally.read for crawl in result.crawls)
        made.add_row(result.entity, f"{read:,}", written(result) or "–", waits(result) or "–", state_text(result.state))
    yield Text(title, "bold")
    yield Padding(made, (0, 0, 1, 2))


def written(result: RunResult) -> str:
    """`12 creates and 3 updates in erp; 1 update in crm; 2 recovered`."""
    said = [f"{counts} in {system}" for system in result.applied.sums if (counts := _written_in(result, system))]
    recovered = [f"{result.recovered.done} recovered"] if result.recovered.done else []
    return "; ".join(said + recovered)


def _written_in(result: RunResult, system: str) -> str:
    total = result.applied.of(system)
    return " and ".join(many(count, word) for name, word in _WRITES if (count := getattr(total, name)))


def waits(result: RunResult) -> str:
    """What was due and did not happen."""
    blocked = [f"{part.count:,} {part.op}s in {part.system} held" for part in result.parts if not part.passed]
    troubles = [f"{count:,} {word}" for name, word in _TROUBLES if (count := result.applied.total(name))]
    held = [f"{len(result.held):,} on hold"] if result.held else []
    return ", ".join(blocked + troubles + held)


def rest_lines(house: House, results: Sequence[RunResult], passes: int = 0) -> Iterator[Any]:
    """What is left, said once, and what to do about it. `passes`: so many were not enough."""
    for result in results:
        for says in result.says:
            yield Text(f"! {result.entity}: {says}", "yellow")
    held = [part for result in results for part in result.parts if not part.passed]
    yield from (through(part) for part in held if asks_for_leave(part))
    yield from sorted({f"  held:  {part.says}" for part in held if part.says.endswith(SHADOW)})
    if passes:
        says = f"! still writing after {many(passes, 'pass', 'passes')}; run it once more, then see `concordat status`"
        yield Text(says, "yellow")
    elif not held and all(result.state is RunState.COMPLETE for result in results):
        yield "All that is due is written."
    yield from held_lines([held for result in results for held in result.held])
    yield from open_lines(house, [result.entity for result in results])


def through(part: Part) -> str:
    """The command that lets a held part through."""
    bound = f"--up-to {part.count} --op {part.op} --system {part.system}"
    return f"  let it through:  concordat apply {part.entity} {bound}"


def open_lines(house: House, entities: Sequence[str]) -> Iterator[Any]:
    """What waits for people."""
    specs = [house.book.entities[entity] for entity in entities]
    questions = [addressed(one, spec) for spec in specs for one in house.ledger.questions(entity=spec.name)]
    if questions:
        yield f"{many(len(questions), 'question')} for {stewards_of(questions)}:  concordat review list"
    stuck = [entry for entity in entities for entry in house.ledger.quarantined(entity=entity)]
    if stuck:
        yield f"{many(len({entry.ref for entry in stuck}), 'record')} in quarantine:  concordat quarantine list"


def result_data(result: RunResult) -> Mapping[str, Any]:
    """For programs."""
    return {
        "entity": result.entity,
        "run": result.run,
        "plan": result.plan,
        "state": result.state,
        "says": result.says,
        "read": sum(crawl.tally.read for crawl in result.crawls),
        "recovered": result.recovered.done,
        "written": {system: {n: getattr(s, n) for n, _ in _WRITES} for system, s in result.applied.sums.items()},
        "troubles": {name: result.applied.total(name) for name, _ in _TROUBLES},
        "parts": result.parts,
        "held": result.held,
    }
