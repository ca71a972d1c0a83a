"""`simulate`: random histories of three systems, the engine among them, and whatever may go wrong on the way."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync_pipelines.commands.office import FINE, LOOK, Office, json_option, office

if TYPE_CHECKING:  # loaded when the command runs
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sync_pipelines.simulation.campaign import Finding, Tally
    from sync_pipelines.simulation.examining import Verdict
    from sync_pipelines.simulation.history import History
    from sync_pipelines.simulation.little_world import LittleWorld

_KEPT = Path("tests/histories")
_SAVE_EVERY = 100
_SHOWN = 60  # lines of what happened
_FEW = 30  # kinds of faults that are named one by one


def _world(*, http: bool) -> "AbstractContextManager[Callable[..., LittleWorld]]":
    from sync_pipelines.simulation.little_world import LittleWorld

    if not http:
        return nullcontext(LittleWorld)
    from sync_pipelines.simulation.over_http import over_http

    return over_http()


def _where(name: str, url: str, *, http: bool) -> str:
    """How to play there again. A database's address may hold a password, and is not repeated."""
    store = f" --store {name}{' --url …' if url else ''}" if name != "memory" else ""
    return store + (" --http" if http else "")


def _range(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[int, int]:
    first, dots, last = value.partition("..")
    if not (first.isdigit() and dots and last.isdigit() and int(first) < int(last)):
        raise click.BadParameter(f"{value!r} is no range of seeds; write for instance 0..1000")
    return int(first), int(last)


@click.command(short_help="play random histories of systems that fail, and look for what they break")
@click.option("--seeds", default="0..200", metavar="A..B", callback=_range, help="From A up to, and without, B.")
@click.option("--store", "name", default="memory", type=click.Choice(("memory", "sqlite", "postgres")), help="Ledger.")
@click.option("--url", default="", metavar="URL", help="Of the ledger's database; what is in it is thrown away.")
@click.option("--http", is_flag=True, help="All systems behind sockets, in vendors' dialects; the same faults strike.")
@click.option("--replay", metavar="FILE|SEED", help="Play this one history and tell what happened.")
@click.option("--keep", default=_KEPT, type=click.Path(path_type=Path), show_default=True, help="For what is found.")
@click.option("--progress", type=click.Path(path_type=Path), metavar="FILE", help="Take up where FILE stops.")
@json_option
@office
def simulate(
    office: Office,
    *,
    seeds: tuple[int, int],
    name: str,
    url: str,
    http: bool,
    replay: str | None,
    keep: Path,
    progress: Path | None,
    as_json: bool,
) -> int:
    """Play a history for each seed: people and faults in three systems, then everything heals and must agree.

    A history that breaks an invariant is made small, kept as a file and can be played again without its seed.
    """
    from sync_pipelines.simulation.stores import store

    if name == "postgres" and not url:
        raise click.UsageError("--store postgres needs --url, of a database that may be emptied")
    with store(name, url) as fresh, _world(http=http) as make:
        if replay is not None:
            from sync_pipelines.simulation.examining import examine

            verdict = examine(_history(replay), fresh(), make)
            verdict.broken = [*verdict.broken, *([] if http else _differences(replay))]
            return _tell(office, verdict, replay, as_json=as_json)
        from sync_pipelines.simulation.campaign import Tally, run

        tally = Tally.read(progress) if progress else Tally()
        left = range(max(seeds[0], tally.next), seeds[1])
        try:
            telling = _Telling(office, keep, progress, where=_where(name, url, http=http), quiet=as_json)
            run(left, fresh, time.process_time, tally, telling, make)
        finally:
            _save(tally, progress)
    return _sum_up(office, tally, as_json=as_json)


class _Telling:
    """What is said and kept while it goes on."""

    def __init__(self, office: Office, keep: Path, progress: Path | None, *, where: str, quiet: bool) -> None:
        self._office, self._keep, self._progress, self._where, self._quiet = office, keep, progress, where, quiet

    def __call__(self, tally: "Tally", verdict: "Verdict", finding: "Finding | None") -> None:
        """After each history."""
        del verdict
        if tally.histories % _SAVE_EVERY == 0:
            _save(tally, self._progress)
        if finding is None:
            return
        path = finding.keep(self._keep)
        if not self._quiet:
            self._office.print(*_found_lines(finding, path, self._where))


def _found_lines(finding: "Finding", path: Path, where: str) -> Iterator[str]:
    yield f"seed {finding.seed}: {finding.says}"
    took = f"{finding.replays} replays, {finding.seconds:.1f} s"
    yield f"  {finding.operations} operations are enough to show it ({took})"
    yield from (f"  {operation}" for operation in finding.history.operations)
    yield "  what happens:"
    yield from (f"  | {line}" for line in finding.told)
    yield f"  again:  concordat simulate{where} --replay {path}"


def _differences(replay: str) -> list[str]:
    """What the worlds of a seed that are compared with each other show."""
    if not replay.isdigit():
        return []
    from sync_pipelines.simulation.comparing import COMPARISONS, compared

    return [says for law in COMPARISONS if (says := compared(int(replay), law))]


def _history(replay: str) -> "History":
    from sync_pipelines.simulation.history import History

    if replay.isdigit():
        return History.of(int(replay))
    path = Path(replay)
    if not path.exists():
        raise click.UsageError(f"there is no file {replay}; name a file or the number of a seed")
    try:
        return History.read(path)
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{replay} is no history that was kept: {error}") from error


def _tell(office: Office, verdict: "Verdict", replay: str, *, as_json: bool) -> int:
    if as_json:
        office.json({"history": replay, "broken": verdict.broken, "trace": verdict.trace, "told": verdict.stage.told})
    else:
        told: Sequence[str] = verdict.stage.told
        office.print(*([f"… {len(told) - _SHOWN} lines before", *told[-_SHOWN:]] if len(told) > _SHOWN else told))
        office.print("", *(verdict.broken or ["nothing is broken"]), f"trace {verdict.trace}")
    return LOOK if verdict.broken else FINE


def _sum_up(office: Office, tally: "Tally", *, as_json: bool) -> int:
    vacuous = tally.vacuous()
    if as_json:
        office.json({**tally.plain(), "vacuous": vacuous})
    else:
        office.print(*_sum_lines(tally, vacuous))
    return LOOK if tally.found or tally.before or tally.differ or vacuous else FINE


def _sum_lines(tally: "Tally", vacuous: Sequence[str]) -> Iterator[str]:
    from sync_pipelines.simulation.nemesis import BY_NAME

    missing, found = tally.missing(), len(tally.before) + len(tally.found)
    pace = f"{tally.per_minute:.0f} a minute on one core"
    yield f"{tally.histories} histories, {pace}; {found} break something"
    yield from (f"seed {one['seed']} did when it was played: {one['says']}" for one in tally.before)
    never = f", not {', '.join(missing)}" if 0 < len(missing) <= _FEW else ""
    yield f"{len(BY_NAME) - len(missing)} of {len(BY_NAME)} kinds of faults struck{never}"
    yield f"done: {_counted(tally.done)}; written by us: {_counted(tally.written)}"
    if tally.compared:
        yield f"{tally.compared.total()} pairs of worlds were compared; {len(tally.differ)} differ"
    yield from (f"{says}\n  again:  concordat simulate --replay {says.split()[1].strip(':')}" for says in tally.differ)
    yield from vacuous


def _counted(times: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(times.items()))


def _save(tally: "Tally", progress: Path | None) -> None:
    if progress is not None:
        progress.parent.mkdir(parents=True, exist_ok=True)
        progress.write_text(json.dumps(tally.plain(), indent=1), encoding="utf-8")
