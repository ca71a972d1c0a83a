"""An older ledger comes back, or what it knows of its readings is lost."""

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from sync_pipelines.flow.adopting import adopt
from sync_pipelines.intake.crawl import FLOW_CHANGES, FLOW_DELETED, FLOW_MERGED
from sync_pipelines.intake.older import older
from sync_pipelines.ledger.copying import copy_of, put_back
from sync_pipelines.ledger.keeping import KeptLedger
from sync_pipelines.ledger.memento import Remembered
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.simulation.deeds import Deed, How
from sync_pipelines.simulation.stage import Stage, picked

RESTORED = "restored_ledger"
_TAKES = timedelta(hours=1)  # to bring a backup back; no search index is that far behind
SHOWN = timedelta(minutes=11)  # until systems show whatever was made


def back_up(stage: Stage) -> None:
    """As every night, where somebody will want it."""
    stage.backups.append(copy_of(cast("KeptLedger", stage.little.ledger)))


def readopt(stage: Stage) -> None:
    """`concordat adopt`, once the ledger says that it is older than the systems."""
    for entity in stage.little.book.entities:
        try:
            report = adopt(stage.little.house, entity)
        except LedgerError as error:
            stage.tell(f"  {entity} is not adopted: {error}")
        else:
            told = {name: field.differ for name, field in report.fields.items() if field.differ}
            stage.differing |= {(entity, name) for name in (*told, *report.restored.left)}
            stage.tell(f"  {entity} is adopted: {report.restored}, left as they differ: {told}")


def is_older(stage: Stage) -> bool:
    """Whether it was noticed."""
    return bool(older(stage.little.ledger))


def _restored_ledger(stage: Stage, how: How) -> None:
    """Some operators adopt at once, and again when they hear that it was too early; others when they are told to.

    The first backup is of an empty ledger. Where a whole disk was lost, or is put back, nothing lies beside that tells
    how far the ledger had come.
    """
    ledger = cast("KeptLedger", stage.little.ledger)
    stage.forgotten |= {key for change in ledger.changes() for key in (change.key, change.create_key) if key}
    for name in [name for name in stage.mend if name.startswith("tenant")]:
        stage.mend.pop(name)()  # whoever restores a ledger looks to which systems it is connected with
    put_back(ledger, picked(stage.backups, how["pick"]))
    stage.little.engine()
    stage.held.clear()
    stage.parted.clear()  # it may have been forgotten
    stage.little.world.clock.advance(_TAKES)
    stage.done[RESTORED] += 1
    stage.tell(f"a backup of the ledger is restored, number {how['pick'] % len(stage.backups)}")
    stage.unread.clear()
    if how.get("beside"):
        _lose_memento(stage)
    if how["other"] % 2:
        readopt(stage)
        if is_older(stage):
            stage.little.world.clock.advance(SHOWN)
            readopt(stage)


def _lose_memento(stage: Stage) -> None:
    """Nothing tells that the ledger is older now but keys of ours; where nothing is shown there is none to see."""
    now = stage.little.world.clock.now()
    stage.little.memento = Remembered()
    stage.little.engine()
    stage.unread.update({name: (at.calls.total(), now) for name, at in stage.little.world.systems.items()})
    stage.hidden += [(name, kind, now) for name, at in stage.little.world.systems.items() for kind in sorted(at.blind)]
    stage.done["lost_memento"] += 1
    stage.tell("  and what lay beside it is lost")


def _lost_watermarks(stage: Stage, how: How) -> None:
    del how
    for system, kind in stage.little.places:
        for flow in (FLOW_CHANGES, FLOW_DELETED, FLOW_MERGED):
            stage.little.ledger.rewind(system, kind, flow, None)
    stage.done["lost_watermarks"] += 1
    stage.tell("the watermarks are lost")


BACKUPS: Mapping[str, Deed] = {RESTORED: _restored_ledger, "lost_watermarks": _lost_watermarks}
