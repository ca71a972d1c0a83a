"""Values that would be questions: nothing a person typed widens what is asked, or leads elsewhere."""

import re
from pathlib import Path

import pytest

import connectors as connectors_package
from connectors.contract import Connector, RecordRef
from connectors.errors import ConnectorError
from tests.crash.systems import Systems

KINDS = {"crm": "Account", "shop": "Customer", "erp": "BD_Customer"}
QUERIES = (
    "x' OR Name LIKE '%",
    "x\\' OR Id != '",
    "' OR '1'='1",
    "''; DELETE FROM T_BD_CUSTOMER --",
    "x') OR (Name != 'y",
    "x') OR Concordat_Key__c IN ('k-1",
    "x') or F_CONCORDAT_KEY in ('k-1",
    "x' or F_CONCORDAT_KEY='k-1",
    "%",
    "_",
    'x" OR id:* OR "',
    "x OR tag:*",
    '"}) { customers(first: 250) { nodes { id } } } #',
    "*",
    "\u2019 OR 1=1",
    "a\\",
    "",
)
PATHS = ("../../../services/oauth2/token", "..", "x?q=1", "x#y", "a/b", "x%2F..%2Fy", "x\r\nX-Evil: 1", "\x00", "x y")


ACME = b"k-1"  # the key of whom there is to be found


def listen(systems: Systems) -> list[bytes]:
    """What all three answer: connectors look at what they are told once more, and would hide a question too wide."""
    heard: list[bytes] = []
    for server in (systems.org, systems.shopfront, systems.centre):
        plain = server.answer

        def answer(request: object, plain: object = plain) -> object:
            reply = plain(request)  # type: ignore[operator] # its own way to answer
            heard.append(reply.content())
            return reply

        server.answer = answer  # type: ignore[method-assign,assignment] # listens
    return heard


def fill(systems: Systems) -> None:
    """Someone worth finding, in all three."""
    worlds = systems.world.systems
    worlds["crm"].create("Account", {"Name": "Acme", "Concordat_Key__c": "k-1"}, by="user:u")
    address = {"id": "gid://shopify/MailingAddress/1?model_name=CustomerAddress"}
    shop = {"concordatKey": "k-1", "addresses": [address], "defaultAddressId": address["id"], "metafields": []}
    worlds["shop"].create("Customer", shop, by="user:u")
    worlds["erp"].create("BD_Customer", {"FName": "Acme", "F_CONCORDAT_KEY": "k-1"}, by="user:u")


@pytest.mark.parametrize("system", list(KINDS))
def test_t01_no_value_widens_a_query(system: str, systems: Systems, connectors: dict[str, Connector]) -> None:
    fill(systems)
    asked, answers = connectors[system], listen(systems)
    found = asked.find_created(KINDS[system], ["k-1"])
    assert {key: len(records) for key, records in found.items()} == {"k-1": 1}
    assert any(ACME in answer for answer in answers), "whoever is found is told"
    for value in QUERIES:
        answers.clear()
        try:
            found = asked.find_created(KINDS[system], [value])
        except ConnectorError:
            found = {}  # refused before it was asked, or by the system
        assert [records for records in found.values() if records] == [], value
        assert [answer for answer in answers if ACME in answer] == [], f"{value} finds somebody, whom we leave out"
    assert systems.writes() == 0


def test_t02_no_system_is_asked_in_a_language_whose_quoting_is_not_proven_here() -> None:
    """The first connector that speaks OData has to bring the proof that any text is one literal of it."""
    folders = Path(connectors_package.__file__).parent
    spoken = {file for file in folders.rglob("*.py") if re.search(r"\$(filter|search|orderby)\b", file.read_text())}
    assert spoken == set()


@pytest.mark.parametrize("system", list(KINDS))
def test_t04_no_id_leads_anywhere_else(system: str, systems: Systems, connectors: dict[str, Connector]) -> None:
    fill(systems)
    for value in (*PATHS, *QUERIES):
        try:
            there = connectors[system].read([RecordRef(system, KINDS[system], value)])
        except ConnectorError:
            continue
        assert there == {}, value
    paths = {path for _, path in systems.org.requests}
    assert [path for path in paths if ".." in path or "evil" in path.lower()] == []
    assert systems.writes() == 0


@pytest.mark.parametrize("system", list(KINDS))
def test_t17_no_secret_stands_in_an_address(system: str, systems: Systems, connectors: dict[str, Connector]) -> None:
    fill(systems)
    seen: list[str] = []
    for server in (systems.org, systems.shopfront, systems.centre):
        plain = server.answer

        def answer(request: object, plain: object = plain) -> object:
            seen.append(f"{request.path}?{request.query}")  # type: ignore[attr-defined] # a simulator's request
            return plain(request)  # type: ignore[operator] # its own way to answer

        server.answer = answer  # type: ignore[method-assign,assignment] # listens
    connectors[system].find_created(KINDS[system], ["k-1"])
    assert seen
    assert [place for place in seen if "secret" in place or "token=" in place] == []
