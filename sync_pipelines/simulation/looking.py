"""People who look into a system that shows nothing any more, and say what is so."""

from sync_pipelines.intake.vanishing import say_gone, vanished
from sync_pipelines.simulation.stage import Stage


def look_for_vanished(stage: Stage) -> int:
    """Somebody looks into systems that show nothing any more: `concordat doctor SYSTEM --gone KIND` where it is so.

    Where it is not, our user is given back what it may see.
    """
    ledger, now, said = stage.little.ledger, stage.little.world.clock.now(), 0
    for system, kind in stage.little.places:
        known = vanished(ledger, system, kind)
        if known is None or not known.doubted:
            continue
        if not stage.rows(system, kind):
            say_gone(ledger, system, kind, "olga", now)
            stage.tell(f"olga has looked: nothing is in {system}/{kind} any more")
            stage.done["said_gone"] += 1
            said += 1
        elif kind in stage.at(system).blind:
            stage.mend.pop(f"sight of {system}")()
            stage.tell(f"olga has looked: {system}/{kind} is there, and may be seen again")
            stage.done["seen_again"] += 1
    return said
