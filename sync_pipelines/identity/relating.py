"""How two values of one field differ, in a few words: what somebody asks who has to answer for it, and nobody's data.

Said of the first value, held against the second: `legal form missing` is missing in the first.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from rapidfuzz.distance import OSA

from mappings.book import FieldSpec
from mappings.values import Value
from sync_pipelines.identity import numbers, web
from sync_pipelines.identity.companies import NUMBER, Company, company
from sync_pipelines.identity.folding import fold, in_simplified, is_han, words
from sync_pipelines.identity.naming import companies_alike
from sync_pipelines.identity.places import address

_BLANK: tuple[Value, ...] = (None, "", [])
_FEW = frozenset({"choice", "code", "yes_no", "country", "currency"})  # values that stand in a list: told as they are
_ONE_SIGN, _SIGNS, _SLIPS = 8, 1, 2  # signs of a text in which one may be mistyped; in a longer one, two
_SHORTEST_CUT = 8
# How many characters systems keep as a rule.
_CUTS = frozenset({20, 24, 25, 30, 32, 35, 36, 40, 50, 60, 64, 80, 100, 120, 128, 160, 200, 240, 255})
_BY_SOUND = 0.7
_OTHER_STREET, _MISSING = "another street", "missing"

Relation = Callable[[str, str], str]  # of the first text to the second; empty where there is none of the sort


def relation(said: Value, wanted: Value, spec: FieldSpec) -> str:
    """In words; by the looks of both where none is known. The values are not equal."""
    if said in _BLANK or wanted in _BLANK:
        return f"{_MISSING}, and there with the other" if said in _BLANK else f"there, and {_MISSING} with the other"
    if isinstance(said, dict) and isinstance(wanted, dict):
        return _amounts(said, wanted) if "amount" in said else _parts(said, wanted)
    if isinstance(said, list) and isinstance(wanted, list):
        return _lists(len(said), len(wanted))
    if spec.type in _FEW and spec.privacy != "personal":
        return f"{_plain(said)} ≠ {_plain(wanted)}"
    if isinstance(said, str) and isinstance(wanted, str):
        return _told(said, wanted, _SORTS.get(spec.type, _TEXT))
    return by_looks(said, wanted)


def _told(said: str, wanted: str, sorts: Sequence[Relation]) -> str:
    return next((told for sort in (_spelled, *sorts) if (told := sort(said, wanted))), "") or by_looks(said, wanted)


def _plain(value: Value) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


# --- by looks ---------------------------------------------------------------------------------------------------------


def by_looks(one: Value, two: Value) -> str:
    """Letters as A or a, digits as 9, and no more than the beginning."""
    mine, yours = looks(one), looks(two)
    return f"{mine} ≠ {yours}" if mine != yours else f"other signs of the same shape ({mine})"


def looks(value: Value) -> str:
    """The shape of one value."""
    if value in _BLANK:
        return "nothing"
    if isinstance(value, list):
        return f"{len(value)} items"
    if isinstance(value, dict):
        return "{" + ", ".join(name for name in value if value[name] is not None) + "}"
    shape = re.sub(r"[^\W\d_]", lambda m: "A" if m[0].isupper() else "a", re.sub(r"\d", "9", str(value)))
    return re.sub(r"(.)\1{3,}", r"\1\1\1…", shape)[:24]


# --- the same, but for its spelling -----------------------------------------------------------------------------------


_IN_FULL = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
_UMLAUTS = "umlauts in two letters"
_SPELLINGS: Mapping[str, Callable[[str], str]] = {  # what is left out of account, one after the other
    "how letters are put together": lambda text: unicodedata.normalize("NFC", text),
    "spaces": lambda text: "".join(text.split()),
    "full-width and half-width signs": lambda text: unicodedata.normalize("NFKC", text),
    "case": str.casefold,
    "simplified and traditional characters": in_simplified,
    _UMLAUTS: lambda text: text.translate(_IN_FULL),
    "accents": fold,
    "punctuation": lambda text: "".join(sign for sign in text if sign.isalnum()),
}


def _spelled(said: str, wanted: str) -> str:
    """What has to be left out of account for both to be one text, and no more than that."""
    for left_out in (_UMLAUTS, ""):
        names = [name for name in _SPELLINGS if name != left_out]
        chains = (names[:count] for count in range(1, len(names) + 1))
        enough = next((chain for chain in chains if _are_one(said, wanted, chain)), None)
        if enough is not None:
            return f"only {_listed([_turned(name, said, wanted) for name in _needed(said, wanted, enough)])}"
    return ""


def _needed(said: str, wanted: str, enough: Sequence[str]) -> Sequence[str]:
    for name in reversed(enough):
        rest = [other for other in enough if other != name]
        enough = rest if _are_one(said, wanted, rest) else enough
    return enough


def _are_one(said: str, wanted: str, spellings: Sequence[str]) -> bool:
    for name in spellings:
        said, wanted = _SPELLINGS[name](said), _SPELLINGS[name](wanted)
    return bool(said) and said == wanted


def _turned(name: str, said: str, wanted: str) -> str:
    """Which way round, where that can be told."""
    if name == "case" and said.isupper() != wanted.isupper():
        return "case (in capitals)" if said.isupper() else "case (the other is in capitals)"
    if name.startswith("simplified"):
        return "traditional characters" if in_simplified(said) != said else "simplified characters"
    return name


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


# --- texts ------------------------------------------------------------------------------------------------------------


def _cut(said: str, wanted: str) -> str:
    """A system that keeps so many characters ends in the midst of a word."""
    short, long = sorted((said, wanted), key=len)
    if len(short) < _SHORTEST_CUT or not long.casefold().startswith(short.casefold()) or is_han(short):
        return ""
    inside = short[-1].isalnum() and long[len(short)].isalnum()
    return _cut_at(said, wanted) if inside else ""


def _cut_at(said: str, wanted: str) -> str:
    at = min(len(said), len(wanted))
    return f"cut at {at} characters" if len(said) == at else f"the other is cut at {at} characters"


def _formed(said: str, wanted: str) -> str:
    """Names of firms that differ in what says which sort of firm it is."""
    one, two = company(said), company(wanted)
    if not one.said or one.said != two.said or one.branch != two.branch or not (one.forms or two.forms):
        return ""
    loud = ", in capitals" if said.isupper() and not wanted.isupper() else ""
    return f"{_form(one, two)}{loud}"


def _form(one: Company, two: Company) -> str:
    if not one.forms:
        return "legal form missing"
    if not two.forms:
        return "legal form, which the other has not"
    return "legal form written otherwise" if one.forms == two.forms else "other legal form"


def _part(said: str, wanted: str) -> str:
    mine, yours = fold(said), fold(wanted)
    if len(wanted) > len(said) in _CUTS and yours.startswith(mine):
        return _cut_at(said, wanted)
    if {*words(mine)} < {*words(yours)} or (is_han(mine) and mine in yours):
        return "shorter: a part of the other"
    return "longer: the other is a part of it" if _is_longer(mine, yours) else ""


def _is_longer(mine: str, yours: str) -> bool:
    return {*words(yours)} < {*words(mine)} or (is_han(yours) and yours in mine)


def _turned_round(said: str, wanted: str) -> str:
    mine, yours = sorted(words(fold(said))), sorted(words(fold(wanted)))
    return "the same words in another order" if mine == yours != [] else ""


def _in_letters(said: str, wanted: str) -> str:
    if is_han(said) == is_han(wanted):
        return ""
    found = companies_alike(company(said), company(wanted), lambda _: 1.0)
    which = "in Latin letters" if is_han(wanted) else "in Chinese characters"
    return f"{which}, by its sound" if found.alike >= _BY_SOUND else f"{which}, and not by its sound"


def _slipped(said: str, wanted: str) -> str:
    mine, yours = fold(said), fold(wanted)
    least = min(len(mine), len(yours))
    apart = OSA.distance(mine, yours)
    if apart > (_SIGNS if least < _ONE_SIGN else _SLIPS) or apart * 2 >= least:
        return ""
    digits = [re.sub(r"\D", "", text) for text in (mine, yours)]
    return "a digit or two differ" if digits[0] != digits[1] else "a letter or two differ"


def _is_code(text: str) -> bool:
    digits = any(sign.isdigit() for sign in text)
    return digits and (len(text.split()) == 1 or not any(sign.isalpha() for sign in text))


def _worded(said: str, wanted: str) -> str:
    """Of texts in words; numbers and codes are told by their looks."""
    if any(_is_code(text) for text in (said, wanted)):
        return ""
    mine, yours = ({w.text for w in company(text).words if w.sort != NUMBER} for text in (said, wanted))
    return "no word in common" if mine.isdisjoint(yours) else "some words are others"


# --- what has a form of its own ---------------------------------------------------------------------------------------


def _street(said: str, wanted: str) -> str:
    one, two = address({"street": said}), address({"street": wanted})
    if not one.street or one.street != two.street:
        return ""
    if one.numbers == two.numbers:
        longer = len(said) - len(wanted)
        return "written in full" if longer > 0 else "abbreviated" if longer else "written otherwise"
    if not one.numbers or not two.numbers:
        return "without house number" if not one.numbers else "with a house number"
    return "other house number"


def _phone(said: str, wanted: str) -> str:
    pairs = [(a, b) for a in numbers.phones(said) for b in numbers.phones(wanted)]
    if any(numbers.one_line(a, b) for a, b in pairs):
        return "the same digits in another format"
    if any(a.startswith(b) or b.startswith(a) for a, b in pairs):
        return "with an extension" if len(said) > len(wanted) else "without extension"
    return _slipped(said, wanted) or "another number"


def _email(said: str, wanted: str) -> str:
    one, two = web.email(said), web.email(wanted)
    if one is None or two is None:
        return ""
    if one.text == two.text:
        return "only what stands around the address"
    if one.local == two.local:
        return "the same name at another domain"
    return _slipped(said, wanted) or (
        "another name at the same domain" if one.domain == two.domain and not one.free else "another address"
    )


def _domain(said: str, wanted: str) -> str:
    one, two = (web.registered(fold(text)) for text in (said, wanted))
    if one and one == two:
        return "another host of the same domain"
    same = one.partition(".")[0] == two.partition(".")[0]
    return "the same name under another ending" if one and same else _slipped(said, wanted) or "another domain"


def _tax_id(said: str, wanted: str) -> str:
    one, two = numbers.tax_id(said), numbers.tax_id(wanted)
    if one is not None and two is not None and one.text == two.text:
        return "without its country's letters" if not one.prefix else "its country's letters, too"
    return _slipped(said, wanted)


def _amounts(said: Mapping[str, Value], wanted: Mapping[str, Value]) -> str:
    if said.get("currency") != wanted.get("currency"):
        return "other currency"
    return _ordered("lower", "higher")(str(said["amount"]), str(wanted.get("amount")))


def _ordered(less: str, more: str) -> Relation:
    def told(said: str, wanted: str) -> str:
        try:
            return less if float(said) < float(wanted) else more
        except ValueError:
            return less if said < wanted else more

    return told


def _lists(mine: int, yours: int) -> str:
    return f"{mine} items ≠ {yours} items" if mine != yours else f"{mine} items, which differ"


_TEXT: Sequence[Relation] = (_cut, _formed, _in_letters, _turned_round, _part, _slipped, _worded)
_STREET: Sequence[Relation] = (_street, _cut, _part, _slipped, lambda *_: _OTHER_STREET)
_EARLIER = _ordered("earlier", "later")
_SORTS: Mapping[str, Sequence[Relation]] = {
    "person_name": (_cut, _turned_round, _part, _slipped, _worded),
    "phone": (_phone,),
    "email": (_email,),
    "domain": (_domain,),
    "tax_id": (_tax_id,),
    "date": (_EARLIER,),
    "datetime": (_EARLIER,),
    "decimal": (_ordered("lower", "higher"),),
    "reference": (lambda *_: "refers to another",),
}


# --- addresses --------------------------------------------------------------------------------------------------------


def _parts(said: Mapping[str, Value], wanted: Mapping[str, Value]) -> str:
    """In which parts they differ, and how where that can be said in one for all of them."""
    names = [name for name in dict.fromkeys((*wanted, *said)) if said.get(name) != wanted.get(name)]
    told = {name: _of_part(name, said.get(name), wanted.get(name)) for name in names}
    where, how = ", ".join(names), dict.fromkeys(told.values())
    if len(how) == 1 and names:
        return f"{where}: {next(iter(how))}"
    if told.get("street") == _OTHER_STREET or not names:
        return f"another place: {where}" if names else "other parts"
    return "; ".join(f"{name}: {says}" for name, says in told.items())


def _of_part(name: str, said: Value, wanted: Value) -> str:
    if said in _BLANK or wanted in _BLANK:
        return _MISSING if said in _BLANK else "there, and not with the other"
    one, two = str(said), str(wanted)
    if name == "country":
        return f"{one} ≠ {two}"
    return _told(one, two, _STREET if name == "street" else _TEXT)
