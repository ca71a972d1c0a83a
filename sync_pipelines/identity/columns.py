"""Which column of a table holds what: told by its heading, and by what stands in it."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from mappings.matching import Scoring, Weighed
from mappings.values import Value
from sync_pipelines.identity.companies import company
from sync_pipelines.identity.folding import fold, is_han, words
from sync_pipelines.identity.numbers import date, tax_id
from sync_pipelines.identity.words.headings import HEADINGS

# What a column may hold → the field under which it is compared, and its kind. Parts of addresses and of persons' names
# are put together.
ROLES = (
    "id", "name", "person", "given_name", "surname", "street", "number", "city", "region", "postal_code", "country",
    "phone", "email", "website", "tax_id", "reference", "date", "text", "ignore",
)  # fmt: skip

_BY_HEADING: dict[str, str] = {}
for _role, _some in HEADINGS.items():
    for _heading in _some.split():
        _BY_HEADING.setdefault("".join(words(fold(_heading))), _role)
_ID_ENDS = (
    "id",
    "guid",
    "uuid",
    "code",
    "nr",
    "nummer",
    "number",
    "no",
    "key",
    "编号",
    "编码",
    "代码",
    "序号",
    "主键",
)  # 客户ID, CustomerID, partner_code
_SEVERAL = frozenset({"phone", "email"})
_PLAIN = ("name", "person", "email", "website", "tax_id", "reference", "date")
_PARTS = ("street", "number", "city", "region", "postal_code", "country")
_FIELDS = {
    "name": "company", "person": "person", "address": "address", "phone": "phone", "email": "email", "website": "site",
    "tax_id": "tax_id", "reference": "number", "date": "date",
}  # fmt: skip
_FROM = {
    "person": {"person", "given_name", "surname"}, "address": set(_PARTS), "website": {"website", "email"},
}  # fmt: skip
_MOSTLY = 0.6
_FORMS = 0.3  # of a column of firms so many bear a legal form
_TELLING = 5  # letters of a word that tells what it ends; two signs of one in Chinese do
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MARKED = re.compile(r"[A-Z](?=[A-Z][a-z]|[A-Z]+$)")  # FName, FVAT: the mark of a field, as Kingdee writes
_HOUSE = re.compile(r"\d{1,5}([\s/-]*[a-zA-Z\d]{1,4})?")
_CODE = re.compile(r"[A-Za-z]{0,4}[-_/.]?\d[\d\-_/.]{2,}")  # C-10023, KD004711
_DIALLED = re.compile(r"(?=.*[\s()/.+-])[+0(][\d\s()/.+-]{6,}|1[3-9]\d{9}|0\d{6,11}")


class UnknownColumnError(ValueError):
    """A column or a role that is not there, in a sentence for the user."""


def detected(headings: Sequence[str], samples: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Heading → role. Of several columns that could hold the ids of rows the first does."""
    bare = _without_marks(headings)
    found = {heading: _outright(bare[heading], samples.get(heading, ())) for heading in headings}
    taken = set(found.values())
    for by in (_by_tail, _by_ending):
        for heading in headings:
            found[heading] = found[heading] or _held(by(bare[heading], taken), samples.get(heading, ()))
    first = next(
        (heading for heading in headings if _is_id(bare[heading], found[heading], samples.get(heading, ()))), ""
    )
    if not first and headings and _is_like_an_id(found[headings[0]], samples.get(headings[0], ())):
        first = headings[0]
    for heading in headings:
        if heading == first:
            found[heading] = "id"
        elif found[heading] in {"", "id"}:
            found[heading] = _by_content([value for value in samples.get(heading, ()) if value.strip()], found.values())
    return found


def recognised(cells: Sequence[str]) -> int:
    """How many things that columns hold are called outright in a row."""
    bare = _without_marks([cell for cell in cells if cell])
    return len({role for cell in bare.values() if (role := _BY_HEADING.get(_folded(cell)))})


def _outright(heading: str, values: Sequence[str]) -> str:
    """What its heading says."""
    return _held(_BY_HEADING.get(_folded(heading), ""), values)


def _held(role: str, values: Sequence[str]) -> str:
    """The same, unless the values say otherwise: a `Number` is that of a house only where it looks like one, and a
    `Debitor` may be somebody's name or their number.
    """
    told = [value for value in values if value.strip()]
    if role == "number" and not _hold(told, _is_of_a_house, _MOSTLY):
        return ""
    return "" if role == "name" and _hold(told, _is_code, _MOSTLY) else role


def _without_marks(headings: Sequence[str]) -> Mapping[str, str]:
    """Headings without the letter that all fields of a system begin with, where most of these do."""
    marks = Counter(heading[0] for heading in headings if _MARKED.match(heading))
    mark, many = marks.most_common(1)[0] if marks else ("", 0)
    marked = 2 * many > len(headings)
    return {
        heading: heading[1:] if marked and heading.startswith(mark) and _MARKED.match(heading) else heading
        for heading in headings
    }


def _parts(heading: str) -> list[str]:
    return words(fold(_HUMP.sub(" ", heading)).replace("_", " "))


def _folded(heading: str) -> str:
    return "".join(_parts(heading))


def _by_tail(heading: str, taken: Collection[str]) -> str:
    """`billing city` is a city, `main_phone` a phone: as long as no column is called so outright."""
    parts = _parts(heading)
    cut = ["".join(parts[start:]) for start in range(1, len(parts))] + ["".join(parts[:-1])] if len(parts) > 1 else []
    return _first_free(cut, taken)


def _by_ending(heading: str, taken: Collection[str]) -> str:
    """Words that are written together say in the end what they are: `Rechnungsanschrift`, 开票地址."""
    whole = _folded(heading)
    ends = (whole[start:] for start in range(1, len(whole)))
    return _first_free([end for end in ends if len(end) >= (2 if is_han(end) else _TELLING)], taken)


