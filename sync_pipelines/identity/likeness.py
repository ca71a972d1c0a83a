"""Whether two records have anything in common that tells one firm or person from another: too little to link them, and
enough to ask. Made for records of ours whose counterpart was forgotten: it says the same in some field, unless all of
them were edited since.
"""

import unicodedata
from collections.abc import Iterator, Mapping

from mappings.book import FieldSpec
from mappings.matching import Matching
from mappings.values import Value, Values
from sync_pipelines.identity.keys import telling

_TELLING = frozenset({"text", "person_name", "tax_id", "phone", "email", "domain", "address"})
_TELLING_PART = "street"  # of an address; thousands share a city
_BEGINNING = 12  # letters that are left where a system cuts a text


def tells(values: Values, fields: Mapping[str, FieldSpec], matching: Matching) -> frozenset[str]:
    """What a record says that not everybody says, as words that are equal where two records say the same."""
    said = telling({name: value for name, value in values.items() if _is_telling(name, fields)}, matching)
    return frozenset(word for name, value in said.items() for word in _words(name, value))


def _is_telling(name: str, fields: Mapping[str, FieldSpec]) -> bool:
    return name in fields and fields[name].type in _TELLING and not fields[name].choices


def _words(name: str, value: Value) -> Iterator[str]:
    if isinstance(value, dict):
        value = value.get(_TELLING_PART)
    if not isinstance(value, str):
        return
    spelled = "".join(sign for sign in unicodedata.normalize("NFKC", value).casefold() if sign.isalnum())
    if spelled:
        yield f"{name}:{spelled}"
        yield f"{name}:{spelled[:_BEGINNING]}"
