"""A door opens to one origin, whatever an id, a link or a setting holds."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.address import Address, segment, shown
from connectors.auth import HeaderAuth
from connectors.errors import MisconfiguredError
from tests.connectors.doors import a_door
from tests.connectors.loopback import Loopback

CRM = Address.of("https://crm.example/api/v1")


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://crm.example", "http:// would send credentials in the clear"),
        ("ftp://crm.example", "begins with https://"),
        ("crm.example", "begins with https://"),
        ("https://", "is no address"),
        ("https://crm.example:notaport", "is no address"),
        ("https://anna:s3cret@crm.example", "user name or password"),
        ("https://crm.example/api?key=s3cret", "has no \\?"),
        ("https://169.254.169.254/latest", "link-local"),
        ("https://[fe80::1]/", "link-local"),
        ("https://0.0.0.0/", "unspecified"),
        ("https://127.0.0.1/", "private address"),
        ("https://[::1]/", "private address"),
        ("https://10.1.2.3/", "private address"),
        ("https://[::ffff:10.1.2.3]/", "private address"),
        ("https://2130706433/", "private address"),
        ("https://0x7f.1/", "private address"),
        ("https://0177.0.0.1/", "private address"),
        ("https://127.1/", "private address"),
    ],
)
def test_an_address_that_is_not_safe_is_refused_and_its_secrets_are_not_shown(url: str, complaint: str) -> None:
    with pytest.raises(MisconfiguredError, match=complaint) as error:
        Address.of(url)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("url", ["http://erp.local:8000/db", "https://10.1.2.3", "http://127.0.0.1:1"])
def test_an_on_premise_address_may_be_private_and_plain(url: str) -> None:
    assert Address.of(url, on_premise=True).base == url + "/"


@pytest.mark.parametrize("url", ["https://169.254.169.254", "https://0xa9fea9fe", "http://[::ffff:169.254.169.254]"])
def test_the_metadata_service_of_a_cloud_is_never_a_system(url: str) -> None:
    with pytest.raises(MisconfiguredError, match="link-local"):
        Address.of(url, on_premise=True)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("acme.my.salesforce.com", True),
        ("ACME.my.salesforce.com", True),
        ("my.salesforce.com.evil.example", False),
        ("evil.example", False),
    ],
)
def test_a_host_has_to_be_one_of_the_allowed(host: str, allowed: bool) -> None:
    if allowed:
        assert Address.of(f"https://{host}", hosts=("*.my.salesforce.com",)).host == host.lower()
        return
    with pytest.raises(MisconfiguredError, match="none of the allowed hosts"):
        Address.of(f"https://{host}", hosts=("*.my.salesforce.com",))


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("Account/1", "https://crm.example/api/v1/Account/1"),
        ("/next/01g-2000", "https://crm.example/next/01g-2000"),
        ("https://crm.example/next?page=2", "https://crm.example/next?page=2"),
        ("https://CRM.example:443/next", "https://CRM.example:443/next"),
        ("", "https://crm.example/api/v1/"),
    ],
)
def test_a_path_and_a_link_of_the_same_origin_are_followed(place: str, url: str) -> None:
    assert CRM.to(place) == url


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/next",
        "//evil.example/next",
        "http://crm.example/next",
        "https://crm.example:444/next",
        "https://crm.example@evil.example/",
        "https://evil@crm.example/",
        "\\\\evil.example",
        "/\\evil.example",
        "a/../../../x",
        "a/%2e%2e/x",
        "x\r\nHost: evil.example",
        "x y",
        "x\x00",
        "q?" + "a" * 20_000,
        "javascript:alert(1)",
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(place: str) -> None:
    with pytest.raises(MisconfiguredError):
        CRM.to(place)


def test_credentials_do_not_go_to_another_host_with_a_next_link() -> None:
    with Loopback() as other, Loopback() as server:
        door = a_door(server.url, auth=HeaderAuth({"Authorization": "Bearer s3cret"}))
        for verb in (door.read, door.write):
            with pytest.raises(MisconfiguredError, match="another host"):
                verb("GET", f"{other.url}/next")
    assert (server.seen, other.seen) == ([], [])


@given(st.text(min_size=1).filter(lambda text: text not in {".", ".."}))
def test_any_id_is_one_segment_and_arrives_as_it_is(text: str) -> None:
    try:
        quoted = segment(text)
    except UnicodeEncodeError:
        assert any(0xD800 <= ord(sign) <= 0xDFFF for sign in text), "only half a surrogate cannot be sent"
        return
    parts = urlsplit(CRM.to(f"Account/{quoted}/notes"))
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("https", "crm.example", "", "")
    assert [unquote(part) for part in parts.path.split("/")] == ["", "api", "v1", "Account", text, "notes"]


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_what_cannot_be_a_segment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="part of a path"):
        segment(text)


@pytest.mark.parametrize("name", ["a/b", "a?b=1", "a#b", "100%", "Müller & Söhne", "../x", "中文"])
def test_an_id_reaches_the_server_as_one_segment(name: str) -> None:
    with Loopback() as server:
        a_door(server.url + "/api").read("GET", f"Account/{segment(name)}")
    path, _, query = server.seen[0].target.partition("?")
    assert (unquote(path), path.count("/"), query) == (f"/api/Account/{name}", 3, "")


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://a:b@crm.example/x?token=abc&q=1", "https://crm.example/x?token=…&q=…"),
        ("https://crm.example/\x1b]0;evil", "https://crm.example/�]0;evil"),
        ("https://[broken", "(an unreadable address)"),
    ],
)
def test_an_address_in_a_message_shows_no_values(url: str, seen: str) -> None:
    assert shown(url) == seen
