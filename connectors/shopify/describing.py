"""The shop's own metadata, and what `doctor` wants to know of a shop."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import FieldDescription, Finding, KindDescription
from connectors.errors import MisconfiguredError, TransientError
from connectors.shopify.client import Client, told_time
from connectors.shopify.definitions import Definitions
from connectors.shopify.kinds import COMPANY, CUSTOMER, Shape
from connectors.shopify.selection import (
    ADDRESS_INPUTS,
    ADDRESSES,
    BUSINESS_ID,
    COMPANY_ID,
    DEFAULT_ADDRESS,
    IS_BUSINESS,
    IS_DEFAULT,
    LINES,
    MAIN_LOCATION,
    METAFIELDS,
    OUT_OF_USE,
    STREET,
    metafields,
)
from connectors.shopify.settings import ShopifySettings

VERSION_HEADER = "x-shopify-api-version"
_MOST_SKEW = timedelta(minutes=2)
_TYPE = "type { name kind ofType { name kind ofType { name kind ofType { name kind } } } }"
_TYPES: Mapping[str, tuple[tuple[str, str], ...]] = {  # the type, and the input it is written by
    CUSTOMER: (("Customer", "CustomerInput"), ("MailingAddress", "MailingAddressInput")),
    COMPANY: (("Company", "CompanyInput"), ("CompanyLocation", "CompanyLocationUpdateInput")),
    "Address": (("CompanyAddress", "CompanyAddressInput"),),
}
_SCOPES: Mapping[str, tuple[str, ...]] = {
    CUSTOMER: ("read_customers", "write_customers"),
    COMPANY: ("read_companies", "write_companies"),
}
# What we compute. A firm is told as writable, since a book may decide it elsewhere; the refusal then names the record.
_OURS = (
    FieldDescription(OUT_OF_USE, "Boolean"),
    FieldDescription(IS_BUSINESS, "Boolean", writable=False),
    FieldDescription(BUSINESS_ID, "ID", refers_to=CUSTOMER),
    FieldDescription(COMPANY_ID, "ID", refers_to=COMPANY),
    FieldDescription(f"{ADDRESSES}.{IS_DEFAULT}", "Boolean"),
)
_OF_COMPANIES = (FieldDescription(IS_BUSINESS, "Boolean", writable=False),)


@dataclass(frozen=True, slots=True)
class Describer:
    """Asks one shop about itself, by the introspection that GraphQL has."""

    client: Client

    def describe(self, kind: str) -> KindDescription:
        """As it is now; a child's fields are named with a dot."""
        told = self.client.ask(f"describe {kind}", _question(kind))
        (own, own_input), (child, child_input) = _TYPES[kind]
        fields = list(_fields(told[own], told[own_input]))
        children = list(_fields(told[child], told[child_input]))
        if kind == CUSTOMER:
            fields += [*_below(DEFAULT_ADDRESS, child, children), *_below(ADDRESSES, child, children), *_OURS]
        else:
            fields += [*_below(MAIN_LOCATION, child, children), *self._of_locations(), *_OF_COMPANIES]
        fields += self.metafields(kind).values()
        return KindDescription(kind, {one.name: one for one in fields})

    def _of_locations(self) -> Iterator[FieldDescription]:
        """The two addresses of a location, and its tax number."""
        told = self.client.ask("describe addresses", _question("Address"))
        parts = list(_fields(told["CompanyAddress"], told["CompanyAddressInput"]))
        for name in ("billingAddress", "shippingAddress"):
            yield from _below(f"{MAIN_LOCATION}.{name}", "CompanyAddress", parts)
        yield FieldDescription(f"{MAIN_LOCATION}.taxSettings.taxRegistrationId", "String")

    def metafields(self, kind: str) -> Mapping[str, FieldDescription]:
        """Those that are defined, by their path in a payload."""
        document = (
            f"query Metafields {{ metafieldDefinitions(ownerType: {kind.upper()}, first: 250)"
            " { nodes { namespace key type { name } capabilities { uniqueValues { enabled } } } } }"
        )
        found = {}
        for one in self.client.ask("metafields", document)["metafieldDefinitions"]["nodes"]:
            path = f"{METAFIELDS}.{one['namespace']}.{one['key']}"
            unique = bool(one["capabilities"]["uniqueValues"]["enabled"])
            found[path] = FieldDescription(path, str(one["type"]["name"]), unique=unique)
        return found


def _question(kind: str) -> str:
    parts = []
    for own, written in _TYPES[kind]:
        parts.append(f'{own}: __type(name: "{own}") {{ fields {{ name {_TYPE} }} }}')
        parts.append(f'{written}: __type(name: "{written}") {{ inputFields {{ name {_TYPE} }} }}')
    return f"query Describe {{ {' '.join(parts)} }}"


