"""Large reads: what is whole, and that both ways tell the same."""

import re
from datetime import timedelta
from typing import Any

import pytest

from connectors.answers import Answer
from connectors.errors import TransientError
from connectors.salesforce import bulk
from connectors.salesforce.records import Shape
from connectors.salesforce.simulated.faults import ApiError
from connectors.salesforce.simulator import Behaviour, SalesforceSimulator
from connectors.testing.exchange import Reply
from connectors.testing.world import START, System
from tests.connectors.salesforce.conftest import Open
from tests.connectors.salesforce.hands import (
    Change,
    Connect,
    Spoil,
    firms,
    ids,
    told,
)

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
    spoiled: Spoil,
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
