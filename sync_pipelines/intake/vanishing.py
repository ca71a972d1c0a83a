"""A kind of which nothing is shown any more. A right that was taken away looks just like it.

Nobody but the system, which states what was deleted, or a person who has looked can tell the one from the other. So
its records are neither taken for gone nor written to, run after run, until one of them is seen, the system has stated
them all, or somebody says so.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from connectors.contract import RecordRef
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.records import AuditEntry


@dataclass(frozen=True, slots=True)
class Vanished:
    """What is not shown any more, and what people said of it."""

    system: str
    kind: str
    since: str
    records: int  # that were there; 0 where the ledger has forgotten which
    by: str = ""  # who says that all of them are gone

    @property
    def doubted(self) -> bool:
        """Nobody has said yet that it is so."""
        return not self.by

    @property
    def found(self) -> str:
        """What was found, for people."""
        if not self.records:
            return "nothing is shown, where there was something before the ledger was restored"
        there = "was 1 record" if self.records == 1 else f"were {self.records:,} records"
        return f"nothing is shown any more, where there {there}"

    @property
    def way_out(self) -> str:
        """What a person does where all of them were deleted indeed."""
        return f"`concordat doctor {self.system} --gone {self.kind}`"

    @property
    def says(self) -> str:
        """For people: what, what it means, what to do."""
        doubt = f"{self.system}/{self.kind}: {self.found}; none is taken for deleted, and nothing is written there"
        look = f"may our user still see them? `concordat doctor {self.system}`"
        return f"{doubt}; {look}; where all of them are gone indeed, {self.way_out}"


def was_met(ledger: Ledger, system: str, kind: str) -> bool:
    """Whether the ledger knows of a record there, living or gone."""
    living = any(ledger.record_id_pages(system, kind))
    return living or bool(ledger.record_ids(system, kind, gone=True))


def vanished(ledger: Ledger, system: str, kind: str) -> Vanished | None:
    """What is known of it: a doubt, or a person's word that holds until a record is seen again."""
    said = ledger.get_pin(_pin(system, kind))
    return Vanished(**json.loads(said)) if said else None


def doubt(ledger: Ledger, system: str, kind: str, records: int, now: datetime) -> Vanished:
    """Nothing is shown, and so many records should be. Since when is told by the first who noticed."""
    known = vanished(ledger, system, kind)
    since = known.since if known else now.isoformat()
    return _keep(ledger, Vanished(system, kind, since, records))


def trust(ledger: Ledger, system: str, kind: str) -> None:
    """There is no doubt any more, and whatever was said of it is over."""
    if ledger.get_pin(_pin(system, kind)):
        ledger.set_pin(_pin(system, kind), "")


def say_gone(ledger: Ledger, system: str, kind: str, by: str, now: datetime) -> Vanished:
    """A person has looked: they were all deleted. The next run takes them for gone.

    Raises LedgerError where none is missed.
    """
    known = vanished(ledger, system, kind)
    if known is None:
        message = f"{system}/{kind}: nothing has vanished there, so there is nothing to say; see `concordat status`"
        raise LedgerError(message)
    with ledger.transaction():
        said = f"said that all {known.records} records are gone" if known.records else "said that nothing is left"
        ledger.audit([AuditEntry(now, by, said, f"{system}/{kind}")])
        return _keep(ledger, replace(known, by=by))


def _keep(ledger: Ledger, known: Vanished) -> Vanished:
    ledger.set_pin(_pin(known.system, known.kind), json.dumps(asdict(known)))
    return known


def _pin(system: str, kind: str) -> str:
    return f"vanished:{system}:{kind}"


# --- what others were merged into, and nobody has seen ---------------------------------------------------------------


def unseen(ledger: Ledger, system: str, kind: str) -> set[str]:
    """Records that others live in now, by the system's own word, and that it did not show."""
    said = ledger.get_pin(_unseen(system, kind))
    return set(json.loads(said)) if said else set()


def note_unseen(ledger: Ledger, system: str, kind: str, refs: Iterable[RecordRef]) -> None:
    """They have to be there, as those have that were read."""
    if ids := {ref.id for ref in refs}:
        _keep_unseen(ledger, system, kind, unseen(ledger, system, kind) | ids)


def forget_unseen(ledger: Ledger, system: str, kind: str, ids: Iterable[str]) -> None:
    """They are shown by now, or gone."""
    known = unseen(ledger, system, kind)
    if left := known - set(ids):
        _keep_unseen(ledger, system, kind, left)
    elif known:
        ledger.set_pin(_unseen(system, kind), "")


def _keep_unseen(ledger: Ledger, system: str, kind: str, ids: Iterable[str]) -> None:
    ledger.set_pin(_unseen(system, kind), json.dumps(sorted(ids)))


def _unseen(system: str, kind: str) -> str:
    return f"unseen:{system}:{kind}"
