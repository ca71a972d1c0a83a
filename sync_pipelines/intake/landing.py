"""Landing: payloads become claims, once each. What is unchanged stops here; what cannot be read waits in quarantine."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
import xxhash

from connectors.contract import Listed, Payload, Record, RecordRef
from connectors.errors import RejectedError
from mappings.fieldmap import Gap, Reading
from mappings.values import Value
from sync_pipelines.identity.keys import OUR_KEY, match_keys
from sync_pipelines.intake.older import note_unplanned
from sync_pipelines.intake.readers import Reader
from sync_pipelines.intake.showing import first_shown
from sync_pipelines.intake.wholeness import whole
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim, Stance
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.model.parts import ordered
from sync_pipelines.model.records import Quarantined, Seen
from sync_pipelines.review.promoting import promote


@dataclass(slots=True)
class Tally:
    """What a reading came to."""

    read: int = 0
    unchanged: int = 0
    landed: int = 0
    held: int = 0  # records with a code nobody has mapped
    faults: int = 0  # fields that could not be read
    gone: int = 0
    merged: int = 0
    out_of_scope: int = 0

    def add(self, other: "Tally") -> None:
        """Sum up."""
        self.read += other.read
        self.unchanged += other.unchanged
        self.landed += other.landed
        self.held += other.held
        self.faults += other.faults
        self.gone += other.gone
        self.merged += other.merged
        self.out_of_scope += other.out_of_scope


@dataclass(frozen=True, slots=True)
class _Read:
    """One record as one reader read it."""

    record: Record
    reader: Reader
    reading: Reading
    digest: str


def payload_digest(payload: Payload) -> str:
    """The fingerprint of a payload, whatever the order of its keys."""
    try:
        told = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS, default=str)
    except TypeError:  # keys that are no text; letting them through costs as much again as all the rest
        told = _spelled_with_patience(payload)
    return xxhash.xxh3_128_hexdigest(told)


def _spelled_with_patience(payload: Payload) -> bytes:
    try:
        return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    except TypeError:  # half of a character: its field is a fault, and no reason not to land the others
        return json.dumps(payload, sort_keys=True, default=str).encode()


def mark_of(ref: RecordRef) -> str:
    """Under which the record of an erased person is known, by a keyed hash."""
    return f"record:{ref}"


class Landing:
    """Puts records into the ledger. One page, one transaction."""

    def __init__(self, ledger: Ledger, readers: Mapping[tuple[str, str], tuple[Reader, ...]]) -> None:
        """`readers` by (system, kind)."""
        self._ledger = ledger
        self._readers = readers

    def land(self, records: Sequence[Record], now: datetime, *, strong: bool = False, anew: bool = False) -> Tally:
        """Land records of one kind; what is unchanged, or older than what is known, is not written.

        `strong`: read by id just now. Only such a read brings back a record that its system said is gone; a listing
        may still show what a slow index holds. `anew`: what is unchanged is read once more too; a fault that somebody
        released is found again where it is still there.
        """
        if isinstance(records, Listed) and len(records.imprints) == len(records) and not strong and not anew:
            return self._land_listed(records, now)
        return self._land(records, now, set(), strong=strong, anew=anew)

    def _without_erased(self, records: Sequence[Record]) -> Sequence[Record]:
        """Somebody asked that nothing be kept of them: what they still are in a system is not looked at."""
        marks = {mark_of(record.ref) for record in records}
        erased = self._ledger.suppressed(sorted(marks)) if marks else frozenset()
        return [record for record in records if mark_of(record.ref) not in erased] if erased else records

    def _land_listed(self, listed: Listed, now: datetime) -> Tally:
        """What is known by its imprint is not even made a record."""
        version = self._version(listed.system, listed.kind)
        other = self._ledger.unlike_imprints(listed.system, listed.kind, version, listed.imprints)
        tally = Tally(read=len(listed) - len(other), unchanged=len(listed) - len(other))
        if other:
            self._land_other(
                listed, {one: imprint for one, imprint in listed.imprints.items() if one in other}, tally, now
            )
        return tally

    def _land_other(self, listed: Listed, other: Mapping[str, str], tally: Tally, now: datetime) -> None:
        records = [listed[place] for place, one in enumerate(listed.imprints) if one in other]
        unsure: set[str] = set()
        with self._ledger.transaction():
            tally.add(self._land(records, now, unsure))
            sure = {one: imprint for one, imprint in other.items() if one not in unsure}
            self._ledger.imprint(listed.system, listed.kind, sure)

    def _version(self, system: str, kind: str) -> str:
        return "+".join(reader.version for reader in self._readers.get((system, kind), ()))

    def _land(
        self, records: Sequence[Record], now: datetime, unsure: set[str], *, strong: bool = False, anew: bool = False
    ) -> Tally:
        """To `unsure` is added what is not landed just as it was told: it has to be looked at again."""
        tally = Tally(read=len(records))
        records = self._without_erased(whole(records))
        if not records:
            return tally
        newest = _newest(records)
        first = records[0].ref
        if len(newest) < len(records) and not strong:
            twice = [ref for ref, times in Counter(record.ref for record in records).items() if times > 1]
            self._ledger.mark_dirty(twice, "one page told it twice")
        readers = self._readers.get((first.system, first.kind), ())
        version = self._version(first.system, first.kind)
        with self._ledger.transaction():
            told = {i: (payload_digest(r.payload), r.version, r.changed_at) for i, r in newest.items()}
            moved = list(newest) if anew else self._ledger.unlike(first.system, first.kind, version, told)
            tally.unchanged += len(newest) - len(moved)
            if not moved:
                return tally
            seen = self._ledger.seen(first.system, first.kind, moved)
            told_now = [(newest[i], told[i][0]) for i in moved]
            fresh = told_now if anew else self._sift(told_now, seen, version, tally, unsure, strong=strong)
            for reader in readers:
                unsure |= self._land_for(reader, fresh, seen, version, tally, now)
        return tally

    def _sift(
        self,
        moved: Sequence[tuple[Record, str]],
        seen: Mapping[str, Seen],
        version: str,
        tally: Tally,
        unsure: set[str],
        *,
        strong: bool,
    ) -> list[tuple[Record, str]]:
        fresh, restamped, doubted, aged = [], {}, [], []
        for record, digest in moved:
            known = seen.get(record.ref.id)
            if known is not None and known.gone and not strong:
                doubted.append(record.ref)
            elif known is not None and not strong and _is_older(record, known):
                tally.unchanged += 1
                unsure.add(record.ref.id)
                if known.payload_hash != digest:
                    aged.append(record.ref)
            elif known is None or known.gone or (known.payload_hash, known.map_version) != (digest, version):
                fresh.append((_never_before(record, known), digest))
                if known is not None and not strong and _is_as_old(record, known, digest):
                    aged.append(record.ref)
            else:
                tally.unchanged += 1
                if known.version != record.version or known.changed_at != record.changed_at:
                    restamped[record.ref.id] = (record.version, _never_before(record, known).changed_at)
        unsure.update(ref.id for ref in (*doubted, *aged))
        self._ledger.mark_dirty(doubted, "listed again after its system said that it is gone")
        self._ledger.mark_dirty(aged, "it is not newer than what is known: an old page, or a clock that was set back")
        if restamped:
            first = moved[0][0].ref
            self._ledger.restamp(first.system, first.kind, restamped)
        return fresh

    def _land_for(
        self,
        reader: Reader,
        fresh: Sequence[tuple[Record, str]],
        seen: Mapping[str, Seen],
        version: str,
        tally: Tally,
        now: datetime,
    ) -> set[str]:
        """Answers which of them are held."""
        read = [_Read(record, reader, reader.read(record.payload), digest) for record, digest in fresh]
        outside = [r.record.ref for r in read if not r.reading.takes_part]
        known = self._ledger.couplings_at(reader.entity, outside) if outside else {}
        mine = [r for r in read if r.reading.takes_part or r.record.ref in known]  # one of ours stays one of ours
        held = [r for r in mine if r.reading.gaps]
        good = [r for r in mine if not r.reading.gaps]
        tally.out_of_scope += len(read) - len(mine)
        tally.held += len(held)
        tally.faults += sum(len(r.reading.faults) for r in good)
        tally.landed += len(good)
        waiting = [r.record.ref for r in held]
        note_unplanned(self._ledger, reader.entity, [r.record for r in mine], waiting, now)
        self._hold(reader, held, now)
        self._keep(reader, good, seen, version, now)
        return {ref.id for ref in waiting}

    def _hold(self, reader: Reader, held: Sequence[_Read], now: datetime) -> None:
        if not held:
            return
        pairs: list[tuple[RecordRef, Gap]] = [(r.record.ref, gap) for r in held for gap in r.reading.gaps]
        self._ledger.note_gaps(reader.map_name, pairs, now)
        self._ledger.quarantine(
            [
                Quarantined(
                    r.record.ref, reader.entity, "gap", _gap_says(r.reading.gaps), payload_hash=r.digest, since=now
                )
                for r in held
            ]
        )

    def _keep(
        self, reader: Reader, good: Sequence[_Read], seen: Mapping[str, Seen], version: str, now: datetime
    ) -> None:
        if not good:
            return
        refs = [r.record.ref for r in good]
        before = {(claim.ref, claim.scope): claim for claim in self._ledger.claims_at(reader.entity, refs)}
        claims = [_claim(r, version) for r in good]
        self._ledger.land(claims)
        self._ledger.release(refs, reader.entity, "gap")
        self._ledger.release(refs, reader.entity, "fault")
        self._ledger.quarantine([fault for r in good for fault in _faults(r, now)])
        references = frozenset(reader.references)
        self._ledger.index_keys(
            reader.entity,
            [(claim.ref, claim.scope, match_keys(claim.values, reader.matching, references)) for claim in claims],
        )
        self._restate(reader, claims, before, seen)
        self._meet_unseen(reader, zip(good, claims, strict=True), before, now)
        back = {claim.entity_id for claim in before.values() if claim.gone and claim.entity_id}
        promote(self._ledger, reader.entity, sorted(back), now)  # the first record may be gone, and stay so
        self._ledger.attend(reader.entity, sorted(self._homes(reader.entity, refs, before.values())))

    def _meet_unseen(
        self,
        reader: Reader,
        read: Iterable[tuple[_Read, Claim]],
        before: Mapping[tuple[RecordRef, str], Claim],
        now: datetime,
    ) -> None:
        """What was sent to fields that were not shown, and are."""
        known = ((one, new, old) for one, new in read if (old := before.get((new.ref, new.scope))) is not None)
        shown = [(new, first_shown(reader, one.record.payload, new, old)) for one, new, old in known]
        self._ledger.agree([(new.ref, new.entity, new.scope, each.agreed) for new, each in shown if each.agreed])
        self._ledger.quarantine([_cut(new, *told, now) for new, each in shown for told in each.cuts])

    def _homes(self, entity: str, refs: Sequence[RecordRef], before: Iterable[Claim]) -> set[str]:
        """Whose these are. One may be coupled before it is ever read: others were merged into it, unseen."""
        known = {claim.ref: claim.entity_id for claim in before}
        unread = [ref for ref in refs if ref not in known]
        told = self._ledger.couplings_at(entity, unread) if unread else {}
        return {home for home in known.values() if home} | {coupling.entity_id for coupling in told.values()}

    def _restate(
        self,
        reader: Reader,
        claims: Sequence[Claim],
        before: Mapping[tuple[RecordRef, str], Claim],
        seen: Mapping[str, Seen],
    ) -> None:
        """Same payload, other map: what looks different only means the same in other words. It is no edit."""
        same = [
            (claim, old)
            for claim in claims
            if (old := before.get((claim.ref, claim.scope))) is not None
            and seen[claim.ref.id].payload_hash == claim.payload_hash
        ]
        if not same:
            return
        self._ledger.agree([(new.ref, new.entity, new.scope, _restated(new, old, reader)) for new, old in same])
        golden = self._ledger.golden_of(reader.entity, sorted({old.entity_id for _, old in same if old.entity_id}))
        decided: dict[str, dict[str, Decided]] = {}
        for new, old in same:
            if old.entity_id in golden:
                fields = golden[old.entity_id].fields
                decided.setdefault(old.entity_id, {}).update(_golden_restated(new, old, fields))
        self._ledger.decide(reader.entity, {entity_id: words for entity_id, words in decided.items() if words})


def _newest(records: Sequence[Record]) -> dict[str, Record]:
    """A record that comes twice in a page counts once, as it is newest."""
    newest = {record.ref.id: record for record in records}
    if len(newest) == len(records):
        return newest
    newest.clear()
    for record in records:
        known = newest.get(record.ref.id)
        if (
            known is None
            or known.changed_at is None
            or record.changed_at is None
            or record.changed_at >= known.changed_at
        ):
            newest[record.ref.id] = record
    return newest


def _is_older(record: Record, known: Seen) -> bool:
    return record.changed_at is not None and known.changed_at is not None and record.changed_at < known.changed_at


def _never_before(record: Record, known: Seen | None) -> Record:
    """One that was read by id stands, though its stamp is older: the clock was set back. Its stamp is not taken back.

    A listing that is behind shows it as it was, under the stamp that it bore then; by that it is told from newer ones.
    """
    back = known is not None and not known.gone and _is_older(record, known)
    return replace(record, changed_at=known.changed_at) if back and known else record


def _is_as_old(record: Record, known: Seen, digest: str) -> bool:
    """Two contents under one stamp: which of them came first is not told by it."""
    return not known.gone and record.changed_at == known.changed_at is not None and known.payload_hash != digest


def _claim(read: _Read, version: str) -> Claim:
    record, reader, reading = read.record, read.reader, read.reading
    values: dict[str, Value] = {
        key: ordered(reader.item_keys[key], value) if key in reader.item_keys else value
        for key, value in reading.values.items()
    }
    values[ARCHIVED] = reading.archived
    if record.key:
        values[OUR_KEY] = record.key
    return Claim(
        ref=record.ref,
        entity=reader.entity,
        values=values,
        scope=reading.scope,
        version=record.version,
        payload_hash=read.digest,
        map_version=version,
        changed_at=record.changed_at,
        editor=reading.editor or record.changed_by,
    )


def _gap_says(gaps: Sequence[Gap]) -> str:
    return "; ".join(f"{gap.field}: code {gap.code!r} is not in table {gap.table}" for gap in gaps)


def _faults(read: _Read, now: datetime) -> list[Quarantined]:
    entity, digest = read.reader.entity, read.digest
    return [
        Quarantined(read.record.ref, entity, "fault", fault.says, field=fault.field, payload_hash=digest, since=now)
        for fault in read.reading.faults
    ]


def _cut(claim: Claim, error: RejectedError, sent: Payload, now: datetime) -> Quarantined:
    digest = payload_digest({error.field: sent[error.field]})
    return Quarantined(claim.ref, claim.entity, "rejected", str(error), error.field, digest, now)


def _restated(new: Claim, old: Claim, reader: Reader) -> dict[str, Agreed]:
    restated = {}
    for key, agreed in old.baseline.items():
        if key in reader.references or key not in new.values or old.values.get(key) == new.values[key]:
            continue
        if old.stance(key) is Stance.REST:
            same = agreed.sent == agreed.stored
            restated[key] = replace(agreed, sent=new.values[key] if same else agreed.sent, stored=new.values[key])
    return restated


def _golden_restated(new: Claim, old: Claim, golden: Mapping[str, Decided]) -> dict[str, Decided]:
    return {
        key: replace(decided, value=new.values[key], because=Because.UNCHANGED)
        for key, decided in golden.items()
        if decided.by == new.system
        and old.stance(key) is Stance.REST
        and old.values.get(key) == decided.value
        and key in new.values
        and new.values[key] != decided.value
    }
