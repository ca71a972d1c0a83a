"""From a partial payload to what Tryton is to be sent: values, and commands for children. No I/O but for the words.

A list is written through selectors (`{"[type=phone]": {"value": …}}`) or as a whole; nothing is deleted, what is taken
away is put out of use. What already stands there is not sent.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.contract import Payload
from connectors.errors import RejectedError
from connectors.tryton.documents import Document, Told, children_of
from connectors.tryton.shape import (
    ADDRESSES,
    AMOUNT,
    COUNTRY,
    CREDIT_LIMITS,
    FLAG,
    IDENTIFIERS,
    LISTS,
    PARTY,
    RELATION_TYPE,
    SCALARS,
    SUBDIVISION,
    Part,
    Word,
)
from connectors.tryton.words import UnknownWordError

_SELECTOR = re.compile(r"\[(?P<key>[^\[\]=]+)=(?P<values>[^\[\]]+)\]")
_LIST_NAMES = {part.name: part for part in LISTS}
_EU = frozenset(re.findall("..", "ATBEBGCYCZDEDKEEELESFIFRHRHUIEITLTLULVMTNLPLPTROSESISKXI"))
_ALIASES = {"is_invoice_address": "invoice"}  # told under one name, written under another


@dataclass(slots=True)
class Change:
    """What one party is to be sent. Empty: it already is as wished."""

    values: dict[str, Any] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)  # children whose stamps belong to the precondition


def creation(told: Told, values: Payload, key: str, *, contact: bool) -> dict[str, Any]:
    """The values of a create, with our key in it. Raises RejectedError where they make no sense to this system."""
    change = _changed(told, values, None)
    marks = ["create", [{"code": f"{told.marker}{key}"}]]
    change.values.setdefault(IDENTIFIERS.name, []).append(marks)
    if contact and "relations" not in change.values:
        raise RejectedError("a contact needs the organisation it belongs to", field="organisation")
    return change.values


def update(told: Told, values: Payload, current: Document) -> Change:
    """What differs from what stands there. Raises RejectedError where a value makes no sense to this system."""
    return _changed(told, values, current)


def _changed(told: Told, values: Payload, current: Document | None) -> Change:
    change = Change()
    writer = _Writer(told, current, change)
    for name, value in values.items():
        try:
            writer.write(name, value, values)
        except UnknownWordError as error:
            raise RejectedError(f"{name}: {error}", code="unknown_word", field=name) from error
    return change


@dataclass(frozen=True, slots=True)
class _Writer:
    told: Told
    current: Document | None
    change: Change

    def write(self, name: str, value: Any, values: Payload) -> None:
        shape = self.told.shape
        if name in SCALARS and shape.has(PARTY, name):
            self._scalar(name, value)
        elif name in _LIST_NAMES and shape.has(PARTY, name):
            self._list(_LIST_NAMES[name], value)
        elif name == "tax_identifier":
            self._tax_identifier(value, values)
        elif name in {CREDIT_LIMITS.name, "credit_limit_amount"} and shape.has(PARTY, CREDIT_LIMITS.name):
            self._credit_limits(value if name == CREDIT_LIMITS.name else {self._own_company(): value})
        elif name == "organisation" and shape.has_relations:
            self._organisation(value)
        else:
            raise RejectedError(f"{name} is no field that can be written here", code="unknown_field", field=name)

    def _scalar(self, name: str, value: Any) -> None:
        if self.current is not None and self.current.payload[name] == value:
            return
        self.change.values[name] = self._raw(name, SCALARS[name], value)

    def _raw(self, name: str, kind: str | Word, value: Any, within: tuple[str, int] | None = None) -> Any:
        """In the server's type. SQLite would take any type in any column, so the types are checked here."""
        if value is None:
            return None
        if kind == FLAG and isinstance(value, bool):
            return value
        if kind == AMOUNT:
            return _decimal(name, value)
        if kind == FLAG or not isinstance(value, str):
            raise RejectedError(f"{name} takes {'yes or no' if kind == FLAG else 'text'}", code="type", field=name)
        if not _is_sound(value):
            raise RejectedError(f"{name} holds characters that no system can keep", code="characters", field=name)
        return self.told.words.number(kind, value, within) if isinstance(kind, Word) else value

    # -- children -----------------------------------------------------------------------------------------------------

    def _list(self, part: Part, value: Any) -> None:
        held = list(self.current.payload[part.name]) if self.current is not None else []
        if isinstance(value, Mapping):
            for selector, wanted in value.items():
                self._selected(part, held, selector, wanted)
        else:
            self._whole(part, held, value or [], {})

    def _selected(self, part: Part, held: list[dict[str, Any]], selector: str, wanted: Any) -> None:
        key, texts = _parsed(selector)
        matching = [one for one in held if selects(selector, one)]
        if isinstance(wanted, Mapping) and any(value is not None for value in wanted.values()):
            self._one(part, matching[0] if matching else None, {key: _unspelled(texts[0])}, wanted)
        elif isinstance(wanted, Mapping) or wanted is None:
            self._remove(part, matching[:1])
        else:
            self._whole(part, matching, wanted, {key: _unspelled(texts[0])})

    def _one(self, part: Part, held: Mapping[str, Any] | None, given: Payload, wanted: Payload) -> None:
        if held is None:
            self._add(part, {**given, **wanted})
        else:
            self._edit(part, held, wanted)

    def _whole(self, part: Part, held: Sequence[Mapping[str, Any]], wanted: Any, given: Payload) -> None:
        """These and no others. Who is who: by id, else by being alike, so that an edited address stays the same one."""
        if not isinstance(wanted, Sequence) or not all(isinstance(one, Mapping) for one in wanted):
            raise RejectedError(f"{part.name} takes a list of elements", code="type", field=part.name)
        left = list(held)
        for one in wanted:
            same = _counterpart(part, one, left)
            if same is not None:
                left.remove(same)
            self._one(part, same, given, one)
        self._remove(part, left)

    def _add(self, part: Part, wanted: Payload) -> None:
        made = self._child_values(part, {name: value for name, value in wanted.items() if value is not None}, None)
        self._command(part.name, ["create", [made]])

    def _edit(self, part: Part, held: Mapping[str, Any], wanted: Payload) -> None:
        new = {name: value for name, value in wanted.items() if not _stands(part, held, name, value)}
        if not new:
            return
        self._command(part.name, ["write", [held["id"]], self._child_values(part, new, held)])
        self.change.touched.add(f"{part.model},{held['id']}")

    def _remove(self, part: Part, elements: Sequence[Mapping[str, Any]]) -> None:
        for one in elements:
            self._command(part.name, ["write", [one["id"]], {"active": False}])
            self.change.touched.add(f"{part.model},{one['id']}")

    def _child_values(self, part: Part, wanted: Payload, held: Mapping[str, Any] | None) -> dict[str, Any]:
        within = self._country_of(part, wanted, held)
        return dict(self._child_value(part, name, value, within) for name, value in wanted.items() if name != "id")

    def _child_value(self, part: Part, name: str, value: Any, within: tuple[str, int] | None) -> tuple[str, Any]:
        target = _ALIASES.get(name, name)
        path = f"{part.name}.{name}"
        if target not in part.fields or not self.told.shape.has(part.model, target):
            raise RejectedError(f"{path} is no field that can be written", code="unknown_field", field=path)
        kind = part.fields[target]
        return target, self._raw(path, kind, value, within if kind == SUBDIVISION else None)

    def _country_of(self, part: Part, wanted: Payload, held: Mapping[str, Any] | None) -> tuple[str, int] | None:
        """Codes of subdivisions are looked for within the address' country."""
        code = wanted.get("country", (held or {}).get("country")) if part is ADDRESSES else None
        return ("country", self.told.words.number(COUNTRY, code)) if isinstance(code, str) else None

    def _command(self, name: str, command: list[Any]) -> None:
        self.change.values.setdefault(name, []).append(command)

    # -- the tax identifier -------------------------------------------------------------------------------------------

    def _tax_identifier(self, value: Any, values: Payload) -> None:
        held = self.current.payload["tax_identifier"] if self.current is not None else None
        code = value.get("code") if isinstance(value, Mapping) else None
        if code is None:
            self._remove(IDENTIFIERS, [held] if held else [])
            return
        if held is not None and "type" not in value and _stands(IDENTIFIERS, held, "code", code):
            return
        kind = value.get("type") or self._tax_type(code, values) or (held or {}).get("type")
        if kind is None:
            message = "a tax number without a country is of no type that Tryton knows; give tax_identifier.type"
            raise RejectedError(message, code="tax_type", field="tax_identifier")
        self._one(IDENTIFIERS, held, {}, {"type": kind, "code": code})

    def _tax_type(self, code: str, values: Payload) -> str | None:
        """`eu_vat` by its prefix, else the type that the settings name for the country of the invoice address."""
        if code[:2] in _EU and code[2:].strip():
            return "eu_vat"
        country = next(self._countries(values), None)
        return self.told.tax_types.get(country) if country else None

    def _countries(self, values: Payload) -> Iterator[str]:
        for source in (values, self.current.payload if self.current is not None else {}):
            found = source.get(ADDRESSES.name) or []
            elements = found.values() if isinstance(found, Mapping) else found
            flat = [one for element in elements for one in (element if isinstance(element, list) else [element])]
            chosen = sorted(filter(None, flat), key=lambda one: not one.get("is_invoice_address", True))
            yield from (one["country"] for one in chosen if one.get("country"))

    # -- per company, and relations -----------------------------------------------------------------------------------

    def _own_company(self) -> str:
        company = self.told.company
        if company is None or company not in self.told.companies:
            raise RejectedError("the connection's user has no company, so it has no credit limit", field="company")
        return self.told.companies[company]

    def _credit_limits(self, wanted: Any) -> None:
        if not isinstance(wanted, Mapping):
            raise RejectedError("credit limits are given by company", code="type", field=CREDIT_LIMITS.name)
        for code, value in wanted.items():
            self._credit_limit(self._company(code), _decimal(CREDIT_LIMITS.name, value))

    def _company(self, code: str) -> int:
        found = [number for number, known in self.told.companies.items() if known == code]
        if not found:
            raise RejectedError(f"no company has the code {code!r}", code="unknown_word", field=CREDIT_LIMITS.name)
        return found[0]

    def _credit_limit(self, company: int, value: Decimal | None) -> None:
        rows = children_of(self.current.row, CREDIT_LIMITS.name) if self.current is not None else ()
        held = next((row for row in rows if row["company"] == company), None)
        if self.current is None and company == self.told.company:
            # A create sets the own company's line from this field after the children, be it only to its default.
            self.change.values["credit_limit_amount"] = value
        elif held is None:
            self._command(CREDIT_LIMITS.name, ["create", [{"company": company, "credit_limit_amount": value}]])
        elif held["credit_limit_amount"] != value:
            self._command(CREDIT_LIMITS.name, ["write", [held["id"]], {"credit_limit_amount": value}])
            self.change.touched.add(f"{CREDIT_LIMITS.model},{held['id']}")

    def _organisation(self, value: Any) -> None:
        lines = self.current.payload["relations"] if self.current is not None else []
        held = next((line for line in lines if line["type"] == self.told.contact_relation), None)
        if not str(value or "").isdigit():
            raise RejectedError("a contact needs the id of its organisation", code="type", field="organisation")
        if held is None:
            kind = self.told.words.number(RELATION_TYPE, self.told.contact_relation)
            self._command("relations", ["create", [{"to": int(value), "type": kind}]])
        elif held["to"] != str(value):
            self._command("relations", ["write", [held["id"]], {"to": int(value)}])


