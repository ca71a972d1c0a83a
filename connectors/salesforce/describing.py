"""The system's own metadata, and what `doctor` wants to know of an org."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import FieldDescription, Finding, KindDescription
from connectors.errors import BudgetError, MisconfiguredError, TransientError
from connectors.salesforce import soql
from connectors.salesforce.client import Client
from connectors.salesforce.records import Shape
from connectors.salesforce.settings import SalesforceSettings

_NUMBERS = frozenset({"currency", "double", "percent", "int", "long"})
_WITH_SCALE = frozenset({"currency", "double", "percent"})
# A JWT is refused when the clocks differ by more than some three minutes.
_MOST_SKEW = timedelta(minutes=2)
_LEAST_ROOM = 0.1


@dataclass(frozen=True, slots=True)
class Describer:
    """Asks one org about itself."""

    client: Client
    settings: SalesforceSettings

    def describe(self, kind: str) -> KindDescription:
        """As it is now, for the user we work as: a field hidden from that user is not told."""
        return KindDescription(kind, {field["name"]: _described(field) for field in self.fields(kind)})

    def types(self, kind: str) -> Mapping[str, str]:
        """The type of each field, in the system's words."""
        return {field["name"]: field["type"] for field in self.fields(kind)}

    def fields(self, kind: str) -> Sequence[Mapping[str, Any]]:
        """What the system tells of each field."""
        fields: list[Mapping[str, Any]] = self.told(kind)["fields"]
        return fields

    def told(self, kind: str) -> Mapping[str, Any]:
        """What the system tells of a kind, and of what our user may do with it."""
        body = self.client.get(f"sobjects/{soql.name(kind)}/describe").data
        if not isinstance(body, Mapping) or not isinstance(body.get("fields"), list):
            raise TransientError(f"Salesforce described {kind} in a way that cannot be read; try again later")
        return body


def _described(field: Mapping[str, Any]) -> FieldDescription:
    type_ = str(field.get("type", ""))
    choices = tuple(each["value"] for each in field.get("picklistValues", ()) if each.get("active"))
    open_ = field.get("nillable") or field.get("defaultedOnCreate")
    return FieldDescription(
        name=field["name"],
        type=type_,
        length=None if type_ in _NUMBERS else field.get("length") or None,
        scale=field.get("scale") if type_ in _WITH_SCALE else None,
        required=bool(field.get("createable")) and not open_,
        writable=bool(field.get("updateable")),
        unique=bool(field.get("unique")),
        choices=choices if field.get("restrictedPicklist") else None,
        refers_to=next(iter(field.get("referenceTo") or ()), ""),
    )


@dataclass(frozen=True, slots=True)
class Checkup:
    """What is looked at before an org is trusted."""

    client: Client
    describer: Describer
    settings: SalesforceSettings
    shapes: Mapping[str, Shape]
    clock: Callable[[], datetime]

    def findings(self) -> Iterator[Finding]:
        """One line each; a login that fails leaves nothing else to look at."""
        try:
            yield from self._looked_at()
        except BudgetError as error:
            yield Finding(ok=False, about="API calls", says=str(error), do="wait until calls are free again")

    def _looked_at(self) -> Iterator[Finding]:
        try:
            yield self._clock_skew()
        except MisconfiguredError as error:
            yield Finding(ok=False, about="login", says=str(error), do="correct the settings of this system")
            return
        yield self._version()
        yield self._room()
        for kind, shape in self.shapes.items():
            yield from self._kind(kind, shape)

    def _clock_skew(self) -> Finding:
        skew = self.client.server_time() - self.clock()
        says = f"its clock differs from ours by {round(skew.total_seconds())} s"
        return Finding(abs(skew) <= _MOST_SKEW, "clock", says, "let a time server set the clock of this machine")

    def _version(self) -> Finding:
        wanted = self.settings.api_version.removeprefix("v")
        there = self.client.versions()
        says = f"API version {wanted} is {'' if wanted in there else 'not '}offered"
        return Finding(wanted in there, "API version", says, "set api_version to one that the org offers")

    def _room(self) -> Finding:
        daily = self.client.get("limits").data
        daily = daily.get("DailyApiRequests", {}) if isinstance(daily, Mapping) else {}
        left, most = int(daily.get("Remaining", 0)), int(daily.get("Max", 0))
        says = f"{left} of {most} API calls of the day are left"
        return Finding(left > most * _LEAST_ROOM, "API calls", says, "wait, or buy more calls")

    def _kind(self, kind: str, shape: Shape) -> Iterator[Finding]:
        try:
            told = self.describer.told(kind)
        except MisconfiguredError as error:
            yield Finding(ok=False, about=kind, says=str(error), do="give the integration user access to it")
            return
        fields = {field["name"]: field for field in told["fields"]}
        hidden = [field for field in shape.fields if "." not in field and field not in fields]
        says = f"missing or hidden: {', '.join(hidden)}" if hidden else f"all {len(shape.fields)} fields can be read"
        yield Finding(not hidden, kind, says, "give the integration user field-level access, or correct the map")
        if told.get("deletable"):
            says = "our user may delete records, which is never done: take that right away"
            yield Finding(ok=True, about=f"{kind} rights", says=says)
        if shape.key_field:
            yield _key(kind, shape.key_field, fields.get(shape.key_field, {}))


def _key(kind: str, name: str, field: Mapping[str, Any]) -> Finding:
    fine = bool(field.get("externalId") and field.get("unique"))
    says = f"{name} is {'a' if fine else 'no'} unique external id"
    return Finding(fine, f"{kind} key", says, f"make it: a text field {name}, External ID, Unique, case sensitive")
