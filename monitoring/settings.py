"""alerts.yaml: who is told of what, when, and when it is too much. The addresses of channels come from outside.

A channel's address holds secrets, so it stands in `CONCORDAT_CHANNEL_<NAME>` or in the file of that name (in small
letters) in the secrets folder, as apprise writes addresses: `mailto://…`, `slack://…`, `pagerduty://…`, `json://…`.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from monitoring.alerts import Hours, Maintenance, Policy, Route
from monitoring.kinds import KINDS, Limits

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_OFFICE = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the file, with its line, from 1."""

    file: str
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.says}"


class AlertsError(Exception):
    """alerts.yaml cannot be used: a line for each fault."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def _duration(said: Any) -> Any:
    found = re.fullmatch(r"(\d+)([smhdw])", str(said))
    if not found:
        raise ValueError("should be a time as 30m, 4h or 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _hours(said: Any) -> Any:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", str(said))
    begins, ends = (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))) if found else (None, None)
    if begins == ends:
        raise ValueError('should be hours as "08:00-20:00"')
    return (begins, ends)


def _zone(said: str) -> str:
    try:
        ZoneInfo(said)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is no time zone; one is written as Europe/Berlin") from None
    return said


def _kind(said: str) -> str:
    names = [kind.name for kind in KINDS]
    if said not in names:
        raise ValueError(f"is no alert; there are {', '.join(names)}")
    return said


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Clock = Annotated[tuple[time, time], BeforeValidator(_hours)]
Severities = Literal["page", "warn", "steward"]
Names = frozenset[str]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChannelSettings(_Strict):
    """One channel; another one takes its messages where it does not."""

    fallback: str = ""


class RouteSettings(_Strict):
    """Who is told; what is not named is any."""

    to: tuple[str, ...] = Field(min_length=1)
    severity: frozenset[Severities] = frozenset()
    system: Names = frozenset()
    entity: Names = frozenset()
    steward: Names = frozenset()
    alert: frozenset[Annotated[str, AfterValidator(_kind)]] = frozenset()
    escalate_to: tuple[str, ...] = ()

    def route(self) -> Route:
        """As the rules read it."""
        severities = frozenset(str(each) for each in self.severity)
        return Route(self.to, severities, self.system, self.entity, self.steward, self.alert, self.escalate_to)


class WindowSettings(_Strict):
    """A planned time; local wall clock where no zone is given."""

    begins: datetime = Field(alias="from")
    ends: datetime = Field(alias="to")
    systems: Names = frozenset()
    entities: Names = frozenset()
    says: str = ""

    @model_validator(mode="after")
    def _forward(self) -> "WindowSettings":
        if self.ends <= self.begins:
            raise ValueError("`to` has to be later than `from`")
        return self


class CanarySettings(_Strict):
    """A record that somebody edits by a clock; its edit has to arrive in another system."""

    entity: str
    record: str = Field(pattern=r"^[^/]+/[^/]+/.+$")  # system/kind/id
    within: Duration


class AlertSettings(_Strict):
    """The whole file."""

    channels: Mapping[str, ChannelSettings] = Field(default_factory=dict)
    routes: tuple[RouteSettings, ...] = ()
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    waking_hours: Clock = (time(8), time(20))
    office_hours: Clock = (time(9), time(17))
    holidays: frozenset[Annotated[str, BeforeValidator(str)]] = frozenset()
    repeat: Mapping[Severities, Duration] = Field(default_factory=dict)
    escalate_after: Duration = timedelta(minutes=30)
    heals_after: Duration = timedelta(0)
    maintenance: tuple[WindowSettings, ...] = ()
    expires: Mapping[str, date] = Field(default_factory=dict)  # when a credential of a system, or of another name, ends
    canaries: tuple[CanarySettings, ...] = ()
    limits: Mapping[str, Any] = Field(default_factory=dict)
    ui: str = ""  # where Dagster is found, for links to runs
    runbooks: str = ""  # where the runbooks are published

    @model_validator(mode="after")
    def _known_channels(self) -> "AlertSettings":
        named = {name for route in self.routes for name in (*route.to, *route.escalate_to)}
        named |= {channel.fallback for channel in self.channels.values() if channel.fallback}
        if unknown := sorted(named - set(self.channels)):
            raise ValueError(f"no channel is called {', '.join(unknown)}; add it under `channels:`")
        self.limits_as_told()
        return self

    def policy(self) -> Policy:
        """When who is told."""
        usual = Policy()
        zone = ZoneInfo(self.time_zone)
        return replace(
            usual,
            routes=tuple(route.route() for route in self.routes),
            repeat={**usual.repeat, **{str(name): span for name, span in self.repeat.items()}},
            escalate_after=self.escalate_after,
            heals_after=self.heals_after,
            time_zone=self.time_zone,
            waking=Hours(*self.waking_hours),
            office=Hours(*self.office_hours, _OFFICE),
            holidays=self.holidays,
            maintenance=tuple(_window(window, zone) for window in self.maintenance),
        )

    def limits_as_told(self) -> Limits:
        """When it is too much. ValueError names a limit that there is not."""
        usual = Limits()
        known = {each.name: getattr(usual, each.name) for each in fields(Limits)}
        if unknown := sorted(set(self.limits) - set(known)):
            raise ValueError(f"limits: {', '.join(unknown)}: no such limit; there are {', '.join(known)}")
        told = {name: _like(name, known[name], said) for name, said in self.limits.items()}
        return replace(usual, **told)


def _like(name: str, usual: Any, said: Any) -> Any:
    if isinstance(usual, timedelta):
        return _duration(said)
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise ValueError(f"limits: {name}: should be a number as {usual}")  # noqa: TRY004 - pydantic collects these
    return type(usual)(said)


def _window(window: WindowSettings, zone: ZoneInfo) -> Maintenance:
    begins, ends = (
        (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC) for at in (window.begins, window.ends)
    )
    return Maintenance(begins, ends, window.systems, window.entities, window.says)


def kept_form(file: Path) -> str:
    """What a sound file says, so that it can be gone by while a later one is broken. Addresses never stand in it."""
    said = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else None
    return json.dumps(said or {}, default=str, sort_keys=True)


def from_kept(said: str) -> AlertSettings:
    """The same once more. Raises AlertsError where it is of another release that knew other keys."""
    try:
        return AlertSettings.model_validate(json.loads(said))
    except ValueError as error:
        raise AlertsError(
            Fault("alerts.yaml", 1, f"what was kept of it cannot be used: {type(error).__name__}")
        ) from None


def read_alerts(file: Path) -> AlertSettings:
    """The file; where there is none, nobody is told of anything. Raises AlertsError with every fault."""
    if not file.is_file():
        return AlertSettings()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AlertsError(Fault(file.name, 1, f"it cannot be read: {type(error).__name__}")) from error
    try:
        return AlertSettings.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        says = f"this is no YAML: {getattr(error, 'problem', error)}"
        raise AlertsError(Fault(file.name, mark.line + 1 if mark else 1, says)) from None
    except ValidationError as error:
        root = yaml.compose(text)
        raise AlertsError(*(_fault(file.name, root, fault["loc"], fault["msg"]) for fault in error.errors())) from None


def _fault(file: str, root: yaml.Node | None, loc: tuple[int | str, ...], says: str) -> Fault:
    where = ".".join(str(part) for part in loc)
    told = says.removeprefix("Value error, ")
    return Fault(file, _line_of(root, loc), f"{where}: {told}" if where else told)


def _line_of(node: yaml.Node | None, loc: tuple[int | str, ...]) -> int:
    """The line of the nearest part of the file that the fault is about."""
    line = 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value}
            if part not in pairs:
                break
            key, node = pairs[part]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def variable_of(channel: str) -> str:
    """`on-call` has its address in CONCORDAT_CHANNEL_ON_CALL."""
    return f"CONCORDAT_CHANNEL_{re.sub(r'[^A-Z0-9]', '_', channel.upper())}"


def addresses(settings: AlertSettings, told: Callable[[str], str]) -> Mapping[str, str]:
    """By channel, where it leads; `told` answers the value of a variable, or nothing."""
    return {channel: told(variable_of(channel)) for channel in settings.channels}
