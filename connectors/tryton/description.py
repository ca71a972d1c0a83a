"""Metadata: Tryton's own words for its fields, with the closed lists of words that references are told by."""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.contract import FieldDescription, KindDescription
from connectors.tryton.reading import CONTACTS, USERS, Reader
from connectors.tryton.shape import COUNTRY, CREDIT_LIMITS, LANGUAGE, LISTS, PARTY, PAYMENT_TERM, SCALARS, Part, Word

_CLOSED = (COUNTRY, PAYMENT_TERM, LANGUAGE)  # short enough to be listed
_USER_FIELDS = {
    "id": "integer",
    "name": "char",
    "email": "char",
    "party": "many2one",
    "company": "many2one",
    "active": "boolean",
    "start_date": "date",
    "end_date": "date",
}


def described(reader: Reader, kind: str) -> KindDescription:
    """The kind as it is now; children's fields are named with a dot."""
    if kind == USERS:
        fields = [FieldDescription(name, sort, writable=False) for name, sort in _USER_FIELDS.items()]
    else:
        fields = [*_own_fields(reader), *_computed(reader)]
        fields += [one for part in LISTS if part in reader.told.shape.parts for one in _of_part(reader, part)]
        fields += _of_contacts() if kind == CONTACTS else []
    return KindDescription(kind, {one.name: one for one in fields})


def _own_fields(reader: Reader) -> Iterator[FieldDescription]:
    metadata = reader.fields_of(PARTY)
    yield FieldDescription("id", "integer", writable=False, unique=True)
    for name in reader.told.shape.scalars():
        # The code is required of everybody but asked of nobody: the server takes it from a sequence.
        yield _field(reader, name, metadata[name], SCALARS[name], unique=name == "code", given=name == "code")


def _computed(reader: Reader) -> Iterator[FieldDescription]:
    shape = reader.told.shape
    yield FieldDescription("tax_identifier", "object", writable=shape.has(PARTY, "tax_identifier"))
    yield FieldDescription("tax_identifier.type", "selection", choices=_tax_types(reader))
    yield FieldDescription("tax_identifier.code", "char")
    if CREDIT_LIMITS in shape.parts:
        yield FieldDescription("credit_limit_amount", "numeric", scale=2)
        yield FieldDescription(CREDIT_LIMITS.name, "object")
        for code in reader.told.companies.values():
            yield FieldDescription(f"{CREDIT_LIMITS.name}.{code}", "numeric", scale=2)


def _of_part(reader: Reader, part: Part) -> Iterator[FieldDescription]:
    metadata = reader.fields_of(part.model)
    yield FieldDescription(part.name, "one2many", refers_to=part.model)
    yield FieldDescription(f"{part.name}.id", "integer", writable=False, unique=True)
    for name in reader.told.shape.of_part(part):
        field = _field(reader, name, metadata[name], part.fields.get(name, ""))
        choices = _tax_types(reader) if part.model == "party.identifier" and name == "type" else field.choices
        yield _named(f"{part.name}.{name}", field, choices)
    for name in part.told:
        if not reader.told.shape.has(part.model, name):  # ours
            yield FieldDescription(f"{part.name}.{name}", "boolean")


def _of_contacts() -> list[FieldDescription]:
    return [
        FieldDescription("organisation", "many2one", required=True, refers_to="party"),
        FieldDescription("relations", "one2many", writable=False),
    ]


def _field(
    reader: Reader,
    name: str,
    metadata: Mapping[str, Any],
    word: str | Word,
    *,
    unique: bool = False,
    given: bool = False,
) -> FieldDescription:
    return FieldDescription(
        name,
        str(metadata["type"]),
        length=metadata.get("size") if isinstance(metadata.get("size"), int) else None,
        required=bool(metadata.get("required")) and not given,
        writable=not metadata.get("readonly"),
        unique=unique,
        choices=_choices(reader, metadata, word),
        refers_to=str(metadata.get("relation") or ""),
    )


def _choices(reader: Reader, metadata: Mapping[str, Any], word: str | Word) -> tuple[str, ...] | None:
    if isinstance(word, Word):
        return tuple(sorted(reader.words.all_of(word).values())) if word in _CLOSED else None
    selection = metadata.get("selection")
    if isinstance(selection, list):
        return tuple(str(code) for code, *_ in selection if code is not None)
    return None


def _tax_types(reader: Reader) -> tuple[str, ...]:
    return tuple(str(code) for code, *_ in reader.identifier_types() if code)


def _named(name: str, field: FieldDescription, choices: tuple[str, ...] | None) -> FieldDescription:
    return FieldDescription(
        name, field.type, field.length, field.scale, field.required, field.writable, field.unique, choices,
        field.refers_to,
    )  # fmt: skip
