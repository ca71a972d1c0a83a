"""The chain of who did what, and who was erased. Both hold keyed digests; values stand beside and can be erased."""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from sync_pipelines.ledger.json_text import spell_sorted
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.ledger.shelves import AUDIT, PIN, SUPPRESSION, Audited, Pin, Suppressed
from sync_pipelines.ledger.store import Kept, Store, reads, writes
from sync_pipelines.model.records import AuditEntry

KEY_PIN = "ledger:audit_key"  # the fingerprint of the key, never the key
HEAD_PIN = "ledger:audit_head"  # how long the chain is, so that a cut-off end is missed


class Audit(Kept):
    """Append-only. Each link digests the entry and the link before it, with a key that is not in the database."""

    def __init__(self, store: Store, audit_key: bytes) -> None:
        super().__init__(store)
        self._audit_key = audit_key

    @writes
    def audit(self, entries: Sequence[AuditEntry]) -> None:
        if not entries:
            return
        self._check_key()
        newest = self._store.find(AUDIT, {}, newest=1)
        link = newest[0].link if newest else ""
        length = self._store.last(AUDIT)
        chained: list[Audited] = []
        for entry in entries:
            digest = self._digest(spell_sorted(entry.values))
            link = self._link(link, entry, digest)
            chained.append(Audited(entry.at, entry.who, entry.did, entry.about, entry.values, digest, link))
        self._store.add(AUDIT, chained)
        pins = (Pin(KEY_PIN, self._fingerprint()), Pin(HEAD_PIN, self._head(length + len(chained), link)))
        self._store.put(PIN, pins)

    @reads
    def audit_trail(self, limit: int = 100) -> Sequence[AuditEntry]:
        return [each.entry() for each in self._store.find(AUDIT, {}, newest=limit)]

    @reads
    def verify_audit(self) -> int:
        self._check_key()
        link = ""
        place = 0
        for place, each in enumerate(self._store.find(AUDIT, {}), start=1):
            link = self._link(link, each.entry(), each.values_digest)
            said = each.values is None or self._digest(spell_sorted(each.values)) == each.values_digest
            if not said or not hmac.compare_digest(link, each.link):
                raise LedgerError(f"audit entry {place} ({each.at:%Y-%m-%d %H:%M}): it was changed, or one is missing")
        if self._pinned(HEAD_PIN) not in ({self._head(place, link)} if place else {""}):
            raise LedgerError(f"the audit chain ends after entry {place} and once went on: its end was cut off")
        return place

    @writes
    def erase_audited(self, about: Sequence[str]) -> None:
        self._store.amend(AUDIT, ("about",), [((each,), {"values": None}) for each in about])

    @writes
    def suppress(self, marks: Sequence[str], at: datetime) -> None:
        if marks:
            self._check_key()
            self._store.put(PIN, [Pin(KEY_PIN, self._fingerprint())])
        self._store.put(SUPPRESSION, [Suppressed(self._hidden(mark), at) for mark in marks])

    @reads
    def suppressed(self, marks: Sequence[str]) -> frozenset[str]:
        if not marks or not self._store.count(SUPPRESSION, {}):
            return frozenset()
        self._check_key()
        hidden = {self._hidden(mark): mark for mark in marks}
        found = self._store.get(SUPPRESSION, {(digest,) for digest in hidden})
        return frozenset(hidden[digest] for (digest,) in found)

    def _hidden(self, mark: str) -> str:
        return self._digest(b"suppressed " + mark.encode())

    def _check_key(self) -> None:
        """A wrong key is said to be one, before every entry looks forged."""
        if not self._audit_key:
            raise LedgerError(
                "the ledger was opened without an audit key: pass one in (32 random bytes, kept elsewhere)"
            )
        if self._pinned(KEY_PIN) not in ("", self._fingerprint()):
            raise LedgerError("the audit key is not the one of this chain: bring back the one it was made with")

    def _pinned(self, name: str) -> str:
        kept = self._store.get(PIN, [(name,)]).get((name,))
        return kept.value if kept else ""

    def _fingerprint(self) -> str:
        return self._digest(b"concordat audit key")

    def _head(self, length: int, link: str) -> str:
        return f"{length} {self._digest(f'{length} {link}'.encode())}"

    def _link(self, before: str, entry: AuditEntry, values_digest: str) -> str:
        at = _utc(entry.at)
        return self._digest(spell_sorted([before, at, entry.who, entry.did, entry.about, values_digest]))

    def _digest(self, said: bytes) -> str:
        return hmac.new(self._audit_key, said, sha256).hexdigest()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
