"""Which addresses of a customer to make, change and take away, so that all others stay as they are. No I/O.

An address is changed by itself and by its id, and is sent whole: what the shop does with a part is not told.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import RejectedError
from connectors.shopify.selection import ADDRESS_INPUTS, IS_DEFAULT, STREET, lines_of

Address = Mapping[str, Any]
_SELECTOR = re.compile(r"\[(?P<key>[^\[\]=]+)=(?P<values>[^\[\]]+)\]")
_READ_ONLY, _COUNTRY = frozenset({"id"}), "countryCodeV2"


@dataclass(frozen=True, slots=True)
class Step:
    """One address to write. Without an id it is made; without values it is taken away, or only made the default."""

    id: str = ""
    values: Mapping[str, Any] | None = None  # by input name
    default: bool | None = None  # True: becomes the default address


@dataclass(slots=True)
class Addresses:
    """The addresses of one customer, by their names in a payload, and what is wanted of them."""

    held: Sequence[Address]
    default_id: str = ""
    steps: list[Step] = field(default_factory=list)

    def default(self, wanted: Any) -> None:
        """The default address: changed, made, or taken away."""
        current = next((one for one in self.held if one["id"] == self.default_id), None)
        self._one(current, wanted, {}, default=True)

    def listed(self, wanted: Any) -> None:
        """Through selectors, or as the whole list."""
        if isinstance(wanted, Mapping):
            for selector, inner in wanted.items():
                self._selected(selector, inner)
        else:
            self._whole(self.held, wanted or (), {})

    def _selected(self, selector: str, wanted: Any) -> None:
        key, texts = _parsed(selector)
        matching = [one for one in self.held if _spelled(self._value(one, key)) in texts]
        given = {key: {"true": True, "false": False}.get(texts[0], texts[0])}
        if isinstance(wanted, Mapping) or wanted is None:
            self._one(matching[0] if matching else None, wanted, given, default=given.get(IS_DEFAULT) is True)
        else:
            self._whole(matching, wanted, given)

    def _value(self, one: Address, key: str) -> Any:
        return one["id"] == self.default_id if key == IS_DEFAULT else one.get(key)

    def _one(self, current: Address | None, wanted: Any, given: Address, *, default: bool) -> None:
        nothing = wanted is None or all(value is None for value in wanted.values())
        if nothing and current is not None and (wanted is None or not _left(current, wanted, given)):
            self.steps.append(Step(current["id"]))
        elif not nothing or current is not None:
            self._write(current, {**(given if current is None else {}), **wanted}, default=default or None)

    def _write(self, current: Address | None, wanted: Address, *, default: bool | None) -> None:
        values = written(wanted)
        before = inputs(current) if current is not None else {}
        default = wanted.get(IS_DEFAULT) is True or default
        becomes_default = default and (current is None or current["id"] != self.default_id)
        if (
            current is not None
            and all(before.get(name) == value for name, value in values.items())
            and not becomes_default
        ):
            return
        address = str(current["id"]) if current is not None else ""
        self.steps.append(Step(address, {**before, **values}, True if becomes_default else None))

    def _whole(self, held: Sequence[Address], wanted: Any, given: Address) -> None:
        """These and no others. Who is who: by id, else by being alike, so that an edited address stays the same one."""
        if not isinstance(wanted, Sequence) or not all(isinstance(one, Mapping) for one in wanted):
            raise RejectedError("addresses take a list of records", code="type", field="addresses")
        left = list(held)
        for one in wanted:
            current = _counterpart(one, left)
            if current is not None:
                left.remove(current)
            self._write(current, {**(given if current is None else {}), **one}, default=None)
        self.steps += [Step(one["id"]) for one in left]


def made(values: Any) -> list[dict[str, Any]]:
    """The addresses of a customer that is being made, the default one first."""
    found: list[dict[str, Any]] = []
    for step in _planned(values):
        if step.values is not None:
            found.insert(0 if step.default else len(found), {k: v for k, v in step.values.items() if v is not None})
    return found


def _planned(values: Any) -> Iterator[Step]:
    plan = Addresses([])
    if "defaultAddress" in values:
        plan.default(values["defaultAddress"])
    if "addresses" in values:
        plan.listed(values["addresses"])
    yield from plan.steps


def written(wanted: Address) -> dict[str, Any]:
    """By input name. Raises RejectedError where a field of an address cannot be written."""
    if STREET in wanted:
        wanted = {**{name: value for name, value in wanted.items() if name != STREET}, **lines_of(wanted[STREET])}
    unknown = [name for name in wanted if name not in ADDRESS_INPUTS and name not in (IS_DEFAULT, *_READ_ONLY)]
    if unknown:
        message = f"an address of a customer takes no {', '.join(unknown)}"
        raise RejectedError(message, code="read_only", field=f"addresses.{unknown[0]}")
    return {ADDRESS_INPUTS[name]: value for name, value in wanted.items() if name in ADDRESS_INPUTS}


def inputs(one: Address) -> dict[str, Any]:
    """A held address by input name, as it is sent back whole."""
    return {ADDRESS_INPUTS[name]: value for name, value in one.items() if name in ADDRESS_INPUTS}


def _left(current: Address, wanted: Address, given: Address) -> bool:
    """Whether an address still says something when these of its parts are emptied: a firm, a street, a number.

    What it was looked for by and a country alone are no address.
    """
    rest = {**inputs(current), **written(wanted)}
    nothing = {ADDRESS_INPUTS[name] for name in (*given, _COUNTRY) if name in ADDRESS_INPUTS}
    return any(value for name, value in rest.items() if name not in nothing)


def selects(selector: str, one: Address) -> bool:
    """Whether `[company=Acme]` means this element. Raises RejectedError where it is no selector."""
    key, texts = _parsed(selector)
    return _spelled(one.get(key)) in texts


def _parsed(selector: str) -> tuple[str, list[str]]:
    found = _SELECTOR.fullmatch(selector)
    if found is None:
        message = f"a list is entered through a selector such as [company=Acme], not through {selector!r}"
        raise RejectedError(message, code="selector", field="addresses")
    return found["key"], found["values"].split("|")


def _spelled(raw: Any) -> str | None:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw) if isinstance(raw, str | int) else None


def _counterpart(wanted: Address, held: Sequence[Address]) -> Address | None:
    """The element meant: the one with this id, else the one that agrees in more than half of what is given."""
    if wanted.get("id"):
        found = next((one for one in held if one["id"] == wanted["id"]), None)
        if found is None:
            raise RejectedError(f"there is no address {wanted['id']}", code="unknown_id", field="addresses")
        return found
    given = {name: value for name, value in wanted.items() if value is not None and name != "id"}
    scores = [(sum(one.get(name) == value for name, value in given.items()), one) for one in held]
    best, one = max(scores, key=lambda score: score[0], default=(0, None))
    return one if best * 2 > len(given) else None
