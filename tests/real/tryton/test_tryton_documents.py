"""Documents: a party with its children, told in Tryton's words and written in the same shape."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from connectors.contract import Archive, Create, Payload, Record, RecordRef, Update, Watermark
from connectors.errors import RejectedError, StaleError
from connectors.testing.contract_bench import proven
from connectors.tryton.connector import TrytonConnector
from connectors.tryton.server import TrytonServer
from tests.real.tryton.hands import a_connector, all_pages

BERLIN = {"street": "Hauptstr. 1\n2. OG", "postal_code": "10115", "city": "Berlin", "country": "DE", "invoice": True}
SHANGHAI = {"street": "南京西路 1266 号", "postal_code": "200040", "city": "上海市", "country": "CN", "delivery": True}


@pytest.fixture(scope="module")
def erp(server: TrytonServer) -> Iterator[TrytonConnector]:
    connector = a_connector(server)
    yield connector
    connector.close()


def made(erp: TrytonConnector, values: Payload, kind: str = "party") -> Record:
    return proven(erp.create([Create("key-of-a-document", kind, {"name": "Muster GmbH", **values})])[0]).record


def written(erp: TrytonConnector, record: Record, values: Payload) -> Record:
    return proven(erp.update([Update("u", record.ref, values, version=record.version)])[0]).record


def after(erp: TrytonConnector, *records: Record) -> Watermark:
    """A watermark at which these have rested; the server tells its clock in whole seconds."""
    last = max(record.changed_at for record in records if record.changed_at)
    until = time.monotonic() + 5
    while time.monotonic() < until:
        since = next(page.safe_point for page in erp.changes("user", None) if page.safe_point)
        if since.at > last:
            return since
        time.sleep(0.1)
    raise AssertionError("the server's clock stands still")


def without_ids(elements: Any) -> list[Mapping[str, Any]]:
    return [{name: value for name, value in one.items() if name != "id" and value is not None} for one in elements]


def test_a_whole_firm_is_made_in_one_call_and_told_in_one_document(erp: TrytonConnector) -> None:
    record = made(
        erp,
        {
            "addresses": [BERLIN, SHANGHAI],
            "tax_identifier": {"code": "DE136695976"},
            "contact_mechanisms": [
                {"type": "phone", "value": "+4930901820"},
                {"type": "email", "value": "a@b.example"},
            ],
            "customer_payment_term": "Net 30 days",
            "credit_limit_amounts": {"100": "1000.00", "200": "250000.00"},
        },
    )
    payload = record.payload
    assert payload["code"], "the server numbers its customers"
    assert without_ids(payload["addresses"]) == [
        {**BERLIN, "delivery": False, "is_invoice_address": True},
        {**SHANGHAI, "invoice": False, "delivery": True, "is_invoice_address": False},
    ]
    assert payload["tax_identifier"]["type"] == "eu_vat"
    assert payload["credit_limit_amounts"] == {"100": "1000.00", "200": "250000.00"}
    assert payload["credit_limit_amount"] == "1000.00"
    assert [one["value"] for one in payload["contact_mechanisms"]] == ["+49 30 901820", "a@b.example"]
    assert record.key == "key-of-a-document"
    assert payload["identifiers"] == [payload["tax_identifier"]], "our key is not shown as one of theirs"


@pytest.mark.parametrize(
    ("country", "code", "kind", "stored"),
    [
        ("CN", "91310000775785552L", "cn_vat", "91310000775785552L"),
        ("US", "123456789", "us_ein", "12-3456789"),
        ("GB", "GB980780684", "gb_vat", "980 7806 84"),
        ("FR", "FR40303265045", "eu_vat", "FR40303265045"),
    ],
)
def test_the_type_of_a_tax_number_is_told_by_its_prefix_or_country(
    erp: TrytonConnector, country: str, code: str, kind: str, stored: str
) -> None:
    record = made(erp, {"addresses": [{"country": country}], "tax_identifier": {"code": code}})
    assert (record.payload["tax_identifier"]["type"], record.payload["tax_identifier"]["code"]) == (kind, stored)
    same = written(erp, record, {"tax_identifier": {"code": record.payload["tax_identifier"]["code_compact"]}})
    assert same == record, "the other spelling of one number was written again"


def test_a_tax_number_of_no_known_type_is_refused_rather_than_guessed(erp: TrytonConnector) -> None:
    result = erp.create([Create("k", "party", {"name": "Nirgends Ltd", "tax_identifier": {"code": "12345"}})])[0]
    assert isinstance(result, RejectedError)
    assert result.field == "tax_identifier"


def test_a_selector_changes_the_element_it_means_and_no_other(erp: TrytonConnector) -> None:
    phones = [{"type": "phone", "value": "+4930901820"}, {"type": "phone", "value": "+4930901821"}]
    record = made(erp, {"contact_mechanisms": phones})
    first, second = record.payload["contact_mechanisms"]
    after = written(erp, record, {"contact_mechanisms": {"[type=phone|mobile]": {"value": "+4930901829"}}})
    assert after.payload["contact_mechanisms"][0]["id"] == first["id"]
    assert after.payload["contact_mechanisms"][0]["value"] == "+49 30 901829"
    assert after.payload["contact_mechanisms"][1] == second


def test_a_selector_that_means_nobody_makes_an_element_of_its_first_value(erp: TrytonConnector) -> None:
    record = made(erp, {})
    after = written(erp, record, {"contact_mechanisms": {"[type=email|other]": {"value": "new@b.example"}}})
    assert without_ids(after.payload["contact_mechanisms"])[0]["type"] == "email"


@pytest.mark.parametrize("nothing", [None, {"value": None}])
def test_null_takes_the_element_away_and_out_of_use(server: TrytonServer, erp: TrytonConnector, nothing: Any) -> None:
    record = made(erp, {"contact_mechanisms": [{"type": "email", "value": "old@b.example"}]})
    number = record.payload["contact_mechanisms"][0]["id"]
    after = written(erp, record, {"contact_mechanisms": {"[type=email]": nothing}})
    assert after.payload["contact_mechanisms"] == []
    kept = server.call("party.contact_mechanism.read", [number], ["active", "value"])
    assert kept == [{"id": number, "active": 0, "value": "old@b.example"}], "it was deleted for good"


def test_a_list_through_a_selector_leaves_the_rest_of_the_list_alone(erp: TrytonConnector) -> None:
    record = made(erp, {"addresses": [BERLIN, {**SHANGHAI, "attn": "Lager"}, {"city": "Bonn", "country": "DE"}]})
    kept = {one["city"]: one["id"] for one in record.payload["addresses"]}
    wanted = [{**SHANGHAI, "attn": "仓库"}, {"city": "Hamburg", "country": "DE"}]
    after = written(erp, record, {"addresses": {"[invoice=false]": wanted}})
    now = {one["city"]: one["id"] for one in after.payload["addresses"]}
    assert set(now) == {"Berlin", "上海市", "Hamburg"}
    assert (now["Berlin"], now["上海市"]) == (kept["Berlin"], kept["上海市"]), "an edited address became another one"


def test_the_invoice_address_is_the_first_one_where_nobody_marked_one(erp: TrytonConnector) -> None:
    record = made(erp, {"addresses": [SHANGHAI, {"city": "Bonn", "country": "DE"}]})
    after = written(erp, record, {"addresses": {"[is_invoice_address=true]": {"city": "苏州市"}}})
    assert [one["city"] for one in after.payload["addresses"]] == ["苏州市", "Bonn"]
    new = made(erp, {"addresses": {"[is_invoice_address=true]": {"city": "Kiel", "country": "DE"}}})
    assert new.payload["addresses"][0]["invoice"] is True


def test_what_already_stands_there_is_not_written_again(erp: TrytonConnector) -> None:
    record = made(erp, {"addresses": [BERLIN], "credit_limit_amounts": {"200": "5.00"}, "code": "GLEICH-1"})
    same = {
        "name": "Muster GmbH",
        "code": "GLEICH-1",
        "addresses": {"[invoice=true]": {"city": "Berlin", "country": "DE"}},
        "credit_limit_amounts": {"200": "5.00"},
    }
    assert written(erp, record, same) == record


def test_a_credit_limit_of_one_company_leaves_the_other_alone(erp: TrytonConnector) -> None:
    record = made(erp, {"credit_limit_amounts": {"100": "10.00", "200": "20.00"}})
    assert written(erp, record, {"credit_limit_amounts": {"200": "0"}}).payload["credit_limit_amounts"] == {
        "100": "10.00",
        "200": "0",
    }
    record = made(erp, {"credit_limit_amounts": {"200": "20.00"}})
    after = written(erp, record, {"credit_limit_amount": "7.50"}).payload
    assert after["credit_limit_amounts"] == {"100": "7.50", "200": "20.00"}


def test_null_and_zero_are_two_credit_limits(erp: TrytonConnector) -> None:
    record = made(erp, {"credit_limit_amount": "0"})
    assert record.payload["credit_limit_amount"] == "0"
    assert written(erp, record, {"credit_limit_amount": None}).payload["credit_limit_amount"] is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"customer_payment_term": "Net 31 days"}, "customer_payment_term"),
        ({"addresses": [{"country": "XX"}]}, "addresses"),
        ({"credit_limit_amounts": {"99": "1"}}, "credit_limit_amounts"),
        ({"credit_limit_amounts": {"100": "a lot"}}, "credit_limit_amounts"),
        ({"credit_limit_amounts": {"100": "NaN"}}, "credit_limit_amounts"),
        ({"name": 7}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "half \ud83d"}, "name"),
        ({"active": "no"}, "active"),
        ({"addresses": [{"planet": "Mars"}]}, "addresses.planet"),
        ({"moons": 3}, "moons"),
    ],
)
def test_what_makes_no_sense_here_is_refused_before_anything_is_sent(
    erp: TrytonConnector, values: Payload, field: str
) -> None:
    result = erp.create([Create("senseless", "party", {"name": "Unsinn AG", **values})])[0]
    assert isinstance(result, RejectedError)
    assert result.field == field
    assert not erp.find_created("party", ["senseless"])


@pytest.mark.parametrize("name", ["😀 北京 é", "  leading and trailing  ", 'O\'Neill & "Söhne" %s {0} \\n', "x" * 5000])
def test_names_come_back_as_they_were_sent(erp: TrytonConnector, name: str) -> None:
    assert made(erp, {"name": name}).payload["name"] == name


def test_an_archived_party_stays_readable_and_can_be_taken_into_use_again(erp: TrytonConnector) -> None:
    record = made(erp, {"addresses": [BERLIN]})
    archived = proven(erp.archive([Archive("a", record.ref, record.version)])[0]).record
    assert archived.payload["active"] is False
    assert archived.payload["addresses"] == record.payload["addresses"]
    assert erp.read([record.ref])[record.ref] == archived
    assert record.ref.id in {key for page in erp.keys("party") for key in page}
    back = written(erp, archived, {"active": True, "name": "Wieder da GmbH"})
    assert (back.payload["active"], back.payload["name"]) == (True, "Wieder da GmbH")


def test_a_party_out_of_use_takes_no_change_and_says_so(erp: TrytonConnector) -> None:
    record = made(erp, {})
    archived = proven(erp.archive([Archive("a", record.ref)])[0]).record
    result = erp.update([Update("u", archived.ref, {"name": "x"}, version=archived.version)])[0]
    assert isinstance(result, RejectedError)
    assert "not allowed to modify" in str(result)


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        ("party.address", "city", "Potsdam"),
        ("party.contact_mechanism", "value", "43"),
        ("party.identifier", "code", "FR40303265045"),
    ],
)
def test_a_child_edited_behind_its_party_is_told_and_makes_a_new_version(
    server: TrytonServer, erp: TrytonConnector, model: str, field: str, value: str
) -> None:
    record = made(
        erp,
        {
            "addresses": [BERLIN],
            "contact_mechanisms": [{"type": "other", "value": "42"}],
            "tax_identifier": {"code": "DE136695976"},
        },
    )
    since = after(erp, record)
    party = int(record.ref.id)
    (child,) = server.call(f"{model}.search", [["party", "=", party], *_typed(model)], 0, None, None)
    before = server.call("party.party.read", [party], ["_timestamp"])
    server.call(f"{model}.write", [child], {field: value})
    assert server.call("party.party.read", [party], ["_timestamp"]) == before, "then there were nothing to watch"
    told = all_pages(erp.changes("party", since))[record.ref.id]
    assert told.version != record.version
    assert told.changed_by == "finance"
    late = erp.update([Update("u", record.ref, {"name": "zu spät"}, version=record.version)])[0]
    assert isinstance(late, StaleError)


def test_a_child_put_out_of_use_behind_its_party_is_told(server: TrytonServer, erp: TrytonConnector) -> None:
    record = made(erp, {"contact_mechanisms": [{"type": "other", "value": "42"}]})
    since = after(erp, record)
    server.call("party.contact_mechanism.write", [record.payload["contact_mechanisms"][0]["id"]], {"active": False})
    told = all_pages(erp.changes("party", since))[record.ref.id]
    assert told.payload["contact_mechanisms"] == []
    assert told.version != record.version


def _typed(model: str) -> list[Any]:
    return [["type", "!=", None]] if model == "party.identifier" else []


def test_a_contact_belongs_to_its_organisation_and_is_no_account(erp: TrytonConnector) -> None:
    firm, other = made(erp, {}), made(erp, {"name": "Andere AG"})
    person = made(erp, {"name": "Erika Mustermann", "organisation": firm.ref.id}, "contact")
    assert person.payload["organisation"] == firm.ref.id
    assert person.ref not in erp.read([RecordRef("erp", "party", person.ref.id)])
    assert person.ref.id not in {key for page in erp.keys("party") for key in page}
    moved = written(erp, person, {"organisation": other.ref.id})
    assert moved.payload["organisation"] == other.ref.id
    assert [line["to"] for line in moved.payload["relations"]] == [other.ref.id], "the old employer still stands there"


def test_a_contact_without_an_organisation_is_refused(erp: TrytonConnector) -> None:
    result = erp.create([Create("k", "contact", {"name": "Niemandes Kind"})])[0]
    assert isinstance(result, RejectedError)
    assert result.field == "organisation"


def test_a_contact_linked_from_the_firms_side_is_told(server: TrytonServer, erp: TrytonConnector) -> None:
    firm, person = made(erp, {}), made(erp, {"name": "Max Neu"})
    since = after(erp, person)
    (kind,) = server.call("party.relation.type.search", [["name", "=", "Contact"]], 0, None, None)
    assert person.ref.id not in all_pages(erp.changes("party", since)), "it has rested"
    relations = [["create", [{"to": int(person.ref.id), "type": kind}]]]
    server.call("party.party.write", [int(firm.ref.id)], {"relations": relations})
    assert all_pages(erp.changes("contact", since))[person.ref.id].payload["organisation"] == firm.ref.id


def test_the_houses_own_companies_and_employees_are_no_accounts(server: TrytonServer, erp: TrytonConnector) -> None:
    house = server.call("company.company.search_read", [], 0, None, None, ["party"])
    house += server.call("company.employee.search_read", [], 0, None, None, ["party"])
    assert not {str(row["party"]) for row in house} & {key for page in erp.keys("party") for key in page}


def test_employees_are_users_with_their_mail(erp: TrytonConnector) -> None:
    users = all_pages(erp.changes("user", None))
    by_mail = {user.payload["email"]: user for user in users.values()}
    ines = by_mail["ines.bergmann@concordat-trading.example"]
    assert (ines.payload["name"], ines.payload["company"], ines.payload["active"]) == ("Ines Bergmann", "100", True)
    assert erp.read([ines.ref]) == {ines.ref: ines}
    assert ines.ref.id in {key for page in erp.keys("user") for key in page}


def test_an_employee_who_left_is_told_as_out_of_use(server: TrytonServer, erp: TrytonConnector) -> None:
    (party,) = server.call("party.party.create", [{"name": "Gerd Gegangen"}])
    left = {"__class__": "date", "year": 2020, "month": 1, "day": 31}
    row = {"party": party, "company": 1, "end_date": left}
    (number,) = server.call("company.employee.create", [row], login="admin")
    payload = all_pages(erp.changes("user", None))[str(number)].payload
    assert (payload["active"], payload["end_date"]) == (False, "2020-01-31")


def test_a_merge_of_a_merge_leads_to_the_one_that_stands(server: TrytonServer, erp: TrytonConnector) -> None:
    start = next(page.safe_point for page in erp.changes("party", None) if page.safe_point)
    a, b, c = (int(made(erp, {"name": "Drilling GmbH"}).ref.id) for _ in range(3))
    server.replace(a, b)
    server.replace(b, c)
    heirs = {merge.loser.id: merge.winner.id for merge in erp.merged("party", start).merges}
    assert heirs[str(a)] == heirs[str(b)] == str(c)


def test_a_key_is_found_where_its_party_lives_after_a_merge(server: TrytonServer, erp: TrytonConnector) -> None:
    loser = proven(erp.create([Create("merged-away", "party", {"name": "Zwilling AG"})])[0]).record
    winner = proven(erp.create([Create("stays", "party", {"name": "Zwilling AG"})])[0]).record
    server.replace(int(loser.ref.id), int(winner.ref.id))
    found = erp.find_created("party", ["merged-away", "stays"])
    assert [record.ref for record in found["merged-away"]] == [winner.ref]
    assert [record.ref for record in found["stays"]] == [winner.ref]
