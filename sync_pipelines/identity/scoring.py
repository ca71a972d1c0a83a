"""Two records weighed against each other: a score that can be taken apart, and what stands in the way of a link."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.matching import Scoring
from mappings.values import Values
from sync_pipelines.identity.comparing import KINDS
from sync_pipelines.identity.evidence import Frequencies, Reason, weigh
from sync_pipelines.identity.naming import bears

Prepared = Mapping[str, Any]  # field → the value as it is compared

LINK, ASK, APART = "link", "ask", "apart"
_NAMES = frozenset({"company", "person"})
_BESIDE = 2.0  # bits beside a person's name from which it is more than a namesake: a postcode, a street
_TELLING = 3.0  # bits beside the name that a link needs
_ALIKE_ENOUGH = 0.0  # what the name must say at least for a link, unless a number registered for it agrees
_TOGETHER = ("email", "site")  # one domain is said twice
_TWICE = 0.25  # what the second saying counts
_SURE = 7.5  # what names say that are equal
_FEW = 7.0  # what an equal name says that three or four bear
_PLENTY = 18.0  # bits beside the name from which a short name does not matter
_LINES = frozenset({"phone", "site"})
_ITS_OWN = frozenset({"phone", "site", "email", "number"})  # what a branch does not have from its head
_ELSEWHERE = frozenset({"street", "different", "country", "city", "same_but_postcode"})
_ANOTHER_HOUSE = frozenset({"street", "different", "country"})
REGISTERED = frozenset({"tax_id", "number"})
OF_ANOTHER = frozenset({"branch", "branches", "group", "grouped", "person"})  # outcomes of names
_ALONE, _SHARED = "a name alone proves nothing", "others share what speaks for it, and the names differ"
_SEAT = "others are in this house, and a domain may be a whole group's"
_BESIDE_IT, _AT_HOME, _NEVER = 1.0, 16.0, 100.0


@dataclass(frozen=True, slots=True)
class Score:
    """The sum of the reasons, in bits; and what forbids to link without asking, whatever the sum is.

    `worth`: bits by which a question about it is worth more than its sum tells, or less.
    """

    total: float
    reasons: tuple[Reason, ...]
    bars: tuple[str, ...] = ()
    worth: float = 0.0

    def decision(self, scoring: Scoring) -> str:
        """`link`, `ask` or `apart`."""
        if self.total >= scoring.link and not self.bars:
            return LINK
        return ASK if self.total + self.worth >= scoring.ask else APART

    @property
    def speaks_for(self) -> list[Reason]:
        """The reasons for one entity, the strongest first."""
        return sorted((r for r in self.reasons if r.weight > 0), key=lambda r: -r.weight)

    @property
    def speaks_against(self) -> list[Reason]:
        """The reasons against, the strongest first."""
        return sorted((r for r in self.reasons if r.weight < 0), key=lambda r: r.weight)


def prepare(values: Values, scoring: Scoring) -> Prepared:
    """A record as it is compared; what is blank or says nothing is left out.

    Who tells no web site has one by the domain of the e-mail address.
    """
    found: dict[str, Any] = {}
    site, mail = "", None
    for name, weighed in scoring.fields.items():
        kind, value = weighed.kind, values.get(name)
        if (value or value == 0) and (prepared := KINDS[kind].prepare(value)) is not None:
            found[name] = prepared
            if kind == "email" and mail is None:
                mail = prepared
        if kind == "site" and not site:
            site = name
    if site and site not in found and mail is not None and not mail.free:
        found[site] = mail.domain
    return found


def score(one: Prepared, two: Prepared, scoring: Scoring, known: Frequencies, *, within: bool = False) -> Score:
    """Symmetric: the order of the two does not matter. `within`: both are of one system, where nobody is entered twice
    at two addresses by chance.
    """
    reasons = _not_alone(_not_twice(_reasons(one, two, scoring, known), scoring), scoring)
    total = round(sum(reason.weight for reason in reasons), 2)
    bars = tuple(_bars(reasons, scoring, within=within))
    return Score(total, tuple(reasons), bars, _worth(reasons, bars, scoring))


def _reasons(one: Prepared, two: Prepared, scoring: Scoring, known: Frequencies) -> list[Reason]:
    found: list[Reason] = []
    for name, weighed in scoring.fields.items():
        if name in one and name in two:
            findings = KINDS[weighed.kind].compare(one[name], two[name], known)
            found += [weigh(name, weighed, finding, known) for finding in findings]
    return [*found, *_called_so(one, two, scoring, found)]


def _called_so(one: Prepared, two: Prepared, scoring: Scoring, found: Sequence[Reason]) -> Iterator[Reason]:
    """Of a firm that has changed its name the web site often tells the old one, or already the new one.

    Only of names that have nothing in common: of those that are alike in part one may be a branch, or the group.
    """
    levels = {reason.level for reason in found if scoring.fields[reason.field].kind == "company"}
    if "different" not in levels or levels & OF_ANOTHER:
        return
    names = [name for name, weighed in scoring.fields.items() if weighed.kind == "company"]
    for site in [name for name, weighed in scoring.fields.items() if weighed.kind == "site"]:
        for mine, yours in ((one, two), (two, one)):
            if site in mine and any(name in yours and bears(mine[site], yours[name].name) for name in names):
                weight = scoring.fields[site].weight("called")
                yield Reason(site, "called", weight, f"{mine[site]} is called as the other one is")
                return


def _not_twice(reasons: Sequence[Reason], scoring: Scoring) -> list[Reason]:
    """A domain that is said by the web site and by the e-mail address counts once, and a little more."""
    said = [r for r in reasons if scoring.fields[r.field].kind in _TOGETHER and r.weight > 0]
    if len(said) < 2:  # noqa: PLR2004 - it takes two
        return list(reasons)
    strongest = max(said, key=lambda r: r.weight)
    return [
        Reason(r.field, r.level, round(r.weight * _TWICE, 2), f"{r.says} (counted in part: it says the same again)")
        if r in said and r is not strongest
        else r
        for r in reasons
    ]


def _not_alone(reasons: Sequence[Reason], scoring: Scoring) -> list[Reason]:
    """That a person has namesakes counts where nothing else is told; an equal number or street says who it is."""
    if all(reason.level != "namesake" for reason in reasons):
        return list(reasons)
    beside = [r.weight for r in reasons if scoring.fields[r.field].kind not in _NAMES and r.weight > 0]
    return [r for r in reasons if r.level != "namesake"] if sum(beside) >= _BESIDE else list(reasons)


def elsewhere(reasons: Iterable[Reason], scoring: Scoring) -> list[Reason]:
    """What tells of another address."""
    return [r for r in reasons if scoring.fields[r.field].kind == "address" and r.level in _ELSEWHERE]


def _bars(reasons: Sequence[Reason], scoring: Scoring, *, within: bool) -> list[str]:
    """What forbids a link without a person, whatever the sum: each has happened to somebody."""
    kinds = [(scoring.fields[reason.field].kind, reason) for reason in reasons]
    names = sum(reason.weight for kind, reason in kinds if kind in _NAMES)
    beside = [(kind, reason) for kind, reason in kinds if kind not in _NAMES | {"text"} and reason.weight > 0]
    bars = [] if sum(reason.weight for _, reason in beside) >= _TELLING else [_ALONE]
    registered = any(kind in REGISTERED and reason.level == "same" for kind, reason in kinds)
    if not registered or any(reason.level == "branches" for _, reason in kinds):
        bars += _unregistered(kinds, beside, names, within=within)
    elif names < _SURE and not {kind for kind, reason in beside if reason.level == "same"} & _ITS_OWN:
        bars += [f"{reason.says}: the number may be its head's" for reason in elsewhere(reasons, scoring)]
    bars += [reason.says for kind, reason in kinds if reason.level in {"branch", "group", "person"}]
    return bars + [reason.says for kind, reason in kinds if kind == "tax_id" and reason.level != "same"]


def _worth(reasons: Sequence[Reason], bars: Sequence[str], scoring: Scoring) -> float:
    """What speaks beside name and number makes a question worth a bit more; a house and a line of one's own make one,
    whatever the names say.

    Who has no more in common than a name that is not quite equal, or that others bear as well, or that is a branch's,
    and is in another house of the street or somewhere else, is somebody else nine times of ten: nobody is asked. Nor
    where the phone is another one, too.
    """
    kinds = [(scoring.fields[reason.field].kind, reason) for reason in reasons]
    told = {(kind, reason.level) for kind, reason in kinds}
    if ("address", "same") in told and any((line, "same") in told for line in _ITS_OWN):
        return _AT_HOME if ("tax_id", "different") not in told else _BESIDE_IT
    if ("tax_id", "same") in told and told.isdisjoint({("company", level) for level in OF_ANOTHER}):
        return _AT_HOME
    beside = [r.weight for kind, r in kinds if r.weight > 0 and kind not in _NAMES | REGISTERED | {"text"}]
    if sum(beside) >= _TELLING:
        return _BESIDE_IT
    another = any(reason.level in _ANOTHER_HOUSE for reason in elsewhere(reasons, scoring))
    numbered = any(kind in REGISTERED and reason.weight > 0 for kind, reason in kinds)
    parted = not numbered and bool(told & {("company", "branches"), ("phone", "different"), ("site", "different")})
    return -_NEVER if another and (_SHARED in bars or parted) else 0.0


_Of = tuple[str, Reason]  # a kind of field, and what it says


def _unregistered(kinds: Sequence[_Of], beside: Sequence[_Of], names: float, *, within: bool) -> Iterator[str]:
    """What is asked where no number agrees that was registered for this one."""
    own = {kind for kind, reason in beside if reason.level == "same" and not reason.shared}
    if names <= _ALIKE_ENOUGH:
        yield "the names do not agree"
    yield from (reason.says for _, reason in kinds if reason.level in {"grouped", "in_full"})
    if sum(reason.weight for _, reason in beside) < _PLENTY:
        yield from (reason.says for _, reason in kinds if reason.level == "part")
    equal = any(kind in _NAMES and reason.level == "same" for kind, reason in kinds)
    if not within and not equal and _is_of_a_house(kinds, own):
        yield _SEAT
    if "email" in own:
        return
    moved = "phone" in own and not within and _is_its_name(kinds)
    if len(own & _LINES) < 2 and not moved:  # noqa: PLR2004 - a phone may have been taken over, and so may a web site; not both
        doubted = _ELSEWHERE | {"town"} if any(reason.level == "branches" for _, reason in kinds) else _ELSEWHERE
        yield from (
            f"{reason.says}: it may be a branch"
            for kind, reason in kinds
            if kind == "address" and reason.level in doubted  # a town has several branches of one name
        )
    if names < _SURE and not _is_one_name(kinds) and all(r.shared or r.weight < _TELLING for _, r in beside):
        yield _SHARED


def _is_of_a_house(kinds: Sequence[_Of], own: set[str]) -> bool:
    """Whether the house is one that others are in, too, and nothing else is told than under whose domain: all members
    of a group have that in common at its seat.
    """
    shared = any(kind == "address" and reason.shared for kind, reason in kinds)
    numbered = any(kind in REGISTERED and reason.level == "same" for kind, reason in kinds)
    return shared and not numbered and own.isdisjoint({"phone", "email"})


def _is_its_name(kinds: Sequence[_Of]) -> bool:
    """Whether the names are equal, nobody else bears it, and it is no branch's: who has its phone too has moved."""
    told = [reason for kind, reason in kinds if kind in _NAMES]
    return any(r.level == "same" and not r.shared for r in told) and all(r.level not in OF_ANOTHER for r in told)


def _is_one_name(kinds: Sequence[_Of]) -> bool:
    """Whether the names are equal, and few bear it."""
    return any(kind in _NAMES and r.level == "same" and r.weight >= _FEW for kind, r in kinds)
