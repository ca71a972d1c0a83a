"""What the connector tells about the installation: fields, findings, identity."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from connectors.contract import RecordRef, Watermark
from connectors.errors import MisconfiguredError
from connectors.tryton.connector import TrytonConnector
from connectors.tryton.server import TrytonServer
from tests.real.tryton.hands import a_connector


@pytest.fixture(scope="module")
def erp(server: TrytonServer) -> Iterator[TrytonConnector]:
    connector = a_connector(server)
    yield connector
    connector.close()


def test_closed_lists_are_told_with_their_words(erp: TrytonConnector) -> None:
    fields = erp.describe("party").fields
    assert "Net 30 days" in (fields["customer_payment_term"].choices or ())
    assert {"DE", "CN", "US"} <= set(fields["addresses.country"].choices or ())
    assert {"eu_vat", "cn_vat", "us_ein"} <= set(fields["identifiers.type"].choices or ())
    assert fields["tax_identifier.type"].choices == fields["identifiers.type"].choices
    assert {"phone", "email"} <= set(fields["contact_mechanisms.type"].choices or ())


def test_what_is_required_and_what_is_not_writable_is_told(erp: TrytonConnector) -> None:
    fields = erp.describe("party").fields
    assert not fields["code"].required, "the server draws it from its sequence"
    assert fields["code"].unique
    assert not fields["id"].writable
    assert not fields["contact_mechanisms.value_compact"].writable
    assert fields["contact_mechanisms.value"].required
    assert {"credit_limit_amounts.100", "credit_limit_amounts.200"} <= set(fields)


def test_a_contact_has_an_organisation_and_a_user_is_read_only(erp: TrytonConnector) -> None:
    assert erp.describe("contact").fields["organisation"].required
    assert "organisation" not in erp.describe("party").fields
    assert not any(field.writable for field in erp.describe("user").fields.values())


def test_everything_a_document_tells_is_described(erp: TrytonConnector) -> None:
    for kind in ("party", "contact", "user"):
        told = {name for page in erp.changes(kind, None) for record in page.records for name in record.payload}
        assert told <= set(erp.describe(kind).fields), kind


def test_a_healthy_installation_is_told_so_line_by_line(erp: TrytonConnector) -> None:
    findings = erp.check()
    assert all(finding.ok for finding in findings)
    assert [finding.about for finding in findings] == [
        "server",
        "clock",
        "login",
        "contacts",
        "credit limits",
        "payment terms",
        "rights",
    ]


def test_a_missing_relation_type_is_found_by_check_and_halts_reading(server: TrytonServer) -> None:
    connector = a_connector(server, contact_relation="Ansprechpartner")
    (ill,) = [finding for finding in connector.check() if not finding.ok]
    assert ill.about == "contacts"
    assert "Ansprechpartner" in ill.do
    with pytest.raises(MisconfiguredError, match="Ansprechpartner"):
        list(connector.changes("party", None))
    connector.close()


def test_without_a_relation_type_there_are_no_contacts_and_all_are_accounts(server: TrytonServer) -> None:
    (firm,) = server.call("party.party.create", [{"name": "Firma mit Person"}])
    related = [["create", [{"to": firm, "type": 1}]]]
    (person,) = server.call("party.party.create", [{"name": "Person der Firma", "relations": related}])
    connector = a_connector(server, contact_relation="")
    assert set(connector.kinds) == {"party", "user"}
    assert RecordRef("erp", "party", str(person)) in connector.read([RecordRef("erp", "party", str(person))])
    connector.close()


def test_the_plain_credit_limit_is_that_of_the_company_the_settings_name(server: TrytonServer) -> None:
    (party,) = server.call("party.party.create", [{"name": "Zwei Limits"}])
    second = [["create", [{"company": 2, "credit_limit_amount": Decimal(2)}]]]
    server.call("party.party.write", [party], {"credit_limit_amount": Decimal(1), "credit_limit_amounts": second})
    connector = a_connector(server, company="200")
    ref = RecordRef("erp", "party", str(party))
    payload = connector.read([ref])[ref].payload
    assert payload["credit_limit_amount"] == "2"
    assert payload["credit_limit_amounts"] == {"100": "1", "200": "2"}
    connector.close()
    with pytest.raises(MisconfiguredError, match="no company"):
        a_connector(server, company="77").describe("party")


def test_the_fingerprint_is_that_of_the_database_whatever_the_port(server: TrytonServer, erp: TrytonConnector) -> None:
    again = a_connector(server)
    assert again.fingerprint() == erp.fingerprint()
    again.close()
    other = a_connector(server, database="nobody")
    with pytest.raises(MisconfiguredError, match="no such database"):
        other.fingerprint()
    other.close()


def test_deletions_are_not_made_up(erp: TrytonConnector) -> None:
    since = next(page.safe_point for page in erp.changes("user", None) if page.safe_point)
    assert not erp.kinds["party"].states_deletes
    with pytest.raises(MisconfiguredError, match="compare its keys"):
        erp.deleted("party", Watermark(since.at))
