"""One operation of a history: plain data, drawn from the seed and its own number alone.

`pick` and `other` say which of the records that are there then: the record at that place, counted round.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sync_pipelines.simulation.draws import Draws
from sync_pipelines.simulation.little_book import ROLES
from sync_pipelines.simulation.nemesis import Way
from sync_pipelines.simulation.swarm import Swarm
from sync_pipelines.simulation.values import (
    CREDITS,
    EMAILS,
    FIELDS,
    FREE,
    HOSTILE,
    NAMES,
    OTHER_TAX_IDS,
    PLACES,
    STATUSES,
    TAX_IDS,
    TERMS,
    TOWNS,
    WORDS,
)

_MANY = 10_000
_WITH_PERSONS = ("crm", "erp")
_PERSONS_MERGED = 0.3
_BESIDE = ("", "", "", "lost")  # what becomes of the number that lies beside a ledger


@dataclass(frozen=True, slots=True)
class Operation:
    """`number` keeps its faults where they were, whatever is taken out before it."""

    number: int
    what: str
    how: Mapping[str, Any]

    def plain(self) -> dict[str, Any]:
        """For a file."""
        return {"number": self.number, "what": self.what, **self.how}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Operation":
        """From a file."""
        how = {name: value for name, value in told.items() if name not in ("number", "what")}
        return cls(told["number"], told["what"], how)

    def but(self, **how: Any) -> "Operation":
        """The same with other details."""
        return replace(self, how={**self.how, **how})

    def __str__(self) -> str:
        """For people."""
        told = " ".join(f"{name}={_short(value)}" for name, value in self.how.items() if value not in (None, "", []))
        return f"{self.number:>3}  {self.what} {told}".rstrip()


def drawn(seed: int, number: int, swarm: Swarm) -> Operation:
    """The operation of this number."""
    draws = Draws(seed, number)
    misdeeds = swarm.of_way(Way.DEED)
    if misdeeds and draws.chance("misdeed", swarm.share):
        misdeed = draws.choice("which misdeed", misdeeds)
        beside = {"beside": draws.choice("beside", _BESIDE)} if misdeed == "restored_ledger" else {}
        return Operation(number, misdeed, {**_misdeed(draws), **beside})
    at = draws.part("what")
    what, how = next((what, how) for share, what, how in _SHARES if at < share)
    return Operation(number, what, how(draws, swarm))


def _run(draws: Draws, swarm: Swarm) -> dict[str, Any]:
    kinds = swarm.of_way(Way.RUN)
    if not kinds or not draws.chance("to a run", min(1.0, 3 * swarm.rate)):
        return {}
    what = draws.choice("what to a run", kinds)
    return {"befalls": what, "nth": 1 + draws.upto("when", 20), "after": 1 + draws.upto("and then", 60)}


def _create(draws: Draws, swarm: Swarm) -> dict[str, Any]:
    system = draws.choice("system", ROLES)
    values: dict[str, Any] = {"Name": draws.choice("name", NAMES), "Tax_Id": draws.choice("tax id", TAX_IDS)}
    if system == "crm":
        values["Status"] = draws.choice("status", ("Open", "Won", "Won", "Test"))
    if (hostile := _hostile(draws, swarm)) is not None:
        values[draws.choice("hostile field", FREE)] = hostile
    return {"system": system, "values": values}


def _person(draws: Draws, swarm: Swarm) -> dict[str, Any]:
    values = {"Name": draws.choice("name", NAMES), "Email": draws.choice("email", EMAILS)}
    if (hostile := _hostile(draws, swarm)) is not None:
        values["Name"] = hostile
    return {"system": draws.choice("system", _WITH_PERSONS), "values": values, "of": draws.upto("firm", _MANY)}


def _edit(draws: Draws, swarm: Swarm) -> dict[str, Any]:
    system = draws.choice("system", ROLES)
    person = system in _WITH_PERSONS and draws.chance("a person", 0.2)
    field = draws.choice("field", ("Name", "Email") if person else FIELDS)
    value = _value(draws, field, system)
    if field in FREE and (hostile := _hostile(draws, swarm)) is not None:
        value = hostile
    how = {"system": system, "pick": draws.upto("pick", _MANY), "field": field, "value": value}
    return {**how, "kind": "Person"} if person else how


def _value(draws: Draws, field: str, system: str) -> Any:
    told: dict[str, tuple[Any, ...]] = {
        "Name": NAMES,
        "Tax_Id": OTHER_TAX_IDS,
        "Terms": TERMS[system],
        "Status": STATUSES,
        "Credit": CREDITS,
    }
    return draws.choice("value", told.get(field, WORDS))


def _hostile(draws: Draws, swarm: Swarm) -> Any:
    kinds = swarm.of_way(Way.VALUE)
    if not kinds or not draws.chance("hostile", 2 * swarm.share):
        return None
    return draws.choice("hostile value", HOSTILE[draws.choice("which hostile", kinds)])


def _place(draws: Draws, swarm: Swarm) -> dict[str, Any]:
    del swarm
    return {
        "system": draws.choice("system", _WITH_PERSONS),
        "pick": draws.upto("pick", _MANY),
        "code": draws.choice("code", PLACES),
        "town": draws.choice("town", TOWNS),
        "remove": draws.chance("remove", 0.5),
    }


def _retire(draws: Draws, swarm: Swarm) -> dict[str, Any]:
    del swarm
    return {
        "way": draws.choice("way", ("archive", "delete")),
        "system": draws.choice("system", ROLES),
        "pick": draws.upto("pick", _MANY),
        "other": draws.upto("other", _MANY),
    }


def _merge(draws: Draws, swarm: Swarm) -> dict[str, Any]:
    del swarm
    how = {"system": "crm", "pick": draws.upto("pick", _MANY), "other": draws.upto("other", _MANY)}
    return {**how, "kind": "Person"} if draws.chance("persons", _PERSONS_MERGED) else how


def _undo(draws: Draws, swarm: Swarm) -> dict[str, Any]:
    del swarm
    return {"pick": draws.upto("pick", _MANY)}


def _split(draws: Draws, swarm: Swarm) -> dict[str, Any]:
    del swarm
    return {"pick": draws.upto("pick", _MANY), "other": draws.upto("other", _MANY)}


def _wait(draws: Draws, swarm: Swarm) -> dict[str, Any]:
    del swarm
    return {"seconds": draws.choice("seconds", (1, 60, 3600))}


def _answer(draws: Draws, swarm: Swarm) -> dict[str, Any]:
    del swarm
    return {"pick": draws.upto("pick", _MANY), "choice": draws.upto("choice", _MANY)}


def _misdeed(draws: Draws) -> dict[str, Any]:
    """All misdeeds are told alike; each takes what it needs."""
    return {
        "system": draws.choice("system", ROLES),
        "pick": draws.upto("pick", _MANY),
        "other": draws.upto("other", _MANY),
        "field": draws.choice("field", FREE),
        "value": draws.choice("value", WORDS),
    }


_SHARES: tuple[tuple[float, str, Callable[[Draws, Swarm], dict[str, Any]]], ...] = (
    (0.26, "run", _run),
    (0.41, "create", _create),
    (0.49, "person", _person),
    (0.73, "edit", _edit),
    (0.78, "place", _place),
    (0.81, "retire", _retire),
    (0.89, "merge", _merge),
    (0.90, "wait", _wait),
    (0.96, "answer", _answer),
    (0.98, "undo", _undo),
    (1.00, "split", _split),
)
_LONG = 40


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
