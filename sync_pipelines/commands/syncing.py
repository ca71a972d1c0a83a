"""`plan`, `apply`, `approve`: the main job, by hand."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import click

from sync_pipelines.commands.kept_plans import list_plans, show_plan
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
from sync_pipelines.commands.runs import forecasts, pass_lines, rest_lines, result_data
from sync_pipelines.flow.leave import asks_for_leave
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import Approval, RunState
from sync_pipelines.model.records import AuditEntry

_OPS = click.Choice(["create", "update", "blank", "archive"])
_A_WHILE = timedelta(hours=1)


@click.command(short_help="read, decide, and show what would be written")
@click.argument("entity", required=False)
@click.option("--full", is_flag=True, help="Read everything, not only what changed.")
@click.option("--all", "everything", is_flag=True, help="Show every change, not the first few of each kind.")
@click.option("--list", "listed", is_flag=True, help="Instead: which plans are kept.")
@click.option("--show", metavar="ID", help="Instead: a plan that is kept, and what became of it.")
@reveal_option
@json_option
@office
def plan(
    office: Office,
    entity: str | None,
    show: str | None,
    *,
    full: bool,
    everything: bool,
    listed: bool,
    reveal: bool,
    as_json: bool,
) -> int:
    """Read the systems, decide, and show what would be written. Nothing is written.

    A plan is kept: `concordat apply --plan ID` applies that very plan, `concordat plan --show ID` shows it again. With
    --list or --show no system is asked.
    """
    if (show and (listed or entity or full)) or (listed and (full or everything)):
        raise click.UsageError("--show ID stands alone (but for --all and --reveal), --list beside an ENTITY only")
    reading = Reading(reveal=reveal, everything=everything)
    with office.open_house() as house:
        if listed:
            return list_plans(office, house, entities_asked(house.book, entity)[0] if entity else None, as_json=as_json)
        if show:
            return show_plan(office, house, show, reading, as_json=as_json)
        if full and not as_json:
            office.print(*forecasts(house, entities_asked(house.book, entity), office.clock()))
        results = [planned(house, name, full=full) for name in entities_asked(house.book, entity)]
        if as_json:
            office.json({"plans": [plan_data(house, result, reading) for result in results]})
        else:
            for result in results:
                office.print(*plan_lines(house, result, reading))
            office.print(*_next_steps(results))
        return LOOK if any(_needs_a_look(result) for result in results) else FINE


def planned(house: House, entity: str, *, full: bool = False) -> RunResult:
    """Everything up to the verdict, and no further."""
    result = house.begin(entity, "plan")
    house.refresh(result, full=full)
    house.plan(result)
    house.judge(result)
    return house.end(result)


def _needs_a_look(result: RunResult) -> bool:
    return result.state is not RunState.COMPLETE or any(not part.passed for part in result.parts)


def _next_steps(results: Sequence[RunResult]) -> Iterator[str]:
    due = [result for result in results if result.changes]
    if not due:
        unread = any(not crawl.complete for result in results for crawl in result.crawls)
        yield "Nothing was found to write; not everything could be read." if unread else "Nothing is left to write."
        return
    yield "Next:  concordat apply   reads once more, plans and applies until nothing is left"
    for result in due:
        yield f"  or   concordat apply --plan {result.plan}   applies this very plan ({result.entity})"
        for part in filter(asks_for_leave, result.parts):
            yield f"         --approve {part.id}   lets this part through as well"


@click.command(short_help="write it, until nothing is left to write")
@click.argument("entity", required=False)
@click.option("--plan", "plan_id", metavar="ID", help="Apply this very plan, and nothing but it.")
@click.option("--approve", "parts", metavar="PART", multiple=True, help="Let this held part of the plan through.")
@click.option("--up-to", type=click.IntRange(min=1), metavar="N", help="Let through what the guards hold, up to N.")
@click.option("--op", type=_OPS, help="With --up-to: only of this kind.")
@click.option("--system", help="With --up-to: only in this system.")
@click.option("--passes", type=click.IntRange(1, 20), default=4, show_default=True, help="How often at most.")
@click.option("--full", is_flag=True, help="Read everything, not only what changed.")
@by_option
@json_option
@office
def apply(
    office: Office,
    entity: str | None,
    plan_id: str | None,
    parts: tuple[str, ...],
    up_to: int | None,
    op: str | None,
    system: str | None,
    passes: int,
    by: str | None,
    *,
    full: bool,
    as_json: bool,
) -> int:
    """Bring the systems into agreement.

    Each pass recovers, reads, decides, judges and applies; passes are repeated until nothing is left to write, since
    what is made in one (an account) is what another one waits for (its contacts).
    """
    if parts and not plan_id:
        raise click.UsageError("--approve names a part of a plan: say which with --plan ID, or use --up-to N")
    if (op or system) and up_to is None:
        raise click.UsageError("--op and --system narrow what --up-to N lets through: say how many")
    with office.open_house() as house:
        who = by or office.user()
        if up_to is not None:
            bound = Approval(
                who, office.clock(), "", system or "", entity or "", op or "", up_to, office.clock() + _A_WHILE
            )
            give_leave(house, bound)
        if plan_id:
            return _apply_plan(office, house, plan_id, parts, who, as_json=as_json)
        if full and not as_json:
            office.print(*forecasts(house, entities_asked(house.book, entity), office.clock()))
        return _apply_passes(office, house, entities_asked(house.book, entity), passes, full=full, as_json=as_json)


def _apply_plan(office: Office, house: House, plan_id: str, parts: Sequence[str], who: str, *, as_json: bool) -> int:
    head = house.ledger.plan(plan_id)
    if head is None:
        message = f"there is no plan {plan_id}; `concordat plan` makes one"
        raise LedgerError(message)
    _check_parts(house, plan_id, parts)
    for part in parts:
        give_leave(house, Approval(who, office.clock(), part=part))
    result = house.begin(head.entity, "apply")
    result.plan = plan_id
    house.recover(result)
    if head.state in ("planned", "judged"):
        house.judge(result)
    house.apply(result)
    house.end(result)
    if as_json:
        office.json({"runs": [result_data(result)]})
    else:
        office.print(*pass_lines("applied", [result]), *rest_lines(house, [result]))
    return _code([result])


def _check_parts(house: House, plan_id: str, parts: Sequence[str]) -> None:
    known = {part.id for part in house.ledger.parts(plan_id)}
    for part in parts:
        if part not in known:
            there = f"there are: {', '.join(sorted(known))}" if known else "it has none"
            message = f"plan {plan_id} has no part {part}; {there}"
            raise LedgerError(message)


def _apply_passes(
    office: Office, house: House, entities: Sequence[str], most: int, *, full: bool, as_json: bool
) -> int:
    done: list[Sequence[RunResult]] = []
    for results in passes_of(house, entities, most, full=full):
        done.append(results)
        if not as_json:
            office.print(*pass_lines(f"pass {len(done)}", results))
    if as_json:
        office.json({"passes": [[result_data(result) for result in results] for results in done]})
    else:
        office.print(*rest_lines(house, done[-1], most if wrote(done[-1]) else 0))
    return LOOK if wrote(done[-1]) else _code(done[-1])


def passes_of(house: House, entities: Sequence[str], most: int, *, full: bool = False) -> Iterator[list[RunResult]]:
    """Runs of all entities, until none of them writes anything or waits for an outcome; at most so often."""
    for number in range(most):
        results = [house.run(entity, full=full and number == 0) for entity in entities]
        yield results
        if not wrote(results) and not any(result.applied.total("uncertain") for result in results):
            return


def wrote(results: Sequence[RunResult]) -> int:
    """How many records were written."""
    return sum(result.applied.total(name) for result in results for name in ("creates", "updates", "archives"))


def _code(results: Sequence[RunResult]) -> int:
    return FINE if all(result.state is RunState.COMPLETE for result in results) else LOOK


@click.command(short_help="let a held part of a plan through")
@click.argument("part", required=False)
@click.option("--up-to", type=click.IntRange(min=1), metavar="N", help="Instead of a part: let through up to N …")
@click.option("--op", type=_OPS, help="… of this kind")
@click.option("--system", help="… in this system")
@click.option("--entity", help="… of this entity")
@click.option(
    "--hours", type=click.FloatRange(0, 24 * 31, min_open=True), default=24, show_default=True, help="… for so long."
)
@by_option
@office
def approve(
    office: Office,
    part: str | None,
    up_to: int | None,
    op: str | None,
    system: str | None,
    entity: str | None,
    hours: float,
    by: str | None,
) -> int:
    r"""Let a part of a plan through that a guard holds: by its id, or by a bound for what comes next.

    \b
    concordat approve 01J…:erp:create
    concordat approve --up-to 300 --op archive --system erp --hours 12
    """
    if (part is None) == (up_to is None):
        raise click.UsageError("name a part, or a bound with --up-to N")
    now = office.clock()
    until = None if part else now + timedelta(hours=hours)
    leave = Approval(by or office.user(), now, part or "", system or "", entity or "", op or "", up_to or 0, until)
    with office.open_house() as house:
        _check_leave(house, leave)
        give_leave(house, leave)
    office.print(f"{leave.by} lets through {_bound(leave)}.", *_how_to_go_on(leave))
    return FINE


def _check_leave(house: House, leave: Approval) -> None:
    if leave.system and leave.system not in house.book.systems:
        message = f"the book has no system {leave.system!r}; there are: {', '.join(house.book.systems)}"
        raise LedgerError(message)
    if leave.entity:
        entities_asked(house.book, leave.entity)
    if leave.part:
        plan_id = leave.part.partition(":")[0]
        if house.ledger.plan(plan_id) is None:
            message = f"there is no plan {plan_id}; `concordat status` shows what is held"
            raise LedgerError(message)
        _check_parts(house, plan_id, [leave.part])


def give_leave(house: House, leave: Approval) -> None:
    """Keep an approval, and who gave it."""
    with house.ledger.transaction():
        house.ledger.approve(leave)
        house.ledger.audit([AuditEntry(leave.at, leave.by, "approved", _bound(leave))])


def _bound(leave: Approval) -> str:
    if leave.part:
        return f"part {leave.part}"
    what = f"{leave.op}s" if leave.op else "writes"
    where = f" in {leave.system}" if leave.system else ""
    which = f" of {leave.entity}" if leave.entity else ""
    until = f" until {_local(leave.until)}" if leave.until else ""
    return f"up to {leave.up_to:,} {what}{where}{which} in each plan{until}"


def _local(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _how_to_go_on(leave: Approval) -> Iterator[str]:
    if leave.part:
        yield f"Next:  concordat apply --plan {leave.part.partition(':')[0]}"
