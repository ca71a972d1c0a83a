"""Sides of the dialect that neither our connector nor simple-salesforce asks for, as the vendor tells them."""

import json
from typing import Any

import pytest

from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulated.metadata import KEY_FIELD
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.testing.exchange import HungUp, Reply
from connectors.testing.world import Fault, FieldSpec, System


class Caller:
    """Calls the org without a socket, logged in."""

    def __init__(self, org: SalesforceSimulator) -> None:
        self._org = org
        form = f"grant_type=client_credentials&client_id={org.app.client_id}&client_secret={org.app.client_secret}"
        token = org.answer(Request("POST", "services/oauth2/token", body=form.encode())).body["access_token"]
        self._headers = {"authorization": f"Bearer {token}"}

    def __call__(self, method: str, place: str, body: Any = None, query: Any = None, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = b"" if body is None else json.dumps(body).encode()
        return self._org.answer(
            Request(method, f"services/data/v65.0/{place}", query or {}, {**self._headers, **named}, content)
        )


@pytest.fixture
def call(org: SalesforceSimulator) -> Caller:
    return Caller(org)


def item(**values: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Account"}, **values}


def test_all_or_none_takes_everything_back(call: Caller, crm: System) -> None:
    body = {"allOrNone": True, "records": [item(Name="good"), item(Name="bad", Type="Foe")]}
    rows = call("POST", "composite/sobjects", body).body
    assert [row["errors"][0]["statusCode"] for row in rows] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    ]
    assert not crm.living("Account")
    assert not crm.log


def test_a_collection_answers_200_with_a_row_for_each(call: Caller, crm: System) -> None:
    there = crm.create("Account", {"Name": "there"}, by="user:anna").id
    records = [item(id=there, Phone="1"), item(id="0015gX000000099AAA", Phone="1"), item(Phone="1")]
    reply = call("PATCH", "composite/sobjects", {"records": records})
    assert reply.status == 200
    assert [row["success"] for row in reply.body] == [True, False, False]
    assert [row["errors"][0]["statusCode"] for row in reply.body[1:]] == [
        "INVALID_CROSS_REFERENCE_KEY",
        "MISSING_ARGUMENT",
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"records": "all"}, "JSON_PARSER_ERROR"),
        ({"records": [{"Name": "x"}]}, "INVALID_INPUT"),
        ({"records": [item(Name="x")] * 201}, "INVALID_BATCH_SIZE"),
        ({"records": [item(Name="x", Nope=1)]}, "INVALID_FIELD"),
        ({"records": [{"attributes": {"type": "Nope"}}]}, "INVALID_TYPE"),
        ([], "JSON_PARSER_ERROR"),
    ],
)
def test_an_envelope_that_cannot_be_read_does_nothing(call: Caller, crm: System, body: Any, code: str) -> None:
    reply = call("POST", "composite/sobjects", body)
    assert (reply.status, reply.body[0]["errorCode"]) == (400, code)
    assert not crm.log


def test_collections_are_retrieved_and_deleted(call: Caller, crm: System) -> None:
    there = crm.create("Account", {"Name": "there"}, by="user:anna").id
    ids = {"ids": f"{there},0015gX000000099AAA", "fields": "Id,Name"}
    found = call("GET", "composite/sobjects/Account", query=ids).body
    assert [row and row["Name"] for row in found] == ["there", None]
    assert [row["success"] for row in call("DELETE", "composite/sobjects", query=ids).body] == [True, False]


def test_an_upsert_over_a_field_that_is_not_unique_names_its_matches(call: Caller, crm: System) -> None:
    crm.alter("Account", FieldSpec("Old_Number__c"))
    for _ in range(2):
        crm.create("Account", {"Name": "twin", "Old_Number__c": "7"}, by="user:anna")
    reply = call("PATCH", "sobjects/Account/Old_Number__c/7", {"Name": "x"})
    assert (reply.status, reply.body[0]["errorCode"]) == (300, "DUPLICATE_EXTERNAL_ID")


