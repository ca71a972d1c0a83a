"""The simulator is proven by a client that others wrote against the real system: simple-salesforce drives it."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from requests.adapters import HTTPAdapter
from simple_salesforce import (
    Salesforce,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from connectors.salesforce.simulated.metadata import KEY_FIELD
from connectors.salesforce.simulator import Behaviour, SalesforceSimulator
from connectors.testing.world import START, FieldSpec, System
from tests.connectors.salesforce.conftest import Open


class LoopbackAdapter(HTTPAdapter):
    """That client speaks to https://….salesforce.com only; this leads every call to the simulator."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        there = urlsplit(request.url)
        request.url = f"{self._url}{there.path!s}" + (f"?{there.query!s}" if there.query else "")
        return super().send(request, *args, **options)


def session(org: SalesforceSimulator) -> requests.Session:
    led = requests.Session()
    led.trust_env = False
    led.mount("https://", LoopbackAdapter(org.url))
    return led


def client(org: SalesforceSimulator) -> Salesforce:
    secrets = {"consumer_key": org.app.client_id, "consumer_secret": org.app.client_secret}
    return Salesforce(domain="acme.my", version="65.0", session=session(org), **secrets)


@pytest.fixture
def sf(org: SalesforceSimulator) -> Iterator[Salesforce]:
    made = client(org)
    yield made
    made.session.close()


def test_it_logs_in_with_client_credentials(sf: Salesforce, org: SalesforceSimulator) -> None:
    assert org.tokens.issued == 1
    assert sf.limits()["DailyApiRequests"]["Max"] == 100_000
    assert sf.api_usage["api-usage"].total == 100_000


def test_a_wrong_secret_is_refused(org: SalesforceSimulator) -> None:
    with session(org) as led, pytest.raises(SalesforceAuthenticationFailed, match="invalid client credentials"):
        Salesforce(domain="acme.my", session=led, consumer_key=org.app.client_id, consumer_secret="wrong")


def test_an_ended_session_is_told_as_such_and_a_fresh_login_mends_it(sf: Salesforce, org: SalesforceSimulator) -> None:
    org.tokens.revoke()
    old = Salesforce(session=sf.session, session_id="ended", instance="acme.my.salesforce.com")
    with pytest.raises(SalesforceExpiredSession):
        old.query("SELECT Id FROM User")
    assert sf.query("SELECT Id FROM Account")["done"]
    assert org.tokens.issued == 2


@pytest.mark.parametrize("right", [True, False])
def test_a_jwt_is_accepted_only_when_signed_by_the_known_key(open_org: Open, right: bool) -> None:
    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
    private = keys[0].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    def verify(assertion: str) -> Mapping[str, Any]:
        try:
            known = RSAKey.import_key(keys[0 if right else 1].public_key())
            return jwt.decode(assertion, known, algorithms=["RS256"]).claims
        except JoseError as error:
            raise ValueError(str(error)) from error

    org = open_org(verify_jwt=verify)
    with session(org) as led, time_machine.travel(START):
        options = {"username": org.app.username, "consumer_key": org.app.client_id, "privatekey": private.decode()}
        if right:
            assert Salesforce(session=led, version="65.0", **options).query("SELECT Id FROM Account")["done"]
        else:
            with pytest.raises(SalesforceAuthenticationFailed):
                Salesforce(session=led, version="65.0", **options)


def test_it_pages_through_locators_until_done(crm: System, open_org: Open) -> None:
    for n in range(1201):
        crm.create("Account", {"Name": f"Firm {n}"}, by="user:anna")
    org = open_org(behaviour=Behaviour(page_rows=500))
    sf = client(org)
    rows = list(sf.query_all_iter("SELECT Id, Name FROM Account ORDER BY Name LIMIT 1100"))
    assert len({row["Id"] for row in rows}) == 1100
    assert [row["Name"] for row in rows] == sorted(row["Name"] for row in rows)
    assert len([path for _method, path in org.requests if "/query/01g" in path]) == 2
    sf.session.close()


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("Name = 'O\\'Hara \\\\ Co'", ["O'Hara \\ Co"]),
        ("Name LIKE 'o%' AND Phone = null", ["O'Hara \\ Co"]),
        ("Phone != null OR Name IN ('nobody', 'O\\'Hara \\\\ Co')", ["Bolt", "O'Hara \\ Co"]),
        ("NumberOfEmployees > 10 AND (Phone = '1' OR Phone = '2')", ["Bolt"]),
        ("NOT (Name LIKE 'O%')", ["Bolt"]),
        ("SystemModstamp >= 2026-03-02T08:00:00Z", ["Bolt", "O'Hara \\ Co"]),
        ("SystemModstamp > 2026-03-02T08:00:00+00:00", []),
        ("Owner.LastName = 'Ann'", ["Bolt"]),
        ("Active__c = true AND CreatedDate < 2030-01-01T00:00:00Z", ["Bolt", "O'Hara \\ Co"]),
    ],
)
def test_conditions_find_what_they_say(sf: Salesforce, crm: System, where: str, names: list[str]) -> None:
    ann = crm.create("User", {"Username": "ann@example.com", "LastName": "Ann"}, by="user:admin")
    crm.create("Account", {"Name": "O'Hara \\ Co"}, by="user:anna")
    crm.create("Account", {"Name": "Bolt", "Phone": "2", "NumberOfEmployees": 12, "OwnerId": ann.id}, by="user:anna")
    soql = f"SELECT Name FROM Account WHERE {where} ORDER BY Name"  # noqa: S608 - a fixed table
    found = sf.query(soql)["records"]
    assert [row["Name"] for row in found] == names


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM Account WHERE Name = 'a' AND Phone = 'b' OR Phone = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a\\z'", "MALFORMED_QUERY"),
        ("SELECT Id Name FROM Account", "MALFORMED_QUERY"),
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account ORDER BY Nope", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Id FROM User WHERE IsDeleted = true", "INVALID_FIELD"),
    ],
)
def test_a_query_that_cannot_be_is_refused_with_its_code(sf: Salesforce, soql: str, code: str) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.query(soql)
    assert refused.value.content[0]["errorCode"] == code


