"""Webhooks: kept before anything else, refused in silence, and nothing of them is read here."""

import base64
from datetime import timedelta

import pytest

from connectors.webhooks import DELIVERY, SIGNATURE
from sync_pipelines.gate.arrivals import LONGEST
from tests.sync_pipelines.gate.rig import NOW, Rig


def test_a_genuine_announcement_is_kept_as_it_came_and_answered(rig: Rig) -> None:
    assert rig.announce().status_code == 200
    (kept,) = rig.ledger.inbox()
    assert (kept.system, kept.id, kept.received_at, kept.waiting) == ("crm", "d1", NOW, True)
    assert base64.b64decode(kept.body) == b'{"kind": "Account", "ids": ["1"]}'


def test_a_body_that_is_no_json_is_kept_all_the_same_since_nobody_looks_into_it(rig: Rig) -> None:
    assert rig.announce("<xml/>").status_code == 200
    assert len(rig.ledger.inbox()) == 1


def test_a_delivery_that_comes_again_is_answered_and_kept_once(rig: Rig) -> None:
    assert [rig.announce().status_code for _ in range(3)] == [200, 200, 200]
    assert len(rig.ledger.deliveries()) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"body": b'{"kind": "Contact"}'}, 401),
        ({"headers": {SIGNATURE: "t=1,v1=" + "0" * 64}}, 401),
        ({"headers": {DELIVERY: "another"}}, 401),
        ({"headers": {SIGNATURE: ""}}, 401),
        ({"at": NOW - timedelta(minutes=6)}, 401),
        ({"body": b"x" * (LONGEST + 1)}, 413),
        ({"path": "/webhooks/erp"}, 404),
        ({"path": "/webhooks/warehouse"}, 404),
        ({"path": "/webhooks/crm/more"}, 404),
    ],
)
def test_what_is_not_genuine_is_refused_and_leaves_nothing_behind(
    rig: Rig, changed: dict[str, object], code: int
) -> None:
    assert rig.announce(**changed).status_code == code
    assert rig.ledger.deliveries() == []


def test_refusals_are_counted_by_system_and_reason_and_by_nothing_that_was_sent(rig: Rig) -> None:
    rig.announce()
    rig.announce()
    rig.announce(body=b"forged")
    rig.announce(path="/webhooks/<script>")
    told = rig.visitor().get("/metrics").text
    assert 'concordat_webhooks_received_total{sort="new",system="crm"} 1.0' in told
    assert 'concordat_webhooks_received_total{sort="known",system="crm"} 1.0' in told
    assert 'concordat_webhooks_refused_total{system="crm",why="forged"} 1.0' in told
    assert "script" not in told


def test_where_the_ledger_cannot_be_written_the_sender_is_asked_to_come_again(rig: Rig) -> None:
    rig.broken = True
    assert rig.announce().status_code == 503


def test_a_login_is_of_no_use_to_a_webhook(rig: Rig) -> None:
    assert rig.visitor("admin").post("/webhooks/crm", json={"kind": "Account"}).status_code == 401


def test_only_a_post_is_an_announcement(rig: Rig) -> None:
    assert rig.client().get("/webhooks/crm").status_code == 405
    assert rig.pages.asked == []


def test_a_secret_that_is_set_or_changed_counts_within_a_minute(rig: Rig) -> None:
    rig.secret = b""
    assert rig.announce().status_code == 404
    rig.secret = b"a secret of the tests"
    rig.pass_time(timedelta(seconds=61))
    assert rig.announce().status_code == 200


def test_a_forger_learns_nothing_from_the_answer(rig: Rig) -> None:
    answers = {
        rig.announce(headers=headers).text
        for headers in ({SIGNATURE: ""}, {DELIVERY: "x"}, {SIGNATURE: "t=1,v1=" + "a" * 64})
    }
    assert answers == {"refused\n"}
