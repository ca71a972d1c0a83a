"""Each kind of field: how a value is prepared, and how two of them are held against each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA, Indel

from mappings.values import Value
from sync_pipelines.identity import numbers, web
from sync_pipelines.identity.companies import CORE, PLACE, Company, Word, company, in_latin
from sync_pipelines.identity.evidence import Finding, Frequencies, on_scale
from sync_pipelines.identity.folding import fold, words
from sync_pipelines.identity.naming import Likeness, companies_alike, words_alike
from sync_pipelines.identity.persons import has_namesakes, is_person, person, persons_alike
from sync_pipelines.identity.places import Address, address
from sync_pipelines.identity.words import legal_forms

_SAYS = {
    "same": "equal but for spelling", "close": "nearly equal", "similar": "alike", "partly": "alike in part",
    "different": "other",
}  # fmt: skip
_COVERED, _PART = 0.97, 0.45
_ONE_BRANCH = 0.8  # how alike what is said of one branch is at least


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm's name, as it is compared."""

    name: Company
    text: str

    @property
    def person(self) -> bool:
        """Whether it looks like the name of a person."""
        return is_person(self.name, self.text)

    @property
    def group(self) -> bool:
        """Whether it names the head of a group."""
        return "集团" in self.name.forms or any(word.text in legal_forms.HOLDINGS for word in self.name.words)


def _firm(value: Value) -> Firm | None:
    text = str(value)
    name = company(text)
    return Firm(name, text) if name.words else None


def _firms(one: Firm, two: Firm, known: Frequencies) -> list[Finding]:
    found = companies_alike(one.name, two.name, known.rarity)
    if found.by_sound:
        first = _by_sound(found)
    elif found.alike < _PARTLY and found.covered >= _COVERED:
        first = Finding("part", "one name stands in the other")
    else:
        key = "".join(one.name.core) if found.alike >= _SAME else ""
        first = Finding(
            on_scale(found.alike), f"names are {_SAYS[on_scale(found.alike)]} ({found.alike:.0%})", key, found.alike
        )
    return [first, *_beside(one, two, found)]


_SAME, _CLOSE, _PARTLY = 0.97, 0.9, 0.86
NAMESAKES = Finding("namesake", "a person's name, which others bear, and nothing beside it")


def _by_sound(found: Likeness) -> Finding:
    if found.alike >= 0.7 or found.covered >= _COVERED:  # noqa: PLR2004 - most words
        return Finding("sound", f"names sound alike across scripts ({found.alike:.0%})", "", found.alike)
    if found.alike >= _PART:
        return Finding("partly", "names sound alike in part")
    return Finding("partly", "names are in two scripts")


def _beside(one: Firm, two: Firm, found: Likeness) -> list[Finding]:
    """What tells a firm from its branch, its head, and its people, whatever else they share."""
    more = []
    names = [in_latin(firm.name) if found.by_sound and firm.name.han else firm.name for firm in (one, two)]
    if Indel.normalized_similarity(names[0].branch, names[1].branch) < _ONE_BRANCH:
        more.append(Finding("branch", f"one is a branch ({one.name.branch or two.name.branch}), not the firm itself"))
    elif one.name.branch:
        more.append(Finding("branches", "both are branches, and a number may be that of their head"))
    elif one.group != two.group and one.name.forms and two.name.forms:
        more.append(Finding("group", "one is a group or holding, the other is not"))
    elif one.group != two.group and (one.name.forms or two.name.forms):
        more.append(Finding("grouped", "one is a group or holding, and the other may be a member of it"))
    elif found.alike < _SAME and _differ_in_full(one.name, two.name):
        more.append(Finding("in_full", "both names are in full, and differ"))
    if one.person != two.person and found.alike < _PART and not found.by_sound:
        more.append(Finding("person", "one looks like a person's name, the other is a firm's"))
    if one.person and two.person and found.alike >= _CLOSE and has_namesakes(one.name.core):
        more.append(NAMESAKES)
    if one.name.forms and two.name.forms and not one.name.forms & two.name.forms and one.name.han == two.name.han:
        more.append(Finding("form", "other legal form"))
    return more


def _differ_in_full(one: Company, two: Company) -> bool:
    """Whether both are written as they are registered (Chinese, with their forms), and by more than a slip are two:
    a region registers a name once.
    """
    if not (one.han and two.han and one.forms and two.forms):
        return False
    mine, yours = ("".join(word.text for word in name.words if word.sort != PLACE) for name in (one, two))
    return OSA.distance(mine, yours) > 1


