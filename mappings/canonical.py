"""A value as a person types it, or a file holds it, in the canonical form of its field. For stewards and imports."""

from collections.abc import Mapping
from typing import Any

from mappings.book import FieldSpec
from mappings.codec import Codec, CodecError, Context, Setting
from mappings.codecs import ADDRESS_PARTS, CODECS, PART_TYPES
from mappings.codecs_text import kind_of
from mappings.values import Value

_REGIONS = {
    "phone": "region",
    "tax_id": "country",
    "region": "country",
}  # the option by which a codec is told a country


def canonical(spec: FieldSpec, said: Any, country: str = "", codecs: Mapping[str, Codec] = CODECS) -> Value:
    """The canonical value; None for a blank. Raises CodecError with one line for the person who typed it.

    `country` (two letters) helps to read a phone number or a tax id that is written as at home.
    """
    if said is None or (isinstance(said, str) and not said.strip()):
        return None
    if spec.type == "list":
        return [_record(spec, item, country, codecs) for item in _expected(said, list)]
    if spec.type == "address":
        return _address(_expected(said, Mapping), codecs)
    return _of_kind(spec, said, country, codecs)


def _of_kind(spec: FieldSpec, said: Any, country: str, codecs: Mapping[str, Codec]) -> Value:
    own = {choice: choice for choice in spec.choices}
    if spec.type == "code":
        return _of_kind(FieldSpec(spec.name, "text", spec.means), said, country, codecs)
    told = {_REGIONS[spec.type]: country} if country and spec.type in _REGIONS else {}
    setting = Setting(spec.name, told, choices=spec.choices, length=spec.length, decodes=own, encodes=own)
    return codecs[spec.type].decode(said, Context(setting))


def _record(spec: FieldSpec, item: Any, country: str, codecs: Mapping[str, Codec]) -> dict[str, Value]:
    said = _expected(item, Mapping)
    strangers = [name for name in said if name not in spec.items]
    if strangers:
        raise CodecError(f"has a {strangers[0]}, which its items do not have")
    return {name: canonical(spec.items[name], value, country, codecs) for name, value in said.items()}


def _address(said: Mapping[str, Any], codecs: Mapping[str, Codec]) -> Value:
    strangers = [name for name in said if name not in ADDRESS_PARTS]
    if strangers:
        raise CodecError(f"has a {strangers[0]}; an address has {', '.join(ADDRESS_PARTS)}")
    kinds = {part: FieldSpec(part, PART_TYPES.get(part, "text"), "") for part in ADDRESS_PARTS}
    country = canonical(kinds["country"], said.get("country"), codecs=codecs) or ""
    parts = {name: canonical(kinds[name], value, str(country), codecs) for name, value in said.items()}
    return dict(parts) if any(value is not None for value in parts.values()) else None


def _expected(said: Any, kind: Any) -> Any:
    if not isinstance(said, kind):
        raise CodecError(f"is {kind_of(said)}; it should be {'a list' if kind is list else 'an object of its parts'}")
    return said
