"""Which systems know a customer, since when, and what went wrong on the way in."""

from collections.abc import Iterator, Mapping

from mappings.values import Value
from sync_pipelines.simulation.customers.distortions import NAMES, Odds, Profile, abbreviated, misnamed
from sync_pipelines.simulation.customers.draw import Draw
from sync_pipelines.simulation.customers.families import Ground, Member, address
from sync_pipelines.simulation.customers.naming import places
from sync_pipelines.simulation.customers.truth import SYSTEMS, Appearance, System

_WHERE: tuple[tuple[int, tuple[System, ...]], ...] = (  # of a hundred firms, how many are known where
    (30, ("crm", "erp")), (16, ("crm", "shop", "erp")), (20, ("crm",)), (14, ("erp",)), (8, ("shop",)),
    (8, ("crm", "shop")), (4, ("shop", "erp")),
)  # fmt: skip
_KEEPS: Mapping[System, tuple[str, ...]] = {  # which fields of an account a system has
    "crm": ("name", "account_type", "customer_status", "tax_id", "billing_address", "phone", "website", "segment"),
    "shop": ("name", "tax_id", "billing_address", "phone"),
    "erp": ("name", "tax_id", "billing_address", "phone", "website", "payment_terms", "credit_limit"),
}
_KEEPS_OF_PEOPLE: Mapping[System, tuple[str, ...]] = {
    "crm": ("name", "email", "phone", "mobile", "title", "mailing_address"),
    "shop": ("name", "email", "mobile", "mailing_address"),
    "erp": ("name", "email"),
}
_DAYS: Mapping[System, int] = {"crm": 2000, "shop": 700, "erp": 3000}
_BLANKS = {"no_address": "billing_address", "no_phone": "phone", "no_tax_id": "tax_id", "no_website": "website"}


def where_known(member: Member, draw: Draw) -> tuple[System, ...]:
    """The systems that know a firm; a private buyer is known to the shop, and to sales at times."""
    if member.kind == "person":
        return ("crm", "shop") if draw.chance(15) else ("shop",)
    point = draw.below(100)
    for share, systems in _WHERE:
        point -= share
        if point < 0:
            return systems
    return SYSTEMS


def of_firm(member: Member, systems: tuple[System, ...], ground: Ground, profile: Profile) -> Iterator[Appearance]:
    """A firm, in every system that knows it, and in some of them twice."""
    for system in systems:
        odds = profile.of(system)
        yield _account(member, system, f"{system}-{member.id}", odds, ground)
        if ground.draw.chance(odds.get("duplicate", 0)):
            again = _account(member, system, f"{system}-{member.id}-2", odds, ground)
            yield _also(again, "duplicate")


def _account(member: Member, system: System, record: str, odds: Odds, ground: Ground) -> Appearance:
    values: dict[str, Value] = {key: member.values[key] for key in _KEEPS[system] if key in member.values}
    name, wrong = misnamed(member.name, odds, ground.draw) if member.kind != "person" else (member.values["name"], "")
    values["name"] = name
    told = [wrong] if wrong else []
    told += _elsewhere(member, values, odds, ground) if "billing_address" in values else []
    told += _otherwise(member, values, odds, ground.draw)
    return Appearance(system, record, "account", values, tuple(told), _age(system, ground.draw))


def _elsewhere(member: Member, values: dict[str, Value], odds: Odds, ground: Ground) -> list[str]:
    where, draw = member.values["billing_address"], ground.draw
    if not isinstance(where, dict):
        return []
    if draw.chance(odds.get("moved", 0)):
        values["billing_address"] = address(member.country, draw.one(places(member.country)), draw)
        return ["moved"] if values["billing_address"] != where else []
    if draw.chance(odds.get("street_abbreviated", 0)):
        short = abbreviated(str(where["street"]))
        values["billing_address"] = where | {"street": short}
        return ["street_abbreviated"] if short != where["street"] else []
    if draw.chance(odds.get("address_in_part", 0)):
        values["billing_address"] = where | {"street": None, "postal_code": None}
        return ["address_in_part"]
    return []


def _otherwise(member: Member, values: dict[str, Value], odds: Odds, draw: Draw) -> list[str]:
    told = []
    for distortion, key in _BLANKS.items():
        if values.get(key) is not None and draw.chance(odds.get(distortion, 0)):
            values[key] = None
            told.append(distortion)
    if member.office_phone and values.get("phone") and draw.chance(odds.get("shared_phone", 0)):
        values["phone"] = member.office_phone
        told.append("shared_phone")
    own = values.get("tax_id")
    if own and own != (member.heads_tax_id or own) and draw.chance(odds.get("heads_tax_id", 0)):
        values["tax_id"] = member.heads_tax_id
        told.append("heads_tax_id")
    return told


def _age(system: System, draw: Draw) -> int:
    return 1 + draw.below(_DAYS[system])


def _also(one: Appearance, distortion: str) -> Appearance:
    told = (*one.distortions, distortion)
    return Appearance(one.system, one.record, one.entity, one.values, told, one.days_old)


# --- people ----------------------------------------------------------------------------------------------------------


def of_person(
    member: Member, firms: Mapping[str, list[Appearance]], ground: Ground, profile: Profile
) -> Iterator[Appearance]:
    """A person where their firm is known: always to sales, half the time to accounting. Of a shop, see `of_buyer`."""
    for account in firms.get(member.at, ()):
        known = account.system == "crm" or (account.system == "erp" and member.slot % 2 == 0)
        if known and "duplicate" not in account.distortions:
            record = f"{account.system}-{member.id}"
            yield _contact(member, account.system, record, account.record, profile.of(account.system), ground)


def _contact(member: Member, system: System, record: str, account: str, odds: Odds, ground: Ground) -> Appearance:
    values: dict[str, Value] = {key: member.values[key] for key in _KEEPS_OF_PEOPLE[system] if key in member.values}
    told = []
    if account:
        values["account"] = account
    if member.free_mail and ground.draw.chance(odds.get("free_mail", 0)):
        values["email"] = member.free_mail
        told.append("free_mail")
    if member.latin != values["name"] and ground.draw.chance(odds.get("name_in_latin_letters", 0)):
        values["name"] = member.latin
        told.append("name_in_latin_letters")
    return Appearance(system, record, "contact", values, tuple(told), _age(system, ground.draw))


def of_buyer(member: Member, account: Appearance, ground: Ground, profile: Profile) -> Appearance:
    """The person behind a shop's record of a firm: one record, an account and a contact."""
    return _contact(member, "shop", account.record, account.record, profile.shop, ground)


def named_after_the_buyer(account: Appearance, buyer: Member) -> Appearance:
    """Where somebody left the company's name out, the shop has the person's."""
    values = account.values | {"name": buyer.values["name"]}
    told = (*(one for one in account.distortions if one not in NAMES), "person_for_firm")
    return Appearance(account.system, account.record, account.entity, values, told, account.days_old)
