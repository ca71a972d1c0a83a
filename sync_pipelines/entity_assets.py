"""What an entity is in Dagster: recovered, (its kinds are read,) plan, applied: separate steps of one process.

Separate, because a check can only hold back another step; and `applied` takes the plan that this very run has made and
judged, by the ledger's word. A run is green only where the engine says complete, or complete with rejects.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from mappings.book import Book, EntitySpec
from mappings.ownership import Mode
from mappings.values import field_of
from monitoring.redact import redact
from sync_pipelines.applying.recovery import Recovered
from sync_pipelines.flow.costing import calls_of
from sync_pipelines.flow.leave import asks_for_leave
from sync_pipelines.flow.run import RunResult
from sync_pipelines.flow.steps import Leave, Planned, Steps
from sync_pipelines.lineage import into_plan, out_of_plan
from sync_pipelines.model.changes import Change, RunState
from sync_pipelines.planning.guards import op_of
from sync_pipelines.system_assets import HOUSE, Meter, entity_key, last_part, links, page_of, read_key, steps_of, team

RECOVER, RECOVERED, PLAN, APPLIED = "recover", "recovered", "plan", "applied"
MAY_BE_APPLIED, ENDED_WELL = "may_be_applied", "ended_well"
_LONGEST_RUN = 2 * 60 * 60  # seconds
_MOST_REASONS = 20
_OPTIONS = ("full: false    # true: read all again", "dry_run: true  # plan and judge only")
_ON = " \\\n  "  # a command goes on in the next line: the page does not break long ones
_VERBS = {
    Mode.DECIDES: "decided by",
    Mode.ISSUED: "issued by",
    Mode.SHARED: "shared by",
    Mode.EACH: "item by item",
    Mode.BORROWED: "through another entity",
}
_FIGURES = ("creates", "updates", "archives", "rejected", "stale", "failed", "uncertain")


class SyncOptions(dg.Config, use_attribute_docstrings=True):
    """How to run. Where systems are and who we are there is no option: that is found by a system's name."""

    full: bool = False
    """Read everything again, not only what changed since the last complete reading."""
    dry_run: bool = False
    """Plan and judge only. The plan is kept; `concordat apply --plan ID` applies it."""


class BeginOptions(dg.Config, use_attribute_docstrings=True):
    """What this run is for."""

    dry_run: bool = False
    """Plan and judge only; nothing is written anywhere."""


def job_of(entity: str) -> str:
    """The job that brings an entity into agreement."""
    return f"{entity}_sync"


def entity_assets(book: Book, entity: str) -> Sequence[dg.AssetsDefinition]:
    """The steps around the reading."""
    spec = book.entities[entity]
    return [_recovered(spec), _plan(spec), _applied(book, spec)]


def entity_job(book: Book, entity: str) -> Any:
    """One job for each entity; in the Launchpad it asks for two things only."""
    maps = book.entities[entity].maps.items()
    reads = sorted({(system, kind_map.kind) for system, kind_map in maps})

    @dg.config_mapping
    def options(val: SyncOptions) -> dg.RunConfig:
        begin: dict[str, Any] = {f"{entity}_{RECOVERED}": {"config": {"dry_run": val.dry_run}}}
        return dg.RunConfig(ops=begin | {last_part(*read): {"config": {"full": val.full}} for read in reads})

    return dg.define_asset_job(
        job_of(entity),
        selection=dg.AssetSelection.assets(
            *(read_key(*read) for read in reads), *(entity_key(entity, step) for step in (RECOVERED, PLAN, APPLIED))
        ),
        config=options,
        description=page_of(f"Bring {entity} into agreement: recover, read, plan, judge, apply.", _OPTIONS),
        run_tags={
            "sync/entity": entity,
            "sync/lock": entity,  # one at a time, so that nobody waits in vain; what protects is the ledger's lease
            "dagster/max_runtime": str(_LONGEST_RUN),
            "dagster/max_retries": "0",  # what a dead run left behind is recovered by the next one
        },
    )


# --- recovered ------------------------------------------------------------------------------------------------------


