"""The simulator is proven by a client that the vendor wrote against the real system: its own SDK drives it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from k3cloud_webapi_sdk.main import K3CloudApiSdk  # type: ignore[import-untyped] # the vendor ships no types

from connectors.kingdee.simulator import Behaviour, KingdeeSimulator
from connectors.testing.world import START, Fault, System
from tests.connectors.kingdee.conftest import Open
from tests.connectors.kingdee.hands import Connect, customers, told

CUSTOMER = "BD_Customer"
ORGANISATION = {"FNumber": "100"}


def client(centre: KingdeeSimulator, **other: str) -> Any:
    app = centre.app
    sdk = K3CloudApiSdk(centre.url)
    named = {"acct_id": app.acct_id, "user_name": app.user, "app_id": app.app_id, "app_secret": app.app_secret}
    sdk.InitConfig(**{**named, **other}, server_url=centre.url, lcid=2052, org_num=100)
    return sdk


@pytest.fixture
def sdk(centre: KingdeeSimulator) -> Iterator[Any]:
    """It signs each call with the time of day."""
    with time_machine.travel(START, tick=False):
        yield client(centre)


def query(sdk: Any, **more: Any) -> Any:
    keys = more.pop("FieldKeys", "FCUSTID,FNumber,FName")
    return json.loads(sdk.ExecuteBillQuery({"FormId": CUSTOMER, "FieldKeys": keys, **more}))


def model(name: str, **more: Any) -> dict[str, Any]:
    head = {"FCreateOrgId": ORGANISATION, "FUseOrgId": ORGANISATION, "FName": name}
    return {**head, "FTRADINGCURRID": {"FNumber": "PRE001"}, **more}


def status(answer: str) -> Any:
    return json.loads(answer)["Result"]["ResponseStatus"]


def saved(sdk: Any, name: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(sdk.Save(CUSTOMER, {"Model": model(name, **more)}))["Result"]
    return answer


def test_its_signed_headers_are_let_in_and_a_wrong_secret_is_not(centre: KingdeeSimulator, sdk: Any) -> None:
    assert query(sdk) == []
    wrong = query(client(centre, app_secret="another"))
    assert wrong[0][0]["Result"]["ResponseStatus"]["MsgCode"] == 1
    assert not wrong[0][0]["Result"]["ResponseStatus"]["IsSuccess"]


def test_a_call_signed_long_ago_is_refused_by_the_gateway(sdk: Any, erp: System) -> None:
    erp.clock.advance(3600)
    with pytest.raises(RuntimeError, match="4006"):
        query(sdk)


def test_it_reads_page_after_page(sdk: Any, erp: System) -> None:
    made = [int(one) for one in customers(erp, 5)]
    pages = [query(sdk, OrderString="FCUSTID ASC", StartRow=start, Limit=2) for start in (0, 2, 4)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [row[0] for page in pages for row in page] == made


def test_no_more_rows_come_than_the_server_tells_at_once(open_centre: Open, erp: System) -> None:
    centre = open_centre(behaviour=Behaviour(most_rows=2))
    customers(erp, 5)
    with time_machine.travel(START, tick=False):
        assert len(query(client(centre), Limit=10)) == 2


def test_it_filters_by_texts_stamps_ids_and_references(sdk: Any, erp: System) -> None:
    first, second = customers(erp, 2, FTRADINGCURRID="PRE003")
    erp.clock.advance(60)
    erp.update(CUSTOMER, second, {"FTEL": "1"}, by="user:anna")
    local = "2026-03-02 16:01:00"  # 08:01 in UTC
    assert [row[0] for row in query(sdk, FilterString=f"FModifyDate>='{local}'")] == [int(second)]
    assert [row[0] for row in query(sdk, FilterString=f"FCUSTID in ({first})")] == [int(first)]
    assert len(query(sdk, FilterString="FTRADINGCURRID.FNumber='PRE003' and FDocumentStatus='C'")) == 2
    assert query(sdk, FilterString="FName='客户''000'") == []


def test_an_unknown_field_is_a_failure_inside_the_first_cell(sdk: Any, erp: System) -> None:
    customers(erp, 1)
    answer = query(sdk, FieldKeys="FCUSTID,FNoSuch")
    assert answer[0][0]["Result"]["ResponseStatus"]["MsgCode"] == 9


def test_fields_of_a_table_multiply_the_rows_of_its_head(sdk: Any, erp: System) -> None:
    rows = [{"FNUMBER1": name, "FADDRESS1": name, "FIsUsed": True} for name in ("A", "B")]
    saved(sdk, "两个地址", FT_BD_CUSTCONTACT=rows)
    customers(erp, 1)
    answer = query(sdk, FieldKeys="FName,FT_BD_CUSTCONTACT_FEntryID,FNUMBER1")
    assert [row[2] for row in answer] == ["A", "B", None]
    assert answer[0][0] == answer[1][0] == "两个地址"


def test_save_submit_audit_and_only_in_this_order(sdk: Any, erp: System) -> None:
    number = saved(sdk, "新客户")["Number"]
    assert number == "CUST0001"
    named = {"Numbers": [number]}
    assert not status(sdk.Audit(CUSTOMER, named))["IsSuccess"]
    assert status(sdk.Submit(CUSTOMER, named))["IsSuccess"]
    assert status(sdk.Audit(CUSTOMER, named))["SuccessEntitys"][0]["Number"] == number
    assert erp.living(CUSTOMER)[0].values["FDocumentStatus"] == "C"


def test_an_audited_record_is_changed_only_after_its_audit_is_taken_back(sdk: Any, erp: System) -> None:
    (made,) = customers(erp, 1)
    change = {"NeedUpDateFields": ["FTEL"], "Model": {"FCUSTID": made, "FTEL": "021"}}
    assert "已审核" in status(sdk.Save(CUSTOMER, change))["Errors"][0]["Message"]
    assert status(sdk.UnAudit(CUSTOMER, {"Ids": made}))["IsSuccess"]
    assert status(sdk.Save(CUSTOMER, change))["IsSuccess"]
    assert erp.living(CUSTOMER)[0].values["FDocumentStatus"] == "D"


def test_a_save_without_a_required_field_names_it_and_http_says_200(sdk: Any) -> None:
    answer = json.loads(sdk.Save(CUSTOMER, {"Model": model("")}))["Result"]
    assert answer["Id"] == ""
    assert answer["ResponseStatus"]["Errors"][0]["FieldName"] == "FName"
    assert answer["ResponseStatus"]["MsgCode"] == 11


def test_a_batch_succeeds_in_part(sdk: Any) -> None:
    told_ = status(sdk.BatchSave(CUSTOMER, {"Model": [model("一"), model(""), model("三")], "BatchCount": 1}))
    assert [one["DIndex"] for one in told_["SuccessEntitys"]] == [0, 2]
    assert [one["DIndex"] for one in told_["Errors"]] == [1]
    assert not told_["IsSuccess"]


def test_a_number_is_taken_once_in_an_organisation_and_again_in_another(sdk: Any) -> None:
    other = {"FNumber": "200"}
    assert saved(sdk, "甲", FNumber="C1")["Id"]
    assert "重复" in saved(sdk, "乙", FNumber="C1")["ResponseStatus"]["Errors"][0]["Message"]
    assert saved(sdk, "丙", FNumber="C1", FCreateOrgId=other, FUseOrgId=other)["Id"]


def test_rows_that_are_left_out_are_deleted_unless_told_otherwise(sdk: Any, erp: System) -> None:
    rows = [{"FNUMBER1": name} for name in ("A", "B")]
    made = saved(sdk, "地址", FT_BD_CUSTCONTACT=rows)["Id"]
    held = erp.living(CUSTOMER)[0].values["FT_BD_CUSTCONTACT"]
    one = [{"FEntryID": held[0]["FEntryID"], "FADDRESS1": "新"}]
    sdk.Save(CUSTOMER, {"IsDeleteEntry": False, "Model": {"FCUSTID": made, "FT_BD_CUSTCONTACT": one}})
    assert [row["FNUMBER1"] for row in erp.living(CUSTOMER)[0].values["FT_BD_CUSTCONTACT"]] == ["A", "B"]
    sdk.Save(CUSTOMER, {"Model": {"FCUSTID": made, "FT_BD_CUSTCONTACT": one}})
    assert [row["FNUMBER1"] for row in erp.living(CUSTOMER)[0].values["FT_BD_CUSTCONTACT"]] == ["A"]


def test_view_tells_a_record_without_a_status(sdk: Any) -> None:
    made = saved(sdk, "查看", FTEL="021")
    answer = json.loads(sdk.View(CUSTOMER, {"CreateOrgId": 0, "Number": made["Number"], "Id": ""}))["Result"]
    assert answer["ResponseStatus"] is None
    assert answer["Result"]["Id"] == made["Id"]
    assert answer["Result"]["Name"][0]["Value"] == "查看"
    assert not status(sdk.View(CUSTOMER, {"Number": "nobody"}))["IsSuccess"]


def test_forbid_takes_out_of_use_and_then_nothing_can_be_saved(sdk: Any, erp: System) -> None:
    (made,) = customers(erp, 1)
    assert status(sdk.ExcuteOperation(CUSTOMER, "Forbid", {"Ids": made}))["IsSuccess"]
    assert erp.living(CUSTOMER)[0].values["FForbidStatus"] == "B"
    assert not status(sdk.ExcuteOperation(CUSTOMER, "Forbid", {"Ids": made}))["IsSuccess"]
    sdk.UnAudit(CUSTOMER, {"Ids": made})
    assert "禁用" in status(sdk.Save(CUSTOMER, {"Model": {"FCUSTID": made, "FTEL": "1"}}))["Errors"][0]["Message"]
    assert status(sdk.ExcuteOperation(CUSTOMER, "Enable", {"Ids": made}))["IsSuccess"]


def test_a_form_is_described_with_its_tables(sdk: Any) -> None:
    answer = json.loads(sdk.QueryBusinessInfo({"FormId": CUSTOMER}))["Result"]["NeedReturnData"]
    heads = {field["Key"]: field for field in answer["Entrys"][0]["Fields"]}
    assert heads["FTRADINGCURRID"]["LookUpObjectFormId"] == "BD_Currency"
    assert heads["FName"]["MustInput"] == "1"
    assert "FT_BD_CUSTCONTACT" in [entry["Key"] for entry in answer["Entrys"]]


def test_a_lost_answer_was_a_write_all_the_same(sdk: Any, erp: System) -> None:
    erp.faults.force(Fault.GATEWAY_AFTER, "erp.create")
    with pytest.raises(RuntimeError):
        saved(sdk, "丢失")
    assert [row.values["FName"] for row in erp.living(CUSTOMER)] == ["丢失"]


def test_what_the_connector_writes_the_sdk_reads_alike(sdk: Any, centre: KingdeeSimulator, connectors: Connect) -> None:
    saved(sdk, "同一", FTEL="021-1")
    (record,) = told(connectors(centre))
    assert query(sdk, FieldKeys="FCUSTID,FTEL")[0] == [int(record.ref.id), record.payload["FTEL"]]
