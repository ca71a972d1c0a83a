"""Numbers and words of other records: a payload says `DE` and `Net 30 days`, Tryton's references say 14 and 4."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from connectors.tryton.shape import LANGUAGE, Word

Search: TypeAlias = Callable[[str, list[Any], list[str]], list[dict[str, Any]]]  # model, domain, fields → rows

EITHER = ["active", "in", [True, False]]
_WITHOUT_ACTIVE = frozenset({"company.company", "party.relation.type"})


class UnknownWordError(Exception):
    """No record, or more than one, goes by this word."""


class Words:
    """What has been looked up, until `forget`. One call per model, not per record."""

    def __init__(self, search: Search) -> None:
        """`search` reads rows of a model."""
        self._search = search
        self._known: dict[Word, dict[int, Any]] = {}
        self._numbers: dict[tuple[Word, str], int] = {}

    def forget(self) -> None:
        """Names may have changed since; called at the start of every crawl and batch."""
        self._known.clear()
        self._numbers.clear()

    def learn(self, word: Word, numbers: Iterable[int | None]) -> None:
        """Look up those that are not known yet, all in one call."""
        known = self._known.setdefault(word, {})
        wanted = sorted({number for number in numbers if number is not None} - known.keys())
        if wanted:
            rows = self._search(word.model, [["id", "in", wanted], *_either(word)], [word.field])
            known.update({row["id"]: told(row, word.field) for row in rows})

    def of(self, word: Word, number: int | None) -> str | None:
        """The word of a record; its bare number where the record is gone (SQLite keeps no foreign keys)."""
        if number is None:
            return None
        self.learn(word, [number])
        found = self._known[word].get(number)
        return str(number) if found is None else str(found)

    def all_of(self, word: Word) -> Mapping[int, str]:
        """Every record of a small model that the user may see."""
        rows = self._search(word.model, [], [word.field])
        self._known.setdefault(word, {}).update({row["id"]: told(row, word.field) for row in rows})
        return {row["id"]: str(told(row, word.field)) for row in rows}

    def number(self, word: Word, text: str, within: tuple[str, int] | None = None) -> int:
        """The record in use that goes by this word. Raises UnknownWordError where there is not exactly one."""
        at = (word, text if within is None else f"{within[1]}/{text}")
        if at not in self._numbers:
            domain: list[Any] = [[word.field, "=", text]]
            domain += [[within[0], "=", within[1]]] if within else []
            rows = self._search(word.model, domain, [])
            if len(rows) != 1:
                many = "two or more go" if rows else "none goes"
                raise UnknownWordError(f"of {word.model} {many} by {word.field} {text!r}")
            self._numbers[at] = rows[0]["id"]
        return self._numbers[at]


def _either(word: Word) -> list[Any]:
    """A reference may lead to a record out of use."""
    return [] if word.model in _WITHOUT_ACTIVE or word == LANGUAGE else [EITHER]


def told(row: Mapping[str, Any], path: str) -> Any:
    """A field of a row, also behind a dot: the server answers `party.code` as `{"party.": {"code": …}}`."""
    first, dot, rest = path.partition(".")
    if not dot:
        return row.get(first)
    inner = row.get(f"{first}.")
    return told(inner, rest) if isinstance(inner, Mapping) else None
