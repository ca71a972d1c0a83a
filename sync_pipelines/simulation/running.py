"""A run, and what may befall the process that makes it: it dies, sleeps beyond its lease, or is not alone."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast

from connectors.contract import Connector
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.simulation.administrators import edit_rules
from sync_pipelines.simulation.deeds import Deed, How
from sync_pipelines.simulation.stage import Stage

_SLEEP = timedelta(minutes=30)  # longer than any lease
_LEASE = timedelta(minutes=11)
_RIVAL = "rival"


class CrashError(BaseException):
    """The process dies here. No engine catches it."""


class Life:
    """Of one process. Once it is over, nothing that belongs to the process does anything any more."""

    def __init__(self, stage: Stage, *, dies_at: int, in_ledger: bool) -> None:
        """`dies_at` counts labelled points, or uses of the ledger."""
        self._stage, self._left, self._in_ledger, self.over = stage, dies_at, in_ledger, False

    def checkpoint(self, name: str) -> None:
        """A labelled point of the engine."""
        self.breathe(name, counts=not self._in_ledger)

    def breathe(self, name: str, *, counts: bool) -> None:
        """Go on, or die."""
        if counts and not self.over:
            self._left -= 1
            self.over = self._left == 0
            if self.over:
                self._stage.tell(f"the process dies at {name}")
                self._stage.done["died"] += 1
        if self.over:
            raise CrashError(name)

    def uses_ledger(self, name: str) -> None:
        """It asks the ledger something, or tells it."""
        self.breathe(f"ledger.{name}", counts=self._in_ledger)

    def calls(self, name: str) -> None:
        """It calls a system."""
        self.breathe(name, counts=False)


class _Mortal:
    """Whatever a process holds, for as long as it lives."""

    def __init__(self, held: object, alive: Callable[[str], None]) -> None:
        self._held, self._alive = held, alive

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._held, name)
        if not callable(found):
            return found

        def use(*arguments: Any, **named: Any) -> Any:
            self._alive(name)
            return found(*arguments, **named)

        setattr(self, name, use)
        return use


def _mortal(stage: Stage, life: Life) -> House:
    """A process that dies."""
    little = stage.little
    connectors = {system: cast("Connector", _Mortal(one, life.calls)) for system, one in little.connectors.items()}
    ledger = cast("Ledger", _Mortal(little.ledger, life.uses_ledger))
    return House(little.book, ledger, connectors, little.seams(life.checkpoint))


# --- runs ------------------------------------------------------------------------------------------------------------


def run(stage: Stage, how: How) -> None:
    """One run of each entity, as it goes on that day."""
    stage.done["run"] += 1
    befalls = how.get("befalls", "")
    stage.tell(f"run{f', {befalls}' if befalls else ''}")
    _RUNS[befalls](stage, how)
    stage.little.checkpoint = _nothing
    if befalls:
        stage.done[befalls] += 1


def _plain(stage: Stage, how: How, *, full: bool = False) -> None:
    del how
    stage.little.world.clock.advance(60)
    _each(stage, stage.little.house, full=full)


def _each(stage: Stage, house: House, *, full: bool = False) -> None:
    for entity in house.book.entities:
        try:
            result = house.run(entity, full=full)
        except LedgerError as error:
            stage.tell(f"  {house.seams.holder} {entity}: {error}")
        else:
            _note_held(stage, entity, result)
            if result.says:
                stage.tell(f"  {house.seams.holder} {entity}: {result.state.value}: {'; '.join(result.says)}")


def _note_held(stage: Stage, entity: str, result: RunResult) -> None:
    """Of each entity the newest plan's."""
    held = [part.id for part in result.parts if not part.passed]
    stage.held[entity] = held
    stage.done["held"] += len(held)


def _full(stage: Stage, how: How) -> None:
    _plain(stage, how, full=True)


def _lone(stage: Stage, how: How) -> None:
    names = list(stage.little.book.entities)
    stage.little.world.clock.advance(60)
    entity = names[how["nth"] % len(names)]
    stage.tell(f"  of {entity} alone")
    stage.little.house.run(entity)


def _dying(stage: Stage, how: How, *, in_ledger: bool = False, dies_at: int = 0) -> None:
    stage.little.world.clock.advance(60)
    try:
        _each(stage, _mortal(stage, Life(stage, dies_at=dies_at or how["nth"], in_ledger=in_ledger)))
    except CrashError:
        stage.little.world.clock.advance(_LEASE)  # until the dead one's lease is over
        stage.little.engine()


def _dying_in_ledger(stage: Stage, how: How) -> None:
    _dying(stage, how, in_ledger=True, dies_at=how["nth"] * how["after"])


def _dying_twice(stage: Stage, how: How) -> None:
    _dying(stage, how)
    _dying(stage, how, in_ledger=True, dies_at=how["after"])


def _at_checkpoint(nth: int, deed: Callable[[], None]) -> Callable[[str], None]:
    left = [nth]

    def checkpoint(name: str) -> None:
        del name
        left[0] -= 1
        if left[0] == 0:
            deed()

    return checkpoint


def _rival(stage: Stage) -> None:
    """Another process runs the whole, on the same ledger."""
    stage.tell("  meanwhile another process runs")
    little = stage.little
    _each(stage, House(little.book, little.ledger, little.connectors, little.seams(holder=_RIVAL)))


def _two_workers(stage: Stage, how: How) -> None:
    stage.little.checkpoint = _at_checkpoint(how["nth"], lambda: _rival(stage))
    _plain(stage, how)


def _zombie(stage: Stage, how: How) -> None:
    def sleep() -> None:
        stage.tell("  the process sleeps for half an hour")
        stage.little.world.clock.advance(_SLEEP)
        _rival(stage)

    stage.little.checkpoint = _at_checkpoint(how["nth"], sleep)
    _plain(stage, how)


def _rules_edited(stage: Stage, how: How) -> None:
    stage.little.checkpoint = _at_checkpoint(how["nth"], lambda: edit_rules(stage))
    _plain(stage, how)


def _nothing(name: str) -> None:
    del name


_RUNS: Mapping[str, Deed] = {
    "": _plain,
    "crash": _dying,
    "crash_in_ledger": _dying_in_ledger,
    "crash_twice": _dying_twice,
    "two_workers": _two_workers,
    "zombie": _zombie,
    "full_run": _full,
    "rules_edited_mid_run": _rules_edited,
    "lone_entity": _lone,
}
