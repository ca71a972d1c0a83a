"""`init`: a book of one's own, and how far one has come on the way from it to a first plan that may be trusted."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sync_pipelines.commands.office import FINE, Office, json_option, office
from sync_pipelines.commands.plans import many
from sync_pipelines.flow.adopting import ADOPT, REHEARSE
from sync_pipelines.settings import BUNDLED_BOOK, Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from mappings.book import Book
    from sync_pipelines.flow.run import House

_CONNECTORS = {"crm": ("salesforce",), "shop": ("shopify",), "erp": ("kingdee", "tryton")}
_Command = TypeVar("_Command", bound="Callable[..., Any]")
_LOOKED_AT = 400  # runs, or plans, of late


def _role(role: str) -> "Callable[[_Command], _Command]":
    says = f"What plays the {role}; where any of these is named, only those that are named take part."
    return click.option(f"--{role}", type=click.Choice(_CONNECTORS[role]), help=says)


@click.command(short_help="a book of your own, and the way to a first plan")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@_role("crm")
@_role("shop")
@_role("erp")
@json_option
@office
def init(office: Office, /, folder: Path | None, *, as_json: bool, **named: str | None) -> int:
    """Copy the bundled book of rules into FOLDER, as a start for your own; without FOLDER: say what comes next.

    In the copy every system is `write: off`: plans are made and shown, and nothing is written.
    """
    taking_part = {role: connector for role, connector in named.items() if connector}
    if folder is None and taking_part:
        raise click.UsageError("name the folder of the new book: concordat init FOLDER --crm salesforce …")
    if folder is None:
        return _tell(office, as_json=as_json)
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty; name a new folder")
    copied = copy_book(BUNDLED_BOOK, folder)
    rules = folder / "systems.yaml"
    rules.write_text(_careful(rules.read_text(encoding="utf-8"), taking_part), encoding="utf-8")
    if as_json:
        office.json({"folder": folder, "files": copied})
        return FINE
    at_home = office.place().book == folder
    office.print(
        f"{copied} files in {folder}; its systems are not written to before {rules} says so.",
        *([] if at_home else [f"Next:  export CONCORDAT_BOOK={folder.absolute()}"]),
        f"{'Next:' if at_home else '     '}  concordat init     says what comes next, whenever it is asked",
    )
    return FINE


def copy_book(origin: Path, folder: Path) -> int:
    """The rules and code tables of a book, and its README; answers how many files."""
    wanted = [*origin.glob("*.yaml"), *origin.glob("*/*.yaml"), *origin.glob("codes/*.csv"), *origin.glob("README.md")]
    for path in wanted:
        copy = folder / path.relative_to(origin)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return len(wanted)


def _careful(systems: str, taking_part: Mapping[str, str]) -> str:
    """The bundled `systems.yaml` with the systems that take part, none of which is written to yet."""
    told, mark, rest = systems.partition("\n\n#")
    head, *blocks = re.split(r"(?m)^(?=  \w+:$)", told + "\n")
    kept = [_played(block, taking_part) for block in blocks]
    return re.sub(r"write: on( ?)", "write: off", head + "".join(kept)).rstrip("\n") + mark + rest


def _played(block: str, taking_part: Mapping[str, str]) -> str:
    """What the book says of one system, with the connector that was asked for; nothing where it takes no part."""
    connector = taking_part.get(block.strip().partition(":")[0])
    if connector is None:
        return "" if taking_part else block
    return block if f"connector: {connector} " in block else re.sub("connector: .*", f"connector: {connector}", block)


# --- the way ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way; `says` what is there, or what is missing."""

    about: str
    done: bool
    says: str
    type: str  # what to type, or to edit


def _tell(office: Office, *, as_json: bool) -> int:
    steps = list(_way(office))
    left = next((step for step in steps if not step.done), None)
    if as_json:
        office.json({"steps": steps, "next": left})
        return FINE
    from sync_pipelines.commands.plans import table

    made = table("", "", "")
    made.show_header = False
    for step in steps:
        made.add_row("ok" if step.done else "→" if step is left else "", step.about, step.says)
    office.print(made)
    office.print(f"Next:  {left.type}" if left else "The way is gone; `concordat status` says how everything stands.")
    return FINE


