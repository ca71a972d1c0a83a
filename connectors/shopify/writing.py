"""Creates, updates and archiving: many items in one document, carried out one after the other, each with its answer.

A create bears our key in a metafield that the shop keeps unique. What was written is read back by id, once for the
whole batch. Nothing is ever sent a second time, unless the shop surely refused the whole call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from connectors.batches import by_kind, unsent
from connectors.contract import Archive, Create, ItemResult, Payload, Record, Update, Written
from connectors.errors import (
    ConnectorError,
    RejectedError,
    StaleError,
    UncertainError,
    WriteError,
)
from connectors.shopify import mutations
from connectors.shopify.addresses import selects
from connectors.shopify.answers import TAKEN, TooCostlyError, complaints, outcome
from connectors.shopify.client import Client
from connectors.shopify.definitions import Definitions
from connectors.shopify.kinds import COMPANY, CUSTOMER, Shape
from connectors.shopify.leaving import held, left_by, telling
from connectors.shopify.mutations import Mutation
from connectors.shopify.reading import Node, Reader
from connectors.shopify.selection import (
    ADDRESSES,
    DEFAULT_ADDRESS,
    MAIN_LOCATION,
    OUT_OF_USE,
    Tree,
    grown,
    number,
    tree,
    with_whole_addresses,
)
from connectors.shopify.settings import ShopifySettings


class Done(NamedTuple):
    """The number of the record that was written, and what was sent as its answer told it."""

    number: str
    left: Payload = MappingProxyType({})


Outcome: TypeAlias = WriteError | Done
_MADE = {CUSTOMER: mutations.customer_created, COMPANY: mutations.company_created}
_CHANGED = {CUSTOMER: mutations.customer_updated, COMPANY: mutations.company_updated}


@dataclass(frozen=True, slots=True)
class Planned:
    """One item, ready to be sent."""

    place: int  # in the batch
    parts: Sequence[Mutation]
    values: Payload
    target: str = ""  # the number of the record, where there is one already
    before: Payload = field(default_factory=dict)  # what it said when we looked, where we did

    @property
    def aliases(self) -> list[str]:
        """The name of each part in the document."""
        return [f"m{self.place}_{count}" for count in range(len(self.parts))]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes to one shop."""

    client: Client
    reader: Reader
    settings: ShopifySettings
    definitions: Definitions

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        """One kind after the other."""
        self._refuse_oversize(batch)
        return by_kind(batch, lambda item: item.kind, self._create)

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        """Only what is still as expected is sent."""
        self._refuse_oversize(batch)
        return by_kind(batch, lambda item: item.ref.kind, self._update)

    def archive(self, batch: Sequence[Archive]) -> Sequence[ItemResult]:
        """A tag more; all other tags stay."""
        return self.update([Update(item.key, item.ref, {OUT_OF_USE: True}, version=item.version) for item in batch])

    # -- one kind -----------------------------------------------------------------------------------------------------

    def _create(self, kind: str, batch: Sequence[Create]) -> Sequence[ItemResult]:
        if kind == CUSTOMER:
            self.definitions.ensure_key()
        outcomes: dict[int, Outcome] = {}
        planned = []
        for place, item in enumerate(batch):
            try:
                told = telling(_MADE[kind](item, self.settings), item.values, self.reader.shapes[kind])
                planned.append(Planned(place, told, item.values))
            except RejectedError as error:
                outcomes[place] = error
        outcomes |= self._send("create", kind, planned)
        named = {place: self._with_candidates(kind, batch[place], one) for place, one in outcomes.items()}
        return self._results(kind, [item.key for item in batch], named, created=True)

    def _update(self, kind: str, batch: Sequence[Update]) -> Sequence[ItemResult]:
        wanted = self._needed(kind, batch)
        there = self.reader.nodes(kind, [item.ref.id for item in batch], wanted) if wanted is not None else None
        outcomes: dict[int, Outcome] = {}
        planned = []
        for place, item in enumerate(batch):
            try:
                now = self._now(kind, item, there, wanted)
                parts = _CHANGED[kind](item, now, self.settings)
            except (RejectedError, StaleError) as error:
                outcomes[place] = error
                continue
            shape = self.reader.shapes[kind]
            before = held(item.values, now, shape)
            if parts:
                planned.append(Planned(place, telling(parts, item.values, shape), item.values, item.ref.id, before))
            else:
                outcomes[place] = Done(item.ref.id, before)  # it is already so
        outcomes |= self._send("update", kind, planned)
        return self._results(kind, [item.key for item in batch], outcomes, created=False)

    # -- just before --------------------------------------------------------------------------------------------------

    def _needed(self, kind: str, batch: Sequence[Update]) -> Tree | None:
        """What has to be read before this batch is sent; None: nothing."""
        touched = {name for item in batch for values in (item.expected, item.values) for name in values}
        with_addresses = kind == CUSTOMER and not touched.isdisjoint({ADDRESSES, DEFAULT_ADDRESS})
        with_location = kind == COMPANY and MAIN_LOCATION in touched
        if not with_addresses and not with_location and not any(item.expected for item in batch):
            return None
        paths = [path for item in batch for path in _paths(item.expected)]
        wanted = grown(tree(paths), self.reader.shapes[kind].wanted)
        if with_location:
            return mutations.with_whole_locations(wanted)
        return with_whole_addresses(wanted) if with_addresses else wanted

    def _now(self, kind: str, item: Update, there: Mapping[str, Node] | None, wanted: Tree | None) -> Payload:
        """The record as it is. Raises StaleError where it is gone, or is not what was expected."""
        if there is None:
            return {}
        if item.ref.id not in there:
            raise StaleError(f"{item.ref} is no longer there", code="gone")
        told = self.reader.shapes[kind].payload(there[item.ref.id], wanted)
        for path, expected in item.expected.items():
            if not _agrees(told.get(path), expected):
                raise StaleError(f"{item.ref}: {path} is no longer what it was when this was planned", field=path)
        return told

    # -- the call -----------------------------------------------------------------------------------------------------

    def _send(self, call: str, kind: str, planned: Sequence[Planned]) -> dict[int, Outcome]:
        """One document for all. A refusal of the whole call did nothing; whose fault it is, is found by halving."""
        if not planned:
            return {}
        parts = [pair for one in planned for pair in zip(one.aliases, one.parts, strict=True)]
        document, variables = mutations.document(parts)
        try:
            body = self.client.write(f"{call} {kind} {len(parts)}", document, variables, len(parts))
        except UncertainError as lost:
            return {one.place: lost for one in planned}
        except (RejectedError, TooCostlyError) as refused:
            return self._halved(call, kind, planned, refused)
        return {one.place: _outcome(one, body, self.reader.shapes[kind]) for one in planned}

    def _halved(
        self, call: str, kind: str, planned: Sequence[Planned], blamed: RejectedError | TooCostlyError
    ) -> dict[int, Outcome]:
        if len(planned) == 1:
            return {planned[0].place: RejectedError(str(blamed), code=blamed.code, field=blamed.field)}
        first, second = planned[: len(planned) // 2], planned[len(planned) // 2 :]
        done = self._send(call, kind, first)
        try:
            return done | self._send(call, kind, second)
        except ConnectorError as error:
            return done | {one.place: unsent(error) for one in second}

    def _results(
        self, kind: str, keys: Sequence[str], outcomes: Mapping[int, Outcome], *, created: bool
    ) -> Sequence[ItemResult]:
        ids = [one.number for one in outcomes.values() if isinstance(one, Done)]
        try:
            proofs = self.reader.by_id(kind, ids) if ids else {}
        except ConnectorError:
            proofs = {}
        return [_written(key, outcomes[place], proofs, created=created) for place, key in enumerate(keys)]

    def _with_candidates(self, kind: str, item: Create, one: Outcome) -> Outcome:
        """Whose e-mail, phone or key it is, where the shop only says that it is taken."""
        if kind != CUSTOMER or not isinstance(one, RejectedError) or one.code != TAKEN:
            return one
        named = {name: item.values.get(field) for name, field in (("emailAddress", "email"), ("phoneNumber", "phone"))}
        try:
            found = [self._holder({name: value}) for name, value in named.items() if value]
        except ConnectorError:
            return one
        return RejectedError(str(one), code=one.code, field=one.field, candidates=tuple(filter(None, found)))

    def _holder(self, identifier: Mapping[str, Any]) -> str:
        document = "query Holder($by: CustomerIdentifierInput!) { customerByIdentifier(identifier: $by) { id } }"
        told = self.client.ask("holder", document, {"by": identifier})["customerByIdentifier"]
        return number(told["id"]) if told else ""

    def _refuse_oversize(self, batch: Sequence[object]) -> None:
        if len(batch) > self.settings.batch:
            raise ValueError(f"{self.settings.batch} records go in a call, not {len(batch)}")


def _paths(values: Payload, prefix: str = "") -> list[str]:
    """The plain dotted paths of a partial payload; what stands behind a selector is read with the whole list."""
    found = []
    for name, inner in values.items():
        path = f"{prefix}{name}"
        into = isinstance(inner, Mapping) and inner and not any(key.startswith("[") for key in inner)
        found += _paths(inner, f"{path}.") if into else [path]
    return found


def _agrees(held: Any, expected: Any) -> bool:
    """Whether a value is what was expected, at the paths that the expectation names and at no others."""
    if isinstance(expected, Mapping) and isinstance(held, Sequence) and not isinstance(held, str):
        return all(_selected_agrees(held, selector, inner) for selector, inner in expected.items())
    if isinstance(expected, Mapping) and isinstance(held, Mapping):
        return all(_agrees(held.get(name), inner) for name, inner in expected.items())
    if isinstance(expected, Mapping) and held is None:
        return all(_agrees(None, inner) for inner in expected.values())
    if isinstance(expected, list) and isinstance(held, list):
        return len(expected) == len(held) and all(map(_agrees, held, expected))
    return bool(held == expected)


def _selected_agrees(held: Sequence[Any], selector: str, expected: Any) -> bool:
    matching = [one for one in held if selects(selector, one)]
    if isinstance(expected, list):
        return _agrees(matching, expected)
    return _agrees(matching[0] if matching else None, expected)


def _outcome(one: Planned, body: Mapping[str, Any], shape: Shape) -> Outcome:
    """All parts done, none done, or nobody can say in one word: then the record has to be looked at."""
    found = complaints(body)
    data = body.get("data") or {}
    told = [outcome(alias, data, found, part.proof) for alias, part in zip(one.aliases, one.parts, strict=True)]
    errors = [error for error in told if error is not None]
    if not errors:
        answers = [data[alias] for alias in one.aliases]
        made = one.target or number(str(answers[0][one.parts[0].proof.split(".")[0]]["id"]))
        return Done(made, left_by(one.parts, answers, one.values, one.before, shape))
    open_ = next((error for error in errors if isinstance(error, UncertainError)), None)
    if open_ is not None or len(errors) == len(told):
        return open_ or errors[0]
    return UncertainError(
        f"a part of this was done and another was not: {errors[0]}", code="partly", field=errors[0].field
    )


def _written(key: str, one: Outcome, proofs: Mapping[str, Record], *, created: bool) -> ItemResult:
    if not isinstance(one, Done):
        return one
    if one.number not in proofs:
        return UncertainError("Shopify reports a success, but the record could not be read back", code="unproven")
    record = proofs[one.number]
    touched = any(not _agrees(record.payload.get(name), left) for name, left in one.left.items())
    return Written(key, record, created, touched)
