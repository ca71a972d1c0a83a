"""A history with secrets and people that can be found again, by the very program; then all places are searched."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

import pytest

from connectors.salesforce.simulated.tokens import App
from mappings.book import Book
from mappings.reading import paths
from monitoring.metrics import expose
from sync_pipelines.flow.standing import standing_of
from tests.crash.firms import People
from tests.crash.house import AUDIT_KEY, Engine, House
from tests.crash.systems import CRM, ERP, SHOP, Systems
from tests.security.overhearing import overheard

pytestmark = pytest.mark.slow

SECRET = App().client_secret
# What a system is asked for beside what the maps name: which record it is, when it changed and by whom, our key, and
# how the system spells what a map names in our words.
BY_THEMSELVES = {
    CRM: {"Id", "SystemModstamp", "LastModifiedById", "MasterRecordId", "Concordat_Key__c", "COUNT()"},
    SHOP: {"id", "updatedAt", "metafields.concordat.key", "tags", "defaultAddress.address1", "defaultAddress.address2"},
    ERP: {
        "FCUSTID", "FCONTACTID", "FModifyDate", "FApproveDate", "FForbidDate", "FModifierId.FName", "FDocumentStatus",
        "F_CONCORDAT_KEY", "FCompany", "FT_BD_CUSTCONTACT_FEntryID",
        "FID", "FObjectId", "FCreditOrgId.FNumber", "FCreditAmount",
    },
}  # fmt: skip
STREET, PHONE = "Kanarienstrasse 77", "+4930777888999"


@dataclass(frozen=True)
class History:
    house: House
    people: People
    said: str  # by commands, and by the engine in its log
    asked: Mapping[str, set[str]]  # by system: the names of fields in our questions


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """Good days and bad ones: a first run, edits, a refused login, a system that quotes, one that is away, a crash."""
    home = tmp_path_factory.mktemp("home")
    with Systems(home) as systems, Engine() as engine, overheard(systems) as asked:
        house = House(home, f"sqlite:///{home}/ledger.sqlite", systems, engine)
        people = People(systems, house.furnish(), Random(3))
        people.knows_both()
        people.sells()
        systems.world.systems["crm"].update(
            "Account", people.known[1].ids["crm"], {"BillingStreet": STREET, "Phone": PHONE}, by="user:u"
        )
        assert house.settle()
        wrong = {**house.order()["environment"], "CONCORDAT_CRM_CLIENT_SECRET": f"{SECRET}-wrong"}
        people._phone(people.known[0])
        house.run(environment=wrong)
        house.run(environment={**wrong, "CONCORDAT_ERP_URL": "http://127.0.0.1:9"})
        house.run(environment={**wrong, "CONCORDAT_LEDGER": f"postgresql://u:{SECRET}@127.0.0.1:9/x"})
        for words in (["plan"], ["plan", "--list"], ["status"], ["doctor"], ["review", "list"], ["quarantine", "list"]):
            house.run(arguments=words)
        log = house.home / "engine.log"
        assert "write done" in log.read_text(encoding="utf-8"), "nobody kept a log"
        yield History(house, people, "".join(file.read_text(encoding="utf-8") for file in (house.log, log)), asked)


def test_t18_no_secret_is_said(history: History) -> None:
    assert "crm" in history.said
    assert SECRET not in history.said
    assert AUDIT_KEY not in history.said
    assert [token for token in ("Bearer ", "client_secret=", "access_token=") if token in history.said] == []


def test_t19_no_secret_is_kept(history: History) -> None:
    kept = [path for path in history.house.home.rglob("*") if path.is_file() and "book" not in path.parts]
    assert {"ledger.sqlite", "said.txt"} <= {path.name for path in kept}
    assert [path for path in kept if SECRET.encode() in path.read_bytes()] == []
    assert [path for path in kept if AUDIT_KEY.encode() in path.read_bytes()] == []


def test_t38_what_is_kept_is_for_its_owner_alone(history: History) -> None:
    home = history.house.home
    kept = [*home.glob("ledger.sqlite*"), *home.glob("crashes/*"), home / "engine.log"]
    assert kept
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_t18_no_person_is_shown_who_was_not_asked_for(history: History) -> None:
    """The street of a firm is personal by the book; it went through plan, apply and all that people look at."""
    ledger = b"".join(path.read_bytes() for path in history.house.home.glob("ledger.sqlite*"))
    assert STREET.encode() in ledger, "the canary never flew"
    assert [word for word in (STREET, PHONE, PHONE[-9:]) if word in history.said] == []


def test_t18_no_person_and_no_secret_is_in_the_metrics(history: History, book: Book) -> None:
    ledger = history.house.open()
    try:
        page = expose(standing_of(ledger, book, history.house.systems.clock.now())).decode()
    finally:
        ledger.close()
    assert "concordat" in page
    names = [known.truth["name"] for known in history.people.known]
    assert [word for word in (SECRET, STREET, PHONE, *names) if word in page] == []


def test_t22_nothing_is_written_but_what_a_map_names(history: History, book: Book) -> None:
    written = [
        (system, entry.kind, name)
        for system, world in history.house.systems.world.systems.items()
        for entry in world.written(op="update")
        for name, value in (entry.after or {}).items()
        if (entry.before or {}).get(name) != value
    ]
    assert written
    named = {
        (system, kind_map.kind, path.replace("[", ".").split(".")[0])
        for spec in book.entities.values()
        for system, kind_map in spec.maps.items()
        for path in paths(kind_map)
    }
    by_itself = {("erp", "BD_Customer", "FDocumentStatus"), ("erp", "BD_Customer", "FApproveDate")}  # with each write
    assert {one for one in written if one not in named} <= by_itself


def test_t29_only_what_a_map_names_is_asked_for(history: History, book: Book) -> None:
    for system, asked in history.asked.items():
        maps = [spec.maps[system] for spec in book.entities.values() if system in spec.maps]
        named = {name for kind_map in maps for path in paths(kind_map) for name in (path, path.rpartition(".")[2])}
        assert len(asked & named) > len(BY_THEMSELVES[system]) / 2, system
        assert asked - named - BY_THEMSELVES[system] == set(), system


def test_t24_another_tenant_behind_the_same_address_stops_at_once(history: History) -> None:
    house, org = history.house, history.house.systems.org
    assert house.settle()
    history.people._phone(history.people.known[0])
    before, said = len(org.system.log), len(house.log.read_text(encoding="utf-8"))
    plain, org.org = org.org, "00D000000000999AAA"
    house.run()
    org.org = plain
    assert "another tenant" in house.log.read_text(encoding="utf-8")[said:]
    assert [entry for entry in org.system.written() if entry.n >= before] == []
