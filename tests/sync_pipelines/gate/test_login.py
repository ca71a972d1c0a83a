"""Who gets in, for how long, and how often somebody may be wrong."""

from datetime import timedelta

import pytest

from sync_pipelines.gate.login_pages import within
from sync_pipelines.gate.passwords import complaint, fits, hashed
from sync_pipelines.model.records import Login
from tests.sync_pipelines.gate.rig import HTML, NOW, PASSWORD, Rig, login


def test_who_knows_the_password_gets_a_cookie_that_no_script_and_no_other_site_can_use(rig: Rig) -> None:
    answer = login(rig.client(), "a-viewer", next="/runs?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs?x=1")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-concordat=")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=28800"):
        assert word in cookie


@pytest.mark.parametrize(
    ("name", "password"), [("a-viewer", "wrong"), ("nobody", PASSWORD), ("a-viewer", ""), ("", PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_name_are_told_alike(rig: Rig, name: str, password: str) -> None:
    answer = login(rig.client(), name, password)
    assert answer.status_code == 401
    assert "Name or password is wrong." in answer.text
    assert "set-cookie" not in answer.headers


def test_a_login_without_a_password_cannot_be_used_with_an_empty_one(rig: Rig) -> None:
    rig.ledger.keep_login(Login("by-proxy", "admin", "", NOW, NOW))
    assert login(rig.client(), "by-proxy", "").status_code == 401


def test_who_has_logged_in_sees_the_pages_under_their_name_and_role(rig: Rig) -> None:
    assert rig.visitor("operator").get("/runs").text == "pages:"
    assert rig.pages.asked == [("a-operator operator", "/runs")]


def test_who_leaves_is_out_also_with_the_cookie_of_before(rig: Rig) -> None:
    client = rig.visitor()
    before = {"cookie": f"__Host-concordat={client.cookies['__Host-concordat']}"}
    assert client.post("/gate/logout").headers["location"] == "/gate/login"
    assert client.get("/runs").status_code == 401
    assert rig.client().get("/runs", headers=before).status_code == 401


def test_a_visit_ends_after_its_time(rig: Rig) -> None:
    client = rig.visitor()
    rig.pass_time(timedelta(hours=8))
    assert client.get("/runs").status_code == 401


@pytest.mark.parametrize("what", ["removed", "password", "role"])
def test_who_is_removed_or_changed_is_out_within_seconds(rig: Rig, what: str) -> None:
    client = rig.visitor("admin")
    assert client.get("/runs").status_code == 200
    if what == "removed":
        rig.ledger.drop_login("a-admin")
    else:
        role, secret = ("viewer", "x") if what == "role" else ("admin", "another hash")
        rig.ledger.keep_login(Login("a-admin", role, secret, NOW, NOW))
    rig.pass_time(timedelta(seconds=6))
    assert client.get("/runs").status_code == 401


def test_each_login_is_a_visit_of_its_own_so_a_cookie_planted_before_is_worth_nothing(rig: Rig) -> None:
    client = rig.visitor()
    planted = client.cookies["__Host-concordat"]
    login(client, "a-admin")
    assert client.cookies["__Host-concordat"] != planted
    stolen = rig.client(cookie=f"__Host-concordat={planted}")
    assert stolen.get("/runs").status_code == 401


def test_a_cookie_whose_seal_is_not_ours_never_reaches_the_ledger(rig: Rig) -> None:
    client = rig.visitor()
    token, _, seal = client.cookies["__Host-concordat"].partition(".")
    rig.broken = True
    for forged in (f"{token}x.{seal}", f"{token}.", "x", f"{token}.{seal[:-1]}é"):
        cookie = f"__Host-concordat={forged}".encode()
        assert rig.client().get("/r", headers=[(b"cookie", cookie)]).status_code == 401


def test_what_lies_in_the_ledger_is_no_cookie(rig: Rig) -> None:
    client = rig.visitor()
    token = client.cookies["__Host-concordat"].partition(".")[0]
    assert rig.ledger.visit(token) is None


# --- how often --------------------------------------------------------------------------------------------------------


def test_after_five_failures_even_the_right_password_has_to_wait_a_quarter_of_an_hour(rig: Rig) -> None:
    client = rig.client()
    for _ in range(5):
        assert login(client, "a-viewer", "wrong").status_code == 401
    answer = login(client, "a-viewer")
    assert (answer.status_code, int(answer.headers["retry-after"])) == (429, 901)
    rig.pass_time(timedelta(minutes=15, seconds=1))
    assert login(client, "a-viewer").status_code == 303


def test_who_knows_only_a_name_does_not_shut_its_owner_out(rig: Rig) -> None:
    for _ in range(6):
        login(rig.client(peer="203.0.113.9"), "a-viewer", "wrong")
    assert login(rig.client(), "a-viewer").status_code == 303


def test_one_address_does_not_try_many_names(rig: Rig) -> None:
    client = rig.client()
    codes = [login(client, f"name{number}", "wrong").status_code for number in range(21)]
    assert codes == [401] * 20 + [429]


def test_many_addresses_do_not_try_one_name_for_ever(rig: Rig) -> None:
    codes = [login(rig.client(peer=f"203.0.113.{n}"), "a-viewer", "wrong").status_code for n in range(51)]
    assert codes == [401] * 50 + [429]


def test_attempts_are_counted_for_prometheus(rig: Rig) -> None:
    login(rig.client(), "a-viewer", "wrong")
    told = rig.visitor().get("/metrics").text
    assert 'concordat_logins_total{outcome="failed"} 1.0' in told
    assert 'concordat_logins_total{outcome="passed"} 1.0' in told


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("/runs", "/runs"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/gate/login?next=/", "/"),
        ("", "/"),
    ],
)
def test_a_login_leads_to_a_place_of_ours_and_nowhere_else(rig: Rig, target: str, leads: str) -> None:
    assert within(target) == leads
    assert login(rig.client(), "a-viewer", next=target).headers["location"] == leads


def test_what_somebody_typed_is_no_markup(rig: Rig) -> None:
    typed = "<script>alert(1)</script>"
    page = login(rig.client(), typed, "wrong", next=f'/"{typed}').text
    assert typed not in page
    assert "&lt;script&gt;" in page


def test_pages_of_ours_run_no_script_at_all(rig: Rig) -> None:
    answer = rig.client().get("/gate/login", headers=HTML)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"


def test_somebody_can_see_who_they_are_and_leave(rig: Rig) -> None:
    page = rig.visitor("operator").get("/gate", headers=HTML).text
    assert "a-operator" in page
    assert "Log out" in page


# --- passwords --------------------------------------------------------------------------------------------------------


def test_a_password_fits_its_hash_and_no_other() -> None:
    kept = hashed(PASSWORD)
    assert PASSWORD not in kept
    assert kept != hashed(PASSWORD)
    assert fits(PASSWORD, kept)
    assert not fits(PASSWORD + "x", kept)


@pytest.mark.parametrize("kept", ["", "scrypt$1$2", "md5$32768$8$1$AAAA$AAAA", "scrypt$x$8$1$AAAA$AAAA", "$$$$$"])
def test_a_hash_that_is_none_fits_nothing(kept: str) -> None:
    assert not fits("", kept)


@pytest.mark.parametrize(
    "password", ["short", "x" * 201, "password123", "aaaaaaaaaaaaaaa", "ada-lovelace1", "Concordat2026", "12345612345"]
)
def test_a_password_that_is_guessed_first_is_refused(password: str) -> None:
    assert complaint("ada-lovelace", password)


@pytest.mark.parametrize("password", ["correct horse battery staple", "密码很长很长很长没有人猜到", "xK9#mLp2$qRt"])
def test_a_long_password_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert complaint("ada", password) == ""
