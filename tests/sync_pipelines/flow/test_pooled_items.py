"""Items of lists that name those whom one record of accounting serves: they are written so, read so, and moved."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mappings.book import Book, EntitySpec
from mappings.fieldmap import KindMap
from mappings.ownership import Clause, Elsewhere, Mode, Rule, When
from mappings.ownership import Test as Asks
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.opening import open_ledger
from tests.laws.checkers import check_all
from tests.sync_pipelines.flow.pools import pooling_book
from tests.sync_pipelines.flow.stints import StintsWorld, stints_book, stints_of

ANONYMOUS = When((Clause(Asks.UNSET, "tax_id"),))
NUMBER = "K00004"  # the first after the three firms of that world


def with_rule(book: Book, rule: Rule) -> Book:
    """The list is decided otherwise."""
    contact = book.entities["contact"]
    ownership = replace(contact.ownership, rules={**contact.ownership.rules, "stints": (rule,)})
    return replace(book, entities={**book.entities, "contact": replace(contact, ownership=ownership)})


def as_a_whole(book: Book) -> Book:
    """The list is decided as one value, and nothing tells its items apart."""
    told = with_rule(book, Rule("stints", Mode.DECIDES, ("erp", "crm"), "sally"))
    contact = replace(told.entities["contact"], maps=_unkeyed(told.entities["contact"]))
    return replace(told, entities={**told.entities, "contact": contact})


def _unkeyed(contact: EntitySpec) -> dict[str, KindMap]:
    return {
        system: replace(
            kind_map, lines=tuple(replace(line, options={}) if line.lines else line for line in kind_map.lines)
        )
        for system, kind_map in contact.maps.items()
    }


BOOKS = {
    "by-code": stints_book("code", pooling_book(ANONYMOUS, number=NUMBER)),
    "by-firm": stints_book("account", pooling_book(ANONYMOUS, number=NUMBER)),
    "as-a-whole": as_a_whole(stints_book("code", pooling_book(ANONYMOUS, number=NUMBER))),
}


@dataclass
class PooledWorld(StintsWorld):
    """With a record of accounting that serves many."""

    pool: str = field(default="")

    def __post_init__(self) -> None:
        """Acme, Borg, Corp, and the pool."""
        super().__post_init__()
        self.pool = self.create("erp", Name="Web buyers", Tax_Id="DE0")
        self.settle()

    def buyer(self, name: str) -> str:
        """Somebody of whom accounting could use nothing."""
        return self.create("crm", Name=name, Status="Open")

    def own(self, name: str) -> str:
        """The id in accounting of somebody's own record."""
        return next(row.id for row in self.rows("erp") if row.values["Name"] == name)


@pytest.fixture(params=sorted(BOOKS))
def world(request: pytest.FixtureRequest) -> PooledWorld:
    return PooledWorld(book=BOOKS[request.param])


def rest(world: PooledWorld) -> None:
    """At rest, and another run writes nothing."""
    world.settle()
    world.settle()
    before = len(world.written())
    world.settle()
    assert len(world.written()) == before
    check_all(world)


def test_an_item_moves_with_one_who_leaves_the_pool(world: PooledWorld) -> None:
    anna = world.buyer("Anna")
    world.person("crm", ("1", world.firms[0]), ("2", anna))
    rest(world)
    assert sorted(world.stints("erp")) == [("1", world.there[0]), ("2", world.pool)]
    world.edit("crm", anna, Tax_Id="DE7")
    rest(world)
    assert sorted(world.stints("erp")) == [("1", world.there[0]), ("2", world.own("Anna"))]
    assert sorted(world.stints("crm")) == [("1", world.firms[0]), ("2", anna)]
    assert world.questions() == []


APART = ["by-code", "as-a-whole"]  # by the firm itself two of the pool cannot be told apart, and reading says so


