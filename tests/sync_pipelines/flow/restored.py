"""A world whose ledger can be kept and put back, with keys as they are in earnest."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import count

from mappings.book import Book
from sync_pipelines.applying.seams import Seams, go_on
from sync_pipelines.flow.adopting import AdoptReport, adopt
from sync_pipelines.ledger.memento import FORGETFUL, Memento
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.shelves import SHELVES
from sync_pipelines.settings import SortableIds
from sync_pipelines.simulation.little_book import little_book
from tests.laws.little_world import LittleWorld


def tax_id_alone() -> Book:
    """Of two records without a tax id nothing but a person can say that they are one."""
    book = little_book()
    account = book.entities["account"]
    levels = tuple(level for level in account.matching.levels if level.name == "tax_id")
    account = replace(account, matching=replace(account.matching, levels=levels))
    return replace(book, entities={**book.entities, "account": account})


def copied(ledger: MemoryLedger) -> MemoryLedger:
    """As it is now; what sorts of facts there are is not copied along."""
    return deepcopy(ledger, {id(shelf): shelf for shelf in SHELVES})


@dataclass
class OldWorld(LittleWorld):
    """One whose ledger can be kept and put back, with keys as they are in earnest."""

    book: Book = field(default_factory=tax_id_alone)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    backup: MemoryLedger = field(default_factory=MemoryLedger)
    memento: Memento = FORGETFUL

    def __post_init__(self) -> None:
        self._chance = count(1)
        super().__post_init__()

    def seams(self, checkpoint: Callable[[str], None] = go_on, holder: str = "concordat") -> Seams:
        ids = SortableIds(self.world.clock.now, lambda _: next(self._chance))
        return Seams(self.world.clock.now, ids, checkpoint, holder, memento=self.memento)

    def put_back(self, ledger: MemoryLedger) -> None:
        self.ledger = ledger
        self.engine()

    def adopt_all(self) -> dict[str, AdoptReport]:
        """Once systems show all that was made before it was noticed."""
        self.world.clock.advance(120)
        return self.adopt_at_once()

    def adopt_at_once(self) -> dict[str, AdoptReport]:
        return {entity: adopt(self.house, entity) for entity in self.book.entities}

    def rest(self) -> None:
        """Nothing is written any more, whatever may not be made."""
        self.settle()
        before = len(self.written())
        self.run()
        assert len(self.written()) == before


def one_since_the_backup() -> OldWorld:
    """A firm known before the backup, and one, by name alone, that the ERP met and the others learned of since."""
    world = OldWorld()
    world.create("crm", Name="Acme", Tax_Id="DE1", Status="Won", Phone="1")
    world.settle()
    world.backup = copied(world.ledger)
    world.create("erp", Name="Only a name", Status="Won")
    world.settle()
    assert len(world.rows("crm")) == 2
    return world


def names(little: OldWorld, system: str) -> list[str]:
    """Of the accounts there, as the shop spells them."""
    return sorted(row.values["Name"].upper() for row in little.rows(system))
