"""What is gone: deleted, purged, merged, restored."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Watermark
from connectors.errors import TransientError
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.testing.world import START, System
from tests.connectors.salesforce.hands import (
    Connect,
    Spoil,
    firms,
)

# -- deletions and merges ----------------------------------------------------------------------------------------------


def test_what_left_the_bin_is_still_told(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    binned, purged, stays = firms(crm, 3)
    crm.clock.advance(30)  # within the present minute, which the log tells only when asked beyond it
    crm.delete("Account", binned, by="user:anna")
    crm.delete("Account", purged, by="user:anna", hard=True)
    stones = connectors(org).deleted("Account", Watermark(START)).tombstones
    assert {stone.ref.id for stone in stones} == {binned, purged}
    assert stays not in {stone.ref.id for stone in stones}


def test_what_came_back_from_the_bin_is_not_called_deleted(
    crm: System, org: SalesforceSimulator, connectors: Connect, spoiled: Spoil
) -> None:
    back = firms(crm, 1)[0]
    log = {"id": back, "deletedDate": "2026-03-02T08:00:00.000+0000"}
    spoiled("deleted$", lambda body: {**body, "deletedRecords": [log]})
    assert connectors(org).deleted("Account", Watermark(START)).tombstones == ()


def test_the_loser_of_a_merge_is_merged_and_not_deleted(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    a, b, c, d = firms(crm, 4)
    crm.merge("Account", a, b, by="user:anna")
    crm.clock.advance(30)
    crm.merge("Account", b, c, by="user:anna")
    crm.delete("Account", d, by="user:anna")
    connector = connectors(org)
    steps = {(m.loser.id, m.winner.id) for m in connector.merged("Account", Watermark(START)).merges}
    assert steps == {(a, b), (b, c)}
    since = Watermark(START + timedelta(seconds=20))
    assert [stone.ref.id for stone in connector.deleted("Account", since).tombstones] == [d]


def test_a_log_that_does_not_reach_back_far_enough_says_so(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    crm.retention = timedelta(days=15)
    crm.clock.advance(timedelta(days=20))
    connector = connectors(org)
    told_since = connector.deleted("Account", Watermark(START)).complete_since
    assert told_since == START + timedelta(days=5)
    assert connector.deleted("Account", Watermark(START + timedelta(days=6))).complete_since is None


def test_a_window_longer_than_the_system_takes_is_cut_and_told(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    crm.clock.advance(timedelta(days=40))
    told_since = connectors(org).deleted("Account", Watermark(START)).complete_since
    assert told_since is not None
    assert START + timedelta(days=10) < told_since <= START + timedelta(days=11)


def test_an_open_transaction_holds_the_safe_point_back(
    crm: System, org: SalesforceSimulator, connectors: Connect
) -> None:
    goes = firms(crm, 1)[0]
    crm.clock.advance(600)
    crm.late(timedelta(minutes=20), lambda: crm.delete("Account", goes, by="user:anna"))
    crm.clock.advance(900)
    connector = connectors(org)
    first = connector.deleted("Account", Watermark(START))
    assert not first.tombstones
    assert first.safe_point.at <= START + timedelta(minutes=10)
    crm.clock.advance(600)
    assert [stone.ref.id for stone in connector.deleted("Account", first.safe_point).tombstones] == [goes]


@pytest.mark.parametrize("body", [{}, [], {"deletedRecords": [{}]}, {"deletedRecords": 5, "latestDateCovered": "now"}])
def test_an_unreadable_log_is_no_empty_log(
    org: SalesforceSimulator, connectors: Connect, spoiled: Spoil, body: Any
) -> None:
    spoiled("deleted$", lambda _body: body)
    with pytest.raises(TransientError):
        connectors(org).deleted("Account", Watermark(START))


def test_a_query_is_sent_as_one_parameter(crm: System, org: SalesforceSimulator, connectors: Connect) -> None:
    """Whatever a key holds, neither path nor parameters of the request change."""
    nasty = "k&q=SELECT Id FROM User#/../?x=%27 OR '1'='1+"
    crm.create("Account", {"Name": "Acme", "Concordat_Key__c": nasty}, by="user:anna")
    found = connectors(org).find_created("Account", [nasty])
    assert [record.key for record in found[nasty]] == [nasty]
    assert {path for _method, path in org.requests} == {"services/oauth2/token", "services/data/v65.0/query"}