@pytest.mark.parametrize("book", APART)
@pytest.mark.parametrize("ledger", ["memory", "sqlite"])
def test_of_two_in_one_list_only_the_one_who_leaves_is_moved(book: str, ledger: str, tmp_path: Path) -> None:
    kept = open_ledger(f"sqlite:///{tmp_path}/l.sqlite") if ledger == "sqlite" else MemoryLedger()
    world = PooledWorld(book=BOOKS[book], ledger=kept)
    anna, bert = world.buyer("Anna"), world.buyer("Bert")
    world.person("crm", ("1", anna), ("2", bert))
    rest(world)
    assert world.stints("erp") == [("1", world.pool), ("2", world.pool)]
    world.edit("crm", anna, Tax_Id="DE7")
    rest(world)
    assert world.stints("erp") == [("1", world.own("Anna")), ("2", world.pool)]
    world.edit("crm", bert, Tax_Id="DE8")
    rest(world)
    assert world.stints("erp") == [("1", world.own("Anna")), ("2", world.own("Bert"))]
    assert world.stints("crm") == [("1", anna), ("2", bert)]


@pytest.mark.parametrize("book", APART)
def test_an_edit_beside_it_in_accounting_makes_nobody_s_item_the_pool_s(book: str) -> None:
    world = PooledWorld(book=BOOKS[book])
    anna = world.buyer("Anna")
    world.person("crm", ("1", anna))
    rest(world)
    there = world.only("erp", "Person").id
    world.edit("erp", there, "Person", Stints=stints_of(("1", world.pool), ("2", world.there[1])))
    rest(world)
    assert world.stints("crm") == [("1", anna), ("2", world.firms[1])]
    assert world.stints("erp") == [("1", world.pool), ("2", world.there[1])]
    world.edit("crm", anna, Tax_Id="DE7")
    rest(world)
    assert world.stints("erp") == [("1", world.own("Anna")), ("2", world.there[1])]


def test_a_list_that_differs_where_it_may_is_moved_all_the_same() -> None:
    """Accounting's other word for one item was accepted, so it is no edit that could be accepted again."""
    rule = Rule("stints", Mode.DECIDES, ("crm",), "sally", edited_elsewhere=Elsewhere.REPORT)
    world = PooledWorld(book=with_rule(BOOKS["as-a-whole"], rule))
    anna, bert = world.buyer("Anna"), world.buyer("Bert")
    world.person("crm", ("1", anna), ("2", bert))
    rest(world)
    world.edit("erp", world.only("erp", "Person").id, "Person", Stints=stints_of(("1", world.pool), ("2x", world.pool)))
    rest(world)
    assert world.stints("erp") == [("1", world.pool), ("2x", world.pool)]
    world.edit("crm", anna, Tax_Id="DE7")
    rest(world)
    assert world.stints("erp") == [("1", world.own("Anna")), ("2", world.pool)]


def test_what_accounting_put_under_the_pool_before_is_no_disagreement(world: PooledWorld) -> None:
    anna = world.buyer("Anna")
    rest(world)
    world.person("erp", ("1", world.pool), ("2", world.there[1]))
    world.person("crm", ("1", anna), ("2", world.firms[1]))
    rest(world)
    assert sorted(world.stints("crm")) == [("1", anna), ("2", world.firms[1])]
    assert sorted(world.stints("erp")) == [("1", world.pool), ("2", world.there[1])]
    assert world.questions() == []
    world.edit("crm", anna, Tax_Id="DE7")
    rest(world)
    assert sorted(world.stints("erp")) == [("1", world.own("Anna")), ("2", world.there[1])]


def test_while_its_own_record_waits_the_list_stays_as_it_is() -> None:
    world = PooledWorld(book=BOOKS["by-code"])
    world.engine(stints_book("code", pooling_book(ANONYMOUS, number=NUMBER, needs=("name", "phone"))))
    anna = world.buyer("Anna")
    world.person("crm", ("1", anna))
    world.settle()
    assert world.stints("erp") == [("1", world.pool)]
    world.edit("crm", anna, Tax_Id="DE7")
    world.settle()
    world.settle()
    assert world.stints("erp") == [("1", world.pool)]
    world.edit("crm", anna, Phone="1")
    rest(world)
    assert world.stints("erp") == [("1", world.own("Anna"))]


def test_a_list_waits_for_one_who_joins_the_pool(world: PooledWorld) -> None:
    """The record that serves many was out of use."""
    world.edit("erp", world.pool, Active=False)
    anna = world.buyer("Anna")
    world.person("crm", ("1", world.firms[0]), ("2", anna))
    world.settle()
    world.edit("erp", world.pool, Active=True)
    rest(world)
    assert sorted(world.stints("erp")) == [("1", world.there[0]), ("2", world.pool)]
