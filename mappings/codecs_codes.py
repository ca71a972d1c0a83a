"""Words of closed lists: choices, codes of a table, references to other records."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mappings.codec import Codec, CodecError, Context, Option, Takes, UnknownCodeError
from mappings.codecs_text import as_text, checked_text, clean, kind_of
from mappings.values import Value

_AS = Option(Takes.WORD, among=("text", "number"))


def word_of(raw: Any) -> str:
    """What a system says as one word: text, a whole number, or `true` and `false`."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, Decimal) and raw == raw.to_integral_value():
        return str(int(raw))
    return clean(as_text(raw))


def _sent(text: str, options: Mapping[str, Any]) -> Any:
    if options.get("as") != "number":
        return text
    try:
        return int(text)
    except ValueError:
        raise CodecError("is no whole number, and the system wants one there") from None


class Choice(Codec):
    """One word of a short closed list, given in the line: `values: {Prospect: prospect, Won: won}`.

    Without `values` the system's words are ours. Where several of its words mean one of ours, the first is sent.
    """

    options: Mapping[str, Option] = {"values": Option(Takes.WORDS)}

    def decode(self, raw: Any, context: Context) -> Value:
        text = word_of(raw)
        found = context.setting.decodes.get(text)
        if found is None and text:
            raise UnknownCodeError(text)
        return found

    def encode(self, value: Value, context: Context) -> Any:
        word = checked_text(value)
        if word not in context.setting.encodes:
            raise UnknownCodeError(word)
        text = context.setting.encodes[word]
        return {"true": True, "false": False}.get(text, text)


class Code(Codec):
    """A code of a table in `codes/`. An unknown code is a gap: the record waits until the table knows it."""

    options: Mapping[str, Option] = {"table": Option(Takes.TABLE, required=True), "as": _AS}

    def decode(self, raw: Any, context: Context) -> Value:
        code = word_of(raw)
        if not code:
            return None
        if code not in context.setting.decodes:
            raise UnknownCodeError(code, context.setting.table)
        return context.setting.decodes[code]

    def encode(self, value: Value, context: Context) -> Any:
        code = checked_text(value)
        if code not in context.setting.encodes:
            raise UnknownCodeError(code, context.setting.table)
        return _sent(context.setting.encodes[code], context.options)


class Reference(Codec):
    """The id of another record in the same system. Whose entity it is, the couplings know."""

    options: Mapping[str, Option] = {"kind": Option(Takes.TEXT), "as": _AS}

    def decode(self, raw: Any, context: Context) -> Value:  # noqa: ARG002 - the same for every line
        if isinstance(raw, bool):
            raise CodecError(f"is {kind_of(raw)}, not a record's id")
        return word_of(raw) or None

    def encode(self, value: Value, context: Context) -> Any:
        return _sent(checked_text(value), context.options)
