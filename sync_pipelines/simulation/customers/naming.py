"""Names of firms in their parts, so that they can be told shorter, in English, or with another legal form."""

from dataclasses import dataclass, replace

from sync_pipelines.simulation.customers import words, words_chinese
from sync_pipelines.simulation.customers.draw import Draw, mixed, scattered
from sync_pipelines.simulation.customers.words import Place

_PAIRS = len(words.SURNAMES) * (len(words.SURNAMES) - 1)
_CHINESE = len(words_chinese.FIRST) * len(words_chinese.SECOND) * len(words_chinese.TRADES) * len(words_chinese.PLACES)
_ONE_WORD = (*words.COINED, *words.SURNAMES)
_ACCENTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "é": "e", "è": "e", "ú": "u",
     "ñ": "n", "Å": "A", "ø": "o", "ó": "o", "É": "E", "ë": "e", "’": "'"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """A firm's name. `spoken` is a Chinese brand in Latin letters."""

    country: str
    brand: str
    trade: str
    form: str
    city: str = ""  # where it is part of the name
    bracketed: bool = False  # 永泰（宁波）机械有限公司
    branch: str = ""  # what a branch's name ends with
    spoken: str = ""

    @property
    def full(self) -> str:
        """As it is registered."""
        return self.formed(self.form)

    def formed(self, form: str) -> str:
        """With another legal form, or none."""
        if self.country == "CN":
            where = f"{self.brand}（{self.city}）" if self.bracketed else f"{self.city}{self.brand}"
            return f"{where}{self.trade}{form}{self.branch}"
        said = " ".join(part for part in (self.brand, self.trade, self.city) if part)
        formed = f"{said}{form}" if form.startswith(",") else f"{said} {form}".rstrip()
        return f"{formed} {self.branch}".rstrip()

    @property
    def short(self) -> str:
        """As people who know it call it."""
        return f"{self.brand}{self.trade}" if self.country == "CN" else self.brand

    @property
    def english(self) -> str:
        """A Chinese firm's name on its business cards abroad; others have none of their own."""
        if self.country != "CN":
            return self.full
        trade = dict(words_chinese.TRADES).get(self.trade, "Holding Group")
        branch = f" {words_chinese.SPELLED.get(self.branch[:2], '')} Branch" if self.branch else ""
        return f"{words_chinese.SPELLED[self.city]} {self.spoken} {trade} {words_chinese.ENGLISH_FORM}{branch}"

    @property
    def site(self) -> str:
        """What its domain begins with."""
        if self.country == "CN":
            trade = dict(words_chinese.TRADES).get(self.trade, "group").split()[0]
            return f"{self.spoken}-{trade}-{words_chinese.SPELLED[self.city]}".lower()
        said = [self.brand.replace(" & ", "-"), self.trade, self.city, self.country]
        return _plain("-".join(part for part in said if part))


def without_accents(text: str) -> str:
    """As an old keyboard would have it: Müller is Mueller."""
    return text.translate(_ACCENTS)


def _plain(text: str) -> str:
    return without_accents(text).lower().replace(" ", "").replace("'", "").replace("&", "")


def places(country: str) -> tuple[Place, ...]:
    """The cities of a country."""
    return words_chinese.PLACES if country == "CN" else words.PLACES[country]


def name_of(country: str, serial: int, seed: int, draw: Draw) -> Name:
    """The name of the serial-th firm of a country: no other serial has its words, as long as there are enough."""
    seed += mixed(int.from_bytes(country.encode()))
    return _chinese(serial, seed, draw) if country == "CN" else _western(country, serial, seed, draw)


def _chinese(serial: int, seed: int, draw: Draw) -> Name:
    first, second, trades = words_chinese.FIRST, words_chinese.SECOND, words_chinese.TRADES
    round_, within = divmod(serial, _CHINESE)
    number, where = divmod(scattered(within, _CHINESE, seed), len(words_chinese.PLACES))
    number, trade = divmod(number, len(trades))
    (one, sound), (two, more) = first[number % len(first)], second[number // len(first)]
    third, rest = first[round_ % len(first)] if round_ else ("", "")
    form = "有限公司" if draw.chance(80) else draw.one(tuple(words.FORMS["CN"]))
    city, spoken = words_chinese.PLACES[where].city, f"{sound}{more}{rest}".capitalize()
    return Name("CN", one + two + third, trades[trade][0], form, city, draw.chance(15), spoken=spoken)


def home_of(name: Name, draw: Draw) -> Place:
    """Where it sits: in the city that stands in its name, or anywhere."""
    there = [place for place in places(name.country) if place.city == name.city]
    return there[0] if there else draw.one(places(name.country))


def _western(country: str, serial: int, seed: int, draw: Draw) -> Name:
    """Two of three go by one word, as long as there are any; the rest by two surnames, later with their city."""
    trades, form = words.TRADES[country], draw.one(tuple(words.FORMS[country]))
    ones, pairs = len(_ONE_WORD) * len(trades), _PAIRS * len(trades)
    turn, place = divmod(serial, 3)
    while_they_last = serial < ones // 2 * 3
    if while_they_last and place < 2:  # noqa: PLR2004 - two of three
        word, trade = divmod(scattered(turn * 2 + place, ones, seed), len(trades))
        return Name(country, _ONE_WORD[word], trades[trade], form)
    round_, within = divmod(turn if while_they_last else serial - ones, pairs)
    pair, trade = divmod(scattered(within, pairs, seed), len(trades))
    cities = ("", *(place.city for place in words.PLACES[country]))
    return Name(country, _two_surnames(pair), trades[trade], form, cities[round_ % len(cities)])


def _two_surnames(number: int) -> str:
    first, second = divmod(number, len(words.SURNAMES) - 1)
    return f"{words.SURNAMES[first]} & {words.SURNAMES[second if second < first else second + 1]}"


def former(name: Name, draw: Draw) -> Name:
    """What it was called before it was renamed."""
    if name.country == "CN":
        (one, sound), (two, more) = draw.one(words_chinese.FIRST), draw.one(words_chinese.SECOND)
        return replace(name, brand=one + two, spoken=f"{sound}{more}".capitalize())
    return replace(name, brand=draw.one(words.SURNAMES))
