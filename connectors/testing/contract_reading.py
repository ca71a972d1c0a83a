"""What every connector promises about reading."""

from datetime import timedelta

from connectors.contract import Connector, Record
from connectors.errors import TransientError
from connectors.testing.contract_bench import Bench, holds, missing, refusing, when


class ReadingContract:
    """Crawls, strong reads, metadata and what is gone."""

    def test_it_claims_what_the_bench_expects(self, bench: Bench) -> None:
        assert isinstance(bench.connector, Connector), "a part of the protocol is missing"
        claimed = bench.connector.kinds[bench.kind]
        assert claimed == bench.capabilities, f"the connector claims {claimed}"

    def test_the_fingerprint_of_the_tenant_stays(self, bench: Bench) -> None:
        first = bench.connector.fingerprint()
        assert first, "without a fingerprint a clone cannot be told from the original"
        assert bench.connector.fingerprint() == first, "another fingerprint, and the same tenant"

    def test_a_healthy_system_passes_its_own_check(self, bench: Bench) -> None:
        findings = bench.connector.check()
        assert findings, "check looked at nothing"
        ill = [finding for finding in findings if not finding.ok]
        assert not ill, f"not well: {ill}"

    def test_describe_lists_every_field_that_is_used(self, bench: Bench) -> None:
        described = bench.connector.describe(bench.kind).fields
        used = {*bench.fresh(), *bench.changed()}
        assert used <= set(described), f"not described: {used - set(described)}"
        locked = {name for name in used if not described[name].writable}
        assert not locked, f"described as not writable, and yet written: {locked}"

    def test_a_full_crawl_tells_every_living_record(self, bench: Bench) -> None:
        made = {bench.make(values): values for values in (bench.fresh() for _ in range(bench.page_size * 2 + 1))}
        bench.settle()
        told = bench.crawl(None).told()
        assert made.keys() <= told.keys(), f"not told: {made.keys() - told.keys()}"
        wrong = {one: missing(told[one].payload, values) for one, values in made.items()}
        assert not any(wrong.values()), f"told otherwise: {wrong}"

    def test_records_bear_their_address_and_an_aware_stamp(self, bench: Bench) -> None:
        made = bench.make(bench.fresh())
        bench.settle()
        record = bench.crawl(None).told()[made]
        assert record.ref == bench.ref(made), f"told under {record.ref}"
        if bench.capabilities.incremental:
            assert record.changed_at is not None, "an incremental crawl without stamps"
        assert record.changed_at is None or record.changed_at.utcoffset() == timedelta(0), "stamps are aware and UTC"

    def test_only_the_last_page_bears_a_safe_point(self, bench: Bench) -> None:
        for _ in range(bench.page_size + 1):
            bench.make(bench.fresh())
        bench.settle()
        crawl = bench.crawl(None)
        assert crawl.safe_point.at.utcoffset() == timedelta(0), "safe points are aware and UTC"
        early = [page for page in crawl.pages[:-1] if page.safe_point is not None]
        assert not early, "a page before the last bears a safe point: a crawl cut there would seem complete"

    @when("incremental")
    def test_a_later_crawl_leaves_out_what_has_long_rested(self, bench: Bench) -> None:
        rested = bench.make(bench.fresh())
        bench.settle()
        bench.tick()
        bench.settle()
        bench.tick()
        since = bench.crawl(None).safe_point
        moved = bench.make(bench.fresh())
        bench.settle()
        told = bench.crawl(since).told()
        assert moved in told, "a new record is not in the next crawl"
        before = bench.known(rested).changed_at
        assert before is not None, "an incremental crawl without stamps"
        assert before >= since.at or rested not in told, "not incremental: a record that rests is told again"

    def test_a_change_after_a_crawl_is_in_the_next(self, bench: Bench) -> None:
        edited = bench.make(bench.fresh())
        bench.settle()
        since = bench.crawl(None).safe_point
        values = bench.changed()
        bench.edit(edited, values)
        bench.settle()
        told = bench.crawl(since).told()
        assert edited in told, "the next crawl missed an edit made after the last"
        assert holds(told[edited].payload, values), missing(told[edited].payload, values)

    def test_a_change_that_shows_late_is_in_this_crawl_or_the_next(self, bench: Bench) -> None:
        edited = bench.make(bench.fresh())
        bench.settle()
        values = bench.changed()
        bench.edit(edited, values)
        bench.tick()
        first = bench.crawl(None)
        bench.settle()
        second = bench.crawl(first.safe_point)
        assert _told_with(edited, values, first.told(), second.told()), "an edit between two crawls is in neither"

    def test_a_change_during_a_crawl_is_in_it_or_in_the_next(self, bench: Bench) -> None:
        made = [bench.make(bench.fresh()) for _ in range(bench.page_size * 2 + 1)]
        bench.settle()
        told: dict[str, Record] = {}
        safe_point = None
        edits: dict[str, object] = {}
        for page in bench.connector.changes(bench.kind, None):
            told |= {record.ref.id: record for record in page.records}
            safe_point = page.safe_point
            if not edits:
                edits = dict(bench.changed())
                bench.edit(made[0], edits)
                bench.edit(made[-1], edits)
        bench.settle()
        assert safe_point is not None, "the last page of a complete crawl bears no safe point"
        after = bench.crawl(safe_point).told()
        lost = [one for one in (made[0], made[-1]) if not _told_with(one, edits, told, after)]
        assert not lost, f"edited while a crawl ran, and told by neither it nor the next: {lost}"
        assert set(made) <= told.keys() | after.keys(), "not told at all"

    @when("incremental", offers=("burst",))
    def test_a_burst_of_one_stamp_larger_than_a_page_is_told_whole(self, bench: Bench) -> None:
        bench.settle()
        bench.tick()
        since = bench.crawl(None).safe_point
        made = set(bench.burst(bench.page_size * 2 + 1))
        bench.settle()
        told = bench.crawl(since).told()
        assert made <= told.keys(), f"not told: {made - told.keys()}"

    @when(offers=("break_page",))
    def test_a_crawl_that_breaks_raises_and_bears_no_safe_point(self, bench: Bench) -> None:
        for _ in range(bench.page_size * 2 + 1):
            bench.make(bench.fresh())
        bench.settle()
        bench.break_page()
        with refusing(TransientError):
            for page in bench.connector.changes(bench.kind, None):
                assert page.safe_point is None, "a broken crawl bore a safe point"

    def test_a_strong_read_shows_an_edit_at_once(self, bench: Bench) -> None:
        made = bench.make(bench.fresh())
        values = bench.changed()
        bench.edit(made, values)
        record = bench.known(made)
        assert holds(record.payload, values), missing(record.payload, values)

    def test_a_record_that_is_not_there_is_missing_in_the_answer(self, bench: Bench) -> None:
        stays, goes = bench.make(bench.fresh()), bench.make(bench.fresh())
        bench.delete(goes)
        answer = bench.connector.read([bench.ref(goes), bench.ref(stays)])
        assert set(answer) == {bench.ref(stays)}, f"asked for one that is gone and one that is not, got {set(answer)}"
        assert not bench.connector.read([]), "asked for nothing, got something"

    def test_a_crawl_and_a_read_tell_the_same_payload(self, bench: Bench) -> None:
        made = bench.make(bench.fresh())
        bench.settle()
        crawled, record = bench.crawl(None).told()[made], bench.known(made)
        assert crawled.payload == record.payload, "two shapes of one record look like a change for ever"
        assert crawled.version == record.version, "two versions of one state: the next conditional write fails"

    @when("tells_editor", "creates")
    def test_the_editor_is_told_and_is_not_us(self, bench: Bench) -> None:
        ours = bench.created(bench.key("of-ours-editor"))
        bench.edit(ours.ref.id, bench.changed())
        edited = bench.known(ours.ref.id)
        assert ours.changed_by, "our own write bears no name"
        assert edited.changed_by, "a user's edit bears no name"
        assert edited.changed_by != ours.changed_by, "a user's edit looks like ours"

    @when("states_deletes")
    def test_the_system_states_what_was_deleted(self, bench: Bench) -> None:
        stays, goes = bench.make(bench.fresh()), bench.make(bench.fresh())
        bench.settle()
        since = bench.crawl(None).safe_point
        bench.delete(goes)
        bench.settle()
        told = bench.connector.deleted(bench.kind, since)
        gone = {stone.ref for stone in told.tombstones}
        assert bench.ref(goes) in gone, "a deletion was not stated"
        assert bench.ref(stays) not in gone, "a living record was called deleted"
        assert told.complete_since is None or told.complete_since <= since.at, "a deletion of just now is out of reach"

    @when("states_deletes")
    def test_a_deletion_after_the_last_look_is_stated_at_the_next(self, bench: Bench) -> None:
        goes = bench.make(bench.fresh())
        bench.settle()
        first = bench.connector.deleted(bench.kind, bench.crawl(None).safe_point)
        bench.delete(goes)
        bench.tick()
        second = bench.connector.deleted(bench.kind, first.safe_point)
        bench.settle()
        third = bench.connector.deleted(bench.kind, second.safe_point)
        stated = {stone.ref for told in (second, third) for stone in told.tombstones}
        assert bench.ref(goes) in stated, "a deletion fell between two looks"

    @when("states_merges", offers=("merge",))
    def test_the_system_states_what_was_merged_into_what(self, bench: Bench) -> None:
        loser, winner = bench.make(bench.fresh()), bench.make(bench.fresh())
        bench.settle()
        since = bench.crawl(None).safe_point
        bench.merge(loser, winner)
        bench.settle()
        told = {(merge.loser, merge.winner) for merge in bench.connector.merged(bench.kind, since).merges}
        assert (bench.ref(loser), bench.ref(winner)) in told, f"stated: {told}"
        assert bench.now(loser) is None, "the loser of a merge still answers under its old id"

    @when("reads_strongly")
    def test_a_full_read_shows_what_is_there_now(self, bench: Bench) -> None:
        stays, goes = bench.make(bench.fresh()), bench.make(bench.fresh())
        bench.settle()
        bench.delete(goes)
        late = bench.make(bench.fresh())
        told = bench.crawl(None).told()
        assert {stays, late} <= told.keys(), f"alive, and not told: { {stays, late} - told.keys() }"
        assert goes not in told, "deleted, and still told"

    @when("lists_keys")
    def test_keys_are_those_of_all_living_records_and_of_no_other(self, bench: Bench) -> None:
        made = {bench.make(bench.fresh()) for _ in range(bench.page_size * 2 + 1)}
        goes = bench.make(bench.fresh())
        bench.delete(goes)
        bench.settle()
        keys = [key for page in bench.connector.keys(bench.kind) for key in page]
        assert made <= set(keys), f"alive, and not listed: {made - set(keys)}"
        assert goes not in keys, "deleted, and still listed"
        assert len(keys) == len(set(keys)), "listed twice"

    def test_closing_twice_is_no_harm(self, bench: Bench) -> None:
        bench.connector.close()
        bench.connector.close()


def _told_with(record_id: str, values: object, *crawls: dict[str, Record] | object) -> bool:
    assert isinstance(values, dict)
    tellings = [crawl[record_id] for crawl in crawls if isinstance(crawl, dict) and record_id in crawl]
    return any(holds(record.payload, values) for record in tellings)
