"""What every connector promises about writing."""

from collections.abc import Sequence

from connectors.contract import Archive, Create, Update, Written
from connectors.errors import RejectedError, StaleError, TransientError, UncertainError
from connectors.testing.contract_bench import Bench, holds, missing, proven, refusing, when


class WritingContract:
    """Creates, updates, archiving, and what their answers prove."""

    @when("creates")
    def test_a_create_proves_itself_with_the_record_as_stored(self, bench: Bench) -> None:
        values = bench.fresh()
        written = proven(bench.connector.create([bench.create(bench.key("proof"), values)])[0])
        assert written.created, "a new record was called an old one"
        assert holds(written.record.payload, values), missing(written.record.payload, values)
        assert bench.now(written.record.ref.id) == written.record, "the proof is not what a strong read tells"

    @when("creates")
    def test_results_come_one_per_item_and_in_order(self, bench: Bench) -> None:
        batch = [bench.create(bench.key(f"order-{n}")) for n in range(_a_few(bench))]
        results = bench.connector.create(batch)
        assert len(results) == len(batch), f"{len(results)} results for {len(batch)} items"
        for item, result in zip(batch, results, strict=True):
            assert proven(result).key == item.key, "an answer bears the key of another item"
            assert holds(proven(result).record.payload, item.values), "an answer was given to the wrong item"

    def test_an_empty_batch_is_an_empty_answer(self, bench: Bench) -> None:
        for write in (bench.connector.create, bench.connector.update, bench.connector.archive):
            assert not list(write([])), "nothing was sent, and something was answered"

    @when("creates")
    def test_a_batch_beyond_the_limit_is_refused_before_anything_is_sent(self, bench: Bench) -> None:
        keys = [bench.key(f"beyond-{n}") for n in range(bench.capabilities.max_batch + 1)]
        values = bench.fresh()
        with refusing(ValueError):
            bench.connector.create([bench.create(key, values) for key in keys])
        if bench.capabilities.keyed:
            assert not bench.connector.find_created(bench.kind, keys[:1]), "a part of the batch was sent"

    @when("creates", offers=("refused",))
    def test_one_bad_item_does_not_spoil_the_others(self, bench: Bench) -> None:
        batch = [
            bench.create(bench.key("good-1")),
            bench.create(bench.key("bad"), bench.refused()),
            bench.create(bench.key("good-2")),
        ]
        results = _sent(bench, batch)
        proven(results[0])
        proven(results[2])
        assert isinstance(results[1], RejectedError), f"refused for good, and reported as {results[1]!r}"
        assert str(results[1]), "a refusal without a word"

    @when("keyed", "creates")
    def test_what_was_created_is_found_by_our_key_at_once(self, bench: Bench) -> None:
        record = bench.created(bench.key("found-at-once"))
        found = bench.connector.find_created(bench.kind, [bench.key("found-at-once"), bench.key("of-nobody")])
        assert set(found) == {bench.key("found-at-once")}, f"found under {set(found)}"
        assert [one.ref for one in found[bench.key("found-at-once")]] == [record.ref], (
            "another record than the one made"
        )
        assert not bench.connector.find_created(bench.kind, []), "asked for nothing, got something"

    @when("keyed", "creates", "states_merges", offers=("merge",))
    def test_a_record_of_ours_that_was_merged_since_is_found_where_it_lives_now(self, bench: Bench) -> None:
        mine, second, last = bench.created(bench.key("merged")), bench.make(bench.fresh()), bench.make(bench.fresh())
        bench.merge(mine.ref.id, second)
        bench.merge(second, last)
        found = bench.connector.find_created(bench.kind, [bench.key("merged")])
        told = {key: [record.ref.id for record in records] for key, records in found.items()}
        assert told == {bench.key("merged"): [last]}, f"found: {told}"

    @when("keyed", "creates")
    def test_a_record_of_ours_tells_its_key_wherever_it_is_told(self, bench: Bench) -> None:
        key = bench.key("told")
        record = bench.created(key)
        bench.settle()
        crawled = bench.crawl(None).told()
        told = {"answer": record.key, "read": bench.known(record.ref.id).key, "crawl": crawled[record.ref.id].key}
        assert set(told.values()) == {key}, f"our key is {key}, told as {told}"

    @when("keyed")
    def test_a_record_that_a_user_made_tells_no_key_of_ours(self, bench: Bench) -> None:
        theirs = bench.make(bench.fresh())
        bench.settle()
        told = {"read": bench.known(theirs).key, "crawl": bench.crawl(None).told()[theirs].key}
        assert not any(told.values()), f"a user's record bears a key of ours, told as {told}"

    @when("unique_key", "creates")
    def test_the_system_refuses_a_second_record_under_one_key(self, bench: Bench) -> None:
        first = bench.created(bench.key("only-once"))
        second = bench.connector.create([bench.create(bench.key("only-once"))])[0]
        known = isinstance(second, Written) and not second.created and second.record.ref == first.ref
        assert known or isinstance(second, RejectedError), f"a second record under one key: {second!r}"
        assert len(bench.connector.find_created(bench.kind, [bench.key("only-once")])[bench.key("only-once")]) == 1, (
            "two records"
        )

    @when("keyed", "creates", without="unique_key")
    def test_two_records_under_one_key_are_both_returned(self, bench: Bench) -> None:
        made = {bench.created(bench.key("twice")).ref, bench.created(bench.key("twice")).ref}
        found = bench.connector.find_created(bench.kind, [bench.key("twice")])[bench.key("twice")]
        assert {record.ref for record in found} == made, "one of two records under one key was kept back"

    @when("creates", offers=("lose_answer", "write_calls"))
    def test_a_lost_answer_to_a_create_is_uncertain_and_not_repeated(self, bench: Bench) -> None:
        calls = bench.write_calls()
        bench.lose_answer()
        result = bench.connector.create([bench.create(bench.key("lost-answer"))])[0]
        assert isinstance(result, UncertainError), f"nobody knows, and yet it says {result!r}"
        assert bench.write_calls() == calls + 1, "a write without an answer was sent again"
        if bench.capabilities.keyed:
            found = bench.connector.find_created(bench.kind, [bench.key("lost-answer")])
            assert len(found[bench.key("lost-answer")]) == 1, "done twice"

    @when("updates", offers=("lose_answer", "write_calls"))
    def test_a_lost_answer_to_an_update_is_uncertain_and_not_repeated(self, bench: Bench) -> None:
        record = bench.known(bench.make(bench.fresh()))
        calls = bench.write_calls()
        bench.lose_answer()
        result = bench.connector.update([Update(bench.key("lost-update"), record.ref, bench.changed())])[0]
        assert isinstance(result, UncertainError), f"nobody knows, and yet it says {result!r}"
        assert bench.write_calls() == calls + 1, "a write without an answer was sent again"

    @when("creates", offers=("throttle",))
    def test_a_throttled_write_was_surely_not_done(self, bench: Bench) -> None:
        bench.throttle()
        try:
            results = bench.connector.create([bench.create(bench.key("throttled"))])
        except TransientError:
            results = [TransientError("the whole call")]
        assert isinstance(results[0], TransientError), f"throttled, and reported as {results[0]!r}"
        if bench.capabilities.keyed:
            assert not bench.connector.find_created(bench.kind, [bench.key("throttled")]), "throttled, and yet done"

    @when("updates")
    def test_an_update_changes_the_given_fields_and_no_others(self, bench: Bench) -> None:
        values, given = bench.fresh(), bench.changed()
        record = bench.known(bench.make(values))
        written = proven(bench.connector.update([_update(bench, record.ref.id, given)])[0])
        assert written.key == bench.key("update"), "the answer bears another key"
        rest = {name: value for name, value in values.items() if name not in given}
        assert rest, "the bench's `changed` has to leave a field of `fresh` out"
        now = bench.known(record.ref.id)
        assert holds(now.payload, {**rest, **given}), missing(now.payload, {**rest, **given})
        assert now == written.record, "the proof is not what a strong read tells"

    @when("updates", offers=("clearable",))
    def test_null_clears_a_field_and_silence_leaves_it(self, bench: Bench) -> None:
        field = bench.clearable()
        record = bench.known(bench.make(bench.fresh()))
        proven(bench.connector.update([_update(bench, record.ref.id, {field: None})])[0])
        now = bench.known(record.ref.id)
        assert now.payload[field] in {None, ""}, f"null left {now.payload[field]!r} standing"

    @when("updates")
    def test_an_update_of_a_record_that_is_gone_is_not_done_and_spoils_no_other(self, bench: Bench) -> None:
        gone, stays = bench.make(bench.fresh()), bench.make(bench.fresh())
        bench.delete(gone)
        values = bench.changed()
        results = _sent(bench, [_update(bench, gone, values), _update(bench, stays, values)])
        assert isinstance(results[0], StaleError | RejectedError), f"written into nothing: {results[0]!r}"
        assert holds(proven(results[1]).record.payload, values), "the other item was spoiled"

    @when("updates", "conditional")
    def test_an_update_with_a_stale_version_is_refused_by_the_system(self, bench: Bench) -> None:
        read = bench.known(bench.make(bench.fresh()))
        assert read.version, "conditional, and without a version"
        theirs = bench.changed()
        bench.tick()
        bench.edit(read.ref.id, theirs)
        result = bench.connector.update([Update(bench.key("stale"), read.ref, bench.changed(), version=read.version)])[
            0
        ]
        assert isinstance(result, StaleError), f"a user's edit was overwritten: {result!r}"
        now = bench.known(read.ref.id)
        assert holds(now.payload, theirs), "refused, and yet done"

    @when("updates", "conditional")
    def test_the_version_a_write_gives_back_serves_for_the_next(self, bench: Bench) -> None:
        record = bench.known(bench.make(bench.fresh()))
        for n in range(2):
            update = Update(bench.key(f"chain-{n}"), record.ref, bench.changed(), version=record.version)
            record = proven(bench.connector.update([update])[0]).record

    @when("updates", without="conditional")
    def test_an_update_over_what_is_no_longer_expected_is_refused(self, bench: Bench) -> None:
        given = bench.changed()
        read = bench.known(bench.make({**bench.fresh(), **given}))
        theirs = bench.changed()
        bench.edit(read.ref.id, theirs)
        ours = {name: value for name, value in bench.changed().items() if name in given}
        expected = {name: read.payload.get(name) for name in ours}
        result = bench.connector.update([Update(bench.key("unexpected"), read.ref, ours, expected)])[0]
        assert isinstance(result, StaleError), f"a user's edit was overwritten: {result!r}"
        now = bench.known(read.ref.id)
        assert holds(now.payload, theirs), "refused, and yet done"

    @when("archives", offers=("is_archived",))
    def test_an_archived_record_shows_it(self, bench: Bench) -> None:
        record = bench.known(bench.make(bench.fresh()))
        assert not bench.is_archived(record), "a new record is out of use"
        bench.settle()
        since = bench.crawl(None).safe_point
        written = proven(bench.connector.archive([Archive(bench.key("archive"), record.ref)])[0])
        assert written.key == bench.key("archive"), "the answer bears another key"
        assert bench.is_archived(written.record), "the proof shows a record in use"
        bench.settle()
        told = bench.crawl(since).told().get(record.ref.id)
        assert told is None or bench.is_archived(told), "crawled, it looks as if it were in use"

    @when("notes", offers=("notes",))
    def test_a_note_reaches_the_people_who_look_at_the_record(self, bench: Bench) -> None:
        made = bench.make(bench.fresh())
        bench.connector.note(bench.ref(made), "The terms are decided in accounting; your edit was taken back.")
        assert any("taken back" in note for note in bench.notes(made)), "the note reaches nobody"


def _sent(bench: Bench, batch: Sequence[Create] | Sequence[Update]) -> Sequence[object]:
    """In batches as large as the system takes."""
    size = bench.capabilities.max_batch
    results: list[object] = []
    for start in range(0, len(batch), size):
        part = batch[start : start + size]
        creates = [item for item in part if isinstance(item, Create)]
        updates = [item for item in part if isinstance(item, Update)]
        results += bench.connector.create(creates) if creates else bench.connector.update(updates)
    return results


def _a_few(bench: Bench) -> int:
    return min(3, bench.capabilities.max_batch)


def _update(bench: Bench, record_id: str, values: object) -> Update:
    assert isinstance(values, dict), "the bench gives its values as a dict"
    return Update(bench.key("update"), bench.ref(record_id), values)
