"""What can go wrong while writing: nothing is done twice, or called done without proof."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from connectors.contract import Archive, Create, ItemResult, RecordRef, Update, Written
from connectors.errors import (
    ConnectorError,
    MisconfiguredError,
    RejectedError,
    TransientError,
    UncertainError,
)
from connectors.salesforce.client import Client
from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulator import CUT_BODY, SalesforceSimulator
from connectors.salesforce.writing import sendable
from connectors.testing.exchange import Reply
from connectors.testing.world import Fault, System
from tests.connectors.people import typing
from tests.connectors.salesforce.hands import (
    COLLECTIONS,
    Connect,
    create,
    firms,
    ours,
    sorts,
    update,
    writes,
)

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


# -- who edits before we look ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("made", [False, True])
def test_an_edit_between_a_write_and_the_look_at_it_is_told_as_such(
    crm: System, org: SalesforceSimulator, connectors: Connect, *, made: bool, edited: bool
) -> None:
    (there,) = firms(crm, 1)
    new = there[:-4] + "2" + there[-3:]
    crm.meanwhile = typing(crm, {"Phone": "+9"})
    if edited:
        crm.faults.force(Fault.EDITED_BETWEEN, f"crm.update:Account/{new if made else there}")
    connector = connectors(org)
    (result,) = connector.create([create("k")]) if made else connector.update([update(there, Phone="+1")])
    assert isinstance(result, Written)
    assert result.touched is edited
    assert (result.record.payload["Phone"] == "+9") is edited


@pytest.mark.parametrize("letters", [15, 18])
def test_we_are_known_by_either_form_of_our_id(
    crm: System, org: SalesforceSimulator, connectors: Connect, monkeypatch: pytest.MonkeyPatch, letters: int
) -> None:
    (there,) = firms(crm, 1)
    plainly = Client.user
    monkeypatch.setattr(Client, "user", lambda client: plainly(client)[:letters])
    (result,) = connectors(org).update([update(there, Phone="+1")])
    assert isinstance(result, Written)
    assert not result.touched


def test_who_we_are_is_asked_before_anything_is_sent(
    crm: System, org: SalesforceSimulator, connectors: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Client) -> str:
        raise TransientError("the login is away")

    (there,) = firms(crm, 1)
    connector = connectors(org)
    monkeypatch.setattr(Client, "user", away)
    with pytest.raises(TransientError):
        connector.update([update(there, Phone="+1")])
    with pytest.raises(TransientError):
        connector.create([create("k")])
    assert crm.written() == []


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