def test_an_upsert_by_key_says_whether_it_created(call: Caller) -> None:
    body = {"records": [item(**{KEY_FIELD: "k", "Name": "x"}), item(**{KEY_FIELD: "k", "Name": "y"}), item(Name="z")]}
    rows = call("PATCH", f"composite/sobjects/Account/{KEY_FIELD}", body).body
    assert [(row["success"], row.get("created")) for row in rows] == [(True, True), (True, False), (False, None)]


@pytest.mark.parametrize(
    ("header", "matches"),
    [("if_match", True), ("if_match", False), ("if_unmodified_since", True), ("if_unmodified_since", False)],
)
def test_an_account_row_is_changed_only_under_its_condition(
    call: Caller, crm: System, header: str, matches: bool
) -> None:
    place = f"sobjects/Account/{crm.create('Account', {'Name': 'x'}, by='user:anna').id}"
    row = call("GET", place)
    value = row.headers["ETag" if header == "if_match" else "Last-Modified"]
    if not matches:
        crm.clock.advance(5)
        crm.update("Account", row.body["Id"], {"Phone": "theirs"}, by="user:ben")
    assert call("PATCH", place, {"Phone": "ours"}, **{header: value}).status == (204 if matches else 412)


def test_an_unchanged_account_row_is_not_sent_again(call: Caller, crm: System) -> None:
    place = f"sobjects/Account/{crm.create('Account', {'Name': 'x'}, by='user:anna').id}"
    since = call("GET", place).headers["Last-Modified"]
    assert call("GET", place, if_modified_since=since).status == 304


def test_every_answer_tells_the_calls_used_and_the_time(call: Caller, crm: System) -> None:
    crm.daily_calls = 50
    call("GET", "limits")
    reply = call("GET", "nowhere")
    assert reply.status == 404
    assert reply.headers["Sforce-Limit-Info"] == "api-usage=2/50"
    assert reply.headers["Date"] == "Mon, 02 Mar 2026 08:00:00 GMT"


def test_a_used_up_day_is_refused(call: Caller, crm: System) -> None:
    crm.daily_calls = 0
    reply = call("GET", "limits")
    assert (reply.status, reply.body[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    ("fault", "status"),
    [(Fault.THROTTLED, 403), (Fault.SERVER_ERROR, 503), (Fault.TOKEN_EXPIRED, 401), (Fault.GATEWAY_AFTER, 502)],
)
def test_faults_of_the_world_sound_like_this_system(call: Caller, crm: System, fault: str, status: int) -> None:
    crm.faults.force(fault, "crm.create")
    assert call("POST", "sobjects/Account", {"Name": "x"}).status == status


@pytest.mark.parametrize(("fault", "done"), [(Fault.LOST_BEFORE, 0), (Fault.LOST_AFTER, 2)])
def test_a_lost_answer_is_a_line_that_breaks(call: Caller, crm: System, fault: str, done: int) -> None:
    crm.faults.force(fault, "crm.create")
    with pytest.raises(HungUp):
        call("POST", "composite/sobjects", {"records": [item(Name="x"), item(Name="y")]})
    assert len(crm.living("Account")) == done


def test_a_part_of_a_batch_may_be_done_when_the_line_breaks(call: Caller, crm: System) -> None:
    crm.faults.force(Fault.LOST_MIDWAY, "crm.create")
    with pytest.raises(HungUp):
        call("POST", "composite/sobjects", {"records": [item(Name=str(n)) for n in range(100)]})
    assert 0 < len(crm.living("Account")) < 100


def test_a_cursed_record_is_refused_every_time(call: Caller, crm: System) -> None:
    crm.faults.rates = {Fault.POISON: 1.0}
    crm.faults._armed = True
    for _ in range(2):
        row = call(
            "PATCH", f"composite/sobjects/Account/{KEY_FIELD}", {"records": [item(**{KEY_FIELD: "k"}, Name="x")]}
        )
        assert row.body[0]["errors"][0]["statusCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


@pytest.mark.parametrize("version", ["v65.0", "v31.0", "v66.0", "v30.0", "v65"])
def test_versions_outside_its_range_are_not_there(call: Caller, org: SalesforceSimulator, version: str) -> None:
    reply = org.answer(Request("GET", f"services/data/{version}/limits", headers=call._headers))
    assert reply.status == (200 if version in {"v65.0", "v31.0"} else 404)