def _persons(one: tuple[str, ...], two: tuple[str, ...], known: Frequencies) -> list[Finding]:
    found = persons_alike(one, two, known.rarity)
    if found.by_sound:
        return [Finding("sound", "names sound alike") if found.alike else Finding("partly", "names are in two scripts")]
    level = on_scale(found.alike)
    key = " ".join(sorted(one)) if found.alike >= _SAME else ""
    said = Finding(level, f"names are {_SAYS[level]} ({found.alike:.0%})", key, found.alike)
    return [said, NAMESAKES] if found.alike >= _CLOSE and has_namesakes(one) else [said]


# --- addresses --------------------------------------------------------------------------------------------------------


def _address(value: Value) -> Address | None:
    parts = value if isinstance(value, dict) else {"street": value}
    found = address({name: str(part) for name, part in parts.items() if part not in {None, ""}})
    return found if found.told or found.country else None


def _addresses(one: Address, two: Address, _: Frequencies) -> list[Finding]:
    if one.country and two.country and one.country != two.country:
        return [Finding("country", "other country")]
    postcode, city = _near(one.postcode, two.postcode), _one_city(one.city, two.city)
    around = (postcode is not False or city is not False) and (postcode is not None or city is not None)
    elsewhere = (postcode is False and city is not True) or (city is False and postcode is not True)
    street = _street(one, two)
    if street is True:
        return [_on_street(one, two, elsewhere=elsewhere, around=around)]
    number = bool(one.first) and one.first == two.first
    if street is not None and number and postcode and not elsewhere:
        return [Finding("house", "same number and postcode, street written otherwise")]
    if street is None or not elsewhere:
        if postcode:
            return (
                [Finding("postcode", "same postcode")]
                if street is None
                else [Finding("city", "same place, other street")]
            )
        if city:
            return [Finding("town", "same city") if street is None else Finding("city", "same city, other street")]
    compared = any(part is not None for part in (street, postcode, city))
    return [Finding("different", "other address")] if compared else []


def _on_street(one: Address, two: Address, *, elsewhere: bool, around: bool) -> Finding:
    number = bool(one.numbers & two.numbers) and (one.first in two.numbers or two.first in one.numbers)
    key = house(one)
    if elsewhere and not number:
        return Finding("different", "same street, in another place")
    if elsewhere and not (one.postcode and two.postcode):
        return Finding("same_but_city", "same street and number, other city", key)
    if number and one.postcode and two.postcode and one.postcode != two.postcode:
        return Finding("same_but_postcode", "same street and number, other postcode", key)
    if number:
        return Finding("same", "same street and number", key)
    if not one.numbers or not two.numbers:
        return Finding("same_but_part", "same street", key)
    return Finding("street" if around else "city", "same street, other number")


def house(one: Address) -> str:
    """What is counted as one house."""
    return f"{one.first} {' '.join(one.street)}"


def _near(one: str, two: str) -> bool | None:
    """Whether two parts are one, but for a slip; None where one is not told."""
    if not one or not two:
        return None
    return one == two or OSA.normalized_similarity(one, two) >= 0.75  # noqa: PLR2004 - one slip in four signs


def _one_city(one: str, two: str) -> bool | None:
    near = _near(one, two)
    return near if near is not False else one.startswith(two) or two.startswith(one)


def _street(one: Address, two: Address) -> bool | None:
    if not one.street or not two.street:
        return None
    if one.street == two.street:
        return True
    alike = words_alike([Word(w, CORE) for w in one.street], [Word(w, CORE) for w in two.street], lambda _: 1.0)
    return alike.alike >= 0.75 or (alike.covered >= 0.9 and bool(one.numbers & two.numbers))  # noqa: PLR2004 - most words


# --- the rest ---------------------------------------------------------------------------------------------------------


def _phones(one: frozenset[str], two: frozenset[str], _: Frequencies) -> list[Finding]:
    lines = sorted((a, b) for a in one for b in two)
    same = next((a for a, b in lines if numbers.one_line(a, b)), "")
    if same:
        return [Finding("same", "same phone", numbers.tail(same))]
    if any(numbers.tail(a)[:-2] == numbers.tail(b)[:-2] for a, b in lines):
        return [Finding("switchboard", "phones differ in the last two digits")]
    if any(OSA.distance(numbers.tail(a), numbers.tail(b)) <= 1 for a, b in lines):
        return [Finding("close", "phones differ in one digit")]
    if not any(numbers.is_mobile(a) == numbers.is_mobile(b) for a, b in lines):
        return []  # a person's phone says nothing against the firm's
    return [Finding("different", "other phone")]