def _recovered(spec: EntitySpec) -> dg.AssetsDefinition:
    description = "Begins the run: writes whose answer was lost are looked up before anything is read."
    asset = dg.AssetSpec(
        entity_key(spec.name, RECOVERED),
        description=description,
        group_name=RECOVER,  # a group of its own, so that the graph runs from left to right: recover, systems, entities
        kinds={"python"},
        tags={"sync/step": "recover", "sync/entity": spec.name},
    )

    @dg.multi_asset(
        name=f"{spec.name}_{RECOVERED}", specs=[asset], required_resource_keys={HOUSE}, description=description
    )
    def recovered(context: dg.AssetExecutionContext, config: BeginOptions) -> dg.MaterializeResult[None]:
        with steps_of(context) as steps:
            found = steps.recover(spec.name, only_plan=config.dry_run)
            figures = {**recovery_figures(steps, spec.name, found), **links(context)}
            return dg.MaterializeResult(metadata=figures)

    return recovered


def recovery_figures(steps: Steps, entity: str, found: Recovered) -> dict[str, Any]:
    """What became of writes without an outcome."""
    unreachable = {system: redact(why) for system, why in found.unreachable.items()}
    return {
        "run": steps.of(entity),
        "confirmed": found.done,
        "never_executed": found.dropped,
        "still_waiting": found.waiting,
        "asked_a_steward": found.asked,
        **({"unreachable": dg.MetadataValue.md(_bullets(unreachable))} if unreachable else {}),
    }


# --- plan -----------------------------------------------------------------------------------------------------------


