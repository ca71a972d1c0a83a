"""From a payload's values to the `Model` of a Save: only what differs, rows by their ids, references by number.

Rows that are not named stay as they are, since a Save is told not to delete them. Nothing here ever deletes a row: one
that is taken away is put out of use, where its table has a flag for that.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from connectors.contract import Payload
from connectors.errors import RejectedError
from connectors.kingdee.shape import CREDITS, FORBIDDEN, IN_USE, OUT_OF_USE, ROW_ID, STATUS, Shape, Table

_SELECTOR = re.compile(r"\[(?P<key>[^\[\]=]+)=(?P<values>[^\[\]=]+)\]")
_FIRST = ("FCreateOrgId", "FUseOrgId", "FNumber", "FName", "FTRADINGCURRID")  # the order of keys matters on saving
Numbered: TypeAlias = Callable[[str, str], str]  # the number of a record of this form and id; RejectedError if none
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """What one item wants of the system."""

    model: Mapping[str, Any] = field(default_factory=dict)  # of the record's own Save
    credits: Mapping[str, str | None] = field(default_factory=dict)  # by organisation
    forbidden: bool | None = None  # out of use, in use, or as it is

    @property
    def fields(self) -> tuple[str, ...]:
        """What the Save is to update: names of heads, of tables and of fields inside tables."""
        inner = (name for rows in self.model.values() if isinstance(rows, list) for row in rows for name in row)
        return tuple(dict.fromkeys((*self.model, *(name for name in inner if name != ROW_ID))))


def drafted(shape: Shape, values: Payload, held: Payload, numbered: Numbered) -> Draft:
    """What differs from what is held. Raises RejectedError for what cannot be written."""
    model: dict[str, Any] = {}
    credits_: dict[str, str | None] = {}
    forbidden: bool | None = None
    for name, value in values.items():
        if name == STATUS:
            raise RejectedError(f"{STATUS} follows from submitting and auditing; it cannot be written", field=STATUS)
        if name == FORBIDDEN:
            forbidden = _forbidden(value) if value != held.get(FORBIDDEN, IN_USE) else None
        elif name == CREDITS:
            credits_ = _credits(value, held.get(CREDITS) or {})
        elif name in shape.tables:
            rows = list(_Rows(shape.table(name), held.get(name) or ()).changed(value))
            model |= {name: rows} if rows else {}
        elif not _same(value, held.get(name)):
            model |= _head(shape, name, value, numbered)
    first = {name: model[name] for name in _FIRST if name in model}
    return Draft(first | model, credits_, forbidden)


def _head(shape: Shape, name: str, value: Any, numbered: Numbered) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {name: saved(value)}
    if set(value) == {"id"} and name in shape.form.references:
        number = "" if value["id"] is None else numbered(shape.form.references[name], str(value["id"]))
        return {**shape.form.beside.get(name, {}), name: {"FNumber": number}}
    return {name: {inner: saved(part) for inner, part in value.items()}}


def saved(value: Any) -> Any:
    """Kingdee has no null: what is to be empty is sent empty."""
    return "" if value is None else value


def _same(value: Any, held: Any) -> bool:
    if isinstance(value, Mapping):
        return isinstance(held, Mapping) and all(_same(part, held.get(name)) for name, part in value.items())
    return bool(saved(value) == saved(held)) and isinstance(value, bool) == isinstance(held, bool)


def _forbidden(value: Any) -> bool:
    if value not in {IN_USE, OUT_OF_USE}:
        raise RejectedError(f"{FORBIDDEN} is {IN_USE} or {OUT_OF_USE}, not {value!r}", field=FORBIDDEN)
    return bool(value == OUT_OF_USE)


def _credits(value: Any, held: Mapping[str, Any]) -> dict[str, str | None]:
    if not isinstance(value, Mapping):
        raise RejectedError(f"{CREDITS} holds an amount by organisation", code="type", field=CREDITS)
    return {str(name): amount for name, amount in value.items() if amount != held.get(name)}


class _Rows:
    """The rows of one table of one record, and what a write makes of them."""

    def __init__(self, table: Table, held: Sequence[Row]) -> None:
        self._table = table
        self._held = held

    def changed(self, wanted: Any) -> Iterator[dict[str, Any]]:
        """Rows to save: through selectors, or as the whole list."""
        if isinstance(wanted, Mapping):
            for selector, part in wanted.items():
                yield from self._selected(selector, part)
        else:
            yield from self._whole(self._held, wanted, {})

    def _selected(self, selector: str, wanted: Any) -> Iterator[dict[str, Any]]:
        key, texts = _parsed(selector)
        matching = [row for row in self._held if _spelled(row.get(key)) in texts]
        if isinstance(wanted, Mapping) and any(part is not None for part in wanted.values()):
            yield from self._one(matching[0] if matching else None, {key: _unspelled(texts[0]), **wanted})
        elif isinstance(wanted, Mapping) or wanted is None:
            yield from self._away(matching[:1])
        else:
            yield from self._whole(matching, wanted, {key: _unspelled(texts[0])})

    def _whole(self, held: Sequence[Row], wanted: Any, given: Row) -> Iterator[dict[str, Any]]:
        """These and no others. Who is who: by id, else by the key of the table."""
        if not isinstance(wanted, Sequence) or not all(isinstance(one, Mapping) for one in wanted):
            raise RejectedError(f"{self._table.name} takes a list of rows", code="type", field=self._table.name)
        left = list(held)
        for one in wanted:
            same = next((row for row in left if self._is(row, one)), None)
            if same is not None:
                left.remove(same)
            yield from self._one(same, {**given, **one})
        yield from self._away(left)

    def _is(self, row: Row, wanted: Row) -> bool:
        if wanted.get("id"):
            return bool(row["id"] == wanted["id"])
        return bool(self._table.key) and _within(row, self._table.key) == _within(wanted, self._table.key)

    def _one(self, row: Row | None, wanted: Row) -> Iterator[dict[str, Any]]:
        told = {name: _saved_part(part) for name, part in wanted.items() if name != "id"}
        if row is None:
            used = {self._table.in_use: True} if self._table.in_use else {}
            yield {ROW_ID: 0, **used, **told}
            return
        moved = {name: told[name] for name in told if not _same(wanted[name], row.get(name))}
        if moved:
            yield {ROW_ID: int(row["id"]), **moved}

    def _away(self, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
        if rows and not self._table.in_use:
            message = f"rows of {self._table.name} cannot be put out of use; take them away in Kingdee"
            raise RejectedError(message, code="row", field=self._table.name)
        yield from ({ROW_ID: int(row["id"]), self._table.in_use: False} for row in rows)


def _saved_part(part: Any) -> Any:
    return {name: saved(inner) for name, inner in part.items()} if isinstance(part, Mapping) else saved(part)


def _within(row: Row, path: str) -> Any:
    head, _, rest = path.partition(".")
    inner = row.get(head)
    return inner.get(rest) if rest and isinstance(inner, Mapping) else inner


def unexpected(expected: Payload, held: Payload) -> str:
    """The first path at which something else is held than expected; empty where nothing is."""
    return next((name for name, wanted in expected.items() if not _expected(wanted, held.get(name))), "")


def _expected(wanted: Any, held: Any) -> bool:
    if isinstance(wanted, Mapping):
        if isinstance(held, Mapping):
            return all(_expected(inner, held.get(name)) for name, inner in wanted.items())
        if isinstance(held, Sequence) and not isinstance(held, str):
            return all(_expected_at(selector, inner, held) for selector, inner in wanted.items())
        return all(inner is None for inner in wanted.values())
    return bool(saved(wanted) == saved(held))


def _expected_at(selector: str, wanted: Any, held: Sequence[Row]) -> bool:
    key, texts = _parsed(selector)
    matching = [row for row in held if _spelled(row.get(key)) in texts]
    if isinstance(wanted, Mapping):
        return bool(matching) and _expected(wanted, matching[0])
    return not matching if wanted is None else bool(wanted == matching)


def _parsed(selector: str) -> tuple[str, list[str]]:
    found = _SELECTOR.fullmatch(selector)
    if found is None:
        message = f"a table is entered through a selector such as [FNUMBER1=SH], not through {selector!r}"
        raise RejectedError(message, code="selector", field=selector)
    return found["key"], found["values"].split("|")


def _spelled(raw: Any) -> str | None:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw) if isinstance(raw, str | int) else None


def _unspelled(text: str) -> str | bool:
    return {"true": True, "false": False}.get(text, text)
