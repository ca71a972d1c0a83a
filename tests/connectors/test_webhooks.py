"""What systems announce: whose it is, told from headers and bytes alone, and what it hints at."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from connectors.contract import Hint
from connectors.errors import MisconfiguredError
from connectors.registry import BUNDLED, open_webhooks
from connectors.webhooks import DELIVERY, MOST_IDS, SIGNATURE, ForgedError, Notice, UnclearError, Webhooks, signed

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SECRET, BEFORE = "a secret of the tests", "the secret before that"
Sign = Callable[[str, bytes], Mapping[str, str]]


def ours(secret: str, body: bytes) -> Mapping[str, str]:
    return signed(secret.encode(), "d1", NOW, body)


def shops(secret: str, body: bytes) -> Mapping[str, str]:
    tag = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    return {"x-shopify-hmac-sha256": tag, "x-shopify-topic": "customers/update", "x-shopify-webhook-id": "w1"}


DIALECTS: Mapping[str, Sign] = {name: shops if name == "shopify" else ours for name in BUNDLED}


@dataclass(frozen=True)
class Desk:
    """One connector, and how its system signs."""

    webhooks: Webhooks
    sign: Sign

    def notice(self, body: bytes, secret: str = SECRET) -> Notice:
        return Notice(self.sign(secret, body), body, NOW)


@pytest.fixture(params=sorted(BUNDLED))
def desk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("CONCORDAT_CRM_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("CONCORDAT_CRM_WEBHOOK_PREVIOUS_SECRET", BEFORE)
    return Desk(open_webhooks("crm", request.param), DIALECTS[request.param])


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_what_the_system_signed_is_genuine_and_a_repeated_delivery_has_the_same_id(desk: Desk) -> None:
    first = desk.webhooks.genuine(desk.notice(b'{"id": 1}'))
    assert first.id
    assert desk.webhooks.genuine(desk.notice(b'{"id": 1}')) == first


def test_while_a_secret_is_changed_the_one_before_still_counts(desk: Desk) -> None:
    assert desk.webhooks.genuine(desk.notice(b"{}", BEFORE)).id


def test_a_body_that_was_changed_on_its_way_is_forged(desk: Desk) -> None:
    notice = desk.notice(b'{"id": 1}')
    with pytest.raises(ForgedError):
        desk.webhooks.genuine(replace(notice, body=b'{"id": 2}'))


def test_another_secret_proves_nothing(desk: Desk) -> None:
    with pytest.raises(ForgedError):
        desk.webhooks.genuine(desk.notice(b"{}", "a secret of somebody else"))


@pytest.mark.parametrize("told", ["", "AAAA", "t=1,v1=00", "é" * 44, "t=9" * 50])
def test_a_signature_that_is_none_is_forged(desk: Desk, told: str) -> None:
    notice = desk.notice(b"{}")
    for name in (SIGNATURE, "x-shopify-hmac-sha256"):
        if name in notice.headers:
            notice = replace(notice, headers={**notice.headers, name: told})
    with pytest.raises(ForgedError):
        desk.webhooks.genuine(notice)


def test_a_request_without_any_header_is_forged(desk: Desk) -> None:
    with pytest.raises(ForgedError):
        desk.webhooks.genuine(Notice({}, b"{}", NOW))


def test_where_no_secret_is_set_nothing_is_genuine_and_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONCORDAT_CRM_WEBHOOK_SECRET", raising=False)
    with pytest.raises(MisconfiguredError, match="CONCORDAT_CRM_WEBHOOK_SECRET is missing"):
        open_webhooks("crm", "salesforce")
    with pytest.raises(MisconfiguredError, match="give webhook_secret, or the client_secret"):
        open_webhooks("crm", "shopify")


def test_a_secret_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORDAT_CRM_WEBHOOK_SECRET", "short")
    with pytest.raises(MisconfiguredError, match="at least 16"):
        open_webhooks("crm", "kingdee")


# --- our own dialect --------------------------------------------------------------------------------------------------


@pytest.fixture
def generic(monkeypatch: pytest.MonkeyPatch) -> Webhooks:
    monkeypatch.setenv("CONCORDAT_ERP_WEBHOOK_SECRET", SECRET)
    return open_webhooks("erp", "memory")


def test_the_signature_is_of_time_delivery_and_body(generic: Webhooks) -> None:
    tag = hmac.new(SECRET.encode(), b"1772355600.d1.{}", sha256).hexdigest()
    assert signed(SECRET.encode(), "d1", NOW, b"{}") == {DELIVERY: "d1", SIGNATURE: f"t=1772355600,v1={tag}"}
    assert generic.genuine(Notice(ours(SECRET, b"{}"), b"{}", NOW)).id == "d1"


@pytest.mark.parametrize("off", [timedelta(minutes=6), timedelta(minutes=-6), timedelta(days=400)])
def test_a_replay_after_its_window_is_refused_be_it_signed_never_so_well(generic: Webhooks, off: timedelta) -> None:
    with pytest.raises(ForgedError, match="too long ago"):
        generic.genuine(Notice(ours(SECRET, b"{}"), b"{}", NOW + off))


def test_a_clock_that_goes_a_little_wrong_is_no_forgery(generic: Webhooks) -> None:
    assert generic.genuine(Notice(ours(SECRET, b"{}"), b"{}", NOW + timedelta(minutes=4))) is not None


def test_a_replay_under_another_id_is_forged(generic: Webhooks) -> None:
    headers = {**ours(SECRET, b"{}"), DELIVERY: "d2"}
    with pytest.raises(ForgedError):
        generic.genuine(Notice(headers, b"{}", NOW))


def test_a_stamp_beyond_all_calendars_is_forged(generic: Webhooks) -> None:
    headers = {DELIVERY: "d", SIGNATURE: f"t=999999999999,v1={'0' * 64}"}
    with pytest.raises(ForgedError):
        generic.genuine(Notice(headers, b"{}", NOW))


# --- a shop's ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Webhooks:
    monkeypatch.setenv("CONCORDAT_SHOP_CLIENT_SECRET", "shpss-secret")
    return open_webhooks("shop", "shopify")


def test_a_known_signature_of_a_shop_is_understood(shop: Webhooks) -> None:
    """A vector computed elsewhere; the secret is that of the app, where no other is set."""
    body = b'{"id":820982911946154508,"email":"a@example.test"}'
    headers = {
        "x-shopify-hmac-sha256": "v45KxrPN6tlVaPwqMRJFKHbPZdMk/1e/+9KsO2314kg=",
        "x-shopify-topic": "customers/x",
    }
    assert shop.genuine(Notice(headers, body, NOW)).topic == "customers/x"


def test_a_shops_delivery_under_changed_headers_is_the_same_one(shop: Webhooks) -> None:
    """They are not signed, so they must not make a captured request a new one."""
    headers = shops("shpss-secret", b"{}")
    first = shop.genuine(Notice(headers, b"{}", NOW))
    assert shop.genuine(Notice({**headers, "x-shopify-webhook-id": "w2"}, b"{}", NOW)).id == first.id


@pytest.mark.parametrize(
    ("topic", "said", "hints"),
    [
        ("customers/update", {"id": 7001, "email": "a@b"}, [Hint("Customer", ("7001",))]),
        ("customers/delete", {"id": 820982911946154508}, [Hint("Customer", ("820982911946154508",))]),
        ("companies/update", {"admin_graphql_api_id": "gid://shopify/Company/8"}, [Hint("Company", ("8",))]),
        (
            "company_locations/update",
            {"id": 5, "company": {"admin_graphql_api_id": "gid://shopify/Company/8"}},
            [Hint("Company", ("8",))],
        ),
        (
            "customers/merge",
            {
                "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1",
                "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2",
            },
            [Hint("Customer", ("1", "2"))],
        ),
        ("customers/update", {"id": "7001' OR 1"}, [Hint("Customer")]),
        ("customers/update", {}, [Hint("Customer")]),
        ("companies/update", {"admin_graphql_api_id": "gid://evil/../1"}, [Hint("Company")]),
        ("orders/create", {"id": 1}, []),
        ("", {"id": 1}, []),
    ],
)
def test_a_shops_topic_says_the_kind_and_its_body_the_record(
    shop: Webhooks, topic: str, said: Any, hints: list[Hint]
) -> None:
    assert shop.hints(topic, json.dumps(said).encode()) == hints


# --- hints ------------------------------------------------------------------------------------------------------------

SHORT, LONG = "0015g00000XyZab", "0015g00000XyZabAAF"


@pytest.fixture
def org(monkeypatch: pytest.MonkeyPatch) -> Webhooks:
    monkeypatch.setenv("CONCORDAT_CRM_WEBHOOK_SECRET", SECRET)
    return open_webhooks("crm", "salesforce")


EVENT = {"ChangeEventHeader": {"entityName": "Account", "recordIds": [LONG], "changeType": "UPDATE"}, "Name": "x"}


@pytest.mark.parametrize(
    ("said", "hints"),
    [
        ({"kind": "Account", "ids": [LONG]}, [Hint("Account", (LONG,))]),
        ({"kind": "Account", "ids": [SHORT, LONG]}, [Hint("Account", (LONG,))]),
        ({"kind": "Account"}, [Hint("Account")]),
        ([{"kind": "Account", "ids": [LONG]}, {"kind": "Contact"}], [Hint("Account", (LONG,)), Hint("Contact")]),
        (EVENT, [Hint("Account", (LONG,))]),
        ({"payload": EVENT}, [Hint("Account", (LONG,))]),
        ({"data": {"payload": EVENT, "event": {"replayId": 1}}}, [Hint("Account", (LONG,))]),
        ({"ChangeEventHeader": {"entityName": "Account", "recordIds": ["000000000000000AAA"]}}, [Hint("Account")]),
        ({"ChangeEventHeader": {"entityName": "Account"}}, [Hint("Account")]),
        ({"kind": "Account", "ids": ["x' OR Name LIKE '%"]}, [Hint("Account")]),
    ],
)
def test_an_orgs_events_and_announcements_name_records_in_the_form_that_we_know_them_by(
    org: Webhooks, said: Any, hints: list[Hint]
) -> None:
    assert org.hints("", json.dumps(said).encode()) == hints


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1]", b'{"ids": ["1"]}', b'{"kind": "a b"}', b"null", b'"Account"'])
def test_what_is_not_understood_is_said_to_be_so(desk: Desk, body: bytes) -> None:
    if desk.sign is shops and body in (b'{"ids": ["1"]}', b'{"kind": "a b"}'):
        assert desk.webhooks.hints("customers/update", body) == [Hint("Customer")]
        return
    with pytest.raises(UnclearError):
        desk.webhooks.hints("customers/update", body)


@pytest.mark.parametrize("connector", ["kingdee", "tryton"])
def test_records_of_an_erp_are_asked_for_by_number_only(monkeypatch: pytest.MonkeyPatch, connector: str) -> None:
    monkeypatch.setenv("CONCORDAT_ERP_WEBHOOK_SECRET", SECRET)
    webhooks = open_webhooks("erp", connector)
    assert webhooks.hints("", b'{"kind": "BD_Customer", "ids": [100001, "7"]}') == [
        Hint("BD_Customer", ("100001", "7"))
    ]
    assert webhooks.hints("", b'{"kind": "BD_Customer", "ids": ["1 or 1=1"]}') == [Hint("BD_Customer")]


def test_of_more_records_than_can_be_asked_for_the_kind_is_read_as_usual(generic: Webhooks) -> None:
    some, many = (
        json.dumps({"kind": "A", "ids": [str(n) for n in range(count)]}) for count in (MOST_IDS, MOST_IDS + 1)
    )
    assert len(generic.hints("", some.encode())[0].ids) == MOST_IDS
    assert generic.hints("", many.encode()) == [Hint("A")]
