"""The shape of each file of a book, as pydantic models."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from mappings.book import Comparing
from mappings.cron import CronError, parse
from mappings.matching import Scoring

_DURATION = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_HOURS = re.compile(r"(?:[01]\d|2[0-4]):[0-5]\d-(?:[01]\d|2[0-4]):[0-5]\d")


def _duration(said: Any) -> Any:
    found = _DURATION.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        raise ValueError("should be a time as 5m, 26h or 3d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _every(said: Any) -> Any:
    if not isinstance(said, str) or (" " not in said and not _DURATION.fullmatch(said)):
        raise ValueError('should be a time as 5m, or a cron line as "0 2 * * *"')
    if " " in said:
        try:
            parse(said)
        except CronError as error:
            raise ValueError(f"is no time that a clock shows: {error}") from None
    return said


def _when(said: Any) -> Any:
    """`never` is kept as an empty line."""
    if said == "never":
        return ""
    if not isinstance(said, str) or " " not in said:
        raise ValueError('should be a cron line as "10 4 * * *", or never')
    return _every(said)


def _name(said: Any) -> Any:
    if not isinstance(said, str) or not _NAME.fullmatch(said):
        raise ValueError("should be a name: small letters, digits and _, beginning with a letter")
    return said


def _word(said: Any) -> Any:
    """Words may look like numbers (company 100)."""
    return str(said) if isinstance(said, int) and not isinstance(said, bool) else said


def _many(said: Any) -> Any:
    return said if isinstance(said, list) else [said]


def _is_map(said: Any) -> str:
    return "keys" if isinstance(said, Mapping) else "word"


def _rest(said: Any) -> Any:
    """`rest`, or fields by name; an empty list stands for the rest."""
    return [] if said == "rest" else said


def _company(said: Any) -> Any:
    return said == "company" if isinstance(said, str) and said in {"", "company"} else said


def _hours(said: Any) -> Any:
    if not isinstance(said, str) or not _HOURS.fullmatch(said):
        raise ValueError("should be hours as 22:00-06:00")
    return said


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Every = Annotated[str, BeforeValidator(_every)]
When = Annotated[str, BeforeValidator(_when)]
Hours = Annotated[str, BeforeValidator(_hours)]
Name = Annotated[str, BeforeValidator(_name)]
Word = Annotated[str, BeforeValidator(_word)]
Words = Annotated[list[Word], BeforeValidator(_many)]
Share = Annotated[float, Field(ge=0, le=1)]
Switch = Literal["off", "review", "on"]


class Shape(BaseModel):
    """A piece of a book."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CalendarShape(Shape):
    """When people and systems work."""

    time_zone: str = "UTC"
    quiet_hours: list[Hours] = []
    holidays: list[Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]] = []


class SystemShape(Shape):
    """One system."""

    role: Name
    connector: Name
    write: Switch = "off"
    rank: int = 0
    scopes: list[Word] = []
    map: str = ""
    calls_per_day: Annotated[int, Field(gt=0)] | None = None
    calls_per_second: Annotated[float, Field(gt=0)] | None = None
    reserve: Share = 0.1
    calendar: CalendarShape = CalendarShape()
    package: str = ""
    options: dict[str, Any] = {}
    entities: dict[Name, Switch] = {}
    may_be_empty: list[Word] = []


class GuardsShape(Shape):
    """How much change is usual."""

    creates: Share = 0.2
    updates: Share = 0.3
    blanks: Share = 0.05
    archives: Share = 0.02
    at_least: Annotated[int, Field(ge=0)] = 20


class PluginShape(Shape):
    """A user's own package, with what of it may be loaded."""

    package: str
    codecs: list[Name] = []


class SystemsShape(Shape):
    """`systems.yaml`."""

    systems: dict[Name, SystemShape]
    roles: list[Name] = []
    guards: GuardsShape = GuardsShape()
    promises: dict[Name, Duration] = {}
    reconcile: When = Comparing().at
    plugins: list[PluginShape] = []


class FieldShape(Shape):
    """One line of `fields.yaml`."""

    type: str
    means: Annotated[str, Field(min_length=1)]
    privacy: Literal["public", "personal", "financial"] = Field("public", alias="class")
    length: Annotated[int, Field(gt=0)] | None = None
    choices: list[Word] = []
    refers_to: str = ""
    required: bool = False
    items: dict[Name, "FieldShape"] = {}


class FieldsShape(Shape):
    """`fields.yaml`."""

    entity: Name
    fields: dict[Name, FieldShape]


Part = Annotated[
    Annotated[str, Tag("word")] | Annotated["LineShape", Tag("keys")],
    Discriminator(_is_map),
]
At = Annotated[
    Annotated[str, Tag("word")] | Annotated[dict[str, Part], Tag("keys")],
    Discriminator(_is_map),
]


