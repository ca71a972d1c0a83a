"""Any CRM, shop and ERP of ours come to rest together: after one settled run a second plan is empty."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync_pipelines.commands.syncing import passes_of, planned
from sync_pipelines.demo.cast import CRM, ERP, SHOP, Firm, cast
from sync_pipelines.demo.home import book_with
from sync_pipelines.demo.systems import DemoSystems
from sync_pipelines.flow.adopting import adopt
from sync_pipelines.flow.run import House
from sync_pipelines.model.changes import Approval, RunState
from sync_pipelines.settings import Place, open_house, read_book

CACHE = Path(__file__).parents[3] / ".concordat" / "tryton"
ROLES: tuple[str, ...] = (CRM, SHOP, ERP)
ENTITIES = ("user", "account", "contact")
COMBINATIONS = [
    ("kingdee", ROLES), ("tryton", ROLES), ("kingdee", (CRM, ERP)), ("tryton", (CRM, ERP)), ("kingdee", (SHOP, ERP)),
    ("tryton", (SHOP, ERP)), ("kingdee", (CRM, SHOP)),
]  # fmt: skip
FEW = 40  # firms


@pytest.fixture
def firms() -> Sequence[Firm]:
    return cast()[:FEW]


def named(combination: tuple[str, Sequence[str]]) -> str:
    erp, roles = combination
    products: dict[str, str] = {CRM: "salesforce", SHOP: "shopify", ERP: erp}
    return "-".join(products[role] for role in roles)


@pytest.mark.slow
@pytest.mark.parametrize("combination", COMBINATIONS, ids=named)
def test_a_combination_settles(
    combination: tuple[str, Sequence[str]], firms: Sequence[Firm], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp, roles = combination
    home = tmp_path / "house"
    place = Place(book_with(home / "book", erp), f"sqlite:///{home / 'ledger.sqlite'}")
    monkeypatch.setenv("CONCORDAT_HOME", str(home))
    whole = read_book(place)
    with DemoSystems(home, whole, erp, CACHE, lambda _: None) as systems:
        systems.fill(firms)
        leave_out(place.book / "systems.yaml", set(ROLES) - set(roles))
        with open_house(place) as house:
            settled = list(settle(house))
            again = [planned(house, entity) for entity in ENTITIES]
    assert [result.says for result in settled[-1] if result.state is not RunState.COMPLETE] == []
    assert any(result.applied.total("creates") for results in settled for result in results), "nothing was tried"
    assert [(result.entity, result.changes, result.says) for result in again] == [(e, 0, []) for e in ENTITIES]


def settle(house: House) -> Iterator[list]:  # type: ignore[type-arg] # of results of a run, as `passes_of` has them
    """Adopt, let everything through, and go on until nothing is left."""
    for entity in ENTITIES:
        adopt(house, entity)
    now = datetime.now(UTC)
    house.ledger.approve(Approval("Frieda Sommer", now, up_to=1000, until=now + timedelta(hours=1)))
    yield from passes_of(house, ENTITIES, 8)


def leave_out(systems: Path, roles: set[str]) -> None:
    """Take systems out of the book; the rules may go on speaking of their roles."""
    text = systems.read_text(encoding="utf-8")
    for role in sorted(roles):
        text = re.sub(rf"^  {role}:\n(?:    .*\n)+", "", text, flags=re.MULTILINE)
    text = text.replace("roles: [service]", f"roles: [{', '.join(['service', *sorted(roles)])}]")
    systems.write_text(text, encoding="utf-8")
