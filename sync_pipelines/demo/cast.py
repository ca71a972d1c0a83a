"""Who is on stage: 300 firms and the people in them, drawn from the generator of customers, always the same.

Some distortions are left out, as what no number and no name connects would rightly stay two; the truth is kept to
hold against what Concordat makes of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mappings.values import Value, Values
from sync_pipelines.simulation.customers import Appearance, Customer, Profile, customers
from sync_pipelines.simulation.customers.truth import SYSTEMS, System

SEED = 2026
CRM, SHOP, ERP = SYSTEMS
FIRMS = 300
_WANTED: Mapping[tuple[System, ...], int] = {  # how many firms are known where
    (CRM, ERP): 118, (CRM, SHOP, ERP): 12, (CRM,): 89, (CRM, SHOP): 6, (ERP,): 73, (SHOP,): 2,
}  # fmt: skip
_NAMES = {"shouted": 8, "form_dropped": 5, "form_written_otherwise": 5, "traditional": 5, "in_english": 3, "typo": 2}
_PROFILE = Profile(
    crm=_NAMES | {"no_tax_id": 15, "no_website": 12, "street_abbreviated": 8, "no_phone": 6},
    shop={"shouted": 10, "form_dropped": 15, "no_phone": 20, "moved": 30, "no_tax_id": 60},
    erp={"no_phone": 5},
)
_LONGEST = 80  # signs of an e-mail address, in Salesforce
_STAGES = (("customer", "won"), ("prospect", "prospect"), ("customer", "ordered"), ("partner", "lost"))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a firm."""

    id: str
    country: str
    appearances: Mapping[System, Appearance]


@dataclass(frozen=True, slots=True)
class Firm:
    """One firm: what is true of it, and what each system says."""

    number: int
    id: str
    country: str
    truth: Values
    appearances: Mapping[System, Appearance]
    people: Sequence[Person]
    account_type: str
    customer_status: str

    @property
    def name(self) -> str:
        """As it is registered."""
        return str(self.truth["name"])

    @property
    def tax_id(self) -> str:
        """Of the firm itself."""
        return str(self.truth["tax_id"])

    @property
    def where(self) -> tuple[System, ...]:
        """The systems that know it."""
        return tuple(system for system in SYSTEMS if system in self.appearances)

    def says(self, system: System) -> dict[str, Value]:
        """What a system has of it; sales says more of how far it has come.

        Regions are left out: each system spells them by a list of its own.
        """
        values = dict(self.appearances[system].values)
        where = values.get("billing_address")
        if isinstance(where, dict):
            values["billing_address"] = where | {"region": None}
        if system == CRM:
            values |= {"account_type": self.account_type, "customer_status": self.customer_status}
        return values


def cast(times: int = 1) -> Sequence[Firm]:
    """All of them, in a fixed order; or so many times as many."""
    return tuple(_chosen(times))


def _chosen(times: int) -> Iterator[Firm]:
    left, names = Counter({where: count * times for where, count in _WANTED.items()}), set[str]()
    for family in _families():
        people = [one for one in family if one.kind == "person" and one.relations and _reached(one)]
        for one in family:
            where = tuple(system for system in SYSTEMS if system in {a.system for a in one.appearances})
            fits = one.kind in ("firm", "holding") and one.values["name"] not in names and _told(one)
            if left[where] and fits and (SHOP not in where or _buyers(one, people)):
                left[where] -= 1
                names.add(str(one.values["name"]))
                yield _firm(len(names) - 1, one, people, where)
        if not left.total():
            return


def _families() -> Iterator[list[Customer]]:
    family: list[Customer] = []
    for one in customers(SEED, profile=_PROFILE):
        if family and one.family != family[0].family:
            yield family
            family = []
        family.append(one)


def _reached(person: Customer) -> bool:
    """Whether every system takes the e-mail address."""
    return all(len(str(one.values.get("email") or "")) <= _LONGEST for one in person.appearances)


def _buyers(firm: Customer, people: Sequence[Customer]) -> list[Customer]:
    """Who buys for it in the shop."""
    return [one for one in people if one.relations[0].to == firm.id and SHOP in {a.system for a in one.appearances}]


def _told(one: Customer) -> bool:
    """Whether something connects its appearances: a tax id, a web site, or the name."""
    first, *others = one.appearances
    return all(
        any(first.values.get(key) and _plain(first, key) == _plain(other, key) for key in ("tax_id", "website", "name"))
        for other in others
    )


def _plain(one: Appearance, key: str) -> str:
    return str(one.values.get(key)).casefold()


def _firm(number: int, one: Customer, people: Sequence[Customer], where: tuple[System, ...]) -> Firm:
    stage = ("customer", "ordered" if number % 2 else "won") if ERP in where else _STAGES[number % len(_STAGES)]
    known = {appearance.system: appearance for appearance in one.appearances}
    staff = [_person(person) for person in people if person.relations[0].to == one.id]
    return Firm(number, one.id, one.country, one.values, known, staff, *stage)


def _person(one: Customer) -> Person:
    return Person(one.id, one.country, {appearance.system: appearance for appearance in one.appearances})
