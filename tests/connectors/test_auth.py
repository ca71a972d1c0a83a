"""Tokens: asked for once, renewed once, by one thread, and never shown to another host."""

import threading
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwk, jwt

from connectors.address import Address
from connectors.auth import ClientCredentials, JwtBearer, RefreshToken, Token, TokenAuth, Tokens, basic, token_door
from connectors.errors import BudgetError, MisconfiguredError, TransientError
from connectors.http import HttpDoor
from connectors.pacing import Allowance, Pace
from connectors.testing.clock import SimulatedClock
from tests.connectors.doors import Hands, a_door
from tests.connectors.loopback import Loopback, Reply, Seen, reply, reset, says


def _form(seen: Seen) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(seen.body.decode()).items()}


def _logins(*names: str, ends: int | None = None) -> list[Reply]:
    return [says({"access_token": name, **({"expires_in": ends} if ends else {})}) for name in names]


def _door_to(login: Loopback, hands: Hands) -> HttpDoor:
    return token_door("crm", Address.of(login.url, on_premise=True), hands.seams())


def _credentials(login: Loopback, hands: Hands, **more: bool | str) -> ClientCredentials:
    door = _door_to(login, hands)
    return ClientCredentials(door, "oauth/token", client_id="me", client_secret="s3cret", clock=hands.clock.now, **more)  # type: ignore[arg-type]  # the rest by name


def test_client_credentials_ask_once_and_sign_every_call() -> None:
    hands = Hands()
    with Loopback(_logins("t1")) as login, Loopback() as server:
        auth = TokenAuth(Tokens(_credentials(login, hands, scope="api"), hands.clock.now))
        door = a_door(server.url, hands=hands, auth=auth)
        door.read("GET", "x")
        door.write("POST", "x", json={})
    assert [one.headers["authorization"] for one in server.seen] == ["Bearer t1", "Bearer t1"]
    [asked] = login.seen
    assert (asked.method, asked.target) == ("POST", "/oauth/token")
    assert _form(asked) == {
        "grant_type": "client_credentials",
        "client_id": "me",
        "client_secret": "s3cret",
        "scope": "api",
    }


def test_client_credentials_may_go_in_the_header() -> None:
    hands = Hands()
    with Loopback(_logins("t1")) as login:
        assert _credentials(login, hands, in_header=True)().value == "t1"
    assert login.seen[0].headers["authorization"] == "Basic bWU6czNjcmV0"
    assert _form(login.seen[0]) == {"grant_type": "client_credentials"}


def test_a_token_is_renewed_shortly_before_it_ends() -> None:
    hands = Hands()
    with Loopback(_logins("t1", "t2", ends=600)) as login:
        tokens = Tokens(_credentials(login, hands), hands.clock.now)
        assert tokens.current().value == "t1"
        hands.clock.advance(569)
        assert tokens.current().value == "t1"
        hands.clock.advance(1)
        assert tokens.current().value == "t2"


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_token_refused_in_the_middle_is_renewed_once_and_the_call_goes_on(verb: str) -> None:
    hands = Hands()
    with Loopback(_logins("t1", "t2")) as login, Loopback([reply(401), says({"a": 1})]) as server:
        auth = TokenAuth(Tokens(_credentials(login, hands), hands.clock.now), header="X-Token", scheme="")
        answer = getattr(a_door(server.url, hands=hands, auth=auth), verb)("POST", "x", json={"b": 2})
    assert answer.data == {"a": 1}
    assert [(one.headers["x-token"], one.body) for one in server.seen] == [("t1", b'{"b":2}'), ("t2", b'{"b":2}')]


def test_the_call_after_a_renewal_is_counted_too() -> None:
    hands = Hands()

    def pace(of: Hands) -> Pace:
        return Pace("crm", Allowance(per_day=1, reserve=0), clock=of.clock.now, sleep=of.clock.sleep)

    with Loopback(_logins("t1", "t2")) as login, Loopback([reply(401), says({})]) as server:
        auth = TokenAuth(Tokens(_credentials(login, hands), hands.clock.now))
        with pytest.raises(BudgetError):
            a_door(server.url, hands=hands, auth=auth, pace=pace).write("POST", "x", json={})
    assert len(server.seen) == 1


def test_a_second_refusal_is_a_matter_for_a_person() -> None:
    hands = Hands()
    with Loopback(_logins("t1", "t2", "t3")) as login, Loopback([reply(401)]) as server:
        auth = TokenAuth(Tokens(_credentials(login, hands), hands.clock.now))
        with pytest.raises(MisconfiguredError, match="credentials are refused"):
            a_door(server.url, hands=hands, auth=auth).read("GET", "x")
    assert (len(login.seen), len(server.seen)) == (2, 2)


def test_of_many_threads_one_renews_and_all_take_what_it_got() -> None:
    asked: list[int] = []
    start = threading.Barrier(8)

    def grant() -> Token:
        asked.append(1)
        return Token(f"t{len(asked)}")

    tokens = Tokens(grant, SimulatedClock().now)
    first = tokens.current()
    got: list[str] = []

    def refused() -> None:
        start.wait(5)
        got.append(tokens.renewed(first).value)

    threads = [threading.Thread(target=refused) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert (got, len(asked)) == (["t2"] * 8, 2)


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _pem(key: rsa.RSAPrivateKey) -> str:
    formats = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, *formats).decode()


