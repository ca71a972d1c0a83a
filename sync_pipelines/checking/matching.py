"""Every level of matching can find something: two systems tell its fields, and no stronger level takes its cases."""

from collections.abc import Iterator

from mappings.complaints import Complaint
from mappings.matching import Level
from mappings.values import Where
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.scoring import scoring
from sync_pipelines.checking.view import View

_TWO = 2  # it takes two systems to match


def matching(view: View) -> Iterator[Complaint]:
    """The matching of an entity that more than one system keeps."""
    levels = view.spec.matching.levels
    if len(view.sides) < _TWO:
        return
    if not levels and view.spec.matching.scoring is None:
        says = f"{len(view.sides)} systems keep {view.one}, and nothing says how two records are recognised as one"
        where = Where(f"{view.entity}/matching.yaml", 1)
        yield complaint("match-missing", where, says, "write levels, the strongest first")
    for place, level in enumerate(levels):
        yield from _level(view, level)
        yield from _beside(level, levels[:place])
    yield from scoring(view)
    yield from _contradictions(view)


def _level(view: View, level: Level) -> Iterator[Complaint]:
    why = _never(view, level)
    if why:
        says = f"the level `{level.name}` can never hold: {why}"
        yield complaint("match-unproduced", level.where, says, "use fields that two systems map")


def _never(view: View, level: Level) -> str:
    for name in level.fields:
        if view.spec.fields[name].per:
            return f"`{name}` is kept per company"
    telling = [side.name for side in view.sides.values() if all(name in side.lines for name in level.fields)]
    if len(telling) < _TWO:
        return f"only {telling[0]} maps all its fields" if telling else "no system maps all its fields"
    if all(view.spec.fields[name].refers_to for name in level.fields):
        return "references alone do not lead to a record"
    return ""


def _beside(level: Level, earlier: tuple[Level, ...]) -> Iterator[Complaint]:
    for other in earlier:
        if other.name == level.name:
            says = f"two levels are called `{level.name}`; the other is in line {other.where.line}"
            yield complaint("match-twice", level.where, says, "give each its own name")
        elif other.then != "apart" and _asks_less(other, level):
            says = (
                f"the level `{level.name}` never comes up: all it finds fits `{other.name}` in line {other.where.line}"
            )
            yield complaint("match-dead", level.where, says, "put it first, or take it out")
            return


def _asks_less(other: Level, level: Level) -> bool:
    mine = {(name, level.compare.get(name, "exact")) for name in level.fields}
    return mine.issuperset((name, other.compare.get(name, "exact")) for name in other.fields)


def _contradictions(view: View) -> Iterator[Complaint]:
    for name in view.spec.matching.contradicts:
        if len(view.mapping(name)) < _TWO:
            says = f"`{name}` shall forbid a link where it differs, and no two systems map it"
            where = view.spec.matching.levels[0].where if view.spec.matching.levels else view.spec.fields[name].where
            yield complaint("contradicts-unproduced", where, says, "map it in two systems, or take it out")
