"""Two records weighed against each other: a score that can be taken apart, and what stands in the way of a link."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.matching import Scoring
from mappings.values import Values
from sync_pipelines.identity.comparing import KINDS
from sync_pipelines.identity.evidence import Frequencies, Reason, weigh

Prepared = Mapping[str, Any]  # field → the value as it is compared

LINK, ASK, APART = "link", "ask", "apart"
_NAMES = frozenset({"company", "person"})
_TELLING = 3.0  # bits beside the name that a link needs
_ALIKE_ENOUGH = 0.0  # what the name must say at least for a link, unless a number registered for it agrees
_TOGETHER = ("email", "site")  # one domain is said twice
_TWICE = 0.25  # what the second saying counts
_SURE = 7.5  # what names say that are equal
_ELSEWHERE = frozenset({"street", "different", "country", "city", "same_but_postcode"})
_REGISTERED = frozenset({"tax_id", "number"})


@dataclass(frozen=True, slots=True)
class Score:
    """The sum of the reasons, in bits; and what forbids to link without asking, whatever the sum is."""

    total: float
    reasons: tuple[Reason, ...]
    bars: tuple[str, ...] = ()

    def decision(self, scoring: Scoring) -> str:
        """`link`, `ask` or `apart`."""
        if self.total >= scoring.link and not self.bars:
            return LINK
        return ASK if self.total >= scoring.ask else APART

    @property
    def speaks_for(self) -> list[Reason]:
        """The reasons for one entity, the strongest first."""
        return sorted((r for r in self.reasons if r.weight > 0), key=lambda r: -r.weight)

    @property
    def speaks_against(self) -> list[Reason]:
        """The reasons against, the strongest first."""
        return sorted((r for r in self.reasons if r.weight < 0), key=lambda r: r.weight)


def prepare(values: Values, scoring: Scoring) -> Prepared:
    """A record as it is compared; what is blank or says nothing is left out."""
    found: dict[str, Any] = {}
    for name, weighed in scoring.fields.items():
        value = values.get(name)
        if value not in (None, "", []) and (prepared := KINDS[weighed.kind].prepare(value)) is not None:
            found[name] = prepared
    return _with_site(found, scoring)


def _with_site(found: dict[str, Any], scoring: Scoring) -> dict[str, Any]:
    """Who tells no web site has one by the domain of the e-mail address."""
    site = next((name for name, weighed in scoring.fields.items() if weighed.kind == "site"), "")
    mail = next(
        (found[name] for name, weighed in scoring.fields.items() if weighed.kind == "email" and name in found), None
    )
    if site and site not in found and mail is not None and not mail.free:
        found[site] = mail.domain
    return found


def score(one: Prepared, two: Prepared, scoring: Scoring, known: Frequencies) -> Score:
    """Symmetric: the order of the two does not matter."""
    reasons = _not_twice(_reasons(one, two, scoring, known), scoring)
    total = round(sum(reason.weight for reason in reasons), 2)
    return Score(total, tuple(reasons), tuple(_bars(reasons, scoring)))


def _reasons(one: Prepared, two: Prepared, scoring: Scoring, known: Frequencies) -> list[Reason]:
    found: list[Reason] = []
    for name, weighed in scoring.fields.items():
        if name in one and name in two:
            findings = KINDS[weighed.kind].compare(one[name], two[name], known)
            found += [weigh(name, weighed, finding, known) for finding in findings]
    return found


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


def _bars(reasons: Iterable[Reason], scoring: Scoring) -> list[str]:
    kinds = [(scoring.fields[reason.field].kind, reason) for reason in reasons]
    names = sum(reason.weight for kind, reason in kinds if kind in _NAMES)
    beside = sum(reason.weight for kind, reason in kinds if kind not in _NAMES and kind != "text" and reason.weight > 0)
    registered = any(kind in _REGISTERED and reason.level == "same" for kind, reason in kinds)
    exclusive = any(
        kind not in _NAMES | {"text"} and reason.weight >= _TELLING and not reason.shared for kind, reason in kinds
    )
    elsewhere = [reason for kind, reason in kinds if kind == "address" and reason.level in _ELSEWHERE]
    bars = []
    if beside < _TELLING:
        bars.append("a name alone proves nothing")
    if names <= _ALIKE_ENOUGH and not registered:
        bars.append("the names do not agree")
    if not registered:
        bars += [reason.says for kind, reason in kinds if reason.level == "part"]
    bars += [reason.says for kind, reason in kinds if reason.level in {"branch", "group", "person"}]
    if not registered and not any(kind == "email" and reason.level == "same" for kind, reason in kinds):
        bars += [f"{reason.says}: it may be a branch" for reason in elsewhere]
        if not exclusive and names < _SURE:
            bars.append("others share what speaks for it, and the names differ")
    bars += [reason.says for kind, reason in kinds if kind == "tax_id" and reason.level != "same"]
    return bars
