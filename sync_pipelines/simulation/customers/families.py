"""Families: a firm with its branches and people, a holding with its firms, two firms of one name, or a private buyer.

Truth only; what systems make of it stands in `appearing.py`.
"""

from dataclasses import dataclass, replace

from mappings.codecs_regions import region_of
from mappings.values import Value
from sync_pipelines.simulation.customers import numbers, words, words_chinese
from sync_pipelines.simulation.customers.draw import Draw
from sync_pipelines.simulation.customers.naming import Name, home_of, name_of, places, without_accents
from sync_pipelines.simulation.customers.truth import Kind, Relation
from sync_pipelines.simulation.customers.words import Place

_CYCLE = ("DE", "CN", "US", "DE", "CN", "GB", "FR", "CN", "NL", "US")  # the country of family n
_SLOTS = 8  # taxpayers and phone lines a family may have
_SHARING = 40  # families around a city that may sit in one office with one switchboard


@dataclass(frozen=True, slots=True)
class Member:
    """One of a family, before it appears anywhere."""

    id: str
    kind: Kind
    country: str
    name: Name
    values: dict[str, Value]
    relations: tuple[Relation, ...]
    slot: int
    office_phone: str = ""  # of the house it sits in, with others
    heads_tax_id: str = ""
    at: str = ""  # a person's firm
    latin: str = ""  # a person's name in Latin letters
    free_mail: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all members of a family are made from."""

    seed: int
    family: int
    country: str
    serial: int
    draw: Draw

    def index(self, slot: int) -> int:
        """A number of its own for each member."""
        return self.serial * _SLOTS + slot


def ground_of(seed: int, family: int) -> Ground:
    """Where family n stands: its country, and how many came before it there."""
    turn, place = divmod(family, len(_CYCLE))
    country = _CYCLE[place]
    serial = turn * _CYCLE.count(country) + _CYCLE[:place].count(country)
    return Ground(seed, family, country, serial, Draw(seed, family))


def members_of(ground: Ground) -> list[Member]:
    """The family, the head first."""
    kind = ground.draw.below(100)
    if kind < 12:  # noqa: PLR2004 - twelve in a hundred
        return [_private(ground)]
    head = _firm(ground, f"f{ground.family}")
    firms = [head]
    if kind < 20:  # noqa: PLR2004 - eight in a hundred
        firms += [_branch(ground, head, slot) for slot in range(1, 2 + ground.draw.below(2))]
    elif kind < 26:  # noqa: PLR2004 - six in a hundred
        firms = _group(ground, head)
    elif kind < 28:  # noqa: PLR2004 - two in a hundred
        firms.append(_namesake(ground, head))
    return [*firms, *(_person(ground, ground.draw.one(firms), slot) for slot in range(ground.draw.below(4)))]


def _firm(ground: Ground, id_: str) -> Member:
    name = name_of(ground.country, ground.serial, ground.seed, ground.draw)
    return _made(ground, id_, "firm", name, home_of(name, ground.draw), 0)


def _made(
    ground: Ground, id_: str, kind: Kind, name: Name, place: Place, slot: int, relations: tuple[Relation, ...] = ()
) -> Member:
    draw, country, index = ground.draw, ground.country, ground.index(slot)
    region = words_chinese.REGIONS.get(place.city, "")
    values: dict[str, Value] = {
        "name": name.full,
        "account_type": "customer",
        "customer_status": "ordered" if draw.chance(50) else "won",
        "tax_id": numbers.tax_id(country, index, ground.seed, region),
        "billing_address": address(country, place, draw),
        "phone": numbers.landline(country, place.area, index, ground.seed),
        "website": f"{name.site}{f'-{ground.family}' if slot else ''}.example",
        "payment_terms": draw.one(words.TERMS),
        "credit_limit": {"amount": str((1 + draw.below(40)) * 2500), "currency": "EUR"},
        "segment": draw.one(words.SEGMENTS),
    }
    return Member(id_, kind, country, name, values, relations, slot, _office(ground, place))


def _office(ground: Ground, place: Place) -> str:
    return numbers.landline(ground.country, place.area, -1 - ground.family // _SHARING, ground.seed)


def address(country: str, place: Place, draw: Draw) -> dict[str, Value]:
    """An address in a city."""
    number = 1 + draw.below(220)
    street = f"{place.street}{number}号" if country == "CN" else f"{place.street} {number}"
    if country in ("US", "GB", "FR"):
        street = f"{number} {place.street}"
    return {
        "street": street,
        "city": place.city,
        "postal_code": place.postal_code,
        "region": region_of(place.region, country) or None,
        "country": country,
    }


def _branch(ground: Ground, head: Member, slot: int) -> Member:
    """A western branch has its head's tax id; a Chinese one is registered by itself."""
    place = ground.draw.one([one for one in places(ground.country) if one.city != _city(head)])
    word = words.BRANCH[ground.country]
    ending = f"{place.city}{word}" if ground.country == "CN" else f"{word} {place.city}"
    name, ties = replace(head.name, branch=ending), (Relation("branch_of", head.id),)
    made = _made(ground, f"f{ground.family}b{slot}", "branch", name, place, slot, ties)
    values = made.values | {"website": head.values["website"]}
    if ground.country != "CN":
        values["tax_id"] = head.values["tax_id"]
    return replace(made, values=values, heads_tax_id=str(head.values["tax_id"]))


