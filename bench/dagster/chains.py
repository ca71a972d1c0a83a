"""Empty steps, one after the other: what is left is Dagster's own. Step processes import this file, and no other."""

import dagster as dg

STEPS = 6  # of our run of one entity: recovered, three readings, plan, applied


def in_one_process() -> dg.JobDefinition:
    """All steps in the run's own process."""
    return _chain(dg.in_process_executor)


def a_process_each() -> dg.JobDefinition:
    """Each step in a process of its own, as Dagster does where nothing else is said."""
    return _chain(dg.multiprocess_executor)


def _chain(executor: dg.ExecutorDefinition) -> dg.JobDefinition:
    steps = [_step(number) for number in range(STEPS)]

    @dg.job(executor_def=executor)
    def chain() -> None:
        before = steps[0]()
        for step in steps[1:]:
            before = step(after=before)

    return chain


def _step(number: int) -> dg.OpDefinition:
    @dg.op(name=f"step_{number}", ins={"after": dg.In(dg.Nothing)} if number else {}, out=dg.Out(dg.Nothing))
    def empty() -> None:
        """Nothing."""

    return empty
