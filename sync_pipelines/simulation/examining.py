"""Plays a history and looks for what it breaks. The answer is the same for the same history, to the byte."""

import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sync_pipelines.ledger.port import Ledger
from sync_pipelines.simulation.draws import draw
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.invariants.table import broken_at_end, broken_at_rest
from sync_pipelines.simulation.invariants.words import living
from sync_pipelines.simulation.little_world import LittleWorld
from sync_pipelines.simulation.nemesis import Way
from sync_pipelines.simulation.playing import perform, settle, staged
from sync_pipelines.simulation.stage import USER, Stage
from sync_pipelines.simulation.telling import is_sampled, sayings
from sync_pipelines.simulation.testimony import Evidence, LastEdit
from sync_pipelines.simulation.values import HOSTILE
from sync_pipelines.simulation.watching import Watch
from sync_pipelines.simulation.witness import hear

_LAST = "555"
_REWINDING = frozenset(
    {
        "short_memory",
        "restored_ledger",
        "lost_watermarks",
        "rules_edited",
        "rules_edited_mid_run",
        "codes_edited",
        "clock_step_back",
        "clock_step_on",
        "clock_leap",
    }
)
_HOSTILE = {repr(value): name for name, values in HOSTILE.items() for value in values}
_TAKES_PART = ("open", "won")
_RUNS = ("run", "undo")


@dataclass(slots=True)
class Verdict:
    """What came of a history."""

    history: History
    stage: Stage
    broken: Sequence[str] = ()
    trace: str = ""
    met: Counter[str] = field(default_factory=Counter)  # operations and faults that really took place
    written: Counter[str] = field(default_factory=Counter)  # by us
    waits: bool = False  # something was left that waits with a reason

    @property
    def what(self) -> str:
        """The first thing it breaks, without its details: two histories that break the same are one finding."""
        return self.broken[0].split(" ", 1)[0] if self.broken else ""


def examine(history: History, ledger: Ledger | None = None, make: Callable[..., LittleWorld] = LittleWorld) -> Verdict:
    """Play it, settle it, check it, edit once more, check again."""
    stage = staged(history, ledger, make)
    watch = Watch(stage.little, stage.tell)
    verdict = Verdict(history, stage)
    try:
        for operation in history.operations:
            perform(stage, operation.number, operation.what, dict(operation.how))
            if operation.what in _RUNS:
                watch.ran(operation.number, rewound=_rewinds(history))
        settle(stage)
        verdict.broken = _at_rest(history, stage, watch) or _at_end(history, stage, watch)
    except AssertionError as error:
        verdict.broken = [f"L1 {error}"]
    except Exception as error:  # noqa: BLE001 - whatever the engine lets through is a finding
        verdict.broken = [f"{type(error).__name__} {_where(error)}: {error!r:.300}"]
    verdict.trace = stage.little.world.digest()
    verdict.met = stage.done + stage.little.world.faults.fired + _drawn_in(history)
    verdict.written = Counter(entry.op for entry in stage.little.written())
    verdict.waits = bool(stage.little.ledger.quarantined())
    return verdict


def _drawn_in(history: History) -> Counter[str]:
    """What befell the world from the beginning, and what was typed."""
    typed = (
        _HOSTILE.get(repr(value))
        for operation in history.operations
        for value in (operation.how.get("value"), *operation.how.get("values", {}).values())
    )
    return Counter([*history.swarm.of_way(Way.START), *(name for name in typed if name)])


def _rewinds(history: History) -> bool:
    """Deletions that are told no more, changed rules and clocks that were set back take a reading back on purpose."""
    return bool(_REWINDING & {*history.swarm.kinds, *(operation.what for operation in history.operations)})


def _at_rest(history: History, stage: Stage, watch: Watch) -> Sequence[str]:
    evidence = _evidence(history, stage, watch)
    evidence.settled = {name: len(system.log) for name, system in stage.little.world.systems.items()}
    stage.little.run(full=True)
    evidence.rested = hear(stage.little)
    return broken_at_rest(evidence)


def _at_end(history: History, stage: Stage, watch: Watch) -> Sequence[str]:
    edit = _edit_once_more(history, stage)
    if edit is None:
        return ()
    for _ in range(2):
        stage.little.run()
    evidence = _evidence(history, stage, watch)
    evidence.last_edit = edit
    return broken_at_end(evidence)


def _evidence(history: History, stage: Stage, watch: Watch) -> Evidence:
    return Evidence(
        stage.little.world,
        hear(stage.little),
        frozenset(history.swarm.kinds),
        stage.done,
        watch.passes,
        watch.unannounced,
        watch.unleased,
        watch.overwritten,
        watch.made,
        sent=watch.sent,
        leaves=stage.leaves,
        apart=stage.apart,
        archived=watch.archived,
        unseen=stage.unseen,
        ruled=stage.ruled,
        let_go=frozenset(stage.let_go),
        undoing=frozenset(stage.undoing),
        silence=stage.silence,
        secrets=stage.little.secrets,
        said=sayings(stage) if is_sampled(stage) else (),
        parted=stage.parted,
        ever_parted=stage.ever_parted,
        differing=frozenset(stage.differing),
        forgotten=frozenset(stage.forgotten),
        called={(system, theirs): ours for (system, ours), theirs in stage.little.called.items()},
    )


def _edit_once_more(history: History, stage: Stage) -> LastEdit | None:
    """One firm that several systems know, that takes part and of which nothing waits; one phone number."""
    told = hear(stage.little)
    waits = {(w.system, w.id) for w in told.waiting} | set(told.gaps)
    homes = {c.entity_id for c in told.couplings if (c.system, c.id) in waits}
    evidence = Evidence(stage.little.world, told, frozenset(), {})
    firms = []
    for entity_id, rows in living(evidence, "account"):
        golden = told.golden.get(("account", entity_id), {})
        status = golden["status"].value if "status" in golden else None
        if len(rows) > 1 and status in _TAKES_PART and entity_id not in homes:
            firms.append((entity_id, rows))
    if not firms:
        return None
    entity_id, rows = firms[int(draw(history.seed, "last firm") * len(firms))]
    system = sorted(rows)[int(draw(history.seed, "last system") * len(rows))]
    stage.little.world.clock.advance(1)
    mark, row = len(stage.little.world.log()), rows[system]
    stage.at(system).update(row.kind, row.id, {"Phone": _LAST}, by=USER)
    stage.tell(f"last edit {system}/{row.id} Phone={_LAST!r}")
    return LastEdit(entity_id, system, row.id, "phone", _LAST, mark + 1)


def _where(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/simulation/" not in frame.filename]
    return f"{frames[-1].filename.rsplit('/', 2)[-1]}:{frames[-1].name}" if frames else "simulation"
