"""Logging in, staying logged in, and not calling more than the org allows."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from connectors.contract import Create
from connectors.errors import BudgetError, MisconfiguredError, TransientError
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulator import Behaviour, SalesforceSimulator
from connectors.settings import load
from connectors.testing.exchange import Reply
from connectors.testing.world import Fault, FieldSpec, System
from tests.connectors.salesforce.benches import pace
from tests.connectors.salesforce.conftest import Open

Connect = Callable[..., SalesforceConnector]
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


def verify(assertion: str) -> Mapping[str, Any]:
    try:
        return jwt.decode(assertion, RSAKey.import_key(KEY.public_key()), algorithms=["RS256"]).claims
    except JoseError as error:
        raise ValueError(str(error)) from error


def names(connector: SalesforceConnector) -> list[str]:
    return sorted(r.payload["Name"] for page in connector.changes("Account", None) for r in page.records)


def firms(crm: System, number: int) -> list[str]:
    return [crm.create("Account", {"Name": f"Firm {n:03d}"}, by="user:anna").values["Name"] for n in range(number)]


def test_one_login_serves_all_calls(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    made = firms(crm, 10)
    connector = connectors(org)
    assert names(connector) == made
    connector.check()
    assert org.tokens.issued == 1


def test_a_token_that_ends_in_the_middle_of_a_crawl_is_renewed_once(
    crm: System, open_org: Open, connectors: Connect
) -> None:
    made = firms(crm, 10)
    org = open_org(behaviour=Behaviour(token_calls=3))
    assert names(connectors(org)) == made
    assert org.tokens.issued == 2


def test_a_token_that_ends_before_a_write_is_renewed_and_the_write_is_done_once(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    connector = connectors(org)
    crm.faults.force(Fault.TOKEN_EXPIRED, "crm.create")
    connector.create([Create("k-1", "Account", {"Name": "Acme"})])
    assert org.tokens.issued == 2
    assert [entry.op for entry in crm.log] == ["create"]
    assert crm.calls["create"] == 1


def test_a_fresh_token_that_is_refused_as_well_stops_the_system(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    connector = connectors(org)
    for nth in range(2):
        crm.faults.force(Fault.TOKEN_EXPIRED, "crm.read", nth=nth)
        crm.faults.force(Fault.TOKEN_EXPIRED, "crm.changes", nth=nth)
    with pytest.raises(MisconfiguredError, match="INVALID_SESSION_ID"):
        names(connector)
    assert org.tokens.issued == 2


def test_a_wrong_secret_is_told_in_one_line_without_the_secret(
    org: SalesforceSimulator, connectors: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = connectors(org)
    monkeypatch.setenv("CONCORDAT_CRM_CLIENT_SECRET", "canary-secret")
    wrong = connectors(org)
    assert connector.fingerprint() == org.org
    findings = wrong.check()
    assert [(finding.ok, finding.about) for finding in findings] == [(False, "login")]
    assert "invalid_client" in findings[0].says
    assert "canary-secret" not in str(findings)
    with pytest.raises(MisconfiguredError, match="invalid_client"):
        wrong.fingerprint()


def test_a_jwt_logs_in(open_org: Open, connectors: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONCORDAT_CRM_CLIENT_SECRET")
    monkeypatch.setenv("CONCORDAT_CRM_PRIVATE_KEY", PEM)
    org = open_org(verify_jwt=verify)
    assert connectors(org, username=org.app.username).fingerprint() == org.org


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"username": "somebody@example.com"}, "sub"),
        ({"audience": "https://test.salesforce.com"}, "aud"),
        ({"client_id": "another app"}, "iss"),
    ],
)
def test_a_jwt_for_somebody_else_does_not(
    open_org: Open,
    connectors: Connect,
    monkeypatch: pytest.MonkeyPatch,
    wrong: dict[str, str],
    complaint: str,
) -> None:
    monkeypatch.setenv("CONCORDAT_CRM_PRIVATE_KEY", PEM)
    org = open_org(verify_jwt=verify)
    with pytest.raises(MisconfiguredError, match=f"invalid assertion: {complaint}"):
        connectors(org, **{"username": org.app.username, **wrong}).fingerprint()


def test_settings_without_a_way_to_log_in_are_refused() -> None:
    with pytest.raises(MisconfiguredError, match="give client_secret"):
        load(SalesforceSettings, "crm", {"url": "https://acme.my.salesforce.com", "client_id": "x"})


@pytest.mark.parametrize(
    "instance",
    [
        "https://evil.example.com",
        "https://salesforce.com.evil.example.com",
        "https://user:pass@acme.my.salesforce.com",
        "http://169.254.169.254",
        "ftp://acme.my.salesforce.com",
        "",
    ],
)
def test_a_token_is_sent_only_where_a_token_may_be_sent(
    org: SalesforceSimulator, connectors: Connect, instance: str
) -> None:
    connector = connectors(org)
    org.url = instance
    with pytest.raises(MisconfiguredError):
        names(connector)
    assert [path for _method, path in org.requests] == ["services/oauth2/token"]


@pytest.mark.parametrize("instance", ["https://acme.my.salesforce.com", "https://eu42.salesforce.com"])
def test_an_instance_of_the_vendor_is_accepted(org: SalesforceSimulator, connectors: Connect, instance: str) -> None:
    connector = connectors(org)
    address = connector._client._instance(instance)
    assert address.base == f"{instance}/"


def test_after_a_renewal_calls_go_where_the_new_token_holds(
    crm: System, org: SalesforceSimulator, connectors: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = firms(crm, 4)
    asked: list[str] = []
    plain = org.answer

    def noted(request: Request) -> Reply:
        asked.append(request.headers["host"].partition(":")[0])
        return plain(request)

    monkeypatch.setattr(org, "answer", noted)
    connector = connectors(org, instance_hosts=["localhost"])
    assert names(connector) == made
    assert set(asked) == {"127.0.0.1"}
    org.url = org.url.replace("127.0.0.1", "localhost")
    org.tokens.revoke()
    assert names(connector) == made
    assert asked[-1] == "localhost"


def test_a_link_to_another_host_is_not_followed(
    crm: System, open_org: Open, connectors: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    firms(crm, 5)
    org = open_org(behaviour=Behaviour(page_rows=2))
    plain = org.answer

    def elsewhere(request: Request) -> Reply:
        reply = plain(request)
        if isinstance(reply.body, dict) and "nextRecordsUrl" in reply.body:
            reply.body["nextRecordsUrl"] = "https://evil.example.com/services/data/v65.0/query/01g-2"
        return reply

    monkeypatch.setattr(org, "answer", elsewhere)
    with pytest.raises(MisconfiguredError, match=r"evil\.example\.com"):
        names(connectors(org))


# -- the org's limits --------------------------------------------------------------------------------------------------


def test_the_reserve_for_people_is_left_to_them(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    crm.daily_calls = 20
    firms(crm, 100)
    connector = connectors(org, pace=pace(org, reserve=0.5), windows=1)
    with pytest.raises(BudgetError, match="of 20 calls are used"):
        names(connector)
    assert crm.calls_left == 10


def test_calls_in_the_air_count_as_used(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    crm.daily_calls = 20
    firms(crm, 100)
    with pytest.raises(BudgetError, match="of 20 calls are used"):
        names(connectors(org, pace=pace(org, reserve=0.5), windows=8))
    assert crm.calls_left is not None
    assert crm.calls_left >= 10


def test_no_answer_to_a_write_is_lost_to_the_limit(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    crm.daily_calls = 100
    connector = connectors(org, pace=pace(org, reserve=0.5), windows=1)
    crm.charge("somebody else", 49)
    results = connector.create([Create("k-1", "Account", {"Name": "Acme"})])
    assert [entry.op for entry in crm.log] == ["create"]
    assert getattr(results[0], "code", "") == "unproven", "done, not read back: to be looked up by our key"
    crm.daily_calls = None
    assert connector.find_created("Account", ["k-1"])["k-1"]


def test_a_used_up_day_is_a_budget_and_no_fault(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    crm.daily_calls = 0
    with pytest.raises(BudgetError, match="daily API calls are used up"):
        names(connectors(org))
    assert [path for _method, path in org.requests if "query" in path] == ["services/data/v65.0/query"], "asked again"


def test_too_many_at_once_passes_by_itself(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    made = firms(crm, 2)
    crm.faults.force(Fault.THROTTLED, "crm.changes")
    assert names(connectors(org)) == made


# -- doctor ------------------------------------------------------------------------------------------------------------


def test_doctor_finds_what_is_wrong(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    crm.skew = timedelta(minutes=10)
    crm.daily_calls = 100
    crm.charge("somebody else", 92)
    crm.drop_field("Account", "Phone")
    crm.alter("Contact", FieldSpec("Email", visible=False))
    crm.alter("Contact", FieldSpec("Concordat_Key__c"))
    found = {
        (one.about, one.says)
        for one in connectors(org, api_version="v64.0", pace=pace(org, reserve=0)).check()
        if not one.ok
    }
    assert found == {
        ("clock", "its clock differs from ours by 600 s"),
        ("API version", "API version 64.0 is not offered"),
        ("API calls", "7 of 100 API calls of the day are left"),
        ("Account", "missing or hidden: Phone"),
        ("Contact", "missing or hidden: Email"),
        ("Contact key", "Concordat_Key__c is no unique external id"),
    }


def test_doctor_stops_where_only_the_reserve_for_people_is_left(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    crm.daily_calls = 10
    crm.charge("somebody else", 9)
    ill = [one for one in connectors(org).check() if not one.ok]
    assert {one.about for one in ill} == {"API calls"}


def test_a_kind_that_cannot_be_seen_is_a_finding(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    del crm.tables["Contact"]
    found = [one for one in connectors(org).check() if not one.ok]
    assert [one.about for one in found] == ["Contact"]


def test_nothing_secret_shows(org: SalesforceSimulator, connectors: Connect) -> None:
    connector = connectors(org)
    connector.fingerprint()
    shown = repr((connector, vars(connector), vars(connector._client), connector._client._tokens.current()))
    assert org.app.client_secret not in shown
    assert f"{org.org}!" not in shown, "the token shows"


def test_a_system_that_is_not_there_is_told_as_such(org: SalesforceSimulator, connectors: Connect) -> None:
    connector = connectors(org, url="http://127.0.0.1:1")
    with pytest.raises(TransientError, match="cannot be reached"):
        connector.fingerprint()
