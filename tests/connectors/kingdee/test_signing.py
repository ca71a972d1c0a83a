"""Known answers: what the vendor's SDK puts out for made-up credentials, with its clock held."""

import pytest

from connectors.kingdee.signing import Identity, headers, login_sign

ACME = Identity(
    "62f3c9b0acct00", "sync_user", "204399_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4", "test-app-secret", 2052, "100"
)
PATH = "/k3cloud/Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.ExecuteBillQuery.common.kdsvc"
PUBLISHED = {
    "X-Api-ClientID": "204399",
    "X-Api-Auth-Version": "2.0",
    "x-api-timestamp": "1700000000",
    "x-api-nonce": "1700000000",
    "x-api-signheaders": "x-api-timestamp,x-api-nonce",
    "X-Api-Signature": ("YTVmYjk2NDNhZDNhOTM2ZTk5M2E1YzhiYWIzOWE2YzFjYzNhMDczZDM5NzRiZmUxZGI4YmJkNjM0Nzk5NzE0Ng=="),
    "X-Kd-Appkey": "204399_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4",
    "X-Kd-Appdata": "NjJmM2M5YjBhY2N0MDAsc3luY191c2VyLDIwNTIsMTAw",
    "X-Kd-Signature": ("MWY5NzM5ODhlZDhjMzQ4ZTMyNzg1NWQzODFlYTdkZWQ0ODZjZDE4YWFhNTA2YmQ3MWE5M2Q2MDQzYmJmY2M0NA=="),
}


def test_the_headers_of_a_signed_call_are_the_published_ones() -> None:
    assert headers(ACME, PATH, "1700000000", "1700000000") == PUBLISHED


def test_the_client_secret_is_unveiled_as_published() -> None:
    assert ACME.client == ("204399", "UVJWUANVXl8KXFlfWV1YSBNCShcUQRNL")


def test_the_sign_of_a_login_is_the_published_one() -> None:
    assert login_sign(ACME, "1700000000") == "205d2b8737c860675ce188b94dca4704772411333cb367daf4a0a3e1497cedb0"


@pytest.mark.parametrize(
    ("app_id", "client"),
    [
        ("204399", ("", "")),  # no second part
        ("1_2_3", ("", "")),  # too many
        ("204399_short", ("204399", "")),
        ("204399_" + "*" * 32, ("204399", "")),  # of the right length, and no base64
    ],
)
def test_an_application_id_of_another_form_gives_no_client_secret(app_id: str, client: tuple[str, str]) -> None:
    assert Identity("a", "u", app_id, "s").client == client
