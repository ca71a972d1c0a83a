"""`prune`: history that is older than it is needed."""

import os
from datetime import timedelta

import click

from sync_pipelines.commands.alerting import Span
from sync_pipelines.commands.office import FINE, Office, json_option, office
from sync_pipelines.commands.plans import many
from sync_pipelines.flow.pruning import KEEP, OLD, prune
from sync_pipelines.ledger.compacting import compact

_SHORTEST = timedelta(days=7)


@click.command("prune", short_help="take out history that is older than it is needed")
@click.option("--older-than", "age", type=Span(), default=f"{OLD.days}d", show_default=True)
@click.option("--vacuum", is_flag=True, help="Give the room that it leaves back to the disk; nobody writes meanwhile.")
@json_option
@office
def prune_command(office: Office, age: timedelta, *, vacuum: bool, as_json: bool) -> int:
    """Take old runs, superseded plans, sent messages and closed alerts out of the ledger, and old runs out of Dagster.

    What was decided, coupled, written and audited stays, and so do the newest runs of each entity. Dagster's history
    is touched where DAGSTER_HOME says where it is. The schedule concordat_prune does the same every night.
    """
    if age < _SHORTEST:
        raise click.UsageError(f"at least {_SHORTEST.days} days stay")
    before = office.clock() - age
    with office.open_house() as house:
        gone = dict(prune(house.ledger, before, office.clock))
        entities = list(house.book.entities)
    if os.environ.get("DAGSTER_HOME"):
        from sync_pipelines.defs.upkeep import prune_dagster

        gone["runs_of_dagster"] = prune_dagster(before, entities)
    freed = compact(office.place().ledger) if vacuum else 0
    if as_json:
        office.json({"before": before, "pruned": gone, "kept_of_each": KEEP, "bytes_given_back": freed})
        return FINE
    told = [f"{count:,} {name.replace('_', ' ')}" for name, count in gone.items() if count]
    office.print(f"{', '.join(told)} from before {before:%Y-%m-%d} are gone" if told else _nothing(age))
    if vacuum:
        office.print(f"{freed / 2**20:,.1f} MiB are given back to the disk")
    return FINE


def _nothing(age: timedelta) -> str:
    return f"nothing is older than {many(age.days, 'day')}"
