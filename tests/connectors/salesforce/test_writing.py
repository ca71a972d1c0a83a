"""What can go wrong while writing: nothing is done twice, or called done without proof; nobody pays for others."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from connectors.contract import Archive, Create, ItemResult, RecordRef, Update, Written
from connectors.errors import (
    ConnectorError,
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
)
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.simulated.exchange import Reply, Request
from connectors.salesforce.simulated.metadata import account
from connectors.salesforce.simulator import CUT_BODY, SalesforceSimulator
from connectors.salesforce.writing import sendable
from connectors.testing.world import Fault, Refusal, System

Connect = Callable[..., SalesforceConnector]
COLLECTIONS = "services/data/v65.0/composite/sobjects"


def create(key: str, **values: Any) -> Create:
    return Create(key, "Account", {"Name": key, **values})


def update(record_id: str, expected: Mapping[str, Any] | None = None, version: str = "", **values: Any) -> Update:
    return Update(f"key-{record_id}", RecordRef("crm", "Account", record_id), values, expected or {}, version)


def firms(crm: System, number: int, **more: Any) -> list[str]:
    return [crm.create("Account", {"Name": f"Firm {n:03d}", **more}, by="user:anna").id for n in range(number)]


def sorts(results: Any) -> list[type]:
    return [type(result) for result in results]


def ours(crm: System) -> list[str]:
    return [entry.op for entry in crm.log if entry.actor == "middleware"]


def writes(org: SalesforceSimulator) -> list[str]:
    return [path for method, path in org.requests if method == "PATCH"]


# -- how many calls ----------------------------------------------------------------------------------------------------


def test_two_hundred_creates_cost_two_calls_and_as_many_updates_three(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    connector = connectors(org)
    connector.fingerprint()
    org.requests.clear()
    made = connector.create([create(f"k-{n}") for n in range(200)])
    assert set(sorts(made)) == {Written}
    assert len(org.requests) == 2
    org.requests.clear()
    records = [one.record for one in made if isinstance(one, Written)]
    batch = [Update(r.ref.id, r.ref, {"Phone": "+1"}, {"Phone": None}) for r in records]
    assert set(sorts(connector.update(batch))) == {Written}
    assert len(org.requests) == 3


def test_a_text_of_digits_is_sent_as_a_number_where_the_field_is_one_and_its_type_is_asked_once(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    connector = connectors(org)
    values = {"Name": "Firm", "AnnualRevenue": "7500.10", "Phone": "7500"}
    made = connector.create([Create(key, "Account", values) for key in ("k-1", "k-2")])
    assert set(sorts(made)) == {Written}
    stored = [row.values for row in crm.living("Account")]
    assert [(row["AnnualRevenue"], row["Phone"]) for row in stored] == [(7500.1, "7500")] * 2
    assert len([path for _, path in org.requests if path.endswith("describe")]) == 1


# -- outcomes nobody knows ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [Fault.LOST_BEFORE, Fault.LOST_MIDWAY, Fault.LOST_AFTER, Fault.GATEWAY_AFTER, CUT_BODY]
)
@pytest.mark.parametrize("call", ["create", "update", "archive"])
def test_a_lost_answer_is_uncertain_for_the_whole_batch_and_sent_once(
    crm: System, org: SalesforceSimulator, connectors: Connect, fault: str, call: str
) -> None:
    there = firms(crm, 3)
    connector = connectors(org)
    send: Mapping[str, Callable[[], Any]] = {
        "create": lambda: connector.create([create(f"k-{n}") for n in range(3)]),
        "update": lambda: connector.update([update(each, Phone="1") for each in there]),
        "archive": lambda: connector.archive([Archive("k", RecordRef("crm", "Account", each)) for each in there]),
    }
    crm.faults.force(fault, f"crm.{call}")
    assert sorts(send[call]()) == [UncertainError] * 3
    assert len(writes(org)) == 1
    if fault == Fault.LOST_BEFORE:
        assert not ours(crm)
    elif fault != Fault.LOST_MIDWAY:
        assert ours(crm) == [call] * 3


def test_a_lost_answer_to_a_note_is_uncertain_and_the_note_is_sent_once(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    there = firms(crm, 1)[0]
    crm.faults.force(Fault.LOST_AFTER, "crm.note")
    with pytest.raises(UncertainError):
        connectors(org).note(RecordRef("crm", "Account", there), "told once")
    assert crm.notes("Account", there) == ["told once"]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b"",
        b"{}",
        b"[]",
        b"null",
        b'[{"success":true,"errors":[]}]',
        b'[{"id":"0015gX000000099AAA","success":true,"errors":[]},{"id":"0015gX000000098AAA","success":true,"errors":[]}]',
        b'[{"id":"x","success":true},{"success":false}]',
        b'[{"success":1,"id":"0015gX000000001AAA"},null]',
    ],
)
def test_a_success_without_proof_is_uncertain(
    crm: System, org: SalesforceSimulator, connectors: Connect, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    there = firms(crm, 2)
    plain = org.answer

    def answer(request: Request) -> Reply:
        reply = plain(request)
        return Reply(200, body) if request.path == COLLECTIONS else reply

    monkeypatch.setattr(org, "answer", answer)
    assert sorts(connectors(org).update([update(each, Phone="1") for each in there])) == [UncertainError] * 2
    assert len(writes(org)) == 1


def test_a_success_for_another_record_is_no_proof(
    crm: System, org: SalesforceSimulator, connectors: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = firms(crm, 2)
    plain = org.answer

    def shuffled(request: Request) -> Reply:
        reply = plain(request)
        return Reply(200, reply.body[::-1]) if request.path == COLLECTIONS else reply

    monkeypatch.setattr(org, "answer", shuffled)
    assert sorts(connectors(org).update([update(each, Phone="1") for each in there])) == [UncertainError] * 2


def test_what_was_written_and_cannot_be_read_back_is_uncertain(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    connector = connectors(org)
    for nth in range(5):
        crm.faults.force(Fault.SERVER_ERROR, "crm.read", nth=nth)
    results = connector.create([create("k-1")])
    assert sorts(results) == [UncertainError]
    assert ours(crm) == ["create"]
    assert len(connector.find_created("Account", ["k-1"])["k-1"]) == 1


# -- surely not done ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.SERVER_ERROR])
def test_a_busy_system_did_nothing_and_is_not_asked_again(
    crm: System, org: SalesforceSimulator, connectors: Connect, fault: str
) -> None:
    crm.faults.force(fault, "crm.create")
    with pytest.raises(TransientError):
        connectors(org).create([create("k-1"), create("k-2")])
    assert not ours(crm)
    assert len(writes(org)) == 1


def test_a_repeated_create_makes_no_second_record(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    connector = connectors(org)
    first, second = (connector.create([create("k-1")])[0] for _ in range(2))
    assert isinstance(first, Written)
    assert isinstance(second, Written)
    assert (first.created, second.created) == (True, False)
    assert first.record.ref == second.record.ref
    assert len(crm.living("Account")) == 1


# -- one bad record ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", list(product([True, False], repeat=4)))
def test_each_item_has_its_own_result(
    crm: System, org: SalesforceSimulator, connectors: Connect, mask: tuple[bool, ...]
) -> None:
    batch = [create(f"k-{n}", Type="Customer" if fine else "Foe") for n, fine in enumerate(mask)]
    results = connectors(org).create(batch)
    assert sorts(results) == [Written if fine else RejectedError for fine in mask]
    assert [result.key for result in results if isinstance(result, Written)] == [
        item.key for item, fine in zip(batch, mask, strict=True) if fine
    ]
    assert len(crm.living("Account")) == sum(mask)


@pytest.mark.parametrize("poison", range(7))
def test_a_value_that_spoils_the_whole_call_is_found_and_the_others_go_through_once(
    crm: System, org: SalesforceSimulator, connectors: Connect, poison: int
) -> None:
    batch = [create(f"k-{n}", AnnualRevenue="much" if n == poison else n) for n in range(7)]
    results = connectors(org).create(batch)
    assert sorts(results) == [RejectedError if n == poison else Written for n in range(7)]
    assert ours(crm) == ["create"] * 6


def test_after_a_half_went_through_a_failing_half_keeps_its_own_result(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    crm.faults.force(Fault.THROTTLED, "crm.create", nth=2)
    batch = [create("k-0"), create("k-1"), create("k-2", AnnualRevenue="much"), create("k-3")]
    assert sorts(connectors(org).create(batch)) == [Written, Written, TransientError, TransientError]
    assert ours(crm) == ["create"] * 2


def test_a_field_that_does_not_exist_stops_the_system_before_anything_is_done(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    with pytest.raises(MisconfiguredError, match="Nope"):
        connectors(org).create([create("k-1"), create("k-2", Nope=1)])
    assert not ours(crm)


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"Name": ""}, "REQUIRED_FIELD_MISSING", "Name"),
        ({"Name": "x" * 256}, "STRING_TOO_LONG", "Name"),
        ({"Type": "Foe"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Type"),
        ({"ParentId": "0015gX000000099AAA"}, "INVALID_CROSS_REFERENCE_KEY", "ParentId"),
    ],
)
def test_a_refusal_names_code_and_field(
    org: SalesforceSimulator, connectors: Connect, values: dict[str, Any], code: str, field: str
) -> None:
    result = connectors(org).create([create("k-1", **values)])[0]
    assert isinstance(result, RejectedError)
    assert (result.code, result.field) == (code, field)


def test_a_duplicate_rule_names_its_candidates_and_is_not_overruled(
    org: SalesforceSimulator, connectors: Connect, crm: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    plain = org.answer

    def noted(request: Request) -> Reply:
        asked.append(request.headers.get("sforce-duplicate-rule-header", ""))
        return plain(request)

    monkeypatch.setattr(org, "answer", noted)
    crm.tables["Account"].respecify(account(duplicate_rule=("Name",)))
    there = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    result = connectors(org).create([create("k-1", Name="ACME")])[0]
    assert isinstance(result, RejectedError)
    assert (result.code, result.candidates) == ("DUPLICATES_DETECTED", (there.id,))
    assert "allowSave=false" in asked[-1]
    assert len(crm.living("Account")) == 1


def test_a_locked_row_is_told_by_itself(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    there = firms(crm, 3)
    crm.faults.force(Fault.PARTIAL_BATCH, f"crm.update:Account/{there[1]}")
    results = connectors(org).update([update(each, Phone="1") for each in there])
    assert sorts(results) == [Written, TransientError, Written]


def test_a_validation_rule_is_a_refusal(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    there = firms(crm, 1)
    crm.rules.append(lambda *_: Refusal("rule", "closed accounts stay as they are"))
    result = connectors(org).update([update(there[0], Phone="1")])[0]
    assert isinstance(result, RejectedError)
    assert "closed accounts stay" in str(result)


@pytest.mark.parametrize("how", ["delete", "purge", "merge"])
def test_a_record_that_is_gone_is_stale(crm: System, org: SalesforceSimulator, connectors: Connect, how: str) -> None:
    goes, stays = firms(crm, 2)
    if how == "merge":
        crm.merge("Account", goes, stays, by="user:anna")
    else:
        crm.delete("Account", goes, by="user:anna", hard=how == "purge")
    for expected in ({}, {"Phone": None}):
        assert sorts(connectors(org).update([update(goes, expected, Phone="1")])) == [StaleError]


# -- just before -------------------------------------------------------------------------------------------------------


def test_only_what_is_still_as_expected_is_sent(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    there = firms(crm, 3, Phone="1")
    crm.update("Account", there[1], {"Phone": "theirs"}, by="user:ben")
    crm.update("Account", there[2], {"Website": "theirs"}, by="user:ben")
    results = connectors(org).update([update(each, {"Phone": "1"}, Phone="ours") for each in there])
    assert sorts(results) == [Written, StaleError, Written]
    assert [crm.living("Account")[n].values["Phone"] for n in range(3)] == ["ours", "theirs", "ours"]


def test_if_all_is_stale_nothing_is_sent(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    there = firms(crm, 2, Phone="theirs")
    results = connectors(org).update([update(each, {"Phone": "1"}, Phone="ours") for each in there])
    assert sorts(results) == [StaleError] * 2
    assert not writes(org)


def test_when_the_look_just_before_fails_nothing_is_sent(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    there = firms(crm, 1, Phone="1")
    for nth in range(5):
        crm.faults.force(Fault.SERVER_ERROR, "crm.read", nth=nth)
    with pytest.raises(TransientError):
        connectors(org).update([update(there[0], {"Phone": "1"}, Phone="ours")])
    assert not writes(org)


@pytest.mark.parametrize("guarded", [True, False])
def test_an_edit_between_look_and_write_is_refused_by_the_system_where_it_can(
    crm: System, org: SalesforceSimulator, connectors: Connect, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """With If-Match nobody's edit is lost; without it the gap between the two calls stays open, and README says so."""
    there = firms(crm, 1, Phone="1")[0]
    connector = connectors(org, conditional_accounts=guarded)
    record = connector.read([RecordRef("crm", "Account", there)])[RecordRef("crm", "Account", there)]
    plain = org.answer

    def somebody_is_quicker(request: Request) -> Reply:
        if request.method == "PATCH":
            crm.update("Account", there, {"Phone": "theirs"}, by="user:ben")
        return plain(request)

    monkeypatch.setattr(org, "answer", somebody_is_quicker)
    results = connector.update([update(there, {"Phone": "1"}, record.version, Phone="ours")])
    assert sorts(results) == [StaleError if guarded else Written]
    assert crm.living("Account")[0].values["Phone"] == ("theirs" if guarded else "ours")