def _city(member: Member) -> str:
    address_ = member.values["billing_address"]
    return str(address_["city"]) if isinstance(address_, dict) else ""


def _group(ground: Ground, first: Member) -> list[Member]:
    """Two firms and what holds them: one brand, one switchboard, three taxpayers."""
    place = ground.draw.one(places(ground.country))
    trades = [trade for trade, _ in words_chinese.TRADES] if ground.country == "CN" else words.TRADES[ground.country]
    other = replace(first.name, trade=ground.draw.one([trade for trade in trades if trade != first.name.trade]))
    second = _made(ground, f"f{ground.family}s1", "firm", _moved_to(other, place), place, 1)
    held = replace(first.name, trade=words.HOLDING[ground.country])
    ties = (Relation("holding_of", first.id), Relation("holding_of", second.id))
    holding = _made(ground, f"f{ground.family}h", "holding", _moved_to(held, place), place, 2, ties)
    switchboard = str(holding.values["phone"])
    return [replace(first, office_phone=switchboard), replace(second, office_phone=switchboard), holding]


def _moved_to(name: Name, place: Place) -> Name:
    return replace(name, city=place.city) if name.country == "CN" else name


def _namesake(ground: Ground, first: Member) -> Member:
    """Another firm of the same name in another city, with a number and a web site of its own; they share nothing."""
    place = ground.draw.one([one for one in places(ground.country) if one.city != _city(first)])
    return _made(ground, f"f{ground.family}n1", "firm", first.name, place, 3)


# --- people ----------------------------------------------------------------------------------------------------------


def _person(ground: Ground, firm: Member, slot: int) -> Member:
    first, last, latin = _named(ground)
    site, mail = firm.values["website"], _mail(latin, slot)
    values: dict[str, Value] = {
        "name": _together(ground.country, first, last),
        "email": f"{mail}@{site}",
        "phone": firm.values["phone"],
        "mobile": numbers.mobile(ground.country, ground.index(slot), ground.seed),
        "account": firm.id,
        "title": ground.draw.one(words.TITLES),
        "mailing_address": firm.values["billing_address"],
    }
    ties, id_ = (Relation("person_at", firm.id),), f"f{ground.family}p{slot}"
    free = _free_mail(ground, mail)
    return Member(id_, "person", ground.country, firm.name, values, ties, slot, at=firm.id, latin=latin, free_mail=free)


def _private(ground: Ground) -> Member:
    """Somebody who buys for themselves: no firm, no tax id, a free-mail address."""
    first, last, latin = _named(ground)
    place = ground.draw.one(places(ground.country))
    name, mobile = _together(ground.country, first, last), numbers.mobile(ground.country, ground.index(0), ground.seed)
    where = address(ground.country, place, ground.draw)
    values: dict[str, Value] = {
        "name": name,
        "email": _free_mail(ground, _mail(latin, 0)),
        "mobile": mobile,
        "phone": mobile,
        "billing_address": where,
        "mailing_address": where,
        "account_type": "customer",
    }
    spelled = Name(ground.country, name, "", "")
    return Member(f"c{ground.family}", "person", ground.country, spelled, values, (), 0, latin=latin)


def _named(ground: Ground) -> tuple[str, str, str]:
    draw = ground.draw
    if ground.country == "CN":
        (last, sound), (first, given) = draw.one(words_chinese.FAMILY_NAMES), draw.one(words_chinese.GIVEN_NAMES)
        return first, last, f"{given} {sound}"
    first, last = draw.one(words.FIRST_NAMES), draw.one(words.SURNAMES)
    return first, last, without_accents(f"{first} {last}")


def _together(country: str, first: str, last: str) -> str:
    return f"{last}{first}" if country == "CN" else f"{first} {last}"


def _mail(latin: str, slot: int) -> str:
    said = latin.lower().replace("'", "").replace(" ", ".")
    return said if slot == 0 else f"{said}{slot}"


def _free_mail(ground: Ground, local: str) -> str:
    """At a known provider, with a number behind it, as the plain ones are taken."""
    provider = ground.draw.one(words.FREE_MAIL[ground.country])
    return f"{local}{10_000 + ground.family}@{provider}"
