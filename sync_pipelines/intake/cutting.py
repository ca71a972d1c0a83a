"""Texts of which a system took the beginning only, and said that all is well."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import Payload
from connectors.errors import RejectedError
from mappings.book import FieldSpec
from mappings.values import Value, Values, field_of
from sync_pipelines.model.claims import Agreed, Claim

_TEXTS = ("text", "address")  # a rounded amount, or a time of which the day is kept, is another spelling


@dataclass(frozen=True, slots=True)
class Cut:
    """What is told of one write, and what is agreed instead of what was sent."""

    told: Sequence[RejectedError] = ()
    left: Mapping[str, Agreed] = field(default_factory=dict)


def cut_of(
    sent: Payload, said: Payload, wanted: Values, claims: Sequence[Claim], fields: Mapping[str, FieldSpec]
) -> Cut:
    """What is left of a text is agreed as what it is: no edit, and not what is wanted there.

    `sent` and `said` are in the system's words, `wanted` is what was sent in ours. Nothing where the system's own
    fields cannot be named for it: what cannot be refused would be sent again and again.
    """
    names = [name for name, whole in sent.items() if _is_short(said.get(name), whole)]
    left = {
        key: Agreed(claim.values[key], claim.values[key])
        for claim in claims
        for key, whole in wanted.items()
        if _is_text(fields, key) and key in claim.values and is_cut(claim.values[key], whole)
    }
    if not 0 < len(left) <= len(names):
        return Cut()
    return Cut([_error(name, said[name], sent[name]) for name in names], left)


def _error(name: str, said: str, sent: str) -> RejectedError:
    return RejectedError(
        f"the system took {name} and kept the first {len(said)} of {len(sent)} signs of it", field=name
    )


def _is_text(fields: Mapping[str, FieldSpec], key: str) -> bool:
    spec = fields.get(field_of(key))
    return spec is not None and spec.type in _TEXTS


def is_cut(said: Value, sent: Value) -> bool:
    """A text of which the end is missing, or one within an address."""
    if isinstance(said, dict) and isinstance(sent, dict) and said.keys() == sent.keys():
        other = [(part, sent[name]) for name, part in said.items() if _folded(part) != _folded(sent[name])]
        return bool(other) and all(_is_short(*pair) for pair in other)
    return _is_short(said, sent)


def is_spelled_otherwise(said: Value, sent: Value) -> bool:
    """The same letters and digits, whatever case they have and whatever stands between them; also within an address."""
    if isinstance(said, dict) and isinstance(sent, dict) and said.keys() == sent.keys():
        return all(part == sent[name] or is_spelled_otherwise(part, sent[name]) for name, part in said.items())
    return isinstance(said, str) and isinstance(sent, str) and _letters(said) == _letters(sent)


def _letters(text: str) -> str:
    return "".join(sign for sign in str(_folded(text)) if sign.isalnum())


def _is_short(said: object, sent: object) -> bool:
    """A dot or a blank less at its end, or other letters' case, is another spelling."""
    kept, whole = _folded(said), _folded(sent)
    if not isinstance(kept, str) or not isinstance(whole, str) or not kept or not whole.startswith(kept):
        return False
    return any(sign.isalnum() for sign in whole[len(kept) :])


def _folded(value: object) -> object:
    """A system may spell in its own way what it keeps: in capitals, or letters and their marks apart."""
    return unicodedata.normalize("NFKD", value).casefold() if isinstance(value, str) else value
