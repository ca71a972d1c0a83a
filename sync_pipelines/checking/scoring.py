"""Every field that is weighed can be compared; thresholds are reached by more than a name, and not by nothing."""

from collections.abc import Iterator

from mappings.complaints import Complaint
from mappings.matching import READS, TYPES, WEIGHTS, Scoring, Weighed
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.view import View

_TWO = 2  # it takes two systems to match
_NAMES = frozenset({"company", "person"})


def scoring(view: View) -> Iterator[Complaint]:
    """The score of an entity that more than one system keeps."""
    told = view.spec.matching.scoring
    if told is None:
        return
    for name, weighed in told.fields.items():
        yield from _unfit(view, name, weighed)
        yield from _unproduced(view, name, weighed)
        yield from _turned(name, weighed)
    yield from _thresholds(told)


def _unfit(view: View, name: str, weighed: Weighed) -> Iterator[Complaint]:
    kind = view.spec.fields[name].type
    if kind in TYPES and kind not in READS[weighed.kind]:
        says = f"`{name}` is of the type `{kind}`, which cannot be compared as `{weighed.kind}`"
        fit = [one for one, types in READS.items() if kind in types]
        do = f"compare it as {' or '.join(fit)}" if fit else "take it out: nothing compares it"
        yield complaint("score-unfit", weighed.where, says, do)


def _unproduced(view: View, name: str, weighed: Weighed) -> Iterator[Complaint]:
    telling = [side.name for side in view.sides.values() if name in side.lines]
    per = view.spec.fields[name].per
    if per or len(telling) < _TWO:
        why = "is kept per company" if per else f"is mapped by {telling[0] if telling else 'no system'} only"
        says = f"`{name}` is weighed and never will be: it {why}"
        yield complaint("match-unproduced", weighed.where, says, "use a field that two systems map, or take it out")


def _turned(name: str, weighed: Weighed) -> Iterator[Complaint]:
    """What is the same says more than what is not."""
    same, different = weighed.weight("same"), weighed.weight("different")
    if same <= 0 or same <= different:
        says = f"`{name}`: to be the same weighs {same:g}, to be different {different:g}"
        yield complaint("score-turned", weighed.where, says, "give `same` more than 0, and more than `different`")


def _thresholds(told: Scoring) -> Iterator[Complaint]:
    most = sum(max(map(weighed.weight, WEIGHTS[weighed.kind])) for weighed in told.fields.values())
    if told.ask <= 0:
        says = f"`ask` is {told.ask:g}: a person is asked where nothing speaks for it"
        yield complaint("score-everybody", told.where, says, "ask from a few bits on; 5 is what we found good")
    if told.link > most:
        says = f"nothing is ever linked: all fields together weigh {most:g} at most, and `link` is {told.link:g}"
        yield complaint("score-nobody", told.where, says, "weigh more fields, or link from fewer bits on")
    elif all(weighed.kind in _NAMES for weighed in told.fields.values()):
        says = "nothing is ever linked: a name alone never is, and nothing else is weighed"
        yield complaint("score-nobody", told.where, says, "weigh an address, a phone or a number beside it")
