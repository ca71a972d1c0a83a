"""Four records of one firm: the shop's, the CRM's, a second one of the CRM, and accounting's, which comes last."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import RecordRef
from mappings.values import Values
from sync_pipelines.commands.syncing import passes_of, planned
from sync_pipelines.demo.cast import CRM, ERP, SHOP
from sync_pipelines.demo.home import book_with
from sync_pipelines.demo.systems import DemoSystems
from sync_pipelines.flow.early import waiting
from sync_pipelines.flow.run import House
from sync_pipelines.model.early import Stage
from sync_pipelines.model.questions import Question
from sync_pipelines.review.answering import answer
from sync_pipelines.settings import Place, open_house, read_book
from sync_pipelines.simulation.customers.numbers import tax_id
from tests.sync_pipelines.demo.beginnings import empty_at_first

NAME, SHORT, SITE = "Nordlicht Seekabel GmbH", "Nordlicht Seekabel", "nordlicht-seekabel.example"
TAX_ID = tax_id("DE", 88_000_000, 0)
STREET = "Am Sandtorkai 48"
ADDRESS: Values = {"street": STREET, "city": "Hamburg", "postal_code": "20457", "region": None, "country": "DE"}
ENTITIES = ("user", "account", "contact")
SALES = "user:ines.bergmann"


@dataclass
class Firm:
    """The systems, the engine, and where the records of the firm are."""

    systems: DemoSystems
    house: House
    first: str = ""  # in the CRM
    second: str = ""
    bought: str = ""  # in the shop
    booked: str = ""  # in the ERP

    # --- people -------------------------------------------------------------------------------------------------------

    def sales_makes_it(self) -> None:
        """Months ago, at a fair."""
        self.first = self.account(NAME, Tax_Number__c=TAX_ID)

    def a_colleague_makes_it_again(self) -> None:
        """Another region, another spelling, no number."""
        self.second = self.account(SHORT)

    def account(self, name: str, **more: Any) -> str:
        """An account at the firm's address."""
        address = {"BillingStreet": STREET, "BillingCity": "Hamburg", "BillingPostalCode": "20457"}
        return self.systems.sales.make(
            Name=name, Type="Prospect", Customer_Status__c="Prospect", Website=f"www.{SITE}", BillingCountry="Germany",
            **address, **more,
        )  # fmt: skip

    def somebody_registers(self) -> None:
        """Sunday, 3 a.m., by the short name and without a number."""
        self.bought = self.registers("jonas.petersen")

    def registers(self, mail: str) -> str:
        """Somebody of the firm does."""
        buyer: Values = {"name": "Jonas Petersen", "email": f"{mail}@{SITE}"}
        return self.systems.shop.make({"name": SHORT, "billing_address": dict(ADDRESS)}, buyer)

    def accounting_makes_it(self) -> None:
        """Monday: name and number, no address."""
        self.booked = self.systems.finance.make(NAME, TAX_ID, "DE")

    def merge(self, loser: str, winner: str) -> None:
        """Sales merges two accounts in the CRM."""
        self.systems.org.system.merge("Account", loser, winner, by=SALES)

    def answer(self, question: Question, choice: str) -> None:
        """A steward does."""
        answer(self.house.ledger, self.house.book, question.id, choice, "stella", self.house.seams.clock())

    # --- the engine ---------------------------------------------------------------------------------------------------

    def settle(self, *, full: bool = False) -> None:
        """Until nothing is left to write."""
        passes = [*passes_of(self.house, ENTITIES, 8, full=full)]
        assert len(passes) < 8, [result.says for result in passes[-1]]

    def rests(self) -> bool:
        """Whether a further plan is empty."""
        return not any(planned(self.house, entity).changes for entity in ENTITIES)

    def questions(self) -> Mapping[str, Question]:
        """About accounts: `shop` where its record is in question, else `twins`."""
        asked = self.house.ledger.questions(entity="account")
        shop = f"{SHOP}/Customer/{self.bought}"
        return {"shop" if shop in one.evidence["records"] else "twins": one for one in asked}

    def entity(self, system: str, kind: str, record: str) -> str:
        """Which account a record is."""
        ref = RecordRef(system, kind, record)
        return self.house.ledger.couplings_at("account", [ref])[ref].entity_id

    def entities(self) -> set[str]:
        """Which accounts the records are."""
        known = [(CRM, "Account", self.first), (CRM, "Account", self.second), (SHOP, "Customer", self.bought)]
        known += [(ERP, self.systems.finance.kind, self.booked)] if self.booked else []
        return {self.entity(*one) for one in known}

    def stage(self) -> Stage:
        """How the account stands to accounting."""
        entity_id = self.entity(CRM, "Account", self.first)
        rows = self.house.ledger.early(entity="account", entity_ids=[entity_id], open_only=False)
        return next(row.stage for row in rows if row.role == "erp")

    def lacks(self) -> list[str]:
        """What it waits for."""
        entity_id = self.entity(CRM, "Account", self.first)
        waits = waiting(self.house.ledger, self.house.book, "account")
        return [lack.says for wait in waits if wait.kept.entity_id == entity_id for lack in wait.kept.lacks]

    def counts(self) -> dict[str, int]:
        """How many records of the firm there are."""
        finance = [one for one in self.systems.finance.all() if one.tax_id or one.name in (NAME, SHORT)]
        return {
            CRM: len(self.systems.sales.accounts()), SHOP: len(self.systems.shop.customers()), ERP: len(finance),
        }  # fmt: skip


