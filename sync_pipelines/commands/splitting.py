"""`split`: what was taken for one becomes two again."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from connectors.contract import RecordRef
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
from sync_pipelines.commands.plans import Reading, plan_data, plan_lines
from sync_pipelines.commands.runs import pass_lines, rest_lines, result_data
from sync_pipelines.flow.sides import Side
from sync_pipelines.flow.splitting import Split, plan_split
from sync_pipelines.model.changes import RunState


def _ref(_: click.Context, __: click.Parameter, said: Sequence[str]) -> list[RecordRef]:
    try:
        return [RecordRef.parse(one) for one in said]
    except ValueError:
        message = "a record is written as system/kind/id, as in crm/Account/0015g00000XyZabAAC"
        raise click.BadParameter(message) from None


@click.command(short_help="make two again of what was taken for one")
@click.argument("entity")
@click.argument("records", nargs=-1, required=True, callback=_ref)
@click.option("--apply", "go", is_flag=True, help="Do it; without this the plan is only shown.")
@click.option("--all", "everything", is_flag=True, help="Show every change, not the first few of each kind.")
@by_option
@reveal_option
@json_option
@office
def split(
    office: Office,
    entity: str,
    records: list[RecordRef],
    *,
    go: bool,
    everything: bool,
    by: str | None,
    reveal: bool,
    as_json: bool,
) -> int:
    """Let RECORDS (system/kind/id) leave their ENTITY and be one of their own, for good.

    Each record gets its own values back where what we wrote came from the other side and nobody edited it since. Those
    who refer to one that leaves follow it.
    """
    reading = Reading(reveal=reveal, everything=everything)
    with office.open_house() as house:
        entities_asked(house.book, entity)  # or one line that names those there are
        parted = plan_split(house, entity, records, by or office.user())
        result = parted.result
        shown = {**_data(parted), **plan_data(house, result, reading)} if as_json else {}
        if not as_json:
            office.print(*_lines(parted), *plan_lines(house, result, reading))
        if go:
            house.apply(result)
        house.end(result)
        if as_json:
            office.json({"plan": shown, "run": result_data(result)})
        elif go:
            office.print(*pass_lines("split", [result]), *rest_lines(house, [result]))
        else:
            office.print(f"Next:  concordat apply --plan {result.plan}")
    return FINE if result.state is RunState.COMPLETE and all(part.passed for part in result.parts) else LOOK


def _lines(parted: Split) -> Iterator[Any]:
    yield f"  stays:   {_told(parted.stays)}"
    yield f"  leaves:  {_told(parted.leaves)}"


def _told(side: Side) -> str:
    refs = ", ".join(dict.fromkeys(str(claim.ref) for claim in side.claims))
    return f"{refs}   ({side.entity_id})"


def _data(parted: Split) -> dict[str, Any]:
    sides = {"stays": parted.stays, "leaves": parted.leaves}
    return {
        name: {"entity_id": side.entity_id, "records": sorted({str(claim.ref) for claim in side.claims})}
        for name, side in sides.items()
    }
