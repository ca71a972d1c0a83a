"""`early`: who waits for accounting, since when, for what, and whose it is to do something about it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import click
from rich.text import Text

from sync_pipelines.commands.office import (
    FINE,
    LOOK,
    Office,
    by_option,
    entities_asked,
    json_option,
    office,
    reveal_option,
)
from sync_pipelines.commands.plans import Reading, agreed_values, label, table
from sync_pipelines.commands.status import ago
from sync_pipelines.flow.early import Wait, waiting
from sync_pipelines.flow.run import House
from sync_pipelines.flow.standing import good_run
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.early import Stage, Word
from sync_pipelines.review.hastening import say
from sync_pipelines.review.why import entity_id_of

_SHOWN = 50  # of each entity, unless all are asked for
_WORDS = {"hold": Word.HOLD, "dismiss": Word.DISMISS, "create": Word.CREATE, "revoke": None}
_SAID = {
    "hold": "It is not made until that is revoked",
    "dismiss": "It is not made, and waits no longer",
    "create": "It is made as soon as nothing that is needed is missing",
    "revoke": "The book's word stands again",
}


@click.command(short_help="who waits for accounting, since when, and for what")
@click.argument("entity", required=False)
@click.option("--steward", help="Only what concerns this steward.")
@click.option("--overdue", is_flag=True, help="Only those that wait longer than the book promises.")
@click.option(
    "--all", "everything", is_flag=True, help="Also those that nothing asks for yet or a pool serves, and every line."
)
@click.option("--hold", metavar="ID", help="Say of one: not yet.")
@click.option("--dismiss", metavar="ID", help="Say of one: never.")
@click.option("--create", metavar="ID", help="Say of one: now, if only nothing needed is missing.")
@click.option("--revoke", metavar="ID", help="Take back what was said of one.")
@click.option("--role", default="", help="What is said is about its place in this role only.")
@by_option
@reveal_option
@json_option
@office
def early(
    office: Office,
    /,
    entity: str | None,
    steward: str | None,
    *,
    overdue: bool,
    everything: bool,
    role: str,
    by: str | None,
    reveal: bool,
    as_json: bool,
    **said: str | None,
) -> int:
    r"""List records that are known in one system and wait for their place in another, by promise and age.

    ID is an entity's id or the address of one of its records; the next plan heeds what is said of it.

    \b
    concordat early account --overdue
    concordat early account --dismiss crm/Account/001…
    """
    words = {name: one for name, one in said.items() if one is not None}
    reading = Reading(reveal=reveal, everything=everything)
    with office.open_house() as house:
        names = entities_asked(house.book, entity)
        if words:
            return _speak(office, house, names, words, by or office.user(), role)
        found = {name: _asked(house, name, steward, office.clock(), overdue=overdue) for name in names}
        if as_json:
            now = office.clock()
            told = [_data(house, name, _wanted(some, reading), reading, now) for name, some in found.items()]
            office.json({"early": [one for some in told for one in some]})
        else:
            lines = [*_lines(house, found, reading, office.clock())]
            office.print(*(lines or [_nothing(house, names, steward, overdue=overdue)]))
    waits = any(one.kept.stage is Stage.WAITING for some in found.values() for one in some)
    return LOOK if waits else FINE


# --- what a person says -----------------------------------------------------------------------------------------------


def _speak(office: Office, house: House, names: Sequence[str], words: Mapping[str, str], by: str, role: str) -> int:
    if len(words) > 1:
        raise click.UsageError(f"say one thing at a time: {' or '.join(f'--{word}' for word in words)}")
    ((word, record),) = words.items()
    entity, entity_id = _named(house, names, record)
    say(house.ledger, entity, entity_id, _WORDS[word], by, office.clock(), role=role)
    office.print(f"{_SAID[word]}.", f"Next:  concordat apply {entity}")
    return FINE


def _named(house: House, names: Sequence[str], record: str) -> tuple[str, str]:
    """The entity that is meant; of several that know the record, the first that waits."""
    errors: list[LedgerError] = []
    for name in names:
        try:
            entity_id = entity_id_of(house.ledger, name, record)
        except LedgerError as error:
            errors.append(error)
            continue
        if house.ledger.early(entity=name, entity_ids=[entity_id]):
            return name, entity_id
        errors.append(LedgerError(f"{name} {record} waits for nothing; `concordat early` lists those that do"))
    raise errors[-1]


# --- what waits -------------------------------------------------------------------------------------------------------


def _asked(house: House, entity: str, steward: str | None, now: datetime, *, overdue: bool) -> list[Wait]:
    found = waiting(house.ledger, house.book, entity)
    mine = [one for one in found if steward is None or steward in one.stewards]
    return [one for one in mine if one.is_overdue(now)] if overdue else mine


def _wanted(some: Sequence[Wait], reading: Reading) -> Sequence[Wait]:
    quiet = () if reading.everything else (Stage.PROVISIONAL, Stage.POOLED, Stage.DISMISSED)
    return [one for one in some if one.kept.stage not in quiet]


def _lines(house: House, found: Mapping[str, Sequence[Wait]], reading: Reading, now: datetime) -> Iterator[Any]:
    for entity, some in found.items():
        if not some:
            continue
        yield Text.assemble((entity, "bold"), ("   ", ""), (_counted(some, now), ""))
        wanted = _wanted(some, reading)
        shown = wanted if reading.everything else wanted[:_SHOWN]
        if shown:
            yield _table(house, entity, shown, reading, now)
        if len(shown) < len(some):
            yield Text(f"and {len(some) - len(shown):,} more with --all", "dim")
        yield ""


def _nothing(house: House, names: Sequence[str], steward: str | None, *, overdue: bool) -> str:
    """Why the list is empty: plans do not keep who waits, so before the first run nobody knows."""
    unseen = [name for name in names if good_run(house.ledger, name) is None]
    if unseen:
        return f"Nobody has looked yet who waits, of {', '.join(unseen)}: `concordat apply` does, and `plan` shows it."
    whose = f" that concerns {steward}" if steward is not None else ""
    return f"Nothing{whose} waits {'longer than promised' if overdue else 'for its place in another system'}."


def _counted(some: Sequence[Wait], now: datetime) -> str:
    stages = Counter(one.kept.stage for one in some)
    late = sum(one.is_overdue(now) for one in some)
    told = [f"{stages[stage]:,} {stage.value}" for stage in Stage if stages[stage]]
    return ", ".join([*told, f"{late:,} longer than promised"] if late else told)


def _table(house: House, entity: str, some: Sequence[Wait], reading: Reading, now: datetime) -> Any:
    spec = house.book.entities[entity]
    values = agreed_values(house, entity, {one.kept.entity_id for one in some})
    made = table(entity, "is", "for", "since", "promised", "steward", "because")
    for one in some:
        name = label(spec, values.get(one.kept.entity_id, {}), reading) or one.kept.entity_id
        why = "; ".join(lack.says for lack in one.kept.lacks) or _nothing_lacks(one)
        made.add_row(
            f"{name}\n{one.kept.entity_id}", one.kept.stage.value, one.kept.role, ago(one.kept.since, now),
            _promised(one, now), ", ".join(sorted(one.stewards)), why,
        )  # fmt: skip
    return made


def _nothing_lacks(one: Wait) -> str:
    told = {Stage.WAITING: "the next run makes it", Stage.POOLED: "one record there serves it and others"}
    return told.get(one.kept.stage, "a person said so")


def _promised(one: Wait, now: datetime) -> Text:
    if one.due is None:
        return Text("–")
    return Text(f"{one.due:%Y-%m-%d %H:%M}", "bold red" if one.is_overdue(now) else "")


def _data(house: House, entity: str, some: Sequence[Wait], reading: Reading, now: datetime) -> list[Mapping[str, Any]]:
    spec, ids = house.book.entities[entity], {one.kept.entity_id for one in some}
    values, couplings = agreed_values(house, entity, ids), house.ledger.couplings_of(entity, sorted(ids))
    return [
        {
            "entity": entity,
            "entity_id": one.kept.entity_id,
            "name": label(spec, values.get(one.kept.entity_id, {}), reading),
            "role": one.kept.role,
            "stage": one.kept.stage,
            "known_since": one.kept.known_since,
            "since": one.kept.since,
            "due": one.due,
            "overdue": one.is_overdue(now),
            "steward": one.steward,
            "lacks": one.kept.lacks,
            "records": sorted(str(coupling.ref) for coupling in couplings[one.kept.entity_id]),
        }
        for one in some
    ]