def test_records_are_made_read_changed_and_deleted(sf: Salesforce, crm: System) -> None:
    made = sf.Account.create({"Name": "Acme", "AnnualRevenue": 12.5})
    assert sf.Account.get(made["id"])["AnnualRevenue"] == 12.5
    assert sf.Account.update(made["id"][:15], {"Phone": "1"}) == 204
    assert sf.Account.get(made["id"])["Phone"] == "1"
    assert sf.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound, match="ENTITY_IS_DELETED"):
        sf.Account.get(made["id"])
    assert sf.query("SELECT Id FROM Account")["totalSize"] == 0
    assert sf.query("SELECT Id FROM Account WHERE IsDeleted = true", include_deleted=True)["totalSize"] == 1
    assert [entry.op for entry in crm.log] == ["create", "update", "delete"]


@pytest.mark.parametrize(
    ("values", "code", "fields"),
    [
        ({}, "REQUIRED_FIELD_MISSING", ["Name"]),
        ({"Name": "x" * 256}, "STRING_TOO_LONG", ["Name"]),
        ({"Name": "x", "Type": "Foe"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Type"]),
        ({"Name": "x", "Nope": 1}, "INVALID_FIELD", ["Nope"]),
        ({"Name": "x", "AnnualRevenue": "much"}, "JSON_PARSER_ERROR", None),
        ({"Name": "x", "ParentId": "0015gX000000099AAA"}, "INVALID_CROSS_REFERENCE_KEY", ["ParentId"]),
        ({"Name": "x", KEY_FIELD: "taken"}, "DUPLICATE_VALUE", []),
    ],
)
def test_what_cannot_be_saved_is_refused_with_its_code(
    sf: Salesforce, crm: System, values: dict[str, Any], code: str, fields: list[str] | None
) -> None:
    crm.create("Account", {"Name": "first", KEY_FIELD: "taken"}, by="user:anna")
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.Account.create(values)
    error = refused.value.content[0]
    assert (error["errorCode"], error.get("fields")) == (code, fields)
    assert len(crm.living("Account")) == 1


def test_an_external_id_finds_creates_and_updates(sf: Salesforce, crm: System) -> None:
    assert sf.Account.upsert(f"{KEY_FIELD}/k-1", {"Name": "Acme"}) == 201
    assert sf.Account.upsert(f"{KEY_FIELD}/k-1", {"Phone": "1"}) == 200
    assert sf.Account.get_by_custom_id(KEY_FIELD, "k-1")["Phone"] == "1"
    assert len(crm.living("Account")) == 1


def test_an_external_id_that_is_not_unique_answers_with_all_that_carry_it(sf: Salesforce, crm: System) -> None:
    crm.alter("Account", FieldSpec("Old_Number__c"))
    for _ in range(2):
        crm.create("Account", {"Name": "twin", "Old_Number__c": "7"}, by="user:anna")
    with pytest.raises(SalesforceMoreThanOneRecord) as many:
        sf.Account.get_by_custom_id("Old_Number__c", "7")
    assert len(many.value.content) == 2


def test_it_describes_itself(sf: Salesforce) -> None:
    described = sf.describe()
    assert described is not None
    assert {each["name"] for each in described["sobjects"]} == {"Account", "Contact", "User"}
    fields = {field["name"]: field for field in sf.Contact.describe()["fields"]}
    assert fields["AccountId"]["referenceTo"] == ["Account"]
    assert fields[KEY_FIELD]["externalId"]
    assert not fields["LastName"]["nillable"]
    assert fields["SystemModstamp"]["type"] == "datetime"


def test_updated_and_deleted_tell_the_window_they_cover(sf: Salesforce, crm: System) -> None:
    stays, goes = (crm.create("Account", {"Name": name}, by="user:anna") for name in ("stays", "goes"))
    crm.clock.advance(90)
    crm.delete("Account", goes.id, by="user:anna")
    crm.clock.advance(90)
    end = crm.now()
    updated = sf.Account.updated(START, end)
    deleted = sf.Account.deleted(START, end)
    assert updated["ids"] == [stays.id]
    assert [each["id"] for each in deleted["deletedRecords"]] == [goes.id]
    assert deleted["latestDateCovered"] == "2026-03-02T08:03:00.000+0000"


def test_a_bulk_query_comes_page_by_page_as_csv(crm: System, open_org: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simple_salesforce.bulk2.sleep", lambda _seconds: None)
    names = ['plain "quoted", with comma', "two\nlines", "博世"]
    for name in names:
        crm.create("Account", {"Name": name}, by="user:anna")
    sf = client(open_org(behaviour=Behaviour(bulk_page_rows=2, bulk_polls=2)))
    pages = list(sf.bulk2.Account.query("SELECT Id, Name, Phone FROM Account ORDER BY Id"))
    assert len(pages) == 2
    for name in ('plain ""quoted"", with comma', "two\nlines", "博世"):
        assert any(name in page for page in pages)
    sf.session.close()