def selects(selector: str, element: Mapping[str, Any]) -> bool:
    """Whether `[type=phone|mobile]` means this element. Raises RejectedError where it is no selector."""
    key, texts = _parsed(selector)
    return _spelled(element.get(key)) in texts


def _parsed(selector: str) -> tuple[str, list[str]]:
    found = _SELECTOR.fullmatch(selector)
    if found is None:
        message = f"a list is entered through a selector such as [type=phone], not through {selector!r}"
        raise RejectedError(message, code="selector", field=selector)
    return found["key"], found["values"].split("|")


def _spelled(raw: Any) -> str | None:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw) if isinstance(raw, str | int) else None


def _unspelled(text: str) -> str | bool:
    return {"true": True, "false": False}.get(text, text)


def _stands(part: Part, held: Mapping[str, Any], name: str, value: Any) -> bool:
    """The server keeps some values in two spellings; either is what we meant."""
    if held.get(name) == value:
        return True
    second = part.same.get(name)
    return second is not None and value is not None and held.get(second) == value


def _counterpart(part: Part, wanted: Mapping[str, Any], held: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The element meant: the one with this id, else the one that agrees in more than half of what is given."""
    if "id" in wanted:
        found = next((one for one in held if str(one["id"]) == str(wanted["id"])), None)
        if found is None:
            raise RejectedError(f"{part.name} has no element {wanted['id']}", code="unknown_id", field=part.name)
        return found
    given = {name: value for name, value in wanted.items() if value is not None}
    scores = [(sum(_stands(part, one, name, value) for name, value in given.items()), one) for one in held]
    best, one = max(scores, key=lambda score: score[0], default=(0, None))
    return one if best * 2 > len(given) else None


def _decimal(name: str, value: Any) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        try:
            found = Decimal(value)
        except InvalidOperation:
            found = Decimal("NaN")
        if found.is_finite():
            return found
    raise RejectedError(f"{name} takes a decimal number as text", code="type", field=name)


def _is_sound(text: str) -> bool:
    """PostgreSQL keeps no NUL, and nobody half a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
