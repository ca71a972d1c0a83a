"""The stream of customers: family after family, each by itself."""

from collections.abc import Iterator
from itertools import count

from sync_pipelines.simulation.customers.appearing import (
    named_after_the_buyer,
    of_buyer,
    of_firm,
    of_person,
    where_known,
)
from sync_pipelines.simulation.customers.distortions import AS_PEOPLE_ARE, Profile
from sync_pipelines.simulation.customers.families import Ground, Member, ground_of, members_of
from sync_pipelines.simulation.customers.truth import Appearance, Customer


def customers(
    seed: int, families: int | None = None, *, first: int = 0, profile: Profile = AS_PEOPLE_ARE
) -> Iterator[Customer]:
    """The customers of so many families from `first` on; without a number, for ever. A family has two or three."""
    for family in count(first) if families is None else range(first, first + families):
        yield from family_of(seed, family, profile)


def family_of(seed: int, family: int, profile: Profile = AS_PEOPLE_ARE) -> list[Customer]:
    """One family, which is the same whichever were made before it."""
    ground = ground_of(seed, family)
    members = members_of(ground)
    firms = {one.id: _appearing(one, ground, profile) for one in members if not one.at}
    people = {one.id: list(of_person(one, firms, ground, profile)) for one in members if one.at}
    _buyers([one for one in members if one.at], firms, people, ground, profile)
    known = {**firms, **people}
    return [_customer(one, known[one.id], ground) for one in members if known[one.id]]


def _appearing(member: Member, ground: Ground, profile: Profile) -> list[Appearance]:
    """A private buyer is an account and a contact at once, in one record of the shop."""
    accounts = list(of_firm(member, where_known(member, ground.draw), ground, profile))
    if member.kind != "person":
        return accounts
    buyers = [of_buyer(member, one, ground, profile) for one in accounts if one.system == "shop"]
    return [*accounts, *buyers]


def _buyers(
    people: list[Member],
    firms: dict[str, list[Appearance]],
    found: dict[str, list[Appearance]],
    ground: Ground,
    profile: Profile,
) -> None:
    """Each shop account of a firm was opened by somebody who works there, where we know anybody."""
    for firm, appearances in firms.items():
        staff = [one for one in people if one.at == firm]
        for place, account in enumerate(appearances):
            if account.system != "shop" or not staff:
                continue
            buyer = ground.draw.one(staff)
            found[buyer.id].append(of_buyer(buyer, account, ground, profile))
            if ground.draw.chance(profile.shop.get("person_for_firm", 0)):
                appearances[place] = named_after_the_buyer(account, buyer)


def _customer(member: Member, appearances: list[Appearance], ground: Ground) -> Customer:
    return Customer(
        member.id, member.kind, member.country, member.values, member.relations, tuple(appearances), ground.family
    )
