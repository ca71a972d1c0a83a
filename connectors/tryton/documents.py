"""From a row as the server tells it to a document: payload, version, last editor. No I/O but for the words."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.contract import Payload, Record, RecordRef
from connectors.tryton.shape import (
    ADDRESSES,
    AMOUNT,
    COMPANY,
    CREDIT_LIMITS,
    FLAG,
    IDENTIFIERS,
    LISTS,
    PARTY,
    RELATION_TYPE,
    SCALARS,
    USER,
    Part,
    Shape,
    Word,
)
from connectors.tryton.words import Words

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Document:
    """A party with its children, as one strong read told it."""

    id: int
    row: Mapping[str, Any]
    payload: Payload
    version: str
    stamps: Mapping[str, str]  # "party.address,7" → the server's own stamp, for a conditional write
    changed_at: datetime
    changed_by: str
    key: str = ""
    user: int | None = None  # the id of whoever touched it last

    def record(self, system: str, kind: str) -> Record:
        """As the contract tells it."""
        ref = RecordRef(system, kind, str(self.id))
        return Record(ref, self.payload, self.version, self.changed_at, self.changed_by, self.key)


@dataclass(frozen=True, slots=True)
class Told:
    """How documents are told: this installation's fields, its words, and what is ours in it."""

    shape: Shape
    words: Words
    marker: str  # our key stands in an identifier whose code begins with it
    contact_relation: str
    company: int | None  # the connection's own company
    companies: Mapping[int, str]  # all that the user may see, with their codes
    tax_types: Mapping[str, str] = field(default_factory=dict)  # country → type of its tax identifier

    def documents(self, rows: Sequence[Mapping[str, Any]], *, contacts: bool) -> list[Document]:
        """The documents of these rows, with one look-up per referred model."""
        self._learn(rows)
        return [self._document(row, contacts=contacts) for row in rows]

    def _learn(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.words.learn(USER, (number for row in rows for number in _editors(row, self.shape)))
        for name in self.shape.scalars():
            if isinstance(word := SCALARS[name], Word):
                self.words.learn(word, (row[name] for row in rows))
        for part in LISTS:
            children = [child for row in rows for child in children_of(row, part.name)]
            for name, word in part.fields.items():
                if isinstance(word, Word):
                    self.words.learn(word, (child.get(name) for child in children))

    def _document(self, row: Mapping[str, Any], *, contacts: bool) -> Document:
        payload: dict[str, Any] = {"id": row["id"]}
        payload |= {name: self._value(SCALARS[name], row[name]) for name in self.shape.scalars()}
        payload |= {part.name: self._list(part, row) for part in LISTS if part in self.shape.parts}
        if CREDIT_LIMITS in self.shape.parts:
            payload |= self._credit_limits(row)
        if self.shape.has(PARTY, "tax_identifier"):
            payload["tax_identifier"] = self._tax_identifier(row)
        if contacts:
            payload |= self._relations(row)
        return self._with_stamps(row, payload)

    def _with_stamps(self, row: Mapping[str, Any], payload: Payload) -> Document:
        stamps = dict(_stamps(row, self.shape))
        last, by = max(_touches(row, self.shape), key=lambda touch: touch[0])
        version = _digest([*stamps.items(), *_relation_stamps(row)])
        editor = self.words.of(USER, by) or ""
        return Document(row["id"], row, payload, version, stamps, moment(last), editor, self._key(row), by)

    def _value(self, kind: str | Word, raw: Any) -> Any:
        if isinstance(kind, Word):
            return self.words.of(kind, raw)
        if kind == FLAG:
            return bool(raw)
        if kind == AMOUNT:
            return amount(raw)
        return raw

    def _list(self, part: Part, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        known = list(self.shape.of_part(part))
        told = [self._element(part, known, child) for child in self.own_children(row, part)]
        if part is ADDRESSES and told:
            chosen = next((one for one in told if one.get("invoice")), told[0])
            told = [one | {"is_invoice_address": one is chosen} for one in told]
        return told

    def _element(self, part: Part, known: Iterable[str], child: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": child["id"]} | {name: self._value(part.fields.get(name, ""), child.get(name)) for name in known}

    def own_children(self, row: Mapping[str, Any], part: Part) -> Iterator[Mapping[str, Any]]:
        """The children that people keep there; the identifier with our key is none of them."""
        return (child for child in children_of(row, part.name) if part is not IDENTIFIERS or not self._is_ours(child))

    def _is_ours(self, child: Mapping[str, Any]) -> bool:
        return child["type"] is None and str(child["code"]).startswith(self.marker)

    def _key(self, row: Mapping[str, Any]) -> str:
        ours = (child["code"] for child in children_of(row, IDENTIFIERS.name) if self._is_ours(child))
        return str(next(ours, "")).removeprefix(self.marker)

    def _credit_limits(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Per company, as Tryton itself picks: the company's own line, else the line without a company."""
        lines = {child["company"]: child["credit_limit_amount"] for child in children_of(row, CREDIT_LIMITS.name)}
        limits = {code: amount(lines.get(company, lines.get(None))) for company, code in sorted(self.companies.items())}
        own = self.companies.get(self.company) if self.company is not None else None
        return {"credit_limit_amount": limits.get(own) if own else None, CREDIT_LIMITS.name: limits}

    def _tax_identifier(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        chosen = [child for child in children_of(row, IDENTIFIERS.name) if child["id"] == row["tax_identifier"]]
        return self._element(IDENTIFIERS, list(self.shape.of_part(IDENTIFIERS)), chosen[0]) if chosen else None

    def _relations(self, row: Mapping[str, Any]) -> dict[str, Any]:
        lines = [
            {"id": child["id"], "to": str(child["to"]), "type": self.words.of(RELATION_TYPE, child["type"])}
            for child in children_of(row, "relations")
        ]
        ours = (line["to"] for line in lines if line["type"] == self.contact_relation)
        return {"relations": lines, "organisation": next(ours, None)}


def company_codes(words: Words) -> Mapping[int, str]:
    """All companies that the user may see, by their party's code."""
    return words.all_of(COMPANY)


def children_of(row: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """A list of children as a row tells it; none where it was not asked for."""
    return row.get(f"{name}.") or ()


def amount(raw: Any) -> str | None:
    """A decimal as text, without an exponent and with the scale that the server keeps."""
    return format(raw, "f") if isinstance(raw, Decimal) else None


def moment(stamp: str | Decimal) -> datetime:
    """A server's stamp as a time: seconds since 1970, with microseconds (SQLite rounds the last one)."""
    return _EPOCH + timedelta(microseconds=int(Decimal(stamp) * 1_000_000))


def _rows(row: Mapping[str, Any], shape: Shape) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield PARTY, row
    for part in shape.parts:
        for child in children_of(row, part.name):
            yield part.model, child


def _stamps(row: Mapping[str, Any], shape: Shape) -> Iterator[tuple[str, str]]:
    return ((f"{model},{one['id']}", str(one["_timestamp"])) for model, one in _rows(row, shape))


def _touches(row: Mapping[str, Any], shape: Shape) -> Iterator[tuple[Decimal, int | None]]:
    return ((Decimal(one["_timestamp"]), _editor(one)) for _, one in _rows(row, shape))


def _editors(row: Mapping[str, Any], shape: Shape) -> Iterator[int | None]:
    return (_editor(one) for _, one in _rows(row, shape))


def _editor(one: Mapping[str, Any]) -> int | None:
    last = one["write_uid"]
    found: int | None = one["create_uid"] if last is None else last
    return found


def _relation_stamps(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The server tells no stamp of a relation; what it says has to serve as one."""
    return ((f"relation,{child['id']}", f"{child['type']} {child['to']}") for child in children_of(row, "relations"))


def _digest(stamps: Sequence[tuple[str, str]]) -> str:
    """One token for the whole document: whatever child is touched, added or taken out of use, it is another one."""
    text = "\n".join(f"{name} {stamp}" for name, stamp in sorted(stamps))
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()
