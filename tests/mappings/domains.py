"""For each codec, what it is asked to hold: raw spellings that it has to understand, as hypothesis strategies."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import phonenumbers
from hypothesis import strategies as st
from stdnum.cn import uscc
from stdnum.de import vat as de_vat
from stdnum.fr import siren

from mappings.codec import Context, Setting
from mappings.codecs import CODECS
from mappings.codecs_places import countries, minor_digits
from mappings.values import Values

CURRENCIES = ("EUR", "USD", "CNY", "JPY", "KWD", "CLF", "CHF", "HUF")
_PRINTABLE = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Cf"], exclude_characters="\ufffd")
_SPACES = st.sampled_from(["", " ", "  ", "\u00a0", "\u3000", "\ufeff"])


@dataclass(frozen=True)
class Domain:
    """A codec on one line: its setting, the record around it, and raw values that it has to understand."""

    codec: str
    raws: st.SearchStrategy[Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    siblings: Values = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    label: str = ""

    @property
    def context(self) -> Context:
        encodes: dict[str, str] = {}
        for theirs, ours in self.words.items():
            encodes.setdefault(ours, theirs)
        setting = Setting(
            options=self.options,
            links=self.links,
            decodes=self.words,
            encodes=encodes,
            places=self.places,
            table="terms",
        )
        return Context(setting, self.siblings)

    def decode(self, raw: Any) -> Any:
        return CODECS[self.codec].decode(raw, self.context)

    def encode(self, value: Any) -> Any:
        return CODECS[self.codec].encode(value, self.context)

    def __str__(self) -> str:
        return f"{self.codec} {self.label}".strip()


def _padded(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda before, text, after: before + text + after, _SPACES, inner, _SPACES)


def _full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if letter.isascii() and letter.isalnum() else letter for letter in text)


def _noisy(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The same number as people type it: lower case, full width, with dashes and blanks."""
    spell = st.sampled_from([str, str.lower, _full_width, "-".join, lambda t: f" {t[:2]} {t[2:]} "])
    return st.builds(lambda how, text: how(text), spell, inner)


_USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = st.builds(
    lambda region, rest: _with_check(f"91{region:06}{rest}"),
    st.integers(0, 999_999),
    st.text(_USCC_LETTERS, min_size=9, max_size=9),
)
_DE_VAT = st.integers(10_000_000, 99_999_999).map(lambda n: f"DE{n}{_de_check(str(n))}")
_FR_VAT = st.integers(0, 99_999_999).map(lambda n: _french(f"{n:08}"))
_EIN = st.integers(0, 9_999_999).map(lambda n: f"12-{n:07}")


def _with_check(plain: str) -> str:
    return plain + uscc.calc_check_digit(plain)


def _de_check(digits: str) -> str:
    return next(d for d in "0123456789" if de_vat.is_valid(f"{digits}{d}"))


def _french(digits: str) -> str:
    number = next(f"{digits}{d}" for d in "0123456789" if siren.is_valid(f"{digits}{d}"))
    return f"FR{siren.to_tva(number).replace(' ', '')}"


def _examples(region: str) -> list[str]:
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    found = [phonenumbers.example_number_for_type(region, kind) for kind in kinds]
    forms = (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return [phonenumbers.format_number(number, form) for number in found if number for form in forms]


_PHONES = {region: _examples(region) for region in ("DE", "CN", "US", "IT", "FR", "GB", "CH", "JP", "AR", "MX")}
_LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(lambda t: t[2:4] != "--")
_WORLD = st.sampled_from(["bücher", "straße", "例子", "МОСКВА", "xn--bcher-kva", "Acme"])
_DOMAINS = st.builds(
    lambda label, top: f"{label}.{top}", _LABEL | _WORLD, st.sampled_from(["com", "CN", "example", "中国"])
)
_LOCALS = st.from_regex(r"[A-Za-z0-9._%+-]{1,20}", fullmatch=True) | st.sampled_from(["ünal", "用户", "O'Brien"])
_DECIMALS = st.decimals(-(10**15), 10**15, allow_nan=False, allow_infinity=False, places=4)
_NUMBERS = (
    _DECIMALS
    | _DECIMALS.map(lambda d: f"{d:f}")
    | st.integers(-(10**30), 10**30)
    | st.floats(-1e9, 1e9).map(lambda x: round(x, 4))
    | st.sampled_from(["-0", "+7", "000.5000", "１２３．４５", 0, Decimal("1E+3"), -0.0])
)
_DATES = st.dates(date(1, 1, 1), date(9999, 12, 31))
_MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
_NAMES = st.sampled_from(
    ["Ada", "van", "Gogh", "Vincent", "王", "丽", "欧阳", "Łukasz", "O'Brien", "Müller-Lüdenscheidt"]
)
_FULL_NAMES = st.lists(_NAMES, min_size=1, max_size=4).map(" ".join) | st.lists(_NAMES, min_size=1).map("".join)


def _amount(currency: str) -> st.SearchStrategy[Any]:
    scale = minor_digits(currency)
    return st.decimals(-(10**12), 10**12, places=scale).flatmap(lambda d: st.sampled_from([d, f"{d:f}"]))


def _money(currency: str) -> Domain:
    return Domain("money", _amount(currency), {"currency": currency}, label=currency)


def _phones(region: str) -> Domain:
    raws = _padded(st.sampled_from(_PHONES[region]))
    links = {"region": ("address", "country")}
    return Domain("phone", raws, {"region": "address.country"}, links, {"address": {"country": region}}, label=region)


_PLACES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("US", "name", ("CA", "california", "US-NY", "District of Columbia", "Calif.")),
    ("US", "local", ("CA", "New York", "US-TX", "us-tx")),
    ("DE", "iso", ("BY", "Bayern", "DE-BE", "Nordrhein-Westfalen")),
    ("CN", "name", ("广东省", "广东", "Guangdong", "CN-BJ", "上海市", "内蒙古自治区")),
    ("FR", "name", ("Paris", "FR-IDF", "Bretagne")),
    ("GB", "name", ("Greater Manchester", "England", "Kent")),
    ("", "name", ("CA", "US-CA", "anywhere")),
)


