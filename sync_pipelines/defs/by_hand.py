"""What a person starts from the Launchpad: a run taken back, what was refused tried again, and what was read once more.

Everything read by a job's page is in its description: what it does, and what to put into the Launchpad.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from monitoring.redact import redact
from sync_pipelines.entity_assets import table
from sync_pipelines.flow.backfilling import Backfill, backfill
from sync_pipelines.flow.releasing import named, release
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.flow.undoing import plan_undo
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import RunState
from sync_pipelines.system_assets import HOUSE, page_of, steps_of

UNDO, REPLAY, BACKFILL = "concordat_undo", "concordat_replay", "concordat_backfill"
_GOOD = (RunState.COMPLETE, RunState.WITH_REJECTS)
# What a dead run left behind is recovered by the next one of its entity.
_TAGS = {"dagster/max_retries": "0"}
# Which entities a job by hand is about stands in its config, and a tag cannot follow that: two of them wait for each
# other, what starts by itself asks `at_work`, and a person can take the lock of one entity. What protects is the lease.
_WRITES = _TAGS | {"sync/lock": "by_hand"}
_LOCK = (
    " While it works, neither a schedule nor a webhook starts a run of its entities. To let it wait until a run of one "
    "entity that is under way has ended, give it the tag `sync/lock: account` in the Launchpad."
)
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


class UndoOptions(dg.Config, use_attribute_docstrings=True):
    """Which run, and whether to do it."""

    run: str
    """Id of the run in the ledger, as the page of what was applied names it (`1f2e….account`)."""
    apply: bool = False
    """Write it. Without this the plan is made and judged only; `concordat apply --plan ID` applies it."""


class ReplayOptions(dg.Config, use_attribute_docstrings=True):
    """What of the quarantine may go on."""

    records: list[str] = []  # noqa: RUF012 - a model: each one has its own copy
    """`system/kind/id` of each."""
    everything: bool = False
    """All that wait, and not these records."""


class BackfillOptions(dg.Config, use_attribute_docstrings=True):
    """What is read once more, and whether to write what follows from it."""

    entities: list[str] = []  # noqa: RUF012 - a model: each one has its own copy
    """Names of entities, as the book has them. None: all of them."""
    systems: list[str] = []  # noqa: RUF012 - as above
    """Systems that are read once more; the others are read as in every run. None: all of them."""
    since: str = ""
    """Read what changed there since then: `2026-03-01`, or `2026-03-01T08:00Z`. Without this: everything."""
    apply: bool = False
    """Write it. Without this plans are made and judged only; `concordat apply --plan ID` applies one."""


def at_work(instance: dg.DagsterInstance, entity: str) -> str:
    """The job by hand that is under way with an entity, or waits for its turn; where there is none: nothing."""
    for name in (UNDO, BACKFILL):
        runs = instance.get_runs(dg.RunsFilter(job_name=name, statuses=_UNDER_WAY))
        if any(_is_about(run.run_config, entity) for run in runs):
            return name
    return ""


def _is_about(config: Mapping[str, Any], entity: str) -> bool:
    """By its config, as a person wrote it. The id of a run that was started elsewhere names no entity."""
    said = [step.get("config") or {} for step in (config.get("ops") or {}).values()]
    named = [name for one in said for name in one.get("entities") or ()]
    named += [one["run"].partition(".")[2] for one in said if "run" in one]
    return entity in named or not any(named)


def by_hand() -> dg.Definitions:
    """The jobs, the same for every book."""
    return dg.Definitions(jobs=[_undo, _replay, _backfill])


@dg.op(
    required_resource_keys={HOUSE},
    description="Plans the way back of a run; where somebody edited since, nothing is touched.",
)
def take_back(context: dg.OpExecutionContext, config: UndoOptions) -> None:
    """As `concordat undo RUN`. Red where it was to be written and not all of it was."""
    with steps_of(context) as steps:
        result = _taken_back(steps.house, config)
    figures = _figures(result, applied=config.apply)
    if config.apply and result.state is not RunState.COMPLETE:
        raise dg.Failure(f"{result.state}: {redact('; '.join(result.says))}", metadata=figures, allow_retries=False)
    context.add_output_metadata(figures)


@dg.op(
    required_resource_keys={HOUSE},
    description="Lets records out of quarantine: the next run of their entity tries once more.",
)
def let_go(context: dg.OpExecutionContext, config: ReplayOptions) -> None:
    """As `concordat quarantine replay`."""
    with steps_of(context) as steps:
        if config.everything == bool(config.records):
            message = "name records as system/kind/id, or say everything: true"
            raise LedgerError(message)
        waiting = steps.house.ledger.quarantined()
        chosen = waiting if config.everything else named(waiting, config.records)
        release(steps.house.ledger, chosen)
    entities = sorted({entry.entity for entry in chosen})
    records = len({entry.ref for entry in chosen})
    context.add_output_metadata(
        {"records": records, "next": ", ".join(f"{name}_sync" for name in entities) or "nothing"}
    )


@dg.op(
    required_resource_keys={HOUSE},
    description="Reads systems once more, plans what follows from it, and writes it where that is said.",
)
def read_again(context: dg.OpExecutionContext, config: BackfillOptions) -> None:
    """Red where a reading or a writing did not come to its end."""
    with steps_of(context) as steps:
        wish = Backfill.wished(steps.house.book, config.entities, config.systems, config.since)
        for one in wish.forecast(steps.house):
            (context.log.info if one.fits else context.log.warning)(one.says)
        results = backfill(steps.house, wish, apply=config.apply)
    figures = _figures_of(results, applied=config.apply)
    if bad := [result for result in results if result.state not in _GOOD]:
        says = "; ".join(f"{one.entity}: {one.state}: {redact('; '.join(one.says))}" for one in bad)
        raise dg.Failure(says, metadata=figures, allow_retries=False)
    context.add_output_metadata(figures)


@dg.job(
    name=UNDO,
    tags=_WRITES,
    description=page_of(
        "Take back what a run wrote, where nobody has edited since.",
        ["run: 1f2e3d4c-….account", "apply: false"],
        "The page of what was applied names the run (`run`); `concordat status` lists those that wrote. Without "
        "`apply: true` it is a plan: look at it with `concordat plan --show ID` first." + _LOCK,
        step="take_back",
    ),
)
def _undo() -> None:
    take_back()


@dg.job(
    name=REPLAY,
    tags=_TAGS,
    description=page_of(
        "Let records in quarantine go on: the next run of their entity reads them anew and tries once more.",
        ["records: [erp/BD_Customer/100017]"],
        "Or, instead of `records`: `everything: true`. `concordat quarantine list` shows what waits, and why. Mend "
        "that first: they come back otherwise.",
        step="let_go",
    ),
)
def _replay() -> None:
    let_go()


@dg.job(
    name=BACKFILL,
    tags=_WRITES,
    description=page_of(
        "Read systems once more, all of it or since a day, and bring into agreement what follows from it: after a "
        "restore over there, a repaired right, or an import that changed no date.",
        [
            "entities: [account]",
            "systems: [erp]",
            'since: "2026-03-01"',
            "apply: false",
        ],
        "What is left out means all there is. Without `apply: true` it is a plan for each entity: `concordat apply "
        "--plan ID`. Guards hold as ever." + _LOCK,
        step="read_again",
    ),
)
def _backfill() -> None:
    read_again()


def _taken_back(house: House, config: UndoOptions) -> RunResult:
    result = plan_undo(house, config.run)
    if config.apply:
        house.apply(result)
    house.end(result)
    return result


def _figures(result: RunResult, *, applied: bool) -> dict[str, Any]:
    held = [f"* {part.system} {part.op}: {redact(part.says)}" for part in result.parts if not part.passed]
    left = [f"* {redact(says)}" for says in result.says]
    return {
        "plan": str(result.plan),
        "state": str(result.state),
        "writes": sum(part.count for part in result.parts),
        "held_back": sum(part.count for part in result.parts if not part.passed),
        "left_alone": len(result.held),
        "says": dg.MetadataValue.md("\n".join([*held, *left]) or "nothing is held"),
        **({} if applied else {"next": dg.MetadataValue.md(f"`concordat apply --plan {result.plan}`")}),
    }


def _figures_of(results: Sequence[RunResult], *, applied: bool) -> dict[str, Any]:
    """All entities in one table; numbers are plotted over time."""
    held = {one.run: sum(part.count for part in one.parts if not part.passed) for one in results}
    rows = [
        (one.entity, str(one.state), _read(one), one.changes, _written(one), held[one.run], f"`{one.plan}`")
        for one in results
    ]
    says = [f"* {one.entity}: {redact(line)}" for one in results for line in one.says]
    due = [one.plan for one in results if one.changes]
    return {
        "read": sum(map(_read, results)),
        "writes": sum(one.changes for one in results),
        "held_back": sum(held.values()),
        "entities": dg.MetadataValue.md(table(("entity", "ended", "read", "writes", "written", "held", "plan"), rows)),
        "says": dg.MetadataValue.md("\n".join(says) or "nothing to say"),
        **({} if applied else {"next": dg.MetadataValue.md(_next(due))}),
    }


def _next(plans: Sequence[str]) -> str:
    return "\n".join(f"* `concordat apply --plan {plan}`" for plan in plans) or "nothing is left to write"


def _read(result: RunResult) -> int:
    return sum(crawl.tally.read for crawl in result.crawls)


def _written(result: RunResult) -> int:
    return sum(result.applied.total(name) for name in ("creates", "updates", "archives"))
