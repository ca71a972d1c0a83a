"""What can go wrong while reading, and what a complete answer is."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Page, Watermark
from connectors.errors import MisconfiguredError, TransientError
from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulator import CUT_BODY, LOCATOR_DEAD, Behaviour, SalesforceSimulator
from connectors.testing.exchange import Reply
from connectors.testing.world import START, Fault, FieldSpec, System
from tests.connectors.salesforce.conftest import Open
from tests.connectors.salesforce.hands import (
    Change,
    Connect,
    Spoil,
    firms,
    ids,
    ref,
    told,
)

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


@pytest.mark.parametrize("windows", [1, 2, 5])
@pytest.mark.parametrize("count", [1, 2, 19, 40])
def test_a_full_read_in_windows_tells_each_record_once(
    crm: System, org: SalesforceSimulator, connectors: Connect, windows: int, count: int
) -> None:
    made = firms(crm, count)
    assert sorted(ids(told(connectors(org, page_size=2, windows=windows)))) == made


def test_a_window_that_fails_ends_the_crawl_without_a_safe_point(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    firms(crm, 40)
    for number in range(9, 60):
        crm.faults.force(Fault.PAGE_ERROR, "crm.changes", nth=number)
    pages: list[Page] = []
    with pytest.raises(TransientError):
        pages.extend(connectors(org, page_size=2, windows=3).changes("Account", None))
    assert not [page for page in pages if page.safe_point]


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
    crm: System, org: SalesforceSimulator, connectors: Connect, spoiled: Spoil, change: Change
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


def test_half_a_character_in_one_record_takes_no_other_along(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    made = firms(crm, 5)
    crm.update("Account", made[2], {"Phone": "a\ud83db"}, by="user:ben")
    connector = connectors(org, page_size=2)
    records = told(connector)
    assert ids(records) == made
    assert [one.payload["Phone"] for one in records if one.ref.id == made[2]] == ["a\ud83db"]
    assert connector.read([ref(made[2])])[ref(made[2])].payload["Phone"] == "a\ud83db"
