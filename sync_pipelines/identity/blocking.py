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
        keys = _KEYS[kind] if broad else _NARROW.get(kind, _KEYS[kind])
        found.update([f"{kind}:{key}" for key in keys(value)])
        if kind == "address":
            near.append(value.postcode or value.city)
        elif kind in {"company", "person"}:
            begins += _begins(value)
    if broad:
        found.update([f"near:{place}{begin}" for place in near if place for begin in begins])
    return list(found)


def _company(firm: Firm) -> Iterator[str]:
    name = firm.name
    yield name.said
    own = [word for word in name.words if word.sort in {CORE, NUMBER}]
    told = own or list(name.words)
    if name.han:
        common = next((word.text for word in name.words if word.sort == COMMON), "")
        for word in told:
            yield from _han(word.text, common)
    else:
        latin = [word.text for word in told if len(word.text) >= _SHORTEST][:_MOST_WORDS]
        yield from (bones(word) for word in latin)
        yield "".join(word.text for word in told)
        rest = [word.text for word in name.words if word.sort == COMMON]
        yield from (f"{bones(one)} {bones(two)}" for one in latin[:2] for two in rest[:2])


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


def _address(place: Address) -> Iterator[str]:
    if place.first:
        yield from (f"{place.first} {bones(word)}" for word in place.street[:_SHORTEST])
        if place.postcode:
            yield f"{place.first} {place.postcode}"


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
