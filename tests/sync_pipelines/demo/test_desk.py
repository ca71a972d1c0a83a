"""The demo's desk: a click edits in the CRM, which announces it, and the page shows whether the ERP has it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from mappings.loading import load_book
from sync_pipelines.demo.cast import CRM, ERP, cast
from sync_pipelines.demo.desk import Desk, open_desk
from sync_pipelines.demo.home import book_with
from sync_pipelines.demo.systems import KINGDEE, DemoSystems
from sync_pipelines.flow.hinting import take_in
from sync_pipelines.settings import Place, now, open_ledger_at, open_webhooks_of

FIRMS = [firm for firm in cast() if firm.country == "DE" and firm.where == (CRM, ERP)][:3]


@dataclass(frozen=True)
class Open:
    desk: Desk
    url: str
    systems: DemoSystems
    place: Place

    def click(self, account: str, origin: str = "") -> httpx.Response:
        return httpx.post(f"{self.url}/edit/{account}", headers={"origin": origin or self.url})


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    monkeypatch.setenv("CONCORDAT_HOME", str(tmp_path))
    book = load_book(book_with(tmp_path / "book", KINGDEE))
    place = Place.found()
    with DemoSystems(tmp_path, book, KINGDEE, tmp_path / "cache", lambda _: None) as systems:
        systems.fill(FIRMS)
        with open_desk(systems, book, place, "http://127.0.0.1:3000") as (desk, url):
            yield Open(desk, url, systems, place)


def test_a_click_is_an_edit_that_announces_itself(opened: Open) -> None:
    pair = opened.desk.pairs()[0]
    assert opened.click(pair.account).status_code == 303
    assert opened.desk.announcer is not None
    opened.desk.announcer.close()
    assert (opened.desk.announcer.taken, opened.desk.announcer.refused) == (1, 0)
    book = load_book(opened.place.book)
    with open_ledger_at(opened.place) as ledger:
        wanted = take_in(ledger, book, lambda system: open_webhooks_of(book, system), now())
        (dirty,) = ledger.dirty(CRM, "Account")
    assert "account" in {one.entity for one in wanted}
    assert dirty.id == pair.account


def test_the_page_shows_what_differs_and_then_that_it_arrived(opened: Open) -> None:
    pair = opened.desk.pairs()[0]
    number = opened.desk.edit(pair.account)
    page = httpx.get(opened.url).text
    assert number in page
    assert 'class="no"' in page
    record = next(one.id for one in opened.systems.finance.all() if one.name and one.phone == pair.erp)
    opened.systems.finance.set_phone(record, number)
    assert next(one for one in opened.desk.pairs() if one.account == pair.account).agrees


def test_another_page_edits_nothing(opened: Open) -> None:
    pair = opened.desk.pairs()[0]
    assert opened.click(pair.account, "http://elsewhere.example").status_code == 403
    assert opened.click("001000000000000AAA").status_code == 404
    assert httpx.get(f"{opened.url}/edit/{pair.account}").status_code == 405
    assert opened.desk.pairs()[0] == pair


def test_what_nobody_signed_is_refused(opened: Open) -> None:
    answer = httpx.post(f"{opened.url}/webhooks/crm", content=b'{"kind": "Account"}')
    assert (answer.status_code, answer.text) == (401, "refused\n")


def test_a_name_out_of_a_system_is_no_markup(opened: Open) -> None:
    pair = opened.desk.pairs()[0]
    opened.systems.sales.edit(pair.account, Name="<script>alert(1)</script>")
    page = httpx.get(opened.url).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