def _regions(country: str, spelled: str, raws: tuple[str, ...]) -> Domain:
    options = {"country": "country", "as": spelled}
    links, beside = {"country": ("country",)}, {"country": country or None}
    return Domain("region", _padded(st.sampled_from(raws)), options, links, beside, label=f"{country} as {spelled}")


def _tax(country: str, raws: st.SearchStrategy[str]) -> Domain:
    return Domain("tax_id", _noisy(raws), {"country": country} if country else {}, label=country or "no country")


_DATE_FORMS = {
    "dmy": "{d.day:02}.{d.month:02}.{d.year:04}",
    "mdy": "{d.month}/{d.day}/{d.year:04}",
    "ymd": "{d.year:04}年{d.month}月{d.day}日",
    "compact": "{d.year:04}{d.month:02}{d.day:02}",
}


def _written_dates(name: str, form: str) -> Domain:
    return Domain("date", _DATES.map(lambda d: form.format(d=d)), {"format": name}, label=name)


TERMS = {"N30": "net30", "Net 30": "net30", "COD": "receipt", "7": "week"}
STAGES = {"Won": "won", "true": "yes", "3": "third", "Lost": "lost"}

DOMAINS = (
    Domain("text", _padded(st.text(_PRINTABLE)) | st.integers()),
    Domain("person_name", _padded(_FULL_NAMES)),
    Domain(
        "person_name",
        st.fixed_dictionaries({"first": st.none() | _FULL_NAMES, "last": _FULL_NAMES}),
        places=("first", "last"),
        label="in two places",
    ),
    *(_phones(region) for region in _PHONES),
    Domain("phone", st.sampled_from(["+49 30 1234567", "+861065529988 ext. 12"]), {"as": "international"}, label="as"),
    _tax("", _USCC | _DE_VAT),
    _tax("CN", _USCC | _DE_VAT),
    _tax("DE", _DE_VAT | _DE_VAT.map(lambda t: t.removeprefix("DE")) | _FR_VAT),
    _tax("FR", _FR_VAT),
    _tax("US", _EIN),
    _tax("BS", st.from_regex(r"[A-Z0-9]{4,12}", fullmatch=True)),
    Domain("email", _padded(st.builds(lambda local, domain: f"{local}@{domain}", _LOCALS, _DOMAINS))),
    Domain("domain", st.builds(lambda p, d, s: p + d + s, st.sampled_from(["", "https://", "http://www."]), _DOMAINS,
                               st.sampled_from(["", "/", "/de?x=1#y", ":8080"]))),
    Domain("domain", _DOMAINS, {"as": "url"}, label="as url"),
    Domain("country", st.sampled_from(["中国", "Deutschland", " DEU", "de", "日本", "Côte d’Ivoire"])),
    *(Domain("country", st.sampled_from(sorted(countries())), {"as": "name", "language": language}, label=language)
      for language in ("en", "de", "zh", "ar", "fr")),
    Domain("country", st.sampled_from(sorted(countries())), {"as": "alpha3"}, label="as alpha3"),
    *(_regions(*each) for each in _PLACES),
    Domain("currency", st.sampled_from(["EUR", "usd", "€", "RMB", " cny "])),
    *(_money(currency) for currency in CURRENCIES),
    Domain("money", st.fixed_dictionaries({"amount": _amount("EUR"), "currency": st.just("EUR")}), {"shape": "pair"},
           label="pair"),
    Domain("decimal", _NUMBERS),
    Domain("decimal", st.sampled_from(["1.234,56", "-0,50", "12", "1.000.000"]), {"format": "1.234,56"}, label="comma"),
    Domain("decimal", st.integers(), {"as": "number"}, label="whole"),
    Domain("date", _DATES.map(lambda d: d.isoformat())),
    *(_written_dates(name, form) for name, form in _DATE_FORMS.items()),
    Domain("datetime", _MOMENTS.map(lambda m: m.isoformat())),
    Domain("datetime", _MOMENTS.map(lambda m: calendar.timegm(m.timetuple())), {"as": "seconds"}, label="seconds"),
    Domain("choice", st.sampled_from([*STAGES, True, 3]), words=STAGES),
    Domain("code", _padded(st.sampled_from(list(TERMS))) | st.just(7), words=TERMS),
    Domain("yes_no", st.sampled_from([True, False, "Yes", "no", "1", 0, "Ｙ"])),
    Domain("yes_no", st.sampled_from(["Ja", "nein"]), {"values": {"yes": "Ja", "no": "Nein"}}, label="in words"),
    Domain("reference", st.from_regex(r"[A-Za-z0-9]{1,18}", fullmatch=True) | st.integers(1)),
    Domain("reference", st.integers(1), {"as": "number"}, label="number"),
)  # fmt: skip

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
GARBAGE = st.recursive(
    _SCALARS.filter(lambda raw: raw is not None),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["amount", "currency", "code", "first"]), inner)
    ),
    max_leaves=4,
)
