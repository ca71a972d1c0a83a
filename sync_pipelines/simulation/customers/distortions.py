"""What goes wrong with a customer on its way into a system: each has a name, and is told with the appearance.

A distortion that would change nothing (a name without accents in traditional script) does not happen and is not told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sync_pipelines.simulation.customers import words, words_chinese
from sync_pipelines.simulation.customers.draw import Draw
from sync_pipelines.simulation.customers.naming import Name, former, without_accents
from sync_pipelines.simulation.customers.truth import System

Odds: TypeAlias = Mapping[str, float]  # percent, by the name of a distortion


def _mistyped(name: Name, draw: Draw) -> str:
    text = name.full
    if name.country == "CN":
        likely = [place for place, sign in enumerate(name.brand) if sign in words_chinese.LOOKALIKES]
        if not likely:
            return text
        sign = name.brand[draw.one(likely)]
        return text.replace(sign, words_chinese.LOOKALIKES[sign], 1)
    place = 1 + draw.below(max(len(name.brand) - 2, 1))
    before, here, behind = text[:place], text[place], text[place + 1 :]
    slips = (f"{before}{behind[:1]}{here}{behind[1:]}", f"{before}{here}{here}{behind}", f"{before}{behind}")
    return draw.one(slips)


NAMES: Mapping[str, Callable[[Name, Draw], str]] = {
    "shouted": lambda name, _: name.full.upper(),
    "form_dropped": lambda name, _: name.formed(""),
    "form_written_otherwise": lambda name, draw: name.formed(draw.one(words.FORMS[name.country][name.form])),
    "in_english": lambda name, _: name.english,
    "short_name": lambda name, _: name.short,
    "traditional": lambda name, _: name.full.translate(words_chinese.TRADITIONAL),
    "typo": _mistyped,
    "without_accents": lambda name, _: without_accents(name.full),
    "other_brackets": lambda name, _: name.full.replace("（", "(").replace("）", ")"),
    "word_for_and": lambda name, _: name.full.replace(" & ", f" {words.AND.get(name.country, '&')} ", 1),
    "former_name": lambda name, draw: former(name, draw).full,
}
OTHERS = (
    "moved", "street_abbreviated", "address_in_part", "no_address", "shared_phone", "no_phone", "no_tax_id",
    "heads_tax_id", "no_website", "duplicate", "free_mail", "person_for_firm", "name_in_latin_letters",
)  # fmt: skip
DISTORTIONS = frozenset({*NAMES, *OTHERS})


@dataclass(frozen=True, slots=True)
class Profile:
    """How often each distortion happens, by system. One that is not named does not happen."""

    crm: Odds
    shop: Odds
    erp: Odds

    def of(self, system: System) -> Odds:
        """The odds in one system."""
        return {"crm": self.crm, "shop": self.shop, "erp": self.erp}[system]


_TYPED_BY_HAND = {
    "shouted": 5, "form_dropped": 9, "form_written_otherwise": 8, "in_english": 6, "short_name": 5, "traditional": 4,
    "typo": 4, "without_accents": 5, "other_brackets": 5, "word_for_and": 4, "former_name": 2,
}  # fmt: skip
AS_PEOPLE_ARE = Profile(
    crm=_TYPED_BY_HAND
    | {"moved": 6, "street_abbreviated": 10, "address_in_part": 6, "no_address": 3, "shared_phone": 4, "no_phone": 12}
    | {
        "no_tax_id": 45,
        "heads_tax_id": 15,
        "no_website": 30,
        "duplicate": 4,
        "free_mail": 8,
        "name_in_latin_letters": 8,
    },
    shop={name: odds * 1.5 for name, odds in _TYPED_BY_HAND.items()}
    | {"moved": 9, "street_abbreviated": 14, "shared_phone": 4, "no_phone": 30, "no_tax_id": 85, "no_website": 100}
    | {"heads_tax_id": 5, "duplicate": 7, "free_mail": 30, "person_for_firm": 9, "name_in_latin_letters": 10},
    erp={"shouted": 3, "form_written_otherwise": 3, "former_name": 1, "moved": 2, "no_address": 2, "shared_phone": 3}
    | {"no_phone": 20, "no_tax_id": 3, "heads_tax_id": 10, "no_website": 60, "duplicate": 1, "traditional": 1},
)
NOTHING_WRONG = Profile({}, {}, {})


def misnamed(name: Name, odds: Odds, draw: Draw) -> tuple[str, str]:
    """The name as it was entered, and which distortion that is: at most one."""
    point = draw.below(10_000) / 100
    for distortion, spell in NAMES.items():
        point -= odds.get(distortion, 0)
        if point < 0:
            told = spell(name, draw)
            return (told, distortion) if told != name.full else (told, "")
    return name.full, ""


def abbreviated(street: str) -> str:
    """A street as it is written in a hurry."""
    for long, short in words.STREETS:
        if long in street:
            return street.replace(long, short)
    return street.removesuffix("号") + "#" if street.endswith("号") else street
