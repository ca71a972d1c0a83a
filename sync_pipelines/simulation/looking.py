"""People who look into a system that shows nothing any more, and say what is so."""

from sync_pipelines.intake.vanishing import say_gone, vanished
from sync_pipelines.simulation.stage import Stage
from sync_pipelines.simulation.witness import PLACES


def look_for_vanished(stage: Stage) -> int:
    """Somebody looks into systems that show nothing any more: `concordat doctor SYSTEM --gone KIND` where it is so."""
    ledger, now, said = stage.little.ledger, stage.little.world.clock.now(), 0
    for system, kind in PLACES:
        known = vanished(ledger, system, kind)
        if known and known.doubted and not stage.rows(system, kind):
            say_gone(ledger, system, kind, "olga", now)
            stage.tell(f"olga has looked: nothing is in {system}/{kind} any more")
            stage.done["said_gone"] += 1
            said += 1
    return said
