"""What people were told, and what they are still to be told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sync_pipelines.ledger.shelves import ALERT, OUTBOX
from sync_pipelines.ledger.store import Kept, reads, writes
from sync_pipelines.model.records import KeptAlert, OutgoingMessage


class Alerts(Kept):
    """A message that was decided on is not forgotten, whoever dies, and is put out once."""

    @reads
    def open_alerts(self) -> Sequence[KeptAlert]:
        return self._store.find(ALERT, {"open": [True]})

    @reads
    def all_alerts(self) -> Sequence[KeptAlert]:
        return self._store.find(ALERT, {})

    @writes
    def keep_alerts(self, alerts: Sequence[KeptAlert], messages: Sequence[OutgoingMessage]) -> None:
        self._store.put(ALERT, alerts)
        known = self._store.get(OUTBOX, {(message.id,) for message in messages})
        self._store.add(OUTBOX, [message for message in messages if (message.id,) not in known])

    @reads
    def outgoing(self) -> Sequence[OutgoingMessage]:
        return self._store.find(OUTBOX, {"waiting": [True]})

    @writes
    def sent(self, message: OutgoingMessage, at: datetime | None) -> None:
        after = replace(message, tries=message.tries + 1, sent_at=at, waiting=at is None)
        self._store.put(OUTBOX, [after])
