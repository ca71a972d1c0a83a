"""One record's trouble is its own, and what changed since it was read is not overwritten."""

from itertools import product
from typing import Any

import pytest

from connectors.contract import RecordRef, Written
from connectors.errors import (
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
)
from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulated.metadata import account
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.testing.exchange import Reply
from connectors.testing.world import Fault, Refusal, System
from tests.connectors.salesforce.hands import (
    Connect,
    create,
    firms,
    ours,
    sorts,
    update,
    writes,
)

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
