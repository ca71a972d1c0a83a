"""`undo`: a run taken back, where nobody has edited since."""

import click

from sync_pipelines.commands.office import FINE, LOOK, Office, json_option, office, reveal_option
from sync_pipelines.commands.plans import Reading, plan_data, plan_lines
from sync_pipelines.commands.runs import pass_lines, rest_lines, result_data
from sync_pipelines.flow.undoing import plan_undo
from sync_pipelines.model.changes import RunState


@click.command(short_help="take back what a run wrote, where nobody has edited since")
@click.argument("run")
@click.option("--apply", "go", is_flag=True, help="Do it; without this the plan is only shown.")
@click.option("--all", "everything", is_flag=True, help="Show every change, not the first few of each kind.")
@reveal_option
@json_option
@office
def undo(office: Office, run: str, *, go: bool, everything: bool, reveal: bool, as_json: bool) -> int:
    """Plan the way back of a RUN from what was there before: records that somebody edited since are left alone.

    The plan is judged like any other: a guard may hold a part of it.
    """
    reading = Reading(reveal=reveal, everything=everything)
    with office.open_house() as house:
        result = plan_undo(house, run)
        shown = plan_data(house, result, reading) if as_json else {}
        if not as_json:
            office.print(*plan_lines(house, result, reading))
        if go:
            house.apply(result)
        house.end(result)
        if as_json:
            office.json({"plan": shown, "run": result_data(result)})
        elif go:
            office.print(*pass_lines("undone", [result]), *rest_lines(house, [result]))
        else:
            office.print(f"Next:  concordat apply --plan {result.plan}")
    return FINE if result.state is RunState.COMPLETE and all(part.passed for part in result.parts) else LOOK