def _fields(told: Any, written: Any) -> Iterator[FieldDescription]:
    if not isinstance(told, Mapping) or not isinstance(written, Mapping):
        raise TransientError("Shopify did not describe its fields; try again later")
    inputs = {one["name"] for one in written["inputFields"]}
    for one in told["fields"]:
        name = str(one["name"])
        sort = _type_of(one["type"])
        takes = ADDRESS_INPUTS.get(name, name)
        yield FieldDescription(
            name, sort, writable=takes in inputs, unique=name in {"id", "email", "phone", "externalId"}
        )


def _type_of(told: Mapping[str, Any]) -> str:
    """The innermost name; a list says so."""
    while told.get("ofType"):
        if told["kind"] == "LIST":
            return f"[{_type_of(told['ofType'])}]"
        told = told["ofType"]
    return str(told["name"])


def _below(prefix: str, kind: str, parts: Sequence[FieldDescription]) -> Iterator[FieldDescription]:
    """An object and its fields; an address has its two lines also in one."""
    yield FieldDescription(prefix, kind)
    for one in parts:
        yield FieldDescription(f"{prefix}.{one.name}", one.type, writable=one.writable)
    if any(one.name == LINES[0] for one in parts):
        yield FieldDescription(f"{prefix}.{STREET}", "String")


@dataclass(frozen=True, slots=True)
class Checkup:
    """What is looked at before a shop is trusted."""

    client: Client
    settings: ShopifySettings
    shapes: Mapping[str, Shape]
    definitions: Definitions
    clock: Callable[[], datetime]

    def findings(self) -> Iterator[Finding]:
        """One line each; a login that fails leaves nothing else to look at."""
        try:
            answer = self.client.answer("versions", "query Versions { publicApiVersions { handle supported } }")
        except MisconfiguredError as error:
            yield Finding(ok=False, about="login", says=str(error), do="correct the settings of this system")
            return
        yield self._skew(told_time(answer) - self.clock())
        yield self._version(answer.headers.get(VERSION_HEADER, ""), answer.data["data"]["publicApiVersions"])
        yield self._scopes()
        yield self.definitions.finding()
        for shape in self.shapes.values():
            yield self._kind(shape)
            yield from self._metafields(shape)

    def _skew(self, skew: timedelta) -> Finding:
        says = f"its clock differs from ours by {round(skew.total_seconds())} s"
        return Finding(abs(skew) <= _MOST_SKEW, "clock", says, "let a time server set the clock of this machine")

    def _version(self, served: str, offered: Sequence[Mapping[str, Any]]) -> Finding:
        """A version that is no longer there is answered by another one, without a word but this header."""
        wanted = self.settings.api_version
        fine = served in {"", wanted} and any(one["handle"] == wanted and one["supported"] for one in offered)
        says = f"API version {wanted} is {'' if fine else 'not '}served" + (
            f", but {served}" if not fine and served else ""
        )
        return Finding(fine, "API version", says, "set api_version to one that the shop supports")

    def _scopes(self) -> Finding:
        document = "query Scopes { currentAppInstallation { accessScopes { handle } } }"
        told = self.client.ask("scopes", document)["currentAppInstallation"]["accessScopes"]
        held = {one["handle"] for one in told}
        needed = [scope for kind in self.shapes for scope in _SCOPES[kind]]
        missing = [scope for scope in needed if scope not in held]
        more = sorted(scope for scope in held if scope.startswith("write_") and scope not in needed)
        says = f"missing: {', '.join(missing)}" if missing else "the app has all scopes that are needed"
        says += f"; it may do more than it has to, take away: {', '.join(more)}" if more else ""
        return Finding(not missing, "scopes", says, "give the app these scopes, and install it anew")

    def _metafields(self, shape: Shape) -> Iterator[Finding]:
        """A mapped metafield can be read without a definition, and not be written."""
        mapped = [f"{space}.{key}" for _, space, key in metafields(shape.wanted)]
        if not mapped:
            return
        known = Describer(self.client).metafields(shape.kind)
        missing = [name for name in mapped if f"{METAFIELDS}.{name}" not in known]
        says = f"not defined: {', '.join(missing)}" if missing else f"all {len(mapped)} mapped ones are defined"
        yield Finding(not missing, f"{shape.kind} metafields", says, "define them in the shop's admin, as text")

    def _kind(self, shape: Shape) -> Finding:
        document = f"query Probe {{ {shape.root}(first: 1) {{ nodes {{ {shape.asked()} }} }} }}"
        try:
            self.client.ask(f"probe {shape.kind}", document)
        except MisconfiguredError as error:
            return Finding(
                ok=False, about=shape.kind, says=str(error), do="give the app access to it, or correct the map"
            )
        return Finding(ok=True, about=shape.kind, says="all mapped fields can be read")
