"""A ledger that is older than the systems: restored from a backup, or lost.

What tells it is a key of ours that it never planned, on a record it does not know. As long as that is noted nothing is
decided: what we wrote since would look like somebody's edit, and what we made may be made once more.

A reading of changes may never show that record: a clock that was set back had stamped it before our position. So where
what lay beside the ledger is lost, which would have told it too, everything is read anew: once, or a home that lasts no
longer than a run would have it read each time.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from connectors.contract import Record, RecordRef
from sync_pipelines.intake.vanishing import doubt, was_met
from sync_pipelines.ledger.memento import Memento
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import Op
from sync_pipelines.model.our_keys import entity_of, is_ours

_PIN, _RUNS = "restored", "runs"
_BESIDE = "beside"  # that something lies beside the ledger
_ANEW = "anew"  # the run in which that was missed


@dataclass(frozen=True, slots=True)
class Older:
    """What shows that the ledger is older than the systems, for one entity."""

    since: str  # when it was noticed
    shows: str  # what showed it
    waiting: tuple[str, ...] = ()  # such records that cannot be read yet, since a code is not mapped
    adopted: bool = False  # all but those that wait are known again

    @property
    def says(self) -> str:
        """For people: what, and what to do."""
        what = "made" if self.adopted else "made or written"
        return (
            f"the ledger is older than the systems: {self.shows}. It was restored or lost, so nothing is {what}; "
            "`concordat adopt` finds out what we had made"
        )


def older(ledger: Ledger) -> dict[str, Older]:
    """By entity. Whatever it is noted for, nothing at all is made: there is one ledger."""
    said = ledger.get_pin(_PIN)
    told = json.loads(said) if said else {}
    return {entity: Older(**{**one, "waiting": tuple(one["waiting"])}) for entity, one in told.items()}


def nothing_is_made(ledger: Ledger) -> str:
    """Why nothing may be made now; empty where it may."""
    return next((one.says for one in older(ledger).values()), "")


def nothing_is_written(ledger: Ledger) -> str:
    """Why nothing may be decided now, nor written; empty where it may."""
    return next((one.says for one in older(ledger).values() if not one.adopted), "")


def note_if_it_saw_fewer_runs(ledger: Ledger, memento: Memento, entities: Iterable[str], now: datetime) -> None:
    """Begin one more run; what lies beside the ledger is asked before the ledger, so that another run is no news."""
    last = memento.last()
    with ledger.transaction():
        seen = int(ledger.get_pin(_RUNS) or 0)
        turn = max(last, seen) + 1
        ledger.set_pin(_RUNS, str(turn))
        if last > seen:
            shows = f"it has seen {seen:,} runs, and beside it {last:,} are remembered"
            _keep(ledger, {entity: Older(now.isoformat(), shows) for entity in entities} | older(ledger))
            _doubt_what_it_never_met(ledger, memento, now)
        elif not last and ledger.get_pin(_BESIDE) and not anew(ledger):
            ledger.set_pin(_ANEW, str(turn))
    memento.keep(turn)
    if not ledger.get_pin(_BESIDE) and memento.last():  # where nothing can be kept nothing is missed
        ledger.set_pin(_BESIDE, "yes")


def anew(ledger: Ledger) -> str:
    """What marks readings since what lay beside the ledger was missed; empty where it never was."""
    turn = ledger.get_pin(_ANEW)
    return f"@{turn}" if turn else ""


def _doubt_what_it_never_met(ledger: Ledger, memento: Memento, now: datetime) -> None:
    """That a kind may be empty was said of the day on which it was new. What was there since may just not be shown."""
    for place in sorted(memento.places()):
        system, _, kind = place.partition("/")
        if not was_met(ledger, system, kind):
            doubt(ledger, system, kind, 0, now)


def note_unplanned(
    ledger: Ledger, entity: str, records: Sequence[Record], waiting: Sequence[RecordRef], now: datetime
) -> None:
    """Look at records that were just read; those `waiting` are not landed."""
    keyed = {record.ref: record.key for record in records if record.key and is_ours(record.key)}
    if not keyed:
        return
    coupled = ledger.couplings_at(entity, sorted(keyed))
    strange = unplanned(ledger, entity, {ref: key for ref, key in keyed.items() if ref not in coupled})
    if strange:
        _note(ledger, entity, strange, [ref for ref in waiting if ref in strange], now)


def unplanned(ledger: Ledger, entity: str, keyed: dict[RecordRef, str]) -> list[RecordRef]:
    """Those that carry a key which this ledger never planned for their system."""
    if not keyed:
        return []
    made = ledger.changes(entity=entity, entity_ids=sorted({*map(entity_of, keyed.values())}))
    planned = {(change.system, change.create_key) for change in made if change.op is Op.CREATE}
    return [ref for ref, key in sorted(keyed.items()) if (ref.system, key) not in planned]


def settle(ledger: Ledger, entity: str, waiting: Sequence[RecordRef] = ()) -> None:
    """It knows again what was made, but for those that wait."""
    told = older(ledger)
    known = told.pop(entity, None)
    if known is not None and waiting:
        refs = tuple(str(ref) for ref in waiting)
        told[entity] = Older(known.since, _bears_a_key(waiting[0]), refs, adopted=True)
    _keep(ledger, told)


def _note(
    ledger: Ledger, entity: str, strange: Sequence[RecordRef], waiting: Sequence[RecordRef], now: datetime
) -> None:
    told = older(ledger)
    known = told.get(entity, Older(now.isoformat(), _bears_a_key(strange[0])))
    wait = tuple(dict.fromkeys((*known.waiting, *(str(ref) for ref in waiting))))
    told[entity] = replace(known, waiting=wait, adopted=known.adopted and {str(ref) for ref in strange} <= {*wait})
    _keep(ledger, told)


def _bears_a_key(ref: RecordRef) -> str:
    return f"{ref} carries a key of ours that it never planned"


def _keep(ledger: Ledger, told: dict[str, Older]) -> None:
    said = json.dumps({entity: asdict(one) for entity, one in sorted(told.items())}) if told else ""
    if ledger.get_pin(_PIN) != said:
        ledger.set_pin(_PIN, said)
