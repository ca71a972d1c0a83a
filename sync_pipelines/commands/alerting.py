"""`watch`, `alerts`, `exporter`: whether all is well, for people and for machines."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from monitoring.alerts import AlertState
from monitoring.notify import ChannelError
from monitoring.problems import Problem
from monitoring.settings import variable_of
from sync_pipelines.commands.bookless import ledger_and_book
from sync_pipelines.commands.office import FINE, LOOK, Office, by_option, json_option, office
from sync_pipelines.commands.plans import many
from sync_pipelines.commands.status import ago
from sync_pipelines.commands.watchman import Watchman
from sync_pipelines.flow.alerting import Watched, take_over
from sync_pipelines.flow.alerting import alerts as open_alerts
from sync_pipelines.flow.alerting import watch as look_once
from sync_pipelines.flow.rulebook import keep_examined, keep_settings
from sync_pipelines.flow.standing import standing_of, without_book

if TYPE_CHECKING:  # loaded when the command runs
    from mappings.book import Book
    from sync_pipelines.ledger.port import Ledger

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_COLOURS = {"page": "red", "warn": "yellow", "steward": "cyan"}


class Span(click.ParamType[timedelta]):
    """A time as 30s, 5m, 4h or 2d."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([1-9]\d*)([smhd])", str(value))
        if not found:
            self.fail(f"{value!r} is no time; write it as 30s, 5m, 4h or 2d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.command(short_help="look whether all is well, and tell whoever it concerns")
@click.option("--every", type=Span(), help="Go on looking, so often (1m).")
@click.option("--dry", is_flag=True, help="Say what is wrong and tell nobody.")
@json_option
@office
def watch(office: Office, every: timedelta | None, *, dry: bool, as_json: bool) -> int:
    """Look at the ledger for everything that is wrong or did not happen, and tell people as alerts.yaml says.

    It asks no system and needs no Dagster: run it beside them, by cron or with --every, so that it notices when they
    stop. CONCORDAT_HEARTBEAT_URL is called after each look; whoever listens there notices when this one stops.
    """
    if every is not None and (dry or as_json):
        raise click.UsageError("--every goes on for ever; --dry and --json are for one look")
    watchman = office.watchman()
    for channel in watchman.missing:
        click.echo(f"the channel {channel} has no address: set {variable_of(channel)}", err=True)
    if watchman.broken:
        click.echo(f"{watchman.broken}\nuntil that is mended, people are told as alerts.yaml said before", err=True)
    code = _one(office, watchman, dry=dry, as_json=as_json)
    while every is not None:
        office.sleep(every.total_seconds())
        code = _one(office, watchman, dry=False, as_json=False)
    return code


def _one(office: Office, watchman: Watchman, *, dry: bool, as_json: bool) -> int:
    watched = _looked(office, watchman, dry=dry)
    if as_json:
        office.json(_data(watched))
    else:
        office.print(*_lines(watched))
    alive = True if dry else _beat(watchman)
    return LOOK if watched.seen.problems or watched.untold or not alive else FINE


def _looked(office: Office, watchman: Watchman, *, dry: bool) -> Watched:
    """Where the book cannot be loaded, that is what has to be told."""
    with ledger_and_book(office) as (ledger, book):
        return _seen(office, watchman, ledger, book, dry=dry)


def _seen(office: Office, watchman: Watchman, ledger: "Ledger", book: "Book | None", *, dry: bool) -> Watched:
    from monitoring.watching import look
    from sync_pipelines.settings import Outside

    now, kept, settings = office.clock(), watchman.kept(), watchman.settings
    if watchman.examine is not None:
        keep_examined(ledger, watchman.examine(), now)
    if dry:
        standing = standing_of(ledger, book, now, kept, settings) if book else without_book(ledger, now)
        at_once = replace(settings.limits_as_told(), book_age=timedelta(0))  # whoever asks need not be spared
        return Watched(look(standing, at_once))
    keep_settings(ledger, watchman.to_keep)
    return look_once(ledger, book, settings, watchman.sender, now, holder=Outside().holder, kept=kept)


def _beat(watchman: Watchman) -> bool:
    try:
        watchman.beat()
    except ChannelError as error:
        click.echo(str(error), err=True)
        return False
    return True


def _data(watched: Watched) -> dict[str, Any]:
    return {
        "problems": [_problem(problem) for problem in watched.seen.problems],
        "following": [_problem(problem) for problem in watched.seen.following],
        "told": watched.told,
        "untold": watched.untold or {},
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "alert": problem.key,
        "severity": str(problem.kind.severity),
        "says": problem.says,
        "since": problem.since,
        "records": problem.count,
        "entity": problem.entity,
        "system": problem.system,
        "steward": problem.steward,
        "run": problem.run,
        "command": problem.command,
    }


def _lines(watched: Watched) -> Iterator[Any]:
    if watched.elsewhere:
        yield "another process is looking just now"
        return
    if not watched.seen.problems:
        yield "all is well"
    for problem in watched.seen.problems:
        severity = str(problem.kind.severity)
        yield Text.assemble((f"{severity:8}", _COLOURS[severity]), problem.says)
        yield f"        first:  {problem.command}"
    if watched.seen.following:
        yield f"{many(len(watched.seen.following), 'more')} only follow from these"
    if watched.told:
        yield f"{many(watched.told, 'message')} sent"
    for channel, why in (watched.untold or {}).items():
        yield f"{channel}: {why}"


@click.group(invoke_without_command=True, short_help="what is wrong just now; take one over")
@json_option
@click.pass_context
@office
def alerts(office: Office, ctx: click.Context, *, as_json: bool) -> int:
    """Show the alerts that are open, as people were told of them."""
    if ctx.invoked_subcommand is not None:
        return FINE
    with ledger_and_book(office) as (ledger, _):
        known = open_alerts(ledger)
        if as_json:
            office.json({"alerts": known})
        else:
            office.print(*_open(known, office))
    return LOOK if known else FINE


def _open(known: list[AlertState], office: Office) -> Iterator[Any]:
    if not known:
        yield "no alert is open"
    for state in known:
        told = f"told {ago(state.told_at, office.clock())}" if state.told_at else "not told yet"
        taken = f", {state.acknowledged_by} looks after it" if state.acknowledged_by else ""
        yield Text.assemble((f"{state.severity:8}", _COLOURS[state.severity]), state.key)
        yield f"        {state.says}"
        yield f"        since {ago(state.since, office.clock())}, {told}{taken}"


@alerts.command(short_help="say that you look after an alert; nobody is told again meanwhile")
@click.argument("alert")
@click.option("--for", "span", type=Span(), default="4h", show_default=True, help="How long.")
@by_option
@office
def ack(office: Office, alert: str, span: timedelta, by: str | None) -> int:
    """Take over an ALERT, by the name that `concordat alerts` shows."""
    with office.open_house() as house:
        state = take_over(house.ledger, alert, by or office.user(), office.clock() + span)
    office.print(f"{state.acknowledged_by} looks after {state.key} until {state.acknowledged_until:%Y-%m-%d %H:%M} UTC")
    return FINE


@click.command(short_help="serve how everything stands to Prometheus")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=9187, show_default=True)
@office
def exporter(office: Office, host: str, port: int) -> int:
    """Serve /metrics, /healthz and /readyz. Each request reads the ledger anew; no system is asked."""
    from monitoring.exporter import serve

    watchman = office.watchman()

    def standing() -> Any:
        with office.open_house() as house:
            return standing_of(house.ledger, house.book, office.clock(), watchman.kept(), watchman.settings)

    serve(standing, host, port, lambda url: click.echo(f"metrics at {url}", err=True))
    return FINE
