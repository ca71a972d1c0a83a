"""Company logins: `concordat serve` as docs/howto/serve.md sets it up behind a proxy, and those who come past it.

The proxy is whoever comes from 127.0.0.1; anybody else on this machine comes from 127.0.0.2.
"""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from tests.real.gate.daemons import LONGEST_START, PASSWORD, ROOT, SECRET, House, alive, until

pytestmark = pytest.mark.slow

RECIPE = ROOT / "deploy" / "oauth2-proxy.cfg"
HEADER, HOST = "X-Forwarded-Email", "concordat.example"
PROXY, ELSEWHERE = "127.0.0.1", "127.0.0.2"
GRACE = "grace@firm.example"
Told = Sequence[tuple[str, str]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """With an admin who has a password, and somebody whom only the proxy knows."""
    house = House(
        tmp_path_factory.mktemp("house"),
        CONCORDAT_GATE_URL=f"https://{HOST}",
        CONCORDAT_GATE_PROXIES=PROXY,
        CONCORDAT_GATE_USER_HEADER=HEADER,
        CONCORDAT_CRM_WEBHOOK_SECRET=SECRET,
    )
    house.concordat("users", "add", "ada@firm.example", "--role", "admin", typed=f"{PASSWORD}\n")
    house.concordat("users", "add", GRACE, "--role", "operator", "--no-password")
    with house.gate() as gate:
        until(lambda: alive(house, gate), LONGEST_START, lambda: house.log("gate"))
        yield house


def asked(house: House, path: str, told: Told = (), *, peer: str = PROXY, post: bytes | None = None) -> httpx.Response:
    """As the proxy hands it on: under the name by which people know it, from their own page."""
    headers = [("host", HOST), ("origin", f"https://{HOST}"), ("content-type", "application/json"), *told]
    with httpx.Client(transport=httpx.HTTPTransport(local_address=peer), timeout=60) as client:
        return client.request("GET" if post is None else "POST", f"{house.url}{path}", headers=headers, content=post)


def test_whom_the_proxy_names_is_in_with_their_role(house: House) -> None:
    page = asked(house, "/gate", [(HEADER, GRACE)])
    assert page.status_code == 200
    assert (GRACE in page.text, "operator" in page.text) == (True, True)
    refused = asked(house, "/graphql", [(HEADER, GRACE)], post=b'{"query": "mutation { wipeAssets { __typename } }"}')
    assert refused.json()["errors"][0]["message"] == "this needs the role admin"
    answer = asked(house, "/graphql", [(HEADER, GRACE)], post=b'{"query": "{ version }"}')
    assert answer.json()["data"]["version"]


@pytest.mark.parametrize(
    ("told", "peer"),
    [
        ([], PROXY),
        ([(HEADER, "")], PROXY),
        ([(HEADER, "mallory@firm.example")], PROXY),
        ([(HEADER, GRACE), (HEADER, "ada@firm.example")], PROXY),
        ([("X_Forwarded_Email", GRACE)], PROXY),
        ([("X-Forwarded-User", GRACE)], PROXY),
        ([(HEADER, GRACE)], ELSEWHERE),
        ([(HEADER, "ada@firm.example"), ("X-Forwarded-For", PROXY)], ELSEWHERE),
    ],
)
def test_nobody_else_is_anybody(house: House, told: Told, peer: str) -> None:
    assert asked(house, "/gate", told, peer=peer).status_code == 401
    assert asked(house, "/graphql", told, peer=peer, post=b'{"query": "{ version }"}').status_code == 401


@pytest.mark.parametrize("peer", [PROXY, ELSEWHERE])
def test_an_announcement_needs_no_login_and_its_signature_nobody_can_stand_in_for(house: House, peer: str) -> None:
    answer = asked(house, "/webhooks/crm", [(HEADER, "ada@firm.example")], peer=peer, post=b'{"kind": "Account"}')
    assert (answer.status_code, answer.text) == (401, "refused\n")


def test_the_recipe_names_the_gate_as_the_page_and_this_test_set_it_up() -> None:
    recipe = tomllib.loads(RECIPE.read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "howto" / "serve.md").read_text(encoding="utf-8")
    for text in (RECIPE.read_text(encoding="utf-8"), page):
        assert f"CONCORDAT_GATE_USER_HEADER={HEADER}" in text
        assert f"CONCORDAT_GATE_PROXIES={PROXY}" in text
    assert recipe["upstreams"] == ["http://127.0.0.1:3000/"]
    assert [recipe[name] for name in ("pass_user_headers", "pass_host_header", "skip_auth_strip_headers")] == [True] * 3
    assert Path(recipe["redirect_url"]).parts[1] == HOST
