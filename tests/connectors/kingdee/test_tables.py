"""Rows inside a customer, credit limits by organisation, and references between records."""

from typing import Any

import pytest

from connectors.contract import Create, Update, Watermark, Written
from connectors.errors import RejectedError, StaleError, TransientError, UncertainError
from connectors.kingdee.connector import KingdeeConnector
from connectors.kingdee.simulator import KingdeeSimulator
from connectors.testing.contract_bench import proven
from connectors.testing.world import Fault, System
from tests.connectors.kingdee.hands import ADDRESSES, Connect, create, customers, now, ref, sorts, told, update

CREDIT = "CRE_CustArchives"
CONTACT = "BD_CommonContact"


def row(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {"FEntryID": number, "FNUMBER1": name, "FADDRESS1": f"{name} 路", "FIsUsed": True, **more}


def with_rows(erp: System, *rows: dict[str, Any]) -> str:
    return customers(erp, 1, **{ADDRESSES: list(rows)})[0]


def kept(erp: System, record_id: str) -> list[tuple[str, str, bool]]:
    record = erp.read("BD_Customer", record_id)
    assert record is not None
    return [(one["FNUMBER1"], one["FADDRESS1"], one["FIsUsed"]) for one in record.values[ADDRESSES]]


# --- rows -------------------------------------------------------------------------------------------------------------


def test_rows_in_use_are_told_with_their_ids(kingdee: KingdeeConnector, erp: System) -> None:
    made = with_rows(erp, row(7, "B"), row(3, "A"), row(9, "C", FIsUsed=False))
    assert [(one["id"], one["FNUMBER1"]) for one in now(kingdee, made).payload[ADDRESSES]] == [("3", "A"), ("7", "B")]


def test_a_customer_without_rows_has_an_empty_table(kingdee: KingdeeConnector, erp: System) -> None:
    with_rows(erp, row(1, "A"))
    (bare,) = customers(erp, 1)
    assert now(kingdee, bare).payload[ADDRESSES] == []


def test_changing_one_row_wipes_no_other(kingdee: KingdeeConnector, erp: System) -> None:
    made = with_rows(erp, row(1, "A"), row(2, "B"))
    values = {ADDRESSES: {"[FNUMBER1=B]": {"FADDRESS1": "新路"}}}
    proven(kingdee.update([update(made, values)])[0])
    assert kept(erp, made) == [("A", "A 路", True), ("B", "新路", True)]


def test_a_row_that_no_one_has_is_added(kingdee: KingdeeConnector, erp: System) -> None:
    made = with_rows(erp, row(1, "A"))
    proven(kingdee.update([update(made, {ADDRESSES: {"[FNUMBER1=C]": {"FADDRESS1": "新路"}}})])[0])
    assert kept(erp, made) == [("A", "A 路", True), ("C", "新路", True)]


def test_a_row_that_is_taken_away_is_put_out_of_use(kingdee: KingdeeConnector, erp: System) -> None:
    made = with_rows(erp, row(1, "A"), row(2, "B"))
    proven(kingdee.update([update(made, {ADDRESSES: {"[FNUMBER1=A]": None}})])[0])
    assert kept(erp, made) == [("A", "A 路", False), ("B", "B 路", True)]


def test_a_whole_list_is_matched_by_the_key_of_the_table(kingdee: KingdeeConnector, erp: System) -> None:
    made = with_rows(erp, row(1, "A"), row(2, "B"))
    whole = [{"FNUMBER1": "B", "FADDRESS1": "B 路"}, {"FNUMBER1": "C", "FADDRESS1": "C 路"}]
    written = proven(kingdee.update([update(made, {ADDRESSES: {"[FIsUsed=true]": whole}})])[0])
    assert kept(erp, made) == [("A", "A 路", False), ("B", "B 路", True), ("C", "C 路", True)]
    assert [one["FNUMBER1"] for one in written.record.payload[ADDRESSES]] == ["B", "C"]


def test_a_create_brings_its_rows(kingdee: KingdeeConnector) -> None:
    rows = [{"FNUMBER1": "A", "FADDRESS1": "A 路"}]
    record = proven(kingdee.create([create("a", **{ADDRESSES: {"[FIsUsed=true]": rows}})])[0]).record
    assert [one["FADDRESS1"] for one in record.payload[ADDRESSES]] == ["A 路"]


def test_rows_without_a_flag_for_it_are_not_taken_away(kingdee: KingdeeConnector, erp: System) -> None:
    person = erp.create(CONTACT, {"FName": "王丽"}, by="user:anna").id
    (made,) = customers(erp, 1, FT_BD_CUSTLOCATION=[{"FEntryID": 1, "FContactId": person}])
    (result,) = kingdee.update([update(made, {"FT_BD_CUSTLOCATION": []})])
    assert isinstance(result, RejectedError)
    assert len(now(kingdee, made).payload["FT_BD_CUSTLOCATION"]) == 1


def test_a_row_that_was_edited_meanwhile_is_stale(kingdee: KingdeeConnector, erp: System) -> None:
    made = with_rows(erp, row(1, "A"))
    values = {ADDRESSES: {"[FNUMBER1=A]": {"FADDRESS1": "新路"}}}
    expected = {ADDRESSES: {"[FNUMBER1=A]": {"FADDRESS1": "旧路"}}}
    assert sorts(kingdee.update([update(made, values, expected)])) == [StaleError]


@pytest.mark.parametrize("values", [{ADDRESSES: "x"}, {ADDRESSES: {"FNUMBER1=A": {}}}, {ADDRESSES: ["x"]}])
def test_what_is_no_table_is_refused(values: dict[str, Any], kingdee: KingdeeConnector, erp: System) -> None:
    made = with_rows(erp, row(1, "A"))
    assert sorts(kingdee.update([update(made, values)])) == [RejectedError]


# --- credit limits ----------------------------------------------------------------------------------------------------


def credit(erp: System, customer: str, organisation: str, amount: float) -> str:
    values = {"FObjectId": customer, "FCreditOrgId": organisation, "FCreditAmount": amount}
    return erp.create(CREDIT, values, by="user:anna").id


def limits(kingdee: KingdeeConnector, customer: str) -> Any:
    return now(kingdee, customer).payload["credit_limits"]


def test_credit_limits_are_told_by_organisation(kingdee: KingdeeConnector, erp: System) -> None:
    first, second = customers(erp, 2)
    credit(erp, first, "100", 1000)
    credit(erp, first, "200", 2000.5)
    assert limits(kingdee, first) == {"100": "1000.00", "200": "2000.50"}
    assert limits(kingdee, second) == {"100": None, "200": None}


def test_a_changed_credit_limit_is_a_changed_customer(kingdee: KingdeeConnector, erp: System) -> None:
    (made, other) = customers(erp, 2)
    archive = credit(erp, made, "100", 1000)
    erp.clock.advance(3600)
    since = Watermark(erp.now())
    erp.clock.advance(60)
    erp.update(CREDIT, archive, {"FCreditAmount": 5}, by="user:ben")
    (record,) = told(kingdee, since)
    assert (record.ref, record.payload["credit_limits"]["100"]) == (ref(made), "5.00")
    assert (record.changed_at, record.changed_by) == (erp.now(), "ben")
    assert other not in [one.ref.id for one in told(kingdee, since)]


def test_a_limit_is_written_where_it_stands_and_audited_again(kingdee: KingdeeConnector, erp: System) -> None:
    (made,) = customers(erp, 1)
    archive = credit(erp, made, "100", 1000)
    written = proven(kingdee.update([update(made, {"credit_limits": {"100": "7500.25"}})])[0])
    assert written.record.payload["credit_limits"] == {"100": "7500.25", "200": None}
    held = erp.read(CREDIT, archive)
    assert held is not None
    assert (held.values["FCreditAmount"], held.values["FDocumentStatus"]) == (7500.25, "C")
    assert erp.read("BD_Customer", made).version == 1  # type: ignore[union-attr] # the customer itself is not touched


def test_a_limit_of_an_organisation_that_had_none_is_made(kingdee: KingdeeConnector, erp: System) -> None:
    (made,) = customers(erp, 1)
    proven(kingdee.update([update(made, {"credit_limits": {"200": "10.00"}})])[0])
    assert limits(kingdee, made) == {"100": None, "200": "10.00"}
    assert [one.values["FDocumentStatus"] for one in erp.living(CREDIT)] == ["C"]


def test_a_new_customer_gets_its_limits_after_it_was_audited(kingdee: KingdeeConnector) -> None:
    """A reference to a record that is not audited would be refused."""
    both = {"100": "1.00", "200": "2.00"}
    assert proven(kingdee.create([create("a", credit_limits=both)])[0]).record.payload["credit_limits"] == both


@pytest.mark.parametrize("step", ["submit", "audit"])
def test_the_chain_of_a_limit_goes_on_too(step: str, kingdee: KingdeeConnector, erp: System) -> None:
    (made,) = customers(erp, 1)
    erp.faults.force(Fault.LOST_AFTER, f"erp.{step}")
    proven(kingdee.update([update(made, {"credit_limits": {"100": "1.00"}})])[0])
    assert [one.values["FDocumentStatus"] for one in erp.living(CREDIT)] == ["C"]


@pytest.mark.parametrize(("fault", "result"), [(Fault.LOST_AFTER, UncertainError), (Fault.THROTTLED, TransientError)])
def test_a_limit_whose_save_fails_says_so(fault: Fault, result: type, kingdee: KingdeeConnector, erp: System) -> None:
    (made,) = customers(erp, 1)
    archive = credit(erp, made, "100", 1000)
    erp.faults.force(fault, "erp.update")
    assert sorts(kingdee.update([update(made, {"credit_limits": {"100": "1.00"}})])) == [result]
    held = erp.read(CREDIT, archive)
    assert held is not None
    assert held.values["FDocumentStatus"] == ("D" if result is UncertainError else "C")


def test_a_limit_that_was_left_unaudited_is_finished_by_the_next_connector(
    centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    (made,) = customers(erp, 1)
    erp.faults.force(Fault.LOST_AFTER, "erp.create")
    assert sorts(connectors(centre).update([update(made, {"credit_limits": {"100": "1.00"}})])) == [UncertainError]
    second = connectors(centre)
    assert [one.about for one in second.check() if not one.ok] == [f"{CREDIT} audit"]
    second.update([update(made, {"FTEL": "1"})])
    assert [one.values["FDocumentStatus"] for one in erp.living(CREDIT)] == ["C"]


@pytest.mark.parametrize("amount", [None, "-1.00", "1,000.00", 5])
def test_what_is_no_limit_is_refused_before_anything_is_sent(
    amount: object, centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System
) -> None:
    (made,) = customers(erp, 1)
    credit(erp, made, "100", 1000)
    assert sorts(kingdee.update([update(made, {"credit_limits": {"100": amount}})])) == [RejectedError]
    assert "BatchSave" not in centre.requests


def test_a_limit_that_is_refused_takes_the_proof_of_the_rest_with_it(kingdee: KingdeeConnector, erp: System) -> None:
    """The rest is done; the next plan sees what is left."""
    (made,) = customers(erp, 1)
    (result,) = kingdee.update([update(made, {"FTEL": "1", "credit_limits": {"999": "1.00"}})])
    assert isinstance(result, UncertainError)
    assert "credit limit" in str(result)
    assert now(kingdee, made).payload["FTEL"] == "1"


def test_without_a_credit_form_limits_are_not_told(centre: KingdeeSimulator, connectors: Connect, erp: System) -> None:
    (made,) = customers(erp, 1)
    credit(erp, made, "100", 1000)
    assert "credit_limits" not in now(connectors(centre, credit_form=""), made).payload


# --- references -------------------------------------------------------------------------------------------------------


def test_a_person_refers_to_a_customer_by_id_and_is_saved_by_number(kingdee: KingdeeConnector, erp: System) -> None:
    first, second = customers(erp, 2)
    values = {"FName": "王丽", "FCompany": {"id": first}}
    record = proven(kingdee.create([Create("p", CONTACT, values)])[0]).record
    assert record.payload["FCompany"] == {"id": first}
    held = erp.read(CONTACT, record.ref.id)
    assert held is not None
    assert held.values["FCompanyType"] == "BD_Customer"
    moved = Update("p", record.ref, {"FCompany": {"id": second}}, {"FCompany": {"id": first}})
    assert proven(kingdee.update([moved])[0]).record.payload["FCompany"] == {"id": second}


def test_a_person_may_refer_to_nobody(kingdee: KingdeeConnector, erp: System) -> None:
    (first,) = customers(erp, 1)
    person = erp.create(CONTACT, {"FName": "王丽", "FCompany": first}, by="user:anna").id
    cleared = Update("p", ref(person, CONTACT), {"FCompany": {"id": None}})
    assert proven(kingdee.update([cleared])[0]).record.payload["FCompany"] == {"id": None}


def test_a_reference_to_nobody_is_refused_for_its_record_alone(kingdee: KingdeeConnector, erp: System) -> None:
    (first,) = customers(erp, 1)
    batch = [
        Create("a", CONTACT, {"FName": "甲", "FCompany": {"id": "999999"}}),
        Create("b", CONTACT, {"FName": "乙", "FCompany": {"id": first}}),
    ]
    assert sorts(kingdee.create(batch)) == [RejectedError, Written]


def test_a_reference_by_number_is_told_and_cleared(kingdee: KingdeeConnector, erp: System) -> None:
    (made,) = customers(erp, 1, FRECCONDITIONID="SKTJ30")
    assert now(kingdee, made).payload["FRECCONDITIONID"] == {"FNumber": "SKTJ30"}
    cleared = update(made, {"FRECCONDITIONID": {"FNumber": None}}, {"FRECCONDITIONID": {"FNumber": "SKTJ30"}})
    assert proven(kingdee.update([cleared])[0]).record.payload["FRECCONDITIONID"] == {"FNumber": None}