def _emails(one: web.Email, two: web.Email, _: Frequencies) -> list[Finding]:
    if one.text == two.text:
        return [Finding("same", "same e-mail address", one.text)]
    if one.domain == two.domain and not one.free:
        return [Finding("domain", f"e-mail addresses of {one.domain}", one.domain)]
    if OSA.distance(one.text, two.text) <= 1:
        return [Finding("close", "e-mail addresses differ in one letter")]
    if one.local == two.local and not one.role and len(one.local) > 4:  # noqa: PLR2004 - more than a first name
        return [Finding("local", "same name in front of the @", one.local)]
    return [Finding("different", "other e-mail address")]


def _sites(one: str, two: str, _: Frequencies) -> list[Finding]:
    if one == two:
        return [Finding("same", f"both are at {one}", one)]
    mine, yours = one.partition(".")[0].replace("-", ""), two.partition(".")[0].replace("-", "")
    if mine == yours:
        return [Finding("similar", "one web name, in two countries", mine)]
    return [Finding("different", "other web site")]


def _tax_ids(one: numbers.TaxId, two: numbers.TaxId, _: Frequencies) -> list[Finding]:
    if one.text == two.text:
        proof = " (check digit fits)" if one.proven else ""
        return [Finding("same", f"same tax number{proof}", one.text)]
    if not (one.proven and two.proven) and OSA.distance(one.text, two.text) <= 1:
        return [Finding("close", "tax numbers differ in one sign")]
    return [Finding("different", "other tax number")]


def _number(value: Value) -> str | None:
    return "".join(words(fold(str(value)))) or None


def _numbers(one: str, two: str, _: Frequencies) -> list[Finding]:
    if one == two:
        return [Finding("same", "same number", one)]
    close = min(len(one), len(two)) > 4 and OSA.distance(one, two) <= 1  # noqa: PLR2004 - a slip among five
    return [Finding("close", "numbers differ in one sign")] if close else [Finding("different", "other number")]


def _references(one: str, two: str, _: Frequencies) -> list[Finding]:
    same = one == two
    return [Finding("same" if same else "different", "belongs to the same" if same else "belongs to another")]


def _dates(one: str, two: str, _: Frequencies) -> list[Finding]:
    if one == two:
        return [Finding("same", "same date", one)]
    turned = one[:4] == two[:4] and one[4:6] == two[6:] and one[6:] == two[4:6]
    if turned or OSA.distance(one, two) <= 1:
        return [Finding("close", "dates differ in one digit, or day and month are swapped")]
    return [Finding("different", "other date")]


def _text(value: Value) -> tuple[str, ...] | None:
    return tuple(words(fold(str(value)))) or None


def _texts(one: tuple[str, ...], two: tuple[str, ...], _: Frequencies) -> list[Finding]:
    if one == two:
        return [Finding("same", "equal", " ".join(one))]
    if set(one) & set(two) or OSA.normalized_similarity(one, two) >= 0.8:  # noqa: PLR2004 - most words
        return [Finding("close", "alike")]
    return [Finding("different", "other")]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of field: prepare once per record, compare per pair."""

    prepare: Callable[[Value], Any]
    compare: Callable[[Any, Any, Frequencies], list[Finding]]


KINDS: Mapping[str, Kind] = {
    "company": Kind(_firm, _firms),
    "person": Kind(lambda value: person(str(value)) or None, _persons),
    "address": Kind(_address, _addresses),
    "phone": Kind(lambda value: numbers.phones(str(value)) or None, _phones),
    "email": Kind(lambda value: web.email(str(value)), _emails),
    "site": Kind(lambda value: web.site(str(value)) or None, _sites),
    "tax_id": Kind(lambda value: numbers.tax_id(str(value)), _tax_ids),
    "number": Kind(_number, _numbers),
    "date": Kind(lambda value: numbers.date(str(value)) or None, _dates),
    "reference": Kind(lambda value: str(value) or None, _references),
    "text": Kind(_text, _texts),
}
