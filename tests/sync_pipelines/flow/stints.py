"""A world in which a person's record lists the firms the person has worked for: references in the items of a list."""

from dataclasses import dataclass, field, replace
from typing import Any

from connectors.testing.metadata import FieldSpec as Field
from mappings.book import Book, FieldSpec
from mappings.fieldmap import KindMap, Line
from mappings.ownership import Each, Mode, Rule
from tests.laws.little_book import KINDS, little_book
from tests.laws.little_world import LittleWorld


def stints_book(item_key: str = "code", whole: Book | None = None) -> Book:
    """The CRM decides stints and removes them, both add them. Told apart by a code, or by the very firm."""
    whole = whole or little_book()
    contact = whole.entities["contact"]
    items = {
        "code": FieldSpec("code", "text", "its number"),
        "account": FieldSpec("account", "reference", "which firm", refers_to="account"),
    }
    rule = Rule("stints", Mode.EACH, (), "sally", each=Each(item_key, ("crm", "erp"), ("crm", "erp"), ("crm",)))
    contact = replace(
        contact,
        fields={**contact.fields, "stints": FieldSpec("stints", "list", "firms", items=items)},
        ownership=replace(contact.ownership, rules={**contact.ownership.rules, "stints": (rule,)}),
        maps={system: _with_stints(kind_map, item_key) for system, kind_map in contact.maps.items()},
    )
    return replace(whole, entities={**whole.entities, "contact": contact})


def _with_stints(kind_map: KindMap, item_key: str) -> KindMap:
    items = (Line("code", "Code", "text"), Line("account", "Firm", "reference", {"kind": KINDS[kind_map.system]}))
    return replace(kind_map, lines=(*kind_map.lines, Line("stints", "Stints", "list", {"key": item_key}, lines=items)))


@dataclass
class StintsWorld(LittleWorld):
    """Two firms everywhere, and a place for stints with each person."""

    book: Book = field(default_factory=stints_book)
    firms: list[str] = field(default_factory=list)  # their ids in the CRM
    there: list[str] = field(default_factory=list)  # the same in the ERP

    def __post_init__(self) -> None:
        """Acme, Borg and Corp."""
        super().__post_init__()
        for system in ("crm", "erp"):
            table = self.world.systems[system].tables["Person"]
            table.spec = table.spec.with_fields(Field("Stints", "list"))
        self.firms = [self.create("crm", Name=name, Tax_Id=name, Status="Won") for name in ("Acme", "Borg", "Corp")]
        self.settle()
        named = {row.values["Name"]: row.id for row in self.rows("erp")}
        self.there = [named[name] for name in ("Acme", "Borg", "Corp")]

    def person(self, system: str, *stints: tuple[str, str | None], **values: Any) -> str:
        """Somebody at Acme, with stints as (code, firm)."""
        at = {"crm": self.firms, "erp": self.there}[system][0]
        told = {"Name": "Anna", "Email": "a@x.example", "AccountId": at, "Stints": stints_of(*stints), **values}
        return self.create(system, "Person", **told)

    def stints(self, system: str) -> list[tuple[str, str]]:
        """What the one person's record lists there, as (code, firm)."""
        return [(item["Code"], item["Firm"]) for item in self.only(system, "Person").values["Stints"]]


def stints_of(*stints: tuple[str, str | None]) -> list[dict[str, str | None]]:
    """As systems keep them."""
    return [{"Code": code, "Firm": firm} for code, firm in stints]
