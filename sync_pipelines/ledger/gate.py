"""What systems announce, and who may pass the gate."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sync_pipelines.ledger.shelves import INBOX, LOGIN, VISIT
from sync_pipelines.ledger.store import Kept, reads, writes
from sync_pipelines.model.records import Delivery, Login, Visit


class Gate(Kept):
    """A delivery is kept before it is understood, and once."""

    @writes
    def receive(self, delivery: Delivery) -> bool:
        if self._store.get(INBOX, [(delivery.system, delivery.id)]):
            return False
        self._store.add(INBOX, [delivery])
        return True

    @reads
    def inbox(self, most: int = 1000) -> Sequence[Delivery]:
        return self._store.find(INBOX, {"waiting": [True]}, most=most)

    @reads
    def deliveries(self, system: str = "", limit: int = 20) -> Sequence[Delivery]:
        return self._store.find(INBOX, {"system": [system]} if system else {}, newest=limit)

    @writes
    def keep_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        known = self._store.get(INBOX, {(one.system, one.id) for one in deliveries})
        self._store.put(INBOX, [one for one in deliveries if (one.system, one.id) in known])

    @writes
    def forget_bodies(self, before: datetime) -> int:
        old = [one for one in self._store.find(INBOX, {}) if one.body and one.received_at < before]
        self._store.put(INBOX, [replace(one, body="") for one in old])
        return len(old)

    @reads
    def logins(self) -> Sequence[Login]:
        return self._store.find(LOGIN, {})

    @writes
    def keep_login(self, login: Login) -> None:
        self._store.put(LOGIN, [login])
        self._end_visits_of(login.name)

    @writes
    def drop_login(self, name: str) -> None:
        self._store.drop(LOGIN, [(name,)])
        self._end_visits_of(name)

    @reads
    def visit(self, digest: str) -> Visit | None:
        return self._store.get(VISIT, [(digest,)]).get((digest,))

    @writes
    def begin_visit(self, visit: Visit) -> None:
        self._store.put(VISIT, [visit])

    @writes
    def end_visit(self, digest: str) -> None:
        self._store.drop(VISIT, [(digest,)])

    def _end_visits_of(self, name: str) -> None:
        self._store.drop(VISIT, self._store.pick(VISIT, {"name": [name]}, VISIT.key))
