"""What a person starts from the Launchpad: a run taken back, and what was refused tried again."""

from typing import Any

import dagster as dg

from monitoring.redact import redact
from sync_pipelines.flow.releasing import named, release
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.flow.undoing import plan_undo
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import RunState
from sync_pipelines.system_assets import HOUSE, steps_of

UNDO, REPLAY = "concordat_undo", "concordat_replay"
_TAGS = {"dagster/max_retries": "0"}  # what a dead run left behind is recovered by the next one of its entity


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


def by_hand() -> dg.Definitions:
    """The jobs, the same for every book."""
    return dg.Definitions(jobs=[_undo, _replay])


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


@dg.job(name=UNDO, tags=_TAGS, description="Take back what a run wrote, where nobody has edited since.")
def _undo() -> None:
    take_back()


@dg.job(name=REPLAY, tags=_TAGS, description="Let records in quarantine go on.")
def _replay() -> None:
    let_go()


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
