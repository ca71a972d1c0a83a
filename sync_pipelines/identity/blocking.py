"""Under which keys a record is looked up: any two records of one entity should share one, and few others.

A key carries the kind it comes from. Keys that too many records share are dropped where they are looked up.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from mappings.matching import Scoring
from sync_pipelines.identity import numbers
from sync_pipelines.identity.companies import COMMON, CORE, NUMBER
from sync_pipelines.identity.comparing import Firm
from sync_pipelines.identity.folding import bones, pinyin
from sync_pipelines.identity.places import Address
from sync_pipelines.identity.web import Email

_NAMES = frozenset({"company", "person"})
_OWN = frozenset({CORE, NUMBER})
_MOST_WORDS = 6  # of a name that are looked up by themselves
_SHORTEST = 3


def keys_of(prepared: Mapping[str, Any], scoring: Scoring, *, broad: bool = True) -> list[str]:
    """The keys of a prepared record, without duplicates.

    The broad ones also find a mistyped name by where it is and by a single word. They are for tables that pass by;
    where the keys of every record are kept, a word that thousands bear would be looked up for each of them.
    """
    found: set[str] = set()
    near: list[str] = []
    begins: list[str] = []
    for name, value in prepared.items():
        kind = scoring.fields[name].kind
        keys = _KEYS[kind] if broad else _NARROW.get(kind) or _KEYS[kind]
        found.update([f"{kind}:{key}" for key in keys(value)])
        if broad and kind == "address":
            near.append(value.postcode or value.city)
        elif broad and kind in _NAMES:
            begins += _begins(value)
    if broad:
        found.update([f"near:{place}{begin}" for place in near if place for begin in begins])
    return list(found)


def _company(firm: Firm) -> list[str]:
    name = firm.name
    told = [word.text for word in name.words if word.sort in _OWN] or [word.text for word in name.words]
    rest = [word.text for word in name.words if word.sort == COMMON]
    if name.han:
        common = rest[0] if rest else ""
        return [name.said, *(key for word in told for key in _han(word, common))]
    latin = [bones(word) for word in told if len(word) >= _SHORTEST][:_MOST_WORDS]
    found = [name.said, "".join(told), *latin]
    if rest and latin:
        found += [f"{one} {two}" for one in latin[:2] for two in map(bones, rest[:2])]
    return found


def _narrow(firm: Firm) -> Iterator[str]:
    """The name as a whole, and two of its own words (or its only one) without what slips change."""
    name = firm.name
    own = [word.text for word in name.words if word.sort in {CORE, NUMBER}] or [word.text for word in name.words]
    yield "".join(own)
    if name.han:
        yield from (bones(pinyin(word)) for word in own)
        common = next((word.text for word in name.words if word.sort == COMMON), "")
        yield from (f"{sign} {common}" for sign in own[0][:2] if common)
        return
    told = [bones(word) for word in own[:_SHORTEST]]
    yield from (f"{one} {two}" for one, two in combinations(sorted(told), 2))
    if len(told) == 1:
        yield told[0]


def _han(word: str, common: str) -> Iterator[str]:
    yield bones(pinyin(word))
    if common:  # a brand has two characters; one of them may be wrong
        yield from (f"{sign} {common}" for sign in word[:_SHORTEST])
    for start in range(min(len(word) - 1, _MOST_WORDS)):
        yield word[start : start + 2]


def _person(name: tuple[str, ...]) -> Iterator[str]:
    told = sorted(bones(word) for word in name)
    yield " ".join(told)
    if len(name) > 1:
        yield from sorted({f"{bones(one)} {two[:1]}" for one in name for two in name if one != two})


def _begins(value: Firm | tuple[str, ...]) -> list[str]:
    told = value.name.core if isinstance(value, Firm) else value
    return [word[:2] for word in told[:_SHORTEST]]


def _address(place: Address) -> list[str]:
    if not place.first:
        return []
    found = [f"{place.first} {bones(word)}" for word in place.street[:_SHORTEST]]
    return [*found, f"{place.first} {place.postcode}"] if place.postcode else found


def _email(address: Email) -> Iterator[str]:
    yield address.text
    if not address.free:
        yield address.domain


def _date(date: str) -> Iterator[str]:
    yield date


def _itself(value: str) -> Iterable[str]:
    return (value,)


_NARROW: Mapping[str, Callable[[Any], Iterable[str]]] = {"company": _narrow}
_KEYS: Mapping[str, Callable[[Any], Iterable[str]]] = {
    "company": _company,
    "person": _person,
    "address": _address,
    "phone": lambda phones: sorted(numbers.tail(phone) for phone in phones),
    "email": _email,
    "site": lambda site: (site, site.partition(".")[0]),
    "tax_id": lambda tax_id: (tax_id.text,),
    "number": _itself,
    "date": _itself,
    "reference": lambda _: (),
    "text": lambda _: (),
}