def test_conditional_updates_keep_each_others_results(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    there = firms(crm, 4, Phone="1")
    connector = connectors(org, conditional_accounts=True)
    version = next(iter(connector.read([RecordRef("crm", "Account", there[0])]).values())).version
    crm.delete("Account", there[1], by="user:anna")
    crm.faults.force(Fault.LOST_AFTER, "crm.update", nth=1)
    batch = [update(each, version=version, Phone="ours") for each in there[:3]]
    batch.append(update(there[3], version=version, Type="Foe"))
    assert sorts(connector.update(batch)) == [Written, StaleError, UncertainError, RejectedError]


# -- what is sent ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (Decimal("12.50"), 12.5),
        (Decimal(100), 100),
        (Decimal("0.1"), 0.1),
        (Decimal("123456789012345.12"), 123456789012345.12),
        (Decimal("1234567890123456.12"), "1234567890123456.12"),
        (Decimal("1E+3"), 1000),
        (None, None),
        ("text", "text"),
        (True, True),
    ],
)
def test_amounts_lose_no_cent_on_their_way(value: Any, sent: Any) -> None:
    assert sendable(value) == sent
    assert type(sendable(value)) is type(sent)


def test_users_are_only_read(org: SalesforceSimulator, connectors: Connect) -> None:
    connector = connectors(org)
    ref = RecordRef("crm", "User", "0055gX000000001AAA")
    calls: list[Callable[[], Any]] = [
        lambda: connector.create([Create("k", "User", {})]),
        lambda: connector.update([Update("k", ref, {})]),
        lambda: connector.archive([Archive("k", ref)]),
        lambda: connector.note(ref, "x"),
    ]
    for call in calls:
        with pytest.raises(MisconfiguredError):
            call()
    assert not org.requests


def test_archiving_needs_to_know_how(org: SalesforceSimulator, connectors: Connect, crm: System) -> None:
    there = firms(crm, 1)[0]
    connector = connectors(org, archive={"Account": {"Type": "Other"}})
    result = connector.archive([Archive("k", RecordRef("crm", "Account", there))])[0]
    assert isinstance(result, Written)
    assert result.record.payload["Type"] == "Other"
    assert not connector.kinds["Contact"].archives
    with pytest.raises(MisconfiguredError, match="`archive` does not say how for Contact"):
        connector.archive([Archive("k", RecordRef("crm", "Contact", "0035gX000000001AAA"))])


def test_a_batch_of_two_kinds_is_answered_in_its_order(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    batch = [
        create("a-1"),
        Create("c-1", "Contact", {"LastName": "Lee"}),
        create("a-2", Type="Foe"),
        Create("c-2", "Contact", {"LastName": ""}),
    ]
    crm.faults.force(Fault.THROTTLED, "crm.create", nth=1)
    results: list[ItemResult] = list(connectors(org).create(batch))
    assert sorts(results) == [Written, TransientError, RejectedError, TransientError]
    assert all(isinstance(result, ConnectorError | Written) for result in results)