@contextmanager
def firm(
    erp: str,
    home: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    changed: Mapping[str, tuple[str, str]] | None = None,
) -> Iterator[Firm]:
    """Three systems with nothing in them, and the bundled book; `changed`: file → what is written for what."""
    place = Place(book_with(home / "book", erp), f"sqlite:///{home / 'ledger.sqlite'}")
    for name, (old, new) in (changed or {}).items():
        text = (home / "book" / name).read_text(encoding="utf-8")
        assert old in text
        (home / "book" / name).write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setenv("CONCORDAT_HOME", str(home))
    empty_at_first(home / "book")
    book = read_book(place)
    with DemoSystems(home, book, erp, cache, lambda _: None) as systems, open_house(place) as house:
        yield Firm(systems, house)


def story(told: Firm) -> None:
    """From four records to one account: nothing is made twice, nothing is deleted, and everybody has its number."""
    told.sales_makes_it()
    told.settle()
    assert (told.stage(), told.lacks()) == (Stage.PROVISIONAL, ["customer_status is not won or ordered"])
    told.a_colleague_makes_it_again()
    told.settle()
    told.somebody_registers()
    told.settle()
    assert len(told.entities()) == 3
    assert set(told.questions()) == {"twins", "shop"}
    told.accounting_makes_it()
    told.settle()
    assert told.entity(ERP, told.systems.finance.kind, told.booked) == told.entity(CRM, "Account", told.first)
    assert told.stage() is Stage.COUPLED
    before = told.counts()
    assert before == {CRM: 2, SHOP: 1, ERP: 1}
    told.answer(told.questions()["twins"], "link")
    told.answer(told.questions()["shop"], "link")
    told.settle()
    assert (len(told.entities()), told.questions(), told.counts()) == (1, {}, before)
    _everybody_says_the_same(told)
    assert told.rests()


def _everybody_says_the_same(told: Firm) -> None:
    made = next(one for one in told.systems.finance.all() if one.id == told.booked)
    assert STREET in made.street
    account = told.systems.sales.account(told.first)
    assert (account["Customer_Number__c"], account["BillingStreet"]) == (made.number, STREET)
    assert told.systems.sales.account(told.second)["Customer_Number__c"] is None, "a further record is left as it is"
    entity_id = told.entity(CRM, "Account", told.first)
    handed = {(one.key, one.to) for one in told.house.ledger.hand_overs("account", entity_id)}
    assert ("tax_id", ERP) in handed
    (buyer,) = told.systems.sales.contacts(told.first)
    assert buyer.values["Email"] == f"jonas.petersen@{SITE}"


def merges(told: Firm) -> None:
    """Then sales merges its two in the CRM, the first into the second: all stays one, and edits there go on."""
    before = told.counts()
    told.merge(told.first, told.second)
    told.settle()
    assert told.questions() == {}
    assert told.counts() == {**before, CRM: 1}
    assert len(told.entities()) == 1
    told.systems.sales.edit(told.second, Phone="+49 40 555 90210")
    told.settle()
    made = next(one for one in told.systems.finance.all() if one.id == told.booked)
    assert "".join(made.phone.split()) == "+494055590210"
    assert told.systems.sales.account(told.second)["Customer_Number__c"] == made.number
    assert told.rests()
