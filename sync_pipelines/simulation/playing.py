"""Plays a history: faulty, then healed, then settled."""

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.testing.world import START
from sync_pipelines.applying.encoding import NEW
from sync_pipelines.ledger.memento import Remembered
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.simulation.administrators import ADMINISTRATORS
from sync_pipelines.simulation.backups import BACKUPS, RESTORED, SHOWN, back_up, is_older, readopt
from sync_pipelines.simulation.deeds import DEEDS, Deed, answer_all, let_all_through
from sync_pipelines.simulation.draws import draw
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.little_book import ROLES, guarded, in_berlin
from sync_pipelines.simulation.little_world import LittleWorld
from sync_pipelines.simulation.looking import look_for_vanished
from sync_pipelines.simulation.misdeeds import MISDEEDS
from sync_pipelines.simulation.running import run
from sync_pipelines.simulation.stage import Stage
from sync_pipelines.simulation.swarm import Swarm
from sync_pipelines.simulation.telling import silence

ALL_DEEDS: Mapping[str, Deed] = {**DEEDS, **MISDEEDS, **ADMINISTRATORS, **BACKUPS, "run": run}
_ROUNDS = 12
_AFTER = timedelta(minutes=11)
_NIGHT = {"night_of_the_change", "business_zone"}
_MORNING = timedelta(hours=4)  # until no system is quiet any more
_OUR_IDS = "{:026d}"  # of the shape of the ids that we really give
_DOUBLE_HOUR = datetime(2026, 10, 25, 0, 20, tzinfo=UTC)  # in Europe the clocks go back at one o'clock UTC


def play(history: History, ledger: Ledger | None = None) -> Stage:
    """The whole history. The ledger is the caller's to close."""
    stage = staged(history, ledger)
    for operation in history.operations:
        perform(stage, operation.number, operation.what, dict(operation.how))
    settle(stage)
    return stage


def staged(history: History, ledger: Ledger | None = None, make: Callable[..., LittleWorld] = LittleWorld) -> Stage:
    """The world as it is before anything happens. `make` may connect its systems otherwise than in memory."""
    swarm = history.swarm
    little = make(
        history.seed,
        swarm.page_size,
        faults=history.faults(),
        ledger=ledger or MemoryLedger(),
        options=_options(history.seed, swarm),
        max_batch=1 if "lone_items" in swarm.kinds else 3,
        start=_DOUBLE_HOUR if _NIGHT & {*swarm.kinds} else START,
        ids=_OUR_IDS,
        memento=Remembered(),
    )
    if "business_zone" in swarm.kinds:
        little.book = in_berlin(little.book)
    if "tight_guards" in swarm.kinds:
        little.book = guarded(little.book)
    little.engine()
    stage = Stage(little, history.seed, frozenset(swarm.kinds))
    little.world.faults.when_struck = lambda fault, site: stage.tell(f"    ! {fault} at {site}")
    if _restores(history):
        back_up(stage)
    return stage


def _restores(history: History) -> bool:
    return any(operation.what == RESTORED for operation in history.operations)


def perform(stage: Stage, number: int, what: str, how: dict[str, Any]) -> None:
    """One operation. Its number decides which faults strike in it."""
    stage.number = number
    stage.little.world.faults.begin(number)
    if stage.backups and what == "run":
        back_up(stage)
    ALL_DEEDS[what](stage, how)


def settle(stage: Stage) -> None:
    """No more faults; everything is mended; every question is answered, and what follows from it settles."""
    stage.silence = silence(stage)
    stage.tell("everything heals")
    stage.little.world.faults.heal()
    stage.heal()
    stage.little.engine()
    if "tight_guards" in stage.kinds:
        let_all_through(stage)
    if stage.little.book.systems["crm"].calendar.quiet_hours:
        stage.little.world.clock.advance(_MORNING)
    stage.little.settle(_ROUNDS)
    if look_for_vanished(stage):
        stage.little.settle(_ROUNDS)
    if is_older(stage):
        stage.little.world.clock.advance(SHOWN)
        readopt(stage)
        stage.little.settle(_ROUNDS)
    _replay(stage)
    for round_ in range(_ROUNDS):
        stage.little.world.clock.advance(_AFTER)
        stage.little.settle(_ROUNDS)
        if not stage.little.questions():
            return
        answer_all(stage, round_)
    open_ = [(question.topic, question.asks) for question in stage.little.questions()]
    raise AssertionError(f"questions never end: {open_}")


def _replay(stage: Stage) -> None:
    """Now that systems take again what they refused, somebody lets it go on: `concordat quarantine replay --all`."""
    ledger = stage.little.ledger
    for entry in ledger.quarantined():
        ledger.release([entry.ref], entry.entity, entry.reason)
        stage.tell(f"replayed: {entry.ref} {entry.field}: {entry.says:.80}")
        stage.done["replay"] += 1
        if entry.ref.id.startswith(NEW):
            ledger.attend(entry.entity, [entry.ref.id.removeprefix(NEW)])
        else:
            ledger.attend(entry.entity, [c.entity_id for c in ledger.couplings_at(entry.entity, [entry.ref]).values()])
            ledger.mark_dirty([entry.ref], "replayed by a person")


def _options(seed: int, swarm: Swarm) -> dict[str, dict[str, Any]]:
    """What systems are like in this history. One of them has the wrong clock or the short memory."""
    odd = ROLES[int(draw(seed, "odd one") * len(ROLES))]
    common: dict[str, Any] = {}
    if "coarse_stamps" in swarm.kinds:
        common["resolution"] = timedelta(minutes=1)
    elif "fine_stamps" in swarm.kinds:
        common["resolution"] = timedelta(milliseconds=1)
    if "lagging_index" in swarm.kinds:
        common["search_lag"] = timedelta(seconds=30)
    if "silent_children" in swarm.kinds:
        common["merge_moves_children"] = False
    options = {system: dict(common) for system in ROLES}
    if "clock_skew" in swarm.kinds:
        sign = 1 if draw(seed, "skew") < 0.5 else -1  # noqa: PLR2004 - as likely as not
        options[odd]["skew"] = sign * timedelta(minutes=14)
    if "short_memory" in swarm.kinds:
        options[odd]["retention"] = timedelta(hours=1)
    return options


def played(history: History, open_ledger: Callable[[], Ledger]) -> Stage:
    """On a ledger of its own, which is closed again."""
    with closing(open_ledger()) as ledger:
        return play(history, ledger)
