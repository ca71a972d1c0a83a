"""The suite passes what keeps its promises, and catches each liar by the check that names the lie."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import (
    Archive,
    Create,
    Deletions,
    ItemResult,
    KindDescription,
    Merges,
    Page,
    Record,
    RecordRef,
    Update,
    Watermark,
    Written,
)
from connectors.errors import RejectedError, TransientError, UncertainError
from connectors.testing.contract_suite import Bench, ConnectorContract, failures
from connectors.testing.memory import MemoryConnector
from tests.connectors.memory_bench import EVERYTHING, MARKED, PLAIN, MarkedBench, MemoryBench, PlainBench, SnapshotBench


class TestEverything(ConnectorContract, bench=MemoryBench):
    @pytest.fixture
    def bench(self) -> Bench:
        return MemoryBench()


class TestUpserting(ConnectorContract, bench=MemoryBench):
    @pytest.fixture
    def bench(self) -> Bench:
        return MemoryBench(upserts=True)


class TestPlain(ConnectorContract, bench=PlainBench):
    @pytest.fixture
    def bench(self) -> Bench:
        return PlainBench()


class TestMarked(ConnectorContract, bench=MarkedBench):
    @pytest.fixture
    def bench(self) -> Bench:
        return MarkedBench()


class TestSnapshot(ConnectorContract, bench=SnapshotBench):
    @pytest.fixture
    def bench(self) -> Bench:
        return SnapshotBench()


class WantsAll(MemoryConnector):
    """Claims more than the bench was told."""

    @property
    def kinds(self) -> Mapping[str, Any]:
        return {"Account": replace(EVERYTHING, max_batch=9)}


class ForgetsLookBack(MemoryConnector):
    """Its safe point is the moment the crawl began, whatever the index lags."""

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        for page in super().changes(kind, since):
            late = page.safe_point and Watermark(page.safe_point.at + EVERYTHING.look_back)
            yield replace(page, safe_point=late)


class SafePointAtTheEnd(MemoryConnector):
    """Its safe point is the moment the crawl ended."""

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        for page in super().changes(kind, since):
            yield replace(page, safe_point=page.safe_point and Watermark(self._at.stamp() + timedelta(seconds=1)))


class SafePointOnEveryPage(MemoryConnector):
    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        for page in super().changes(kind, since):
            yield replace(page, safe_point=Watermark(self._at.stamp()))


class PagesByStampAlone(MemoryConnector):
    """Goes on after the last stamp, and loses the rest of a burst."""

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        seen: set[Any] = set()
        for page in super().changes(kind, since):
            kept = tuple(record for record in page.records if record.changed_at not in seen)
            seen |= {record.changed_at for record in page.records}
            yield replace(page, records=kept)


class FirstPageOnly(MemoryConnector):
    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        start = self._at.stamp()
        yield replace(next(super().changes(kind, since)), safe_point=Watermark(start - EVERYTHING.look_back))


class CallsABrokenCrawlComplete(MemoryConnector):
    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        start = Watermark(self._at.stamp() - EVERYTHING.look_back)
        try:
            yield from super().changes(kind, since)
        except TransientError:
            yield Page((), start)


class ReadsFromTheIndex(MemoryConnector):
    """Its read is as late as the search."""

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        rows = {row.id: row for row in self._at.search("Account")}
        return {ref: self._record(rows[ref.id]) for ref in refs if ref.id in rows}


class InventsMissingRecords(MemoryConnector):
    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        return {ref: Record(ref, {}) for ref in refs} | dict(super().read(refs))


class FindsFromTheIndex(MemoryConnector):
    """Looks our key up in the search index, which lags."""

    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        rows = self._at.search(kind)
        found = {key: [self._record(row) for row in rows if row.values["Key"] == key] for key in keys}
        return {key: records for key, records in found.items() if records}


class TellsNoKey(MemoryConnector):
    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        for page in super().changes(kind, since):
            yield replace(page, records=tuple(replace(record, key="") for record in page.records))


class FindsOneOfTwo(MemoryConnector):
    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        return {key: records[:1] for key, records in super().find_created(kind, keys).items()}


class StoresNoKey(MemoryConnector):
    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        results = super().create(batch)
        for result in results:
            if isinstance(result, Written):
                self._at.update("Account", result.record.ref.id, {"Key": None})
        return results


class KeepsTwoUnderOneKey(MemoryConnector):
    """Retries a refused create without its key."""

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        return [self._again(item, result) for item, result in zip(batch, super().create(batch), strict=True)]

    def _again(self, item: Create, result: ItemResult) -> ItemResult:
        if not (isinstance(result, RejectedError) and result.code == "duplicate"):
            return result
        return Written(item.key, self._record(self._at.create(item.kind, item.values)), created=True)


class RepeatsAWrite(MemoryConnector):
    """Sends again what got no answer."""

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        results = super().create(batch)
        return super().create(batch) if any(isinstance(one, UncertainError) for one in results) else results

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        results = super().update(batch)
        return super().update(batch) if any(isinstance(one, UncertainError) for one in results) else results


class CallsALostAnswerTransient(MemoryConnector):
    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        return [TransientError("timeout") if isinstance(one, UncertainError) else one for one in super().create(batch)]


class DoesWhatItCallsThrottled(MemoryConnector):
    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        try:
            return super().create(batch)
        except TransientError:
            super().create(batch)
            raise


class ShufflesResults(MemoryConnector):
    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        return tuple(reversed(super().create(batch)))


class AllOrNone(MemoryConnector):
    """One bad item, and it reports all as refused."""

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        results = super().create(batch)
        bad = [one for one in results if isinstance(one, RejectedError)]
        return [bad[0]] * len(batch) if bad else results


class SendsPartOfTooMuch(MemoryConnector):
    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        if len(batch) > EVERYTHING.max_batch:
            super().create(batch[:1])
        return super().create(batch)


class SendsWholeRecords(MemoryConnector):
    """Fills up an update with what it knows, and blanks what it does not."""

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        return super().update([replace(item, values={"Terms": None, **item.values}) for item in batch])


class DropsNulls(MemoryConnector):
    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        kept = [replace(one, values={k: v for k, v in one.values.items() if v is not None}) for one in batch]
        return super().update(kept)


class IgnoresVersions(MemoryConnector):
    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        return super().update([replace(item, version="") for item in batch])


class ComparesNothing(MemoryConnector):
    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        return super().update([replace(item, expected={}) for item in batch])


class GivesStaleVersions(MemoryConnector):
    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        return [self._stale(result) for result in super().update(batch)]

    def _stale(self, result: ItemResult) -> ItemResult:
        return replace(result, record=replace(result.record, version="1")) if isinstance(result, Written) else result


class ArchivesNothing(MemoryConnector):
    def archive(self, batch: Sequence[Archive]) -> Sequence[ItemResult]:
        found = self.read([item.ref for item in batch])
        return [Written(item.key, found[item.ref]) for item in batch]


class HidesDeletions(MemoryConnector):
    def deleted(self, kind: str, since: Watermark) -> Deletions:
        return replace(super().deleted(kind, since), tombstones=())


class DeletionsUpToNow(MemoryConnector):
    """Takes the present as the safe point of deletions, whatever the index lags."""

    def deleted(self, kind: str, since: Watermark) -> Deletions:
        return replace(super().deleted(kind, since), safe_point=Watermark(self._at.stamp() + timedelta(seconds=1)))


class LosesWhatWasMerged(MemoryConnector):
    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        found = super().find_created(kind, keys)
        return {key: told for key, told in found.items() if all(record.key == key for record in told)}


class TurnsMergesRound(MemoryConnector):
    def merged(self, kind: str, since: Watermark) -> Merges:
        told = super().merged(kind, since)
        return replace(told, merges=tuple(replace(m, loser=m.winner, winner=m.loser) for m in told.merges))


class ListsSomeKeys(MemoryConnector):
    def keys(self, kind: str) -> Iterator[Sequence[str]]:
        yield next(iter(super().keys(kind)))


class CreditsUsWithEverything(MemoryConnector):
    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        return {ref: replace(record, changed_by="middleware") for ref, record in super().read(refs).items()}


class NotesNothing(MemoryConnector):
    def note(self, ref: RecordRef, text: str) -> None:
        self.read([ref])


class DescribesLess(MemoryConnector):
    def describe(self, kind: str) -> KindDescription:
        told = super().describe(kind)
        return replace(told, fields={name: one for name, one in told.fields.items() if name != "Phone"})


class ReadsAnotherShape(MemoryConnector):
    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        told = super().read(refs)
        return {ref: replace(one, payload={**one.payload, "attributes": {}}) for ref, one in told.items()}


LIARS = [
    (WantsAll, MemoryBench, "test_it_claims_what_the_bench_expects"),
    (ForgetsLookBack, MemoryBench, "test_a_change_that_shows_late_is_in_this_crawl_or_the_next"),
    (SafePointAtTheEnd, MemoryBench, "test_a_change_during_a_crawl_is_in_it_or_in_the_next"),
    (SafePointOnEveryPage, MemoryBench, "test_only_the_last_page_bears_a_safe_point"),
    (PagesByStampAlone, MemoryBench, "test_a_burst_of_one_stamp_larger_than_a_page_is_told_whole"),
    (FirstPageOnly, MemoryBench, "test_a_full_crawl_tells_every_living_record"),
    (CallsABrokenCrawlComplete, MemoryBench, "test_a_crawl_that_breaks_raises_and_bears_no_safe_point"),
    (ReadsFromTheIndex, MemoryBench, "test_a_strong_read_shows_an_edit_at_once"),
    (InventsMissingRecords, MemoryBench, "test_a_record_that_is_not_there_is_missing_in_the_answer"),
    (FindsFromTheIndex, MemoryBench, "test_what_was_created_is_found_by_our_key_at_once"),
    (TellsNoKey, MemoryBench, "test_a_record_of_ours_tells_its_key_wherever_it_is_told"),
    (FindsOneOfTwo, MarkedBench, "test_two_records_under_one_key_are_both_returned"),
    (StoresNoKey, MemoryBench, "test_what_was_created_is_found_by_our_key_at_once"),
    (KeepsTwoUnderOneKey, MemoryBench, "test_the_system_refuses_a_second_record_under_one_key"),
    (RepeatsAWrite, MemoryBench, "test_a_lost_answer_to_a_create_is_uncertain_and_not_repeated"),
    (RepeatsAWrite, PlainBench, "test_a_lost_answer_to_an_update_is_uncertain_and_not_repeated"),
    (CallsALostAnswerTransient, PlainBench, "test_a_lost_answer_to_a_create_is_uncertain_and_not_repeated"),
    (DoesWhatItCallsThrottled, MemoryBench, "test_a_throttled_write_was_surely_not_done"),
    (ShufflesResults, PlainBench, "test_results_come_one_per_item_and_in_order"),
    (AllOrNone, PlainBench, "test_one_bad_item_does_not_spoil_the_others"),
    (SendsPartOfTooMuch, MemoryBench, "test_a_batch_beyond_the_limit_is_refused_before_anything_is_sent"),
    (SendsWholeRecords, PlainBench, "test_an_update_changes_the_given_fields_and_no_others"),
    (DropsNulls, MemoryBench, "test_null_clears_a_field_and_silence_leaves_it"),
    (IgnoresVersions, MemoryBench, "test_an_update_with_a_stale_version_is_refused_by_the_system"),
    (ComparesNothing, PlainBench, "test_an_update_over_what_is_no_longer_expected_is_refused"),
    (GivesStaleVersions, MemoryBench, "test_the_version_a_write_gives_back_serves_for_the_next"),
    (ArchivesNothing, MemoryBench, "test_an_archived_record_shows_it"),
    (HidesDeletions, MemoryBench, "test_the_system_states_what_was_deleted"),
    (DeletionsUpToNow, MemoryBench, "test_a_deletion_after_the_last_look_is_stated_at_the_next"),
    (LosesWhatWasMerged, MemoryBench, "test_a_record_of_ours_that_was_merged_since_is_found_where_it_lives_now"),
    (TurnsMergesRound, MemoryBench, "test_the_system_states_what_was_merged_into_what"),
    (ListsSomeKeys, MemoryBench, "test_keys_are_those_of_all_living_records_and_of_no_other"),
    (CreditsUsWithEverything, MemoryBench, "test_the_editor_is_told_and_is_not_us"),
    (NotesNothing, MemoryBench, "test_a_note_reaches_the_people_who_look_at_the_record"),
    (DescribesLess, MemoryBench, "test_describe_lists_every_field_that_is_used"),
    (ReadsAnotherShape, MemoryBench, "test_a_crawl_and_a_read_tell_the_same_payload"),
]


@pytest.mark.parametrize(("liar", "bench", "check"), LIARS)
def test_the_suite_catches_the_liar(liar: type[MemoryConnector], bench: type[MemoryBench], check: str) -> None:
    assert check in failures(lambda: bench(liar), bench)


@pytest.mark.parametrize("bench", [MemoryBench, PlainBench, MarkedBench, SnapshotBench])
def test_the_suite_finds_nothing_against_an_honest_connector(bench: type[MemoryBench]) -> None:
    assert failures(bench, bench) == {}


def test_checks_of_what_is_not_claimed_are_left_out_and_not_skipped() -> None:
    assert TestPlain.test_what_was_created_is_found_by_our_key_at_once is None
    assert TestEverything.test_what_was_created_is_found_by_our_key_at_once is not None
    assert not PLAIN.keyed
    assert MARKED.keyed


def test_a_claim_that_the_bench_cannot_prove_is_refused() -> None:
    class Merging(PlainBench):
        capabilities = replace(PLAIN, states_merges=True)
        merge = Bench.merge

    with pytest.raises(TypeError, match="has to offer merge"):
        failures(Merging, Merging)
