"""What can go wrong while reading, and what a complete answer is."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.answers import Answer
from connectors.contract import Record, RecordRef, Watermark
from connectors.errors import MisconfiguredError, TransientError
from connectors.salesforce import bulk
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.records import Shape
from connectors.salesforce.simulated.exchange import Reply, Request
from connectors.salesforce.simulated.faults import ApiError
from connectors.salesforce.simulator import CUT_BODY, LOCATOR_DEAD, Behaviour, SalesforceSimulator
from connectors.testing.world import START, Fault, FieldSpec, System
from tests.connectors.salesforce.conftest import Open

Connect = Callable[..., SalesforceConnector]
Change = Callable[[Any], Any]


def firms(crm: System, number: int, **more: Any) -> list[str]:
    return [crm.create("Account", {"Name": f"Firm {n:03d}", **more}, by="user:anna").id for n in range(number)]


def told(connector: SalesforceConnector, since: Watermark | None = None, kind: str = "Account") -> list[Record]:
    return [record for page in connector.changes(kind, since) for record in page.records]


def ids(records: list[Record]) -> list[str]:
    return [record.ref.id for record in records]


def ref(record_id: str, kind: str = "Account") -> RecordRef:
    return RecordRef("crm", kind, record_id)


@pytest.fixture
def spoiled(org: SalesforceSimulator, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Change], None]:
    """Changes the answers to paths that match; each answer goes through the change."""

    def spoil(path: str, change: Change) -> None:
        plain = org.answer

        def answer(request: Request) -> Reply:
            reply = plain(request)
            if reply.status != 200 or not re.search(path, request.path):
                return reply
            return Reply(reply.status, change(reply.body), reply.headers, reply.content_type)

        monkeypatch.setattr(org, "answer", answer)

    return spoil


# -- crawls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("since", [None, Watermark(START)])
@pytest.mark.parametrize("dies_at", range(6))
def test_a_locator_that_dies_costs_no_record(
    crm: System, open_org: Open, connectors: Connect, since: Watermark | None, dies_at: int
) -> None:
    made = firms(crm, 11)
    org = open_org(behaviour=Behaviour(page_rows=2))
    crm.faults.force(LOCATOR_DEAD, "crm.changes", nth=dies_at)
    assert ids(told(connectors(org, page_size=5), since)) == made


def test_a_full_read_misses_nobody_who_is_edited_meanwhile(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    made = firms(crm, 9)
    seen: set[str] = set()
    for page in connectors(org).changes("Account", None):
        seen |= {record.ref.id for record in page.records}
        crm.clock.advance(1)
        for each in made:
            crm.update("Account", each, {"Phone": str(len(seen))}, by="user:ben")
    assert seen == set(made)


def test_a_crawl_ends_although_people_go_on_working(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    made = firms(crm, 9)
    for number, _page in enumerate(connectors(org).changes("Account", Watermark(START))):
        assert number < 10, "it runs after its own tail"
        crm.clock.advance(1)
        for each in made:
            crm.update("Account", each, {"Phone": str(number)}, by="user:ben")


def test_the_safe_point_is_the_systems_time_at_the_start_less_the_look_back(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    crm.skew = timedelta(minutes=-7)
    firms(crm, 7)
    crawl = connectors(org).changes("Account", None)
    pages = [next(crawl)]
    crm.clock.advance(600)
    pages += crawl
    assert pages[-1].safe_point == Watermark(START - timedelta(minutes=7) - timedelta(seconds=120))


@pytest.mark.parametrize(
    "change",
    [
        lambda body: {**body, "records": body["records"][:-1]},
        lambda body: {name: value for name, value in body.items() if name != "done"},
        lambda body: {**body, "done": "true"},
        lambda body: {**body, "records": None},
        lambda _body: {"records": []},
        lambda _body: [],
        lambda _body: b"<html>maintenance</html>",
        lambda body: {**body, "records": [{**row, "SystemModstamp": None} for row in body["records"]]},
    ],
)
def test_an_answer_that_is_not_whole_ends_the_crawl_without_a_safe_point(
    crm: System, org: SalesforceSimulator, connectors: Connect, spoiled: Callable[[str, Change], None], change: Change
) -> None:
    firms(crm, 2)
    counted = iter([True])

    def behind_the_count(body: Any) -> Any:
        return body if next(counted, False) else change(body)

    spoiled("query$", behind_the_count)
    with pytest.raises(TransientError):
        told(connectors(org))


def test_pages_that_go_round_in_a_circle_are_noticed(
    crm: System, open_org: Open, connectors: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    firms(crm, 6)
    org = open_org(behaviour=Behaviour(page_rows=2))
    plain, first = org.answer, list[Reply]()

    def circling(request: Request) -> Reply:
        reply = plain(request)
        if isinstance(reply.body, dict) and "nextRecordsUrl" in reply.body:
            first.append(reply)
            return first[0]
        return reply

    monkeypatch.setattr(org, "answer", circling)
    with pytest.raises(TransientError, match="same page"):
        told(connectors(org, page_size=2000))


def test_a_truncated_answer_is_asked_for_again(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    made = firms(crm, 2)
    crm.faults.force(CUT_BODY, "crm.changes")
    crm.faults.force(Fault.LOST_BEFORE, "crm.changes", nth=2)
    crm.faults.force(Fault.BODY_ERROR, "crm.changes", nth=4)
    assert ids(told(connectors(org))) == made


def test_only_mapped_fields_are_asked_for(
    crm: System, org: SalesforceSimulator, connectors: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm.create("Account", {"Name": "Acme", "Description": "private"}, by="user:anna")
    asked: set[str] = set()
    plain = org.queries.start

    def noting(query: Any, *rest: Any, **more: Any) -> Reply:
        asked.update(query.fields)
        return plain(query, *rest, **more)

    monkeypatch.setattr(org.queries, "start", noting)
    record = told(connectors(org, fields={"Account": ["Name", "Owner.LastName"]}))[0]
    assert asked == {
        *("Id", "SystemModstamp", "LastModifiedById", "Concordat_Key__c"),
        *("Name", "Owner.LastName", "Active__c"),
    }
    assert record.payload == {"Name": "Acme", "Owner.LastName": None, "Active__c": True}


@pytest.mark.parametrize("bulk_above", [None, 0])
def test_related_fields_come_from_the_related_record(
    crm: System, org: SalesforceSimulator, connectors: Connect, bulk_above: int | None
) -> None:
    ann = crm.create("User", {"Username": "ann@example.com", "LastName": "Ann"}, by="user:admin")
    crm.create("Account", {"Name": "Acme", "OwnerId": ann.id}, by="user:anna")
    connector = connectors(org, fields={"Account": ["Name", "Owner.LastName"]}, bulk_above=bulk_above)
    assert [record.payload["Owner.LastName"] for record in told(connector)] == ["Ann"]


def test_a_map_that_names_a_field_nobody_sees_stops_the_system_and_says_which(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    firms(crm, 1)
    crm.alter("Account", FieldSpec("Phone", visible=False))
    with pytest.raises(MisconfiguredError, match=r"'Phone'.*integration user may see it"):
        told(connectors(org))


@pytest.mark.parametrize("fields", [{"Lead": ["Name"]}, {"Account": ["Name'"]}, {"Account": ["Name FROM User"]}])
def test_a_map_of_what_cannot_be_is_refused(
    crm: System, org: SalesforceSimulator, connectors: Connect, fields: dict[str, list[str]]
) -> None:
    with pytest.raises(MisconfiguredError):
        told(connectors(org, fields=fields))


@pytest.mark.parametrize("kind", ["Opportunity", "account", "Account WHERE"])
def test_a_kind_it_does_not_know_is_refused(org: SalesforceSimulator, connectors: Connect, kind: str) -> None:
    connector = connectors(org)
    for call in (connector.describe, connector.keys, lambda kind: connector.changes(kind, None)):
        with pytest.raises(MisconfiguredError, match="is none of Account, Contact, User"):
            call(kind)


# -- bulk --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "jobs"), [(4, 0), (5, 1)])
def test_a_large_read_goes_by_a_bulk_job(
    crm: System, org: SalesforceSimulator, connectors: Connect, number: int, jobs: int
) -> None:
    made = firms(crm, number)
    assert set(ids(told(connectors(org, bulk_above=4)))) == set(made)
    assert len([1 for method, path in org.requests if method == "POST" and path.endswith("jobs/query")]) == jobs
    assert len([1 for method, _path in org.requests if method == "DELETE"]) == jobs, "a job with customer data was left"


@pytest.mark.parametrize("repeats", [True, False])
def test_both_ways_tell_the_same_payload(crm: System, open_org: Open, connectors: Connect, repeats: bool) -> None:
    texts = [
        '"quoted", comma',
        "two\nlines",
        "two\r\nlines",
        " spaces ",
        "博世 \U0001f600",
        "Id",
        "null",
        "true",
        "1.50",
    ]
    for n, text in enumerate(texts):
        values = {"Name": text, "AnnualRevenue": n * 1.5 or None, "NumberOfEmployees": n, "Active__c": bool(n % 2)}
        crm.create("Account", values, by="user:anna")
    fields = {"Account": ["Name", "Phone", "AnnualRevenue", "NumberOfEmployees", "CreatedDate", "OwnerId"]}
    org = open_org(behaviour=Behaviour(bulk_repeats_header=repeats, bulk_polls=3))
    by_query, by_job = (
        {record.ref.id: record for record in told(connectors(org, fields=fields, bulk_above=above, bulk_page_rows=2))}
        for above in (None, 0)
    )
    assert by_query == by_job
    assert len(by_job) == len(texts)


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("results$", lambda body: body[:-9]),
        ("results$", lambda body: body + b'"more","cells"\n'),
        ("results$", lambda body: body.replace(b'"Firm 000"', b'"Firm 000')),
        ("results$", lambda body: b"\xff\xfe" + body),
        ("results$", lambda _body: b"<html>maintenance</html>"),
        ("jobs/query/[^/]+$", lambda body: {**body, "numberRecordsProcessed": 99}),
        ("jobs/query/[^/]+$", lambda body: {**body, "state": "Failed", "errorMessage": "too complex"}),
        ("jobs/query/[^/]+$", lambda body: {**body, "state": "Aborted"}),
        ("jobs/query/[^/]+$", lambda _body: {}),
        ("jobs/query$", lambda _body: {}),
    ],
)
def test_a_bulk_read_that_is_not_whole_ends_without_a_safe_point(
    crm: System,
    org: SalesforceSimulator,
    connectors: Connect,
    spoiled: Callable[[str, Change], None],
    path: str,
    change: Change,
) -> None:
    firms(crm, 3)
    spoiled(path, change)
    with pytest.raises(TransientError):
        told(connectors(org, bulk_above=0))


def test_a_bulk_job_that_never_ends_is_given_up_in_time(crm: System, open_org: Open, connectors: Connect) -> None:
    firms(crm, 1)
    org = open_org(behaviour=Behaviour(bulk_polls=10_000))
    with pytest.raises(TransientError, match="is InProgress after"):
        told(connectors(org, bulk_above=0))
    assert crm.clock.now() - START < timedelta(seconds=bulk.PATIENCE + 2 * bulk.LONGEST_WAIT)


@pytest.mark.parametrize(("rows", "declared"), [(1, "2"), (2, "1")])
def test_a_bulk_page_has_as_many_rows_as_it_declares(rows: int, declared: str) -> None:
    page = Answer(200, {"sforce-numberofrecords": declared}, b'"Id"\n' + b'"x"\n' * rows)
    with pytest.raises(TransientError, match="not whole"):
        bulk._parsed(page, ["Id"])


def test_what_an_answer_does_not_tell_is_not_null() -> None:
    row = {"Id": "001A0000006Vm9r", "SystemModstamp": "2026-03-02T08:00:00.000+0000", "Name": None}
    record = Shape("crm", "Account", ("Name", "Phone", "Owner.Name")).record(row)
    assert record.payload == {"Name": None}
    assert not record.version, "a stamp is no version where nothing can be conditional on it"
    assert record.ref.id == "001A0000006Vm9rIAC"


@pytest.mark.parametrize(("type_", "cell"), [("double", "1,5"), ("int", "1.5"), ("datetime", "yesterday")])
def test_a_cell_that_is_not_of_its_type_is_no_value(type_: str, cell: str) -> None:
    with pytest.raises(TransientError, match=re.escape(repr(cell))):
        bulk.typed(type_, cell)


def test_an_org_that_cannot_count_in_time_has_many(
    crm: System, org: SalesforceSimulator, connectors: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = firms(crm, 3)
    plain = org.queries.start

    def slow(query: Any, *rest: Any, **more: Any) -> Reply:
        if not query.fields:
            raise ApiError(400, "QUERY_TIMEOUT", "Your query request was running for too long.")
        return plain(query, *rest, **more)

    monkeypatch.setattr(org.queries, "start", slow)
    assert set(ids(told(connectors(org)))) == set(made)
    assert any(path.endswith("jobs/query") for _method, path in org.requests)


# -- by id and by key --------------------------------------------------------------------------------------------------


def test_five_hundred_records_are_read_in_three_queries(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    made = firms(crm, 500)
    connector = connectors(org)
    connector.fingerprint()
    org.requests.clear()
    assert len(connector.read([ref(each) for each in made])) == 500
    assert len(org.requests) == 3


def test_short_ids_and_nonsense_are_no_harm(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    made = firms(crm, 1)[0]
    asked = [ref(made[:15]), ref("nobody"), ref("x' OR Name != '"), ref("001000000000000AAA")]
    found = connectors(org).read(asked)
    assert {asked_ref.id: record.ref.id for asked_ref, record in found.items()} == {made[:15]: made}


def test_a_key_is_compared_to_the_letter(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    crm.create("Account", {"Name": "Acme", "Concordat_Key__c": "k-A"}, by="user:anna")
    connector = connectors(org)
    assert not connector.find_created("Account", ["k-a"])
    assert set(connector.find_created("Account", ["k-A", "k-a"])) == {"k-A"}


# -- deletions and merges ----------------------------------------------------------------------------------------------


def test_what_left_the_bin_is_still_told(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    binned, purged, stays = firms(crm, 3)
    crm.delete("Account", binned, by="user:anna")
    crm.delete("Account", purged, by="user:anna", hard=True)
    stones = connectors(org).deleted("Account", Watermark(START)).tombstones
    assert {stone.ref.id for stone in stones} == {binned, purged}
    assert stays not in {stone.ref.id for stone in stones}


def test_what_came_back_from_the_bin_is_not_called_deleted(
    crm: System, org: SalesforceSimulator, connectors: Connect, spoiled: Callable[[str, Change], None]
) -> None:
    back = firms(crm, 1)[0]
    log = {"id": back, "deletedDate": "2026-03-02T08:00:00.000+0000"}
    spoiled("deleted$", lambda body: {**body, "deletedRecords": [log]})
    assert connectors(org).deleted("Account", Watermark(START)).tombstones == ()


def test_the_loser_of_a_merge_is_merged_and_not_deleted(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    a, b, c, d = firms(crm, 4)
    crm.merge("Account", a, b, by="user:anna")
    crm.clock.advance(30)
    crm.merge("Account", b, c, by="user:anna")
    crm.delete("Account", d, by="user:anna")
    connector = connectors(org)
    steps = {(m.loser.id, m.winner.id) for m in connector.merged("Account", Watermark(START)).merges}
    assert steps == {(a, b), (b, c)}
    since = Watermark(START + timedelta(seconds=20))
    assert [stone.ref.id for stone in connector.deleted("Account", since).tombstones] == [d]


def test_a_log_that_does_not_reach_back_far_enough_says_so(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    crm.retention = timedelta(days=15)
    crm.clock.advance(timedelta(days=20))
    connector = connectors(org)
    told_since = connector.deleted("Account", Watermark(START)).complete_since
    assert told_since == START + timedelta(days=5)
    assert connector.deleted("Account", Watermark(START + timedelta(days=6))).complete_since is None


def test_a_window_longer_than_the_system_takes_is_cut_and_told(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    crm.clock.advance(timedelta(days=40))
    told_since = connectors(org).deleted("Account", Watermark(START)).complete_since
    assert told_since is not None
    assert START + timedelta(days=10) < told_since <= START + timedelta(days=11)


def test_an_open_transaction_holds_the_safe_point_back(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    goes = firms(crm, 1)[0]
    crm.clock.advance(600)
    crm.late(timedelta(minutes=20), lambda: crm.delete("Account", goes, by="user:anna"))
    crm.clock.advance(900)
    connector = connectors(org)
    first = connector.deleted("Account", Watermark(START))
    assert not first.tombstones
    assert first.safe_point.at <= START + timedelta(minutes=10)
    crm.clock.advance(600)
    assert [stone.ref.id for stone in connector.deleted("Account", first.safe_point).tombstones] == [goes]


@pytest.mark.parametrize("body", [{}, [], {"deletedRecords": [{}]}, {"deletedRecords": 5, "latestDateCovered": "now"}])
def test_an_unreadable_log_is_no_empty_log(
    org: SalesforceSimulator, connectors: Connect, spoiled: Callable[[str, Change], None], body: Any
) -> None:
    spoiled("deleted$", lambda _body: body)
    with pytest.raises(TransientError):
        connectors(org).deleted("Account", Watermark(START))


def test_a_query_is_sent_as_one_parameter(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    """Whatever a key holds, neither path nor parameters of the request change."""
    nasty = "k&q=SELECT Id FROM User#/../?x=%27 OR '1'='1+"
    crm.create("Account", {"Name": "Acme", "Concordat_Key__c": nasty}, by="user:anna")
    found = connectors(org).find_created("Account", [nasty])
    assert [record.key for record in found[nasty]] == [nasty]
    assert {path for _method, path in org.requests} == {"services/oauth2/token", "services/data/v65.0/query"}