def _jwt_bearer(login: Loopback, hands: Hands, pem: str) -> JwtBearer:
    who = {"issuer": "app", "subject": "sync@acme", "audience": "https://login.example"}
    return JwtBearer(_door_to(login, hands), "token", private_key=pem, clock=hands.clock.now, **who)  # type: ignore[arg-type]  # the rest by name


def test_a_jwt_bearer_signs_a_short_lived_assertion(private_key: rsa.RSAPrivateKey) -> None:
    hands = Hands()
    with Loopback([says({"access_token": "t1", "instance_url": "https://eu.example"})]) as login:
        token = _jwt_bearer(login, hands, _pem(private_key))()
    form = _form(login.seen[0])
    read = jwt.decode(form["assertion"], jwk.import_key(_pem(private_key), "RSA"), algorithms=["RS256"])
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert read.header == {"alg": "RS256", "typ": "JWT"}
    ends = int((hands.clock.now() + timedelta(minutes=3)).timestamp())
    assert read.claims == {"iss": "app", "sub": "sync@acme", "aud": "https://login.example", "exp": ends}
    assert (token.value, token.ends, token.more["instance_url"]) == ("t1", None, "https://eu.example")


@pytest.mark.parametrize("pem", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_a_private_key_that_is_none_is_said_so_without_showing_it(pem: str) -> None:
    with Loopback() as login, pytest.raises(MisconfiguredError, match="private key cannot be read") as error:
        _jwt_bearer(login, Hands(), pem)
    assert "AAAA" not in str(error.value)


def _refreshing(login: Loopback, hands: Hands, kept: list[str], keep: Callable[[str], None]) -> RefreshToken:
    return RefreshToken(
        _door_to(login, hands),
        "token",
        client_id="me",
        client_secret="s3cret",
        load=lambda: kept[-1],
        keep=keep,
        clock=hands.clock.now,
    )


def test_a_new_refresh_token_is_kept_before_the_access_token_is_used() -> None:
    hands, kept = Hands(), ["r1"]
    answers = [says({"access_token": "t1", "refresh_token": "r2"}), says({"access_token": "t2", "refresh_token": "r2"})]
    with Loopback(answers) as login:
        grant = _refreshing(login, hands, kept, kept.append)
        assert (grant().value, kept) == ("t1", ["r1", "r2"])
        assert (grant().value, kept) == ("t2", ["r1", "r2"])
    assert [_form(one)["refresh_token"] for one in login.seen] == ["r1", "r2"]


def test_where_a_new_refresh_token_cannot_be_kept_the_access_token_is_not_used() -> None:
    def full(_token: str) -> None:
        raise OSError("disk full")

    with Loopback([says({"access_token": "t1", "refresh_token": "r2"})]) as login, pytest.raises(OSError, match="full"):
        _refreshing(login, Hands(), ["r1"], full)()


def test_a_renewal_without_an_answer_is_not_repeated() -> None:
    with Loopback([reset, *_logins("t1")]) as login, pytest.raises(TransientError, match="no answer"):
        _refreshing(login, Hands(), ["r1"], lambda _token: None)()
    assert len(login.seen) == 1


@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_login_says_why_and_shows_no_secret(status: int) -> None:
    hands = Hands()
    said = {"error": "invalid_client", "error_description": "who\nare you?"}
    with Loopback([says(said, status)]) as login, pytest.raises(MisconfiguredError) as error:
        _credentials(login, hands)()
    assert str(error.value) == "the login is refused: invalid_client (who are you?)"
    assert len(login.seen) == 1


def test_a_login_that_is_busy_is_tried_again() -> None:
    hands = Hands()
    with Loopback([says({"error": "temporarily_unavailable"}, 400), *_logins("t1")]) as login:
        assert _credentials(login, hands)().value == "t1"


@pytest.mark.parametrize("said", [{}, {"access_token": ""}, {"access_token": 7}, ["t1"]])
def test_a_login_without_a_token_is_no_login(said: object) -> None:
    with Loopback([says(said)]) as login, pytest.raises(MisconfiguredError, match="without a token"):
        _credentials(login, Hands())()


def test_a_token_with_a_line_break_never_reaches_a_header() -> None:
    hands = Hands()
    with Loopback(_logins("t1\r\nX-Evil: 1")) as login, Loopback() as server:
        auth = TokenAuth(Tokens(_credentials(login, hands), hands.clock.now))
        with pytest.raises(MisconfiguredError):
            a_door(server.url, hands=hands, auth=auth).write("POST", "x", json={})
    assert server.seen == []


def test_tokens_and_grants_show_nothing_in_their_repr() -> None:
    assert "s3cret" not in repr(Token("s3cret", None, {"refresh_token": "s3cret"}))


def test_basic_is_in_utf8() -> None:
    with Loopback() as server:
        a_door(server.url, auth=basic("jörg", "pä:ss")).read("GET", "x")
    assert server.seen[0].headers["authorization"] == "Basic asO2cmc6cMOkOnNz"
