"""`erase`: a person asks to be forgotten."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from sync_pipelines.commands.office import FINE, LOOK, Office, by_option, json_option, office
from sync_pipelines.commands.plans import many
from sync_pipelines.flow.erasing import Erasure, erase, plan_erasure
from sync_pipelines.ledger.compacting import compact


@click.command(name="erase", short_help="forget a person: what is kept goes, and nobody makes them again")
@click.argument("entity")
@click.argument("who")
@click.option("--apply", "go", is_flag=True, help="Do it; without this it is only shown what would go.")
@by_option
@json_option
@office
def erase_command(office: Office, entity: str, who: str, *, go: bool, by: str | None, as_json: bool) -> int:
    """Forget WHO (the id of an ENTITY, or one of its records as system/kind/id), for good.

    Their values, history, questions and writes leave the ledger; a keyed hash stays, by which they are neither read nor
    made again. Nothing is deleted in the systems: their records there are named, for people to erase.
    """
    with office.open_house() as house:
        erasure = plan_erasure(house, entity, who)
        if go:
            erasure = erase(house, erasure, by or office.user())
    if go:
        compact(office.place().ledger)  # what was taken out is not left lying in the free room of the file
    if as_json:
        office.json({**asdict(erasure), "done": go})
    else:
        office.print(*_lines(erasure, done=go))
    return LOOK if erasure.living or erasure.also else FINE


def _lines(erasure: Erasure, *, done: bool) -> Iterator[Any]:
    gone = ", ".join(f"{name} {count:,}" for name, count in erasure.gone.items())
    yield f"{'Gone' if done else 'Would go'} from the ledger: {gone or 'nothing'}"
    for ref in erasure.living:
        yield f"erase there:  {ref}"
    for entity, name in erasure.also:
        yield f"the same record is a person's {entity} too:  concordat erase {entity} {name}"
    if erasure.referrers:
        yield f"{many(len(erasure.referrers), 'thing')} referred to them, and will be looked at by the next run"
    yield "Stays: that it was done, when and by whom (audit); that something was, without what (the audit's chain)"
    yield "Stays: in backups made before, until those are deleted; erase again after bringing one back"
    if not done:
        yield "Next:  the same with --apply"
