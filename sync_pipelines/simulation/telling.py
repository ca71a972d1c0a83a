"""What the engine says of itself while something stands still, and everything else that it says or keeps."""

from datetime import timedelta
from typing import cast

from monitoring.kinds import Limits
from monitoring.watching import look
from sync_pipelines.flow.standing import standing_of
from sync_pipelines.flow.steps import SYNC
from sync_pipelines.intake.vanishing import vanished
from sync_pipelines.ledger.keeping import KeptLedger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.ledger.shelves import SHELVES
from sync_pipelines.simulation.stage import Stage
from sync_pipelines.simulation.testimony import Alarm, Silence

_EVERY = 10  # seeds: then nobody runs anything for a while, and everything that was said is kept
_LATER = timedelta(hours=2)  # more than the little book promises
_QUOTA = "quota of "
_SIGHT = "sight of "
_STOPS = (_SIGHT, "tenant of ", _QUOTA)  # names of what has to be mended, before the system's
_TRIES = 3  # runs; the first may use up what is left of a quota, two in a row are told


def silence(stage: Stage) -> Silence | None:
    """Before anything is mended: what is silent, and what is said of it. None where nothing is."""
    stopped = _stopped(stage)
    if not stopped and not is_sampled(stage):
        return None
    stage.little.world.faults.heal()  # what is silent is no fault of the network
    for turn in range(_TRIES if stopped else 0):
        _run(stage)
        stopped -= _goes_on(stage) if turn == 0 else frozenset()
    stopped -= _stated_it_all(stage)
    now = _alarms(stage)
    due = frozenset(run.entity for run in stage.little.ledger.runs(limit=20) if run.kind == SYNC)
    stage.little.world.clock.advance(_LATER)
    return Silence(stopped, now, due, _alarms(stage))


def is_sampled(stage: Stage) -> bool:
    """What takes time is done in few histories."""
    return stage.seed % _EVERY == 0


def sayings(stage: Stage) -> list[str]:
    """Whatever was told, and whatever lies in the ledger."""
    ledger = cast("KeptLedger", stage.little.ledger)
    alarms = (f"{alarm.kind} {alarm.says}" for alarm in _alarms(stage))
    return [*stage.told, *alarms, *(repr(ledger.store.find(shelf, {})) for shelf in SHELVES)]


def _stopped(stage: Stage) -> frozenset[str]:
    """Systems that do not speak to us any more, and of which we know records."""
    names = {name.removeprefix(stop) for name in stage.mend for stop in _STOPS if name.startswith(stop)}
    known = (name for name in names if stage.little.ledger.count_coupled("account", name))
    return frozenset(name for name in known if not _was_said_to_be_empty(stage, name))


def _was_said_to_be_empty(stage: Stage, system: str) -> bool:
    """Somebody looked, and was right: who sees nothing there sees all that there is."""
    said = vanished(stage.little.ledger, system, stage.little.kind(system))
    return said is not None and not said.doubted and not stage.rows(system)


def _stated_it_all(stage: Stage) -> frozenset[str]:
    """Systems that show nothing, and have told of each that it was deleted, rightly: nothing is hidden there."""
    hide = {name.removeprefix(_SIGHT) for name in stage.mend if name.startswith(_SIGHT)}
    other = {name.removeprefix(stop) for name in stage.mend for stop in _STOPS[1:] if name.startswith(stop)}
    living = (
        name
        for name in hide
        if any(stage.little.ledger.record_id_pages(name, stage.little.kind(name))) or stage.rows(name)
    )
    return frozenset(hide - other - {*living})


def _goes_on(stage: Stage) -> frozenset[str]:
    """Systems whose quota was enough after all."""
    short = {name.removeprefix(_QUOTA) for name in stage.mend if name.startswith(_QUOTA)}
    other = {name.removeprefix(stop) for name in stage.mend for stop in _STOPS[:-1] if name.startswith(stop)}
    return frozenset(name for name in short - other if stage.at(name).calls_left)


def _run(stage: Stage) -> None:
    stage.little.world.clock.advance(60)
    for entity in stage.little.book.entities:
        try:
            stage.little.house.run(entity, full=True)
        except LedgerError as error:
            stage.tell(f"  {entity}: {error}")


def _alarms(stage: Stage) -> list[Alarm]:
    little = stage.little
    seen = look(standing_of(little.ledger, little.book, little.world.clock.now()), Limits())
    found = (*seen.problems, *seen.following)
    return [Alarm(problem.kind.name, problem.entity, problem.system, problem.says) for problem in found]