def _plan(spec: EntitySpec) -> dg.AssetsDefinition:
    reads = sorted({read_key(system, kind_map.kind) for system, kind_map in spec.maps.items()})
    description = (
        f"What would be written so that all systems agree on {spec.name}, judged by the guards. Nothing is sent."
    )
    asset = dg.AssetSpec(
        entity_key(spec.name, PLAN),
        deps=reads,
        description=description,
        group_name=spec.name,
        kinds={"python"},
        owners=_stewards(spec),
        tags={"sync/step": "plan", "sync/entity": spec.name},
        metadata={"who_decides": dg.MetadataValue.md(_who_decides(spec)), **into_plan(spec)},
    )
    check = dg.AssetCheckSpec(
        MAY_BE_APPLIED,
        asset=asset.key,
        blocking=True,
        description="Holds back `applied` where nothing of the plan may be sent. A part that is held is a warning.",
    )

    @dg.multi_asset(
        name=f"{spec.name}_{PLAN}",
        specs=[asset],
        check_specs=[check],
        required_resource_keys={HOUSE},
        description=description,
    )
    def plan(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        with steps_of(context) as steps:
            planned = steps.plan(spec.name)
            figures = {**plan_figures(steps, planned), **links(context, applied_in=entity_key(spec.name, APPLIED))}
        tags = {"sync/plan": planned.head.id}
        if planned.verdict.leave is Leave.REFUSED and not planned.only:
            tags["sync/state"] = planned.state.value
        context.instance.add_run_tags(context.run.run_id, tags)
        leave = _may_be_applied(planned)
        yield dg.MaterializeResult(metadata=figures, check_results=[leave])
        _stop_where_held(leave)

    return plan


def _may_be_applied(planned: Planned) -> dg.AssetCheckResult:
    leave = planned.verdict.leave
    refused = leave is Leave.REFUSED and not planned.only
    says = "; ".join(redact(line) for line in planned.verdict.says)
    return dg.AssetCheckResult(
        passed=leave is Leave.GIVEN,
        check_name=MAY_BE_APPLIED,
        severity=dg.AssetCheckSeverity.ERROR if refused else dg.AssetCheckSeverity.WARN,
        description=says or "everything in it may be sent",
        metadata={"plan": planned.head.id, "held_parts": sum(not part.passed for part in planned.parts)},
    )


def plan_figures(steps: Steps, planned: Planned) -> dict[str, Any]:
    """What would change: how much, where, which fields, and why. Whose and what to is the console's to show."""
    changes = steps.house.ledger.changes(plan=planned.head.id)
    ops = Counter(op_of(change) for change in changes)
    waiting = Counter((held.system, redact(held.because), held.steward) for held in planned.draft.held)
    return {
        "plan": planned.head.id,
        "next": dg.MetadataValue.md(_next_command(planned)),
        "writes": len(changes),
        **{f"{op}s": ops[op] for op in ("create", "update", "blank", "archive")},
        "held_back": sum(part.count for part in planned.parts if not part.passed),
        "on_hold": len(planned.draft.held),
        "looked_at": planned.draft.looked_at,
        "open_questions": len(steps.house.ledger.questions(entity=planned.head.entity)),
        "parts": dg.MetadataValue.md(_parts_table(planned)),
        **_calls(steps, changes),
        "fields": dg.MetadataValue.md(_fields_table(changes)),
        "why_on_hold": dg.MetadataValue.md(table(("where", "why", "steward", "writes"), _top(waiting))),
        "book": planned.head.book,
    }


def _next_command(planned: Planned) -> str:
    """What a person types who wants to look closer, or to let through what is held.

    A plan that goes on is applied when its page is read; what it had to leave is taken up by the next one.
    """
    head, held = planned.head, [part for part in planned.parts if asks_for_leave(part)]
    goes_on = planned.verdict.leave is not Leave.REFUSED and not planned.only
    lines = [f"concordat plan --show {head.id}"]
    if goes_on:
        lines += [
            f"concordat approve --up-to {p.count} --op {p.op}{_ON}--system {p.system} --entity {p.entity}" for p in held
        ]
    else:
        lines += [_ON.join([f"concordat apply --plan {head.id}", *(f"--approve {part.id}" for part in held)])]
    return "\n".join(["```", *lines, "```"])


def _calls(steps: Steps, changes: Sequence[Change]) -> dict[str, Any]:
    cost, systems = calls_of(steps.house.connectors, changes), steps.house.book.systems
    rows = [(name, cost[name], steps.calls_today(name), systems[name].calls_per_day or "no limit") for name in cost]
    told = table(("system", "about", "made today", "a day"), rows)
    return {"calls_due": sum(cost.values()), "calls": dg.MetadataValue.md(told)}


def _parts_table(planned: Planned) -> str:
    rows = [
        (part.system, part.op, part.count, part.known, _verdict(part.passed, approved=bool(part.approved_by)))
        for part in planned.parts
    ]
    held = {f"{part.system} {part.op}": redact(part.says) for part in planned.parts if not part.passed}
    told = table(("system", "what", "writes", "of", "verdict"), rows)
    return f"{told}\n\n{_bullets(held)}" if held else told


def _verdict(passed: bool, *, approved: bool) -> str:  # noqa: FBT001 - a column of a table
    if approved:
        return "approved by a person"
    return "goes" if passed else "**held**"


def _fields_table(changes: Sequence[Change]) -> str:
    """Which fields, and by whose word. A steward is a person, and stays unnamed."""
    counted = Counter(
        (change.system, field_of(key), re.sub(r"steward:\S+", "a steward", one.why.replace("_", " ")))
        for change in changes
        for key, one in change.fields.items()
    )
    return table(("system", "field", "because", "writes"), _top(counted))


# --- applied --------------------------------------------------------------------------------------------------------


def _applied(book: Book, spec: EntitySpec) -> dg.AssetsDefinition:
    description = f"{spec.name} brought into agreement: the plan this run has made and judged, sent to the systems."
    asset = dg.AssetSpec(
        entity_key(spec.name, APPLIED),
        deps=[entity_key(spec.name, PLAN)],
        description=description,
        group_name=spec.name,
        kinds=set(sorted({book.systems[system].connector for system in spec.maps})[:3]),  # Dagster shows three
        owners=_stewards(spec),
        tags={"sync/step": "apply", "sync/entity": spec.name},
        metadata={"switches": dg.MetadataValue.md(_switches(book, spec)), **out_of_plan(spec, PLAN)},
        skippable=True,  # where only a plan was asked for, or the run did not end well: then it is not fresh either
    )
    check = dg.AssetCheckSpec(
        ENDED_WELL,
        asset=asset.key,
        blocking=True,
        description="The run is complete, but for records that were refused.",
    )

    @dg.multi_asset(
        name=f"{spec.name}_{APPLIED}",
        specs=[asset],
        check_specs=[check],
        required_resource_keys={HOUSE},
        description=description,
    )
    def applied(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with steps_of(context) as steps:
            meter = Meter.started(steps, spec.name)
            result = steps.apply(spec.name)
            figures = applied_figures(meter, result) if result else {}
        figures |= links(context, planned_in=entity_key(spec.name, PLAN))
        if result is None:
            yield dg.AssetCheckResult(check_name=ENDED_WELL, passed=True, description="only a plan was asked for")
            return
        context.instance.add_run_tags(context.run.run_id, {"sync/state": result.state.value})
        well = _ended_well(result)
        if well.passed or well.severity is dg.AssetCheckSeverity.WARN:
            yield dg.MaterializeResult(metadata=figures)
        else:
            context.log_event(dg.AssetObservation(asset.key, metadata=figures))
        yield well
        _stop_where_held(well)

    return applied


def _stop_where_held(check: dg.AssetCheckResult) -> None:
    """The words of the check, instead of Dagster's own on a blocking check that failed."""
    if not check.passed and check.severity is dg.AssetCheckSeverity.ERROR:
        raise dg.Failure(check.description, allow_retries=False)


def _ended_well(result: RunResult) -> dg.AssetCheckResult:
    """Green and yellow are what the engine calls complete; everything else makes the run of Dagster's a failure."""
    fine = result.state in (RunState.COMPLETE, RunState.WITH_REJECTS)
    return dg.AssetCheckResult(
        passed=result.state is RunState.COMPLETE,
        check_name=ENDED_WELL,
        severity=dg.AssetCheckSeverity.WARN if fine else dg.AssetCheckSeverity.ERROR,
        description=": ".join((result.state.value, *filter(None, ["; ".join(map(redact, result.says))]))),
        metadata={"run": result.run},
    )


def applied_figures(meter: Meter, result: RunResult) -> dict[str, Any]:
    """What was written, what was not, and what it cost."""
    applied, calls = result.applied, meter.calls()
    written = sum(applied.total(name) for name in ("creates", "updates", "archives"))
    rows = [
        (system, *(getattr(one, name) for name in _FIGURES), calls.get(system, 0))
        for system, one in applied.sums.items()
    ]
    return {
        "state": result.state.value,
        "run": result.run,
        "plan": result.plan,
        "written": written,
        **{name: applied.total(name) for name in _FIGURES},
        "held_back": applied.blocked,
        "calls": sum(calls.values()),
        **meter.figures(written),
        "systems": dg.MetadataValue.md(table(("system", *_FIGURES, "calls"), rows)),
        **({"says": dg.MetadataValue.md(_bullets(dict(enumerate(map(redact, result.says)))))} if result.says else {}),
        **({"take_back": dg.MetadataValue.md(f"`concordat undo {result.run}`")} if applied.sums else {}),
    }


# --- parts of pages -------------------------------------------------------------------------------------------------


def _stewards(spec: EntitySpec) -> list[str]:
    return sorted({team(rule.steward) for rules in spec.ownership.rules.values() for rule in rules if rule.steward})


def _who_decides(spec: EntitySpec) -> str:
    """The book's sentences, shortened: the field, what it means, and who decides."""
    rows = [(name, field.means, _who(spec, name)) for name, field in spec.fields.items()]
    return table(("field", "means", "who decides"), rows)


def _who(spec: EntitySpec, name: str) -> str:
    said = [f"{_VERBS[rule.mode]} {', '.join(rule.roles)}".strip() for rule in spec.ownership.rules.get(name, ())]
    return "; else ".join(said) or "no rule"


def _switches(book: Book, spec: EntitySpec) -> str:
    rows = [(system, book.systems[system].role, book.systems[system].switch(spec.name).value) for system in spec.maps]
    return table(("system", "role", "write"), rows)


def _top(counted: Mapping[tuple[str, str, str], int]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [
        (*key, count) for key, count in sorted(counted.items(), key=lambda kv: (-kv[1], kv[0]))
    ]
    left = sum(row[-1] for row in rows[_MOST_REASONS:])
    width = len(rows[0]) if rows else 0
    return rows[:_MOST_REASONS] + ([("…", *[""] * (width - 2), left)] if left else [])


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """As markdown."""
    if not rows:
        return "none"
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _bullets(said: Mapping[Any, str]) -> str:
    return "\n".join(f"* {name}: {says}" if isinstance(name, str) else f"* {says}" for name, says in said.items())