def _way(office: Office) -> Iterator[Step]:
    """Each step as far as it can be known; no system is asked before all are set up."""
    place = office.place()
    if place.book == BUNDLED_BOOK:
        yield Step("book", done=False, says="there is none of your own yet", type=f"concordat init {_at_home(place)}")
        return
    faults = _faults(office, live=False)
    told = many(faults, "fault") if faults else f"{place.book} is sound"
    yield Step("book", not faults, told, "concordat check")
    if faults:
        return
    with office.open_house() as house:
        yield from _connected(office, house)
        yield from _day_one(house)
        yield _written(house.book)


def _at_home(place: Place) -> Path:
    """Where a book is found without being named."""
    return (place.memento or place.backups).parent / "book"


def _connected(office: Office, house: "House") -> Iterator[Step]:
    missing = _not_set_up(house)
    says = "; ".join(missing) or f"{', '.join(house.book.systems)}: all that is needed is there"
    yield Step("set up", not missing, says, "give what is missing (docs/howto/connect.md), then: concordat doctor")
    if missing:
        return
    ill = _ill(house)
    yield Step(
        "reached", not ill, "; ".join(ill) or "login, rights and fields are as they should be", "concordat doctor"
    )
    if not ill:
        faults = _faults(office, live=True)
        says = many(faults, "fault") if faults else "every field that the maps name is there"
        yield Step("maps fit", not faults, says, "concordat check --systems")


def _not_set_up(house: "House") -> list[str]:
    from connectors.errors import ConnectorError, MisconfiguredError

    wrong: list[str] = []
    for name in house.book.systems:
        try:
            house.connectors[name]
        except MisconfiguredError as error:
            wrong.append(str(error))
        except ConnectorError:  # set up, and not reached: told by the next step
            continue
    return wrong


def _ill(house: "House") -> list[str]:
    from sync_pipelines.commands.systems import examined

    found = {name: [one.about for one in examined(house, name) if not one.ok] for name in house.book.systems}
    return [f"{name}: {', '.join(some)}" for name, some in found.items() if some]


def _faults(office: Office, *, live: bool) -> int:
    from sync_pipelines.checking.codes import Severity, severity_of
    from sync_pipelines.commands.book import checked

    return sum(severity_of(one) is Severity.FAULT for one in checked(office, live=live)[1])


def _day_one(house: "House") -> Iterator[Step]:
    """What was done with each entity so far."""
    done = {kind: _entities(house, kind) for kind in (ADOPT, REHEARSE)}
    plans = {plan.entity for plan in house.ledger.plans(limit=_LOOKED_AT)}
    mine = [name for name, spec in house.book.entities.items() if len(spec.maps) > 1]
    left = [name for name in mine if name not in done[ADOPT]]
    unseen = [name for name in left if name not in done[REHEARSE]]
    yield Step("rehearsed", not unseen, _left(unseen, "day one was looked at"), "concordat adopt --dry")
    yield Step("taken over", not left, _left(left, "what is there is agreed, or reported"), "concordat adopt")
    yield _doubts(len(house.ledger.questions()), begun=bool(done[ADOPT]))
    unplanned = [name for name in mine if name not in plans]
    yield Step("planned", not unplanned, _left(unplanned, "look again: concordat plan ENTITY --show"), "concordat plan")


def _doubts(questions: int, *, begun: bool) -> Step:
    says = many(questions, "question") if questions else "nobody is asked anything" if begun else ""
    return Step("doubts", begun and not questions, says, "concordat review list")


def _entities(house: "House", kind: str) -> set[str]:
    """Those with such a run that went well."""
    from sync_pipelines.model.changes import RunState

    good = (RunState.COMPLETE, RunState.WITH_REJECTS)
    runs = house.ledger.runs(limit=_LOOKED_AT)
    return {run.entity for run in runs if run.kind == kind and run.state in good}


def _left(entities: Sequence[str], done: str) -> str:
    return f"not yet: {', '.join(entities)}" if entities else done


def _written(book: "Book") -> Step:
    """Nobody has to write; that nothing is written should be nobody's surprise."""
    off = [name for name, system in book.systems.items() if system.write == "off"]
    says = f"nothing is written to {', '.join(off)}" if off else "as the book says"
    return Step(
        "written", not off, says, "write: review in systems.yaml (each plan waits for a person), later write: on"
    )
