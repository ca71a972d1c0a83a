"""Save → Submit → Audit as a chain: what is cut short goes on, and nothing is left un-audited silently."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Archive, Update, Written
from connectors.errors import MisconfiguredError, RejectedError, StaleError, TransientError, UncertainError
from connectors.kingdee.connector import KingdeeConnector
from connectors.kingdee.simulated.replies import KingdeeError
from connectors.kingdee.simulator import SHORT, SHUFFLED, KingdeeSimulator
from connectors.testing.contract_bench import proven
from connectors.testing.world import Fault, System
from tests.connectors.kingdee.hands import Connect, create, customers, now, ref, sorts, told, update

CUSTOMER = "BD_Customer"
LOSSES = [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.GATEWAY_AFTER, Fault.THROTTLED, Fault.SERVER_ERROR]


def state(erp: System, record_id: str) -> str:
    row = erp.read(CUSTOMER, record_id)
    assert row is not None
    return str(row.values["FDocumentStatus"])


def states(erp: System) -> list[str]:
    return [row.values["FDocumentStatus"] for row in erp.living(CUSTOMER)]


def test_a_new_record_is_saved_submitted_and_audited(
    centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System
) -> None:
    proven(kingdee.create([create("a")])[0])
    assert states(erp) == ["C"]
    writes = [one for one in centre.requests if one not in {"ExecuteBillQuery", "QueryBusinessInfo"}]
    assert writes == ["BatchSave", "Submit", "Audit"]


def test_a_batch_takes_as_many_calls_as_one_record(centre: KingdeeSimulator, kingdee: KingdeeConnector) -> None:
    kingdee.create([create("first")])
    before = len(centre.requests)
    kingdee.create([create("one")])
    one = len(centre.requests) - before
    kingdee.create([create(f"many-{n}") for n in range(20)])
    assert len(centre.requests) - before - one == one


def test_an_audited_record_is_reopened_saved_and_audited_again(
    centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System
) -> None:
    (made,) = customers(erp, 1)
    written = proven(kingdee.update([update(made, {"FTEL": "021"})])[0])
    assert written.record.payload["FTEL"] == "021"
    assert state(erp, made) == "C"
    writes = [one for one in centre.requests if one not in {"ExecuteBillQuery", "QueryBusinessInfo"}]
    assert writes == ["UnAudit", "BatchSave", "Submit", "Audit"]


def test_a_save_names_what_it_changes_and_tells_to_delete_no_row(
    centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"FEntryID": 7, "FNUMBER1": "A", "FIsUsed": True}]
    (made,) = customers(erp, 1, FT_BD_CUSTCONTACT=rows)
    sent: list[Any] = []
    saved = centre._saved

    def heard(service: str, form: str, data: Any, cut: int | None) -> Any:
        sent.append(data)
        return saved(service, form, data, cut)

    monkeypatch.setattr(centre, "_saved", heard)
    values = {"FTEL": "021", "FT_BD_CUSTCONTACT": {"[FNUMBER1=A]": {"FADDRESS1": "路"}}}
    proven(kingdee.update([update(made, values)])[0])
    (call,) = sent
    assert call["Model"] == [
        {"FCUSTID": int(made), "FTEL": "021", "FT_BD_CUSTCONTACT": [{"FEntryID": 7, "FADDRESS1": "路"}]}
    ]
    assert sorted(call["NeedUpDateFields"]) == ["FADDRESS1", "FTEL", "FT_BD_CUSTCONTACT"]
    assert call["IsDeleteEntry"] is False


def test_records_that_change_other_fields_go_in_calls_of_their_own(
    centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System
) -> None:
    """The list of fields to update is that of a whole call."""
    first, second, third = customers(erp, 3)
    batch = [update(first, {"FTEL": "1"}), update(second, {"FADDRESS": "2"}), update(third, {"FTEL": "3"})]
    assert sorts(kingdee.update(batch)) == [Written] * 3
    assert centre.requests.count("BatchSave") == 2


def test_what_already_stands_is_not_sent(centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System) -> None:
    (made,) = customers(erp, 1, FTEL="021")
    proven(kingdee.update([update(made, {"FTEL": "021", "FADDRESS": None})])[0])
    assert set(centre.requests) == {"ExecuteBillQuery", "QueryBusinessInfo"}


@pytest.mark.parametrize("fault", LOSSES)
@pytest.mark.parametrize("step", ["submit", "audit"])
def test_a_step_that_was_cut_short_is_looked_up_and_taken(
    step: str, fault: Fault, kingdee: KingdeeConnector, erp: System
) -> None:
    erp.faults.force(fault, f"erp.{step}")
    assert sorts(kingdee.create([create("a"), create("b")])) == [Written, Written]
    assert states(erp) == ["C", "C"]
    assert erp.faults.fired[fault] == 1


@pytest.mark.parametrize("fault", LOSSES)
def test_taking_back_an_audit_may_be_cut_short(fault: Fault, kingdee: KingdeeConnector, erp: System) -> None:
    """Lost before, it is refused or tried later; lost after, it goes on. Never is the record left open."""
    (made,) = customers(erp, 1)
    erp.faults.force(fault, "erp.unaudit")
    try:
        (result,) = kingdee.update([update(made, {"FTEL": "021"})])
    except TransientError:
        result = TransientError("the whole call")
    assert isinstance(result, Written if fault in {Fault.LOST_AFTER, Fault.GATEWAY_AFTER} else TransientError)
    assert state(erp, made) == "C"


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.BODY_ERROR])
def test_a_save_that_was_surely_not_done_leaves_the_record_audited_as_before(
    fault: Fault, kingdee: KingdeeConnector, erp: System
) -> None:
    (made,) = customers(erp, 1)
    erp.faults.force(fault, "erp.update")
    assert sorts(kingdee.update([update(made, {"FTEL": "021"})])) == [TransientError]
    assert state(erp, made) == "C"


def test_a_save_that_is_refused_leaves_the_record_audited_as_before(kingdee: KingdeeConnector, erp: System) -> None:
    (made,) = customers(erp, 1)
    (result,) = kingdee.update([update(made, {"FRECCONDITIONID": {"FNumber": "NO-SUCH"}})])
    assert isinstance(result, RejectedError)
    assert result.field == "FRECCONDITIONID"
    assert "NO-SUCH" in str(result)
    assert state(erp, made) == "C"


def test_a_lost_save_ends_the_chain_and_the_next_connector_finishes_it(
    centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    erp.faults.force(Fault.LOST_AFTER, "erp.create")
    assert sorts(connectors(centre).create([create("lost")])) == [UncertainError]
    assert states(erp) == ["A"]
    second = connectors(centre)
    assert [one.about for one in second.check() if not one.ok] == ["BD_Customer audit"]
    second.create([create("next")])
    assert states(erp) == ["C", "C"]
    assert all(one.ok for one in second.check())


def test_who_looks_for_a_lost_create_finds_it_audited(
    centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    erp.faults.force(Fault.LOST_AFTER, "erp.create")
    assert sorts(connectors(centre).create([create("lost")])) == [UncertainError]
    (found,) = connectors(centre).find_created(CUSTOMER, ["lost"])["lost"]
    assert found.payload["FDocumentStatus"] == "C"


def test_a_lost_create_that_a_person_has_touched_since_is_left_to_them(
    centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    erp.faults.force(Fault.LOST_AFTER, "erp.create")
    connectors(centre).create([create("lost")])
    erp.update(CUSTOMER, erp.living(CUSTOMER)[0].id, {"FTEL": "1"}, by="user:anna")
    (found,) = connectors(centre).find_created(CUSTOMER, ["lost"])["lost"]
    assert found.payload["FDocumentStatus"] == "A"


def test_a_lost_save_of_a_reopened_record_is_finished_by_the_next_update_of_it(
    centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    (made,) = customers(erp, 1)
    erp.faults.force(Fault.LOST_BEFORE, "erp.update")
    assert sorts(connectors(centre).update([update(made, {"FTEL": "021"})])) == [UncertainError]
    assert state(erp, made) == "D"
    assert sorts(connectors(centre).update([update(made, {"FTEL": "021"})])) == [Written]
    assert state(erp, made) == "C"


def test_what_people_left_unaudited_is_left_to_them(kingdee: KingdeeConnector, erp: System) -> None:
    (theirs,) = customers(erp, 1, FDocumentStatus="A")
    kingdee.create([create("ours")])
    assert state(erp, theirs) == "A"


def test_without_the_right_to_audit_a_record_is_saved_and_that_is_said(
    centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System
) -> None:
    centre.operations.without_rights.add("Audit")
    (result,) = kingdee.create([create("a")])
    assert isinstance(result, UncertainError)
    assert "saved and not audited" in str(result)
    assert "没有Audit权限" in str(result)
    assert states(erp) == ["B"]


def test_a_record_in_approval_is_for_later_and_a_draft_is_not(kingdee: KingdeeConnector, erp: System) -> None:
    (waiting,) = customers(erp, 1, FDocumentStatus="B")
    (draft,) = customers(erp, 1, FDocumentStatus="Z")
    results = kingdee.update([update(waiting, {"FTEL": "1"}), update(draft, {"FTEL": "1"})])
    assert sorts(results) == [TransientError, Written]
    assert [state(erp, waiting), state(erp, draft)] == ["B", "C"]


def test_a_record_out_of_use_refuses_a_save_and_takes_it_with_being_taken_into_use(
    kingdee: KingdeeConnector, erp: System
) -> None:
    (made,) = customers(erp, 1, FForbidStatus="B")
    (refused,) = kingdee.update([update(made, {"FTEL": "1"})])
    assert isinstance(refused, RejectedError)
    assert refused.code == "forbidden"
    assert state(erp, made) == "C"
    written = proven(kingdee.update([update(made, {"FForbidStatus": "A", "FTEL": "1"})])[0])
    assert (written.record.payload["FForbidStatus"], written.record.payload["FTEL"]) == ("A", "1")


def test_archiving_forbids_once_and_a_second_time_does_nothing(
    centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System
) -> None:
    (made,) = customers(erp, 1)
    for _ in range(2):
        assert proven(kingdee.archive([Archive("k", ref(made))])[0]).record.payload["FForbidStatus"] == "B"
    assert centre.requests.count("ExcuteOperation") == 1


def test_results_are_matched_by_the_place_they_name(kingdee: KingdeeConnector, erp: System) -> None:
    erp.faults.force(SHUFFLED, "erp.create")
    results = kingdee.create([create("a"), create("b"), create("c")])
    assert [proven(one).record.payload["FName"] for one in results] == ["客户 a", "客户 b", "客户 c"]
    assert [proven(one).key for one in results] == ["a", "b", "c"]


@pytest.mark.parametrize("writing", ["create", "update"])
def test_a_success_for_another_record_proves_nothing(
    writing: str, centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, other = customers(erp, 2)
    saved = centre._saved
    monkeypatch.setattr(centre, "_saved", lambda *call: [replace(one, id=other) for one in saved(*call)])
    batch = {
        "create": lambda: kingdee.create([create("a")]),
        "update": lambda: kingdee.update([update(made, {"FTEL": "1"})]),
    }
    assert sorts(batch[writing]()) == [UncertainError]


def test_an_item_that_the_answer_leaves_out_is_uncertain(kingdee: KingdeeConnector, erp: System) -> None:
    erp.faults.force(SHORT, "erp.create")
    assert sorts(kingdee.create([create("a"), create("b")])) == [Written, UncertainError]


def test_a_part_of_a_batch_is_refused_and_the_rest_is_done(kingdee: KingdeeConnector, erp: System) -> None:
    erp.faults.force(Fault.PARTIAL_BATCH, "erp.create:BD_Customer/b")
    assert sorts(kingdee.create([create("a"), create("b"), create("c")])) == [Written, TransientError, Written]
    assert states(erp) == ["C", "C"]


def test_a_batch_that_broke_midway_is_uncertain_as_a_whole(kingdee: KingdeeConnector, erp: System) -> None:
    erp.faults.force(Fault.LOST_MIDWAY, "erp.create")
    batch = [create(name) for name in "abcd"]
    assert sorts(kingdee.create(batch)) == [UncertainError] * 4
    found = kingdee.find_created(CUSTOMER, list("abcd"))
    assert len(found) == len(erp.living(CUSTOMER)) < 4


def test_a_call_that_is_refused_as_a_whole_is_halved(
    centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The field is said not to be there, and not by which record."""
    served = centre._served

    def refusing(service: str, body: Any) -> Any:
        if service == "BatchSave" and any("FBAD" in model for model in body["data"]["Model"]):
            raise KingdeeError(9, "字段“FBAD”不存在", field="FBAD")
        return served(service, body)

    monkeypatch.setattr(centre, "_served", refusing)
    results = kingdee.create([create("a"), create("b", FBAD="1"), create("c")])
    assert sorts(results) == [Written, RejectedError, Written]
    assert states(erp) == ["C", "C"]