def _first_free(called: Sequence[str], taken: Collection[str]) -> str:
    roles = [_BY_HEADING[some] for some in called if some in _BY_HEADING]
    return next((role for role in roles if role not in taken or role in _SEVERAL), "")


def _is_id(heading: str, role: str, values: Sequence[str]) -> bool:
    named = role == "id" or (not role and _folded(heading).endswith(_ID_ENDS))
    return named and _sets_apart(values)


def _sets_apart(values: Sequence[str]) -> bool:
    return bool(values) and len(set(values)) == len(values) and all(value.strip() for value in values)


def _is_like_an_id(role: str, values: Sequence[str]) -> bool:
    """A first column that is called something else, and has one word in each row that no other row has."""
    return not role and _sets_apart(values) and all(len(value.split()) == 1 and "@" not in value for value in values)


def _by_content(values: Sequence[str], taken: Collection[str]) -> str:
    """What unnamed columns hold: some values say themselves what they are."""
    if not values:
        return "ignore"
    told = (
        role for role, holds, share in _SAYS if role not in taken or role in _SEVERAL if _hold(values, holds, share)
    )
    return next(told, "text")


def _hold(values: Sequence[str], holds: Callable[[str], bool], share: float) -> bool:
    return sum(1 for value in values if holds(value)) > share * len(values)


def _is_email(value: str) -> bool:
    return "@" in value and "." in value and " " not in value.strip()


def _is_website(value: str) -> bool:
    return value.lower().startswith(("http://", "https://", "www."))


def _is_proven(value: str) -> bool:
    number = tax_id(value)
    return number is not None and number.proven is True


def _is_dialled(value: str) -> bool:
    return _DIALLED.fullmatch(value.strip()) is not None and not date(value)


def _is_of_a_house(value: str) -> bool:
    return _HOUSE.fullmatch(value.strip()) is not None


def _is_code(value: str) -> bool:
    return _CODE.fullmatch(value.strip()) is not None


def _is_firm(value: str) -> bool:
    return bool(company(value).forms)


_SAYS: Sequence[tuple[str, Callable[[str], bool], float]] = (
    ("email", _is_email, _MOSTLY),
    ("website", _is_website, _MOSTLY),
    ("tax_id", _is_proven, _MOSTLY),
    ("phone", _is_dialled, _MOSTLY),
    ("name", _is_firm, _FORMS),
)


Cells = Sequence[str]


def reader(
    headings: Sequence[str], roles: Mapping[str, str], shared: frozenset[str]
) -> Callable[[Cells], dict[str, Value]]:
    """How a row becomes values. `shared`: headings of free text that both tables have; others cannot be compared."""
    at: dict[str, list[int]] = {}
    for place, heading in enumerate(headings):
        at.setdefault(roles[heading], []).append(place)
    plain = [(role, at[role]) for role in _PLAIN if role in at]
    parts = [(part, at[part]) for part in _PARTS if part in at]
    names = [at.get("given_name", []), at.get("surname", [])]
    texts = [(f"text:{_folded(headings[place])}", place) for place in at.get("text", ())]
    texts = [(name, place) for name, place in texts if name.removeprefix("text:") in shared]
    phones = at.get("phone", [])

    def read(cells: Cells) -> dict[str, Value]:
        values: dict[str, Value] = {role: _first(cells, places) for role, places in plain}
        if phones:
            values["phone"] = _joined(cells, phones, " / ")
        if names[0] or names[1]:
            values["person"] = " ".join([_first(cells, names[0]), _first(cells, names[1])]).strip()
        if parts:
            values["address"] = {part: _joined(cells, places, " ") for part, places in parts}
        for name, place in texts:
            values[name] = cells[place].strip()
        return values

    return read


def _first(cells: Cells, places: Sequence[int]) -> str:
    """What the first column says that says anything."""
    for place in places:
        if value := cells[place].strip():
            return value
    return ""


def _joined(cells: Cells, places: Sequence[int], between: str) -> str:
    if len(places) == 1:
        return cells[places[0]].strip()
    return between.join(value for place in places if (value := cells[place].strip()))


def scoring_of(roles: Iterable[Mapping[str, str]], shared: frozenset[str]) -> Scoring:
    """Every field that the columns make up, with the weights of its kind."""
    there = {role for some in roles for role in some.values()}
    fields = {name: Weighed(kind) for name, kind in _FIELDS.items() if there & _FROM.get(name, {name})}
    return Scoring(fields | {f"text:{heading}": Weighed("text") for heading in sorted(shared)})


def shared_texts(left: Mapping[str, str], right: Mapping[str, str]) -> frozenset[str]:
    """The free texts that both tables have, by their folded headings."""
    mine, yours = ({_folded(heading) for heading, role in roles.items() if role == "text"} for roles in (left, right))
    return frozenset(mine & yours)


def renamed(headings: Sequence[str], told: Sequence[tuple[str, str]], found: Mapping[str, str]) -> dict[str, str]:
    """What the user said (role, heading) over what was detected. Raises UnknownColumnError."""
    result = dict(found)
    for role, heading in told:
        if role not in ROLES:
            raise UnknownColumnError(f"`{role}` is nothing that a column can hold; one of {', '.join(ROLES)}")
        if heading in headings:
            if role == "id":
                result = {name: "text" if said == "id" else said for name, said in result.items()}
            result[heading] = role
    return result


def missing(told: Iterable[tuple[str, str]], *tables: Sequence[str]) -> list[str]:
    """Headings that the user named and no table has."""
    return [heading for _, heading in told if not any(heading in headings for headings in tables)]
