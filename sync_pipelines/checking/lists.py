"""Lists and addresses: items are told apart by a key that all sides share, and every part has a decider."""

from collections.abc import Iterator

from mappings.codecs import SHAPES
from mappings.complaints import Complaint
from mappings.fieldmap import Line
from mappings.ownership import Each, Rule
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.directions import is_given
from sync_pipelines.checking.view import Side, View, bringers


def lists(view: View) -> Iterator[Complaint]:
    """Every `each` of an entity."""
    for rules in view.rules.values():
        for rule in rules:
            if rule.each is not None:
                yield from _each(view, rule, rule.each)


def _each(view: View, rule: Rule, each: Each) -> Iterator[Complaint]:
    if not each.add:
        says = f"nobody may add an item to `{rule.field}`: it stays empty, and what stands there is taken out"
        yield complaint("list-never-filled", rule.where, says, "say who may: add: [<role>]")
    if not each.remove:
        says = f"nobody may remove an item from `{rule.field}`: what was once added stays for ever"
        yield complaint("list-never-shrinks", rule.where, says, "say who may: remove: [<role>], if that is not meant")
    for side in view.mapping(rule.field):
        for line in side.lines[rule.field]:
            yield from _key(view, side, rule.field, each.key, line)


def _key(view: View, side: Side, name: str, key: str, line: Line) -> Iterator[Complaint]:
    mapped = next((item for item in line.lines if item.field == key), None)
    if mapped is None:
        says = f"{side.name} does not map `{key}`, by which items of `{name}` are told apart: all of its are new"
        yield complaint("list-key-unmapped", line.where, says, f"map `{key}` among the items")
    elif mapped.write == "never" and is_given(view, side, name):
        says = f"{side.name} cannot be given `{key}` of `{name}`: an item sent there comes back as another one"
        yield complaint("list-key-unwritten", mapped.where, says, "let it be written, or choose another key")
    if line.options.get("key", key) != key:
        says = f"the line tells items apart by `{line.options['key']}`, ownership.yaml by `{key}`"
        yield complaint("list-key-differs", line.where, says, f"write key: {key}")


def parts(view: View) -> Iterator[Complaint]:
    """A part that only followers keep would be blanked there: no decider ever says it."""
    for name, rules in view.rules.items():
        decided = _decided_parts(view, name, rules)
        for side in view.mapping(name) if decided else ():
            if is_given(view, side, name):
                yield from _undecided(side, name, decided)


def _decided_parts(view: View, name: str, rules: tuple[Rule, ...]) -> set[str]:
    roles = {role for rule in rules for role in bringers(rule)}
    sides = [side for role in roles for side in view.speakers(role, name)]
    return {part.field for side in sides for line in side.lines[name] if line.codec in SHAPES for part in line.lines}


def _undecided(side: Side, name: str, decided: set[str]) -> Iterator[Complaint]:
    for line in side.lines[name]:
        for part in line.lines if line.codec in SHAPES else ():
            if part.field not in decided and part.write != "never":
                says = f"no decider of `{name}` keeps `{part.field}`, and {side.name} does: it would be blanked there"
                yield complaint("part-undecided", part.where, says, "take it out of the map, or map it in a decider")