def test_no_permission_to_save_halts_the_system(
    centre: KingdeeSimulator, kingdee: KingdeeConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: Any) -> Any:
        raise KingdeeError(2, "没有保存权限")

    monkeypatch.setattr(centre, "_written", refusing)
    with pytest.raises(MisconfiguredError, match="没有保存权限"):
        kingdee.create([create("a")])


def test_a_number_that_is_taken_is_refused_in_the_systems_words(
    centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    customers(erp, 1, FNumber="CC-a")
    (result,) = connectors(centre, key_field="FNumber").create([create("a")])
    assert isinstance(result, RejectedError)
    assert (result.code, result.field) == ("duplicate", "FNumber")
    assert "重复" in str(result)


def test_our_key_as_a_number_is_told_from_peoples_numbers(
    centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    customers(erp, 1, FNumber="C-7")
    connector = connectors(centre, key_field="FNumber")
    made = proven(connector.create([create("7")])[0]).record
    assert made.payload["FNumber"] == "CC-7"
    assert sorted(record.key for record in told(connector)) == ["", "7"]
    assert list(connector.find_created(CUSTOMER, ["7", "8"])) == ["7"]


def test_keys_are_compared_to_the_letter(kingdee: KingdeeConnector) -> None:
    """The database finds a key whatever its case."""
    kingdee.create([create("Key-A")])
    assert not kingdee.find_created(CUSTOMER, ["key-a"])
    assert list(kingdee.find_created(CUSTOMER, ["key-a", "Key-A"])) == ["Key-A"]


def test_a_gone_record_is_stale_and_an_edited_one_too(kingdee: KingdeeConnector, erp: System) -> None:
    gone, edited, fine = customers(erp, 3, FTEL="1")
    erp.delete(CUSTOMER, gone, by="user:anna", hard=True)
    erp.update(CUSTOMER, edited, {"FTEL": "2"}, by="user:anna")
    batch = [update(one, {"FTEL": "3"}, {"FTEL": "1"}) for one in (gone, edited, fine)]
    assert sorts(kingdee.update(batch)) == [StaleError, StaleError, Written]
    assert now(kingdee, edited).payload["FTEL"] == "2"


def test_a_proof_that_cannot_be_read_is_no_proof(kingdee: KingdeeConnector, erp: System) -> None:
    kingdee.create([create("warm")])
    for nth in range(8):
        erp.faults.force(Fault.THROTTLED, "erp.read", nth=nth)
    (result,) = kingdee.create([create("a")])
    assert isinstance(result, UncertainError)
    assert states(erp) == ["C", "C"]


def test_the_state_of_a_record_cannot_be_written(kingdee: KingdeeConnector, erp: System) -> None:
    (made,) = customers(erp, 1)
    (result,) = kingdee.update([update(made, {"FDocumentStatus": "A"})])
    assert isinstance(result, RejectedError)


def test_employees_are_not_written(kingdee: KingdeeConnector) -> None:
    with pytest.raises(MisconfiguredError, match="only read"):
        kingdee.update([Update("k", ref("300001", "BD_Empinfo"), {"FName": "x"})])
