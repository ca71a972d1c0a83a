"""`inbox`: what systems announced by webhook, and what became of it."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from sync_pipelines.commands.office import FINE, Office, json_option, office
from sync_pipelines.commands.plans import many
from sync_pipelines.commands.status import ago
from sync_pipelines.model.records import Delivery

_MOST = 10_000


@click.group(invoke_without_command=True, short_help="what systems announced by webhook; replay it")
@click.option("--system", default="", help="Of one system only.")
@click.option("--limit", type=click.IntRange(1, _MOST), default=20, show_default=True)
@json_option
@click.pass_context
@office
def inbox(office: Office, ctx: click.Context, system: str, limit: int, *, as_json: bool) -> int:
    """Show what came by webhook, newest first. Nothing of a delivery stays once it was understood but what to read."""
    if ctx.invoked_subcommand is not None:
        return FINE
    with office.open_house() as house:
        found = house.ledger.deliveries(system, limit)
    if as_json:
        office.json({"deliveries": [_told(one) for one in found]})
    else:
        office.print(*(_lines(found, office) if found else ["nothing was announced yet"]))
    return FINE


@inbox.command(short_help="take deliveries as if they had just come")
@click.argument("ids", nargs=-1)
@click.option("--since", metavar="TIME", help="All that came since (2026-03-01T09:00).", type=click.DateTime())
@office
def replay(office: Office, ids: Sequence[str], since: Any) -> int:
    """Take deliveries as if they had just come: by their IDS, or all since a moment (UTC)."""
    from datetime import UTC

    from sync_pipelines.flow.hinting import replay as again

    if bool(ids) == bool(since):
        raise click.UsageError("say which: their ids, or --since")
    with office.open_house() as house:
        known = house.ledger.deliveries(limit=_MOST)
        if unknown := set(ids) - {one.id for one in known}:
            raise click.UsageError(f"no delivery is called {min(unknown)}; `concordat inbox` names them")
        wanted = [one for one in known if (one.received_at >= since.replace(tzinfo=UTC) if since else one.id in ids)]
        again(house.ledger, wanted)
    office.print(f"{many(len(wanted), 'delivery', 'deliveries')} will be taken in once more, within some seconds")
    return FINE


def _told(one: Delivery) -> dict[str, Any]:
    hints = [f"{hint.kind}/{record}" if record else hint.kind for hint in one.hints for record in hint.ids or ("",)]
    return {
        "id": one.id, "system": one.system, "received_at": one.received_at, "topic": one.topic, "waiting": one.waiting,
        "says": one.says, "records": hints,
    }  # fmt: skip


def _lines(found: Sequence[Delivery], office: Office) -> Iterator[str]:
    for one in found:
        says = "waits to be looked into" if one.waiting else one.says
        yield f"{one.system:12} {ago(one.received_at, office.clock()):16} {one.topic or '-':24} {says}"
        yield f"{'':12} {one.id}"
