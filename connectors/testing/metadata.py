"""What a simulated system knows about its kinds, and what it does to a value on saving it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal, TypeAlias

FieldType: TypeAlias = Literal[
    "text", "integer", "decimal", "boolean", "date", "datetime", "choice", "reference", "list"
]
_ACCEPTS: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "decimal": (int, float, Decimal),
    "boolean": (bool,),
    "date": (str,),
    "datetime": (str,),
    "choice": (str,),
    "reference": (str, int),
    "list": (list, tuple),
}


class Refusal(Exception):  # noqa: N818 - the system refuses; the caller says which error that is
    """A system says no. `code` is one of the closed list below; each dialect puts it into its vendor's words.

    `unknown_kind unknown_field type required read_only too_long choice duplicate duplicate_rule missing_reference
    missing stale poisoned rule quota`
    """

    def __init__(self, code: str, message: str, *, field: str = "", candidates: tuple[str, ...] = ()) -> None:
        """`candidates` are ids of records that a duplicate rule names."""
        super().__init__(message)
        self.code = code
        self.field = field
        self.candidates = candidates


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: what it takes and what saving does to it."""

    name: str
    type: FieldType = "text"
    length: int | None = None  # characters; longer texts are refused, or cut where `cuts`
    scale: int | None = None  # digits kept after the point; more are rounded half up
    required: bool = False
    unique: bool = False
    choices: tuple[str, ...] | None = None
    writable: bool = True
    visible: bool = True  # False: field-level security hides it from every read
    refers_to: str = ""
    default: Any = None
    saves: tuple[Literal["trim", "upper", "lower"], ...] = ()
    cuts: bool = False  # cut a long text silently instead of refusing it
    blank_is_null: bool = False  # an empty text is stored as null
    issues: str = ""  # `K{n:05d}`: the system gives the value on create

    def saved(self, value: Any) -> Any:
        """The value as this field stores it. Raises `Refusal`."""
        if value is None:
            return None
        self._check_type(value)
        if isinstance(value, str):
            return self._saved_text(value)
        if self.scale is not None and not isinstance(value, (list, tuple)):
            return _rounded(value, self.scale)
        return owned(value)

    def _check_type(self, value: Any) -> None:
        wrong = not isinstance(value, _ACCEPTS[self.type]) or (isinstance(value, bool) and self.type != "boolean")
        if wrong:
            raise Refusal("type", f"{self.name} takes {self.type}, not {value!r}", field=self.name)
        if self.choices is not None and value != "" and value not in self.choices:
            raise Refusal("choice", f"{self.name} has no choice {value!r}", field=self.name)

    def _saved_text(self, value: str) -> str | None:
        for step in self.saves:
            value = _SAVE_STEPS[step](value)
        if self.length is not None and len(value) > self.length:
            if not self.cuts:
                raise Refusal("too_long", f"{self.name} takes {self.length} characters", field=self.name)
            value = value[: self.length]
        return None if self.blank_is_null and not value else value


_SAVE_STEPS: Mapping[str, Callable[[str], str]] = {"trim": str.strip, "upper": str.upper, "lower": str.lower}


def _rounded(value: Any, scale: int) -> Any:
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-scale), rounding="ROUND_HALF_UP")
    return type(value)(exact)


def owned(value: Any) -> Any:
    """A copy that shares no list or dict with its caller. Far cheaper than deepcopy for payloads."""
    if isinstance(value, dict):
        return {name: owned(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [owned(part) for part in value]
    return value


@dataclass(frozen=True, slots=True)
class KindSpec:
    """A sort of record. Use `KindSpec.of("Account", FieldSpec("Name"), …)`."""

    name: str
    fields: Mapping[str, FieldSpec]
    key_field: str = ""  # where our key is stored; its being unique is its FieldSpec's word
    active_field: str = ""  # a boolean; archiving sets it to False
    id_pattern: str = "{kind}-{n:06d}"
    duplicate_rule: tuple[str, ...] = ()  # a create equal in all of these (case aside) is refused with candidates
    sought: frozenset[str] = frozenset()  # fields with an index, as a foreign key has one
    indexed: frozenset[str] = field(default_factory=frozenset)  # derived: those, unique fields and the key

    @classmethod
    def of(cls, name: str, *fields: FieldSpec, **options: Any) -> "KindSpec":
        """Build from a list of fields; options are the attributes above."""
        return cls(name, {one.name: one for one in fields}, **options).with_fields(*fields)

    def with_fields(self, *fields: FieldSpec) -> "KindSpec":
        """The same kind after an administrator added or changed these fields."""
        merged = {**self.fields, **{one.name: one for one in fields}}
        return replace(self, fields=merged, indexed=self.sought | _indexed(merged, self.key_field))

    def without(self, name: str) -> "KindSpec":
        """The same kind after an administrator dropped a field."""
        left = {other: spec for other, spec in self.fields.items() if other != name}
        return replace(self, fields=left, indexed=(self.sought | _indexed(left, self.key_field)) - {name})

    def saved(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What a write of these values stores. Raises `Refusal` at the first field that does not go."""
        stored = {}
        for name, value in values.items():
            spec = self.fields.get(name)
            if spec is None:
                raise Refusal("unknown_field", f"{self.name} has no field {name}", field=name)
            if not spec.writable:
                raise Refusal("read_only", f"{self.name}.{name} cannot be written", field=name)
            stored[name] = spec.saved(value)
        return stored

    def refuse_blanks(self, values: Mapping[str, Any]) -> None:
        """Raise `Refusal` where a required field is empty."""
        for name, spec in self.fields.items():
            if spec.required and values.get(name) in (None, ""):
                raise Refusal("required", f"{self.name}.{name} is required", field=name)


def _indexed(fields: Mapping[str, FieldSpec], key_field: str) -> frozenset[str]:
    unique = {name for name, spec in fields.items() if spec.unique}
    return frozenset(unique | {key_field} if key_field else unique)