class LineShape(Shape):
    """One line of a map."""

    at: At = ""
    codec: str = Field("text", alias="as")
    options: dict[str, Any] = Field({}, alias="with")
    scope: Word = ""
    per: Annotated[bool, BeforeValidator(_company)] = False
    write: Literal["always", "create", "never"] = "always"
    parts: dict[str, Part] = {}
    items: dict[Name, "LineShape"] = {}


class ArchivedShape(Shape):
    """How a system says that a record is out of use."""

    at: str
    values: Annotated[list[Any], BeforeValidator(_many)] = Field(alias="is")
    back: bool | int | str | None = None


class MapShape(Shape):
    """`<map>.yaml`."""

    entity: Name
    kind: str
    scope: str = ""
    only: dict[str, Annotated[list[Any], BeforeValidator(_many)]] = {}
    archived: ArchivedShape | None = None
    editor: str = ""
    fields: dict[Name, Annotated[list[LineShape], BeforeValidator(_many)]]


class BorrowedShape(Shape):
    """`decides: {from: order.state, table: stage_of_order}`."""

    from_: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")] = Field(alias="from")
    table: str = ""


class DepartmentShape(Shape):
    """`decides: {role: crm, by: order_desk}`."""

    role: Name
    by: str = ""


class EachShape(Shape):
    """Ownership inside a list."""

    key: Name
    decides: Words
    add: Words = []
    remove: Words = []


def _sort_of_decider(said: Any) -> str:
    if isinstance(said, Mapping):
        return "from" if "from" in said else "role"
    return "roles"


Decides = Annotated[
    Annotated[BorrowedShape, Tag("from")] | Annotated[DepartmentShape, Tag("role")] | Annotated[Words, Tag("roles")],
    Discriminator(_sort_of_decider),
]


class SentenceShape(Shape):
    """One sentence about a field."""

    when: dict[str, Any] = {}
    decides: Decides | None = None
    issued_by: Words | None = None
    shared: Words | None = None
    each: EachShape | None = None
    steward: str = ""
    per: Literal["", "company"] = ""
    handover: Literal["take", "seed", "ask_if_differs"] = "ask_if_differs"
    conflict: Any = "review"
    edited_elsewhere: Literal["revert", "propose", "report"] = "revert"
    blank: Literal["keep", "erase"] = "erase"


class PoolShape(Shape):
    """Who is served by one record of a role, and by which."""

    when: Annotated[dict[str, Any], Field(min_length=1)]
    is_: Annotated[dict[Name, Word], Field(alias="is", min_length=1)]


class CreateShape(Shape):
    """When a record is made in a role's systems, and what it needs."""

    when: dict[str, Any] = {}
    needs: list[Name] = []
    pool: PoolShape | None = None


Create = Annotated[
    Annotated[Literal["always", "never"], Tag("word")] | Annotated[CreateShape, Tag("keys")],
    Discriminator(_is_map),
]


class TakesPartShape(Shape):
    """Which entities are synchronised."""

    when: dict[str, Any] = {}
    on_leave: Literal["freeze", "archive", "review"] = "freeze"


class ArchiveShape(Shape):
    """Where an archive is carried to."""

    from_: Words = Field([], alias="from")
    to: Words = []
    others: Literal["review", "ignore"] = "review"


class CadenceShape(Shape):
    """How often a group of fields is synchronised."""

    fields: Annotated[list[Name], BeforeValidator(_rest)]
    every: Every
    fresh_within: Duration
    webhooks: bool = False


class OwnershipShape(Shape):
    """`ownership.yaml`."""

    entity: Name
    takes_part: TakesPartShape = TakesPartShape()
    create: dict[Name, Create] = {}
    fields: dict[Name, Annotated[list[SentenceShape], BeforeValidator(_many)]]
    cadence: list[CadenceShape] = []
    archive: ArchiveShape = ArchiveShape()


class LevelShape(Shape):
    """One way to recognise."""

    name: str
    fields: Annotated[list[str], Field(min_length=1)]
    then: Literal["link", "ask", "apart"]
    weight: float = 0.0
    compare: dict[str, str] = {}


class WeighedShape(Shape):
    """How a field is weighed: `phone`, or `{as: phone, weights: {same: 6}}`."""

    as_: str = Field(alias="as")
    weights: dict[str, float] = {}


def _weighed(said: Any) -> Any:
    return {"as": said} if isinstance(said, str) else said


class ScoreShape(Shape):
    """Fields weighed and added up, in bits."""

    link: float = Scoring().link
    ask: float = Scoring().ask
    fields: dict[Name, Annotated[WeighedShape, BeforeValidator(_weighed)]]


class MatchingShape(Shape):
    """`matching.yaml`."""

    entity: Name
    levels: list[LevelShape] = []
    contradicts: list[Name] = []
    never: dict[Name, list[Word]] = {}
    score: ScoreShape | None = None
