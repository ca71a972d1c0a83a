"""Canonical values: plain JSON types in one canonical spelling, so that two spellings of one value are equal.

Text, codes and choices are `str`; numbers are canonical decimal strings ("100", "0.5"); money is a dict of `amount`
and `currency`; dates and datetimes are ISO strings (datetimes in UTC, ending in "Z"); yes/no is `bool`; an address is
a dict of the parts that the system keeps, None where one is not set; a list of records is a list of dicts. Null,
`None`, is the system's word that *there is none*. Silence is the absence of the key. A reference in a claim is the id
of the other record in the same system; in a golden record it is the entity's id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = str | bool | int | list["Value"] | dict[str, "Value"] | None
Values: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Where:
    """Where in the book something stands, for people."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


NOWHERE = Where("", 0)


def field_of(key: str) -> str:
    """The field of a value's key: a value decided per company is kept under `field@scope`."""
    return key.partition("@")[0]


def scope_of(key: str) -> str:
    """The scope of a value's key; empty where the field is the same everywhere."""
    return key.partition("@")[2]


def scoped(field: str, scope: str) -> str:
    """The key under which a field's value in a scope is kept."""
    return f"{field}@{scope}" if scope else field
