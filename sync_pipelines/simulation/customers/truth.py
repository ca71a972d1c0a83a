"""What is true of a customer, and what one system makes of it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mappings.values import Value

System: TypeAlias = Literal["crm", "shop", "erp"]
Kind: TypeAlias = Literal["firm", "branch", "holding", "person"]
Tie: TypeAlias = Literal["branch_of", "person_at", "holding_of"]
SYSTEMS: tuple[System, ...] = ("crm", "shop", "erp")


@dataclass(frozen=True, slots=True)
class Relation:
    """How this customer stands to another one, by its id."""

    tie: Tie
    to: str


@dataclass(frozen=True, slots=True)
class Appearance:
    """One customer in one system, in canonical fields.

    A shop's record of a buyer appears twice under one `record`: as the account and as the contact.
    """

    system: System
    record: str
    entity: Literal["account", "contact"]
    values: dict[str, Value]
    distortions: tuple[str, ...]  # what is wrong or missing, by the names in `distortions.py`; empty: the plain truth
    days_old: int  # how long it has been there


@dataclass(frozen=True, slots=True)
class Customer:
    """One thing in the world. Two appearances are the same customer when they are listed under one `id`."""

    id: str
    kind: Kind
    country: str
    values: dict[str, Value]
    relations: tuple[Relation, ...]
    appearances: tuple[Appearance, ...]
    family: int  # relations never leave it


def same(one: Customer, other: Customer) -> str:
    """`same`, the tie between the two, or nothing: what a matcher ought to find."""
    if one.id == other.id:
        return "same"
    ties = [tie.tie for a, b in ((one, other), (other, one)) for tie in a.relations if tie.to == b.id]
    return ties[0] if ties else ""
