"""Two tables, or one against itself: which pairs are looked at, how common values are, and what becomes of each pair.

The smaller table is indexed; the rows of the larger one pass by once. So cost grows with the smaller one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from mappings.matching import Scoring
from mappings.values import Values
from sync_pipelines.identity.blocking import keys_of
from sync_pipelines.identity.comparing import Firm, house
from sync_pipelines.identity.evidence import Frequencies, Reason, rare
from sync_pipelines.identity.numbers import tail
from sync_pipelines.identity.scoring import ASK, LINK, Prepared, Score, prepare, score

TOO_MANY = 200  # records that may share a key; beyond that it finds nobody
ENOUGH = 80  # candidates of one record, from its rarest keys
_WITHIN = 3.0  # how many of one table are expected to be one entity, where it is searched for duplicates
_RIVAL, _RIVAL_AT_MOST, _CLOSE = 0.5, 8.0, 3.0
_HEARD = 4  # of those that a row is like: who comes behind them changes nothing


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in its table, and its values as they are compared."""

    number: int
    prepared: Prepared


@dataclass(slots=True)
class Met:
    """What a part of the larger table has in common with the index: under which keys which rows came by."""

    under: dict[str, list[int] | None] = field(default_factory=dict)  # None: too many
    words: Counter[str] = field(default_factory=Counter)  # of the names in a sample
    sampled: int = 0

    def add(self, key: str, number: int) -> None:
        """A row under a key."""
        met = self.under.setdefault(key, [])
        if met is not None:
            met.append(number)
            if len(met) > TOO_MANY:
                self.under[key] = None

    def join(self, other: "Met") -> None:
        """Another part of the same table."""
        for key, some in other.under.items():
            mine = self.under.get(key, [])
            both = None if mine is None or some is None else sorted([*mine, *some])
            self.under[key] = None if both is not None and len(both) > TOO_MANY else both
        self.words += other.words
        self.sampled += other.sampled


@dataclass(slots=True)
class Index:
    """The smaller table, by its keys."""

    scoring: Scoring
    rows: list[Row] = field(default_factory=list)
    under: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, number: int, values: Values) -> None:
        """A row of the smaller table."""
        row = Row(number, prepare(values, self.scoring))
        for key in keys_of(row.prepared, self.scoring):
            self.under[key].append(len(self.rows))
        self.rows.append(row)

    def look(self, number: int, values: Values, met: Met, *, sample: bool) -> None:
        """A row of the larger table passes by."""
        prepared = prepare(values, self.scoring)
        for key in keys_of(prepared, self.scoring):
            if key in self.under:
                met.add(key, number)
        if sample:
            met.words.update(set(_words(prepared)))
            met.sampled += 1

    def candidates(self, met: Met) -> list[tuple[int, int]]:
        """(place in the smaller, number in the larger table): of each row those under its rarest keys."""
        keys: dict[int, list[list[int]]] = defaultdict(list)
        for key, places in self.under.items():
            some = met.under.get(key)
            for place in places if some else ():
                keys[place].append(some or [])
        return [(place, number) for place, told in sorted(keys.items()) for number in _candidates(told)]

    def pairs_within(self) -> Iterator[tuple[Row, Row]]:
        """Pairs of one table."""
        seen: set[tuple[int, int]] = set()
        for key in sorted(self.under, key=lambda key: (len(self.under[key]), key)):
            if 1 < len(self.under[key]) <= TOO_MANY:
                seen.update(combinations(self.under[key], 2))
        for one, two in sorted(seen):
            yield self.rows[one], self.rows[two]


def _candidates(told: Iterable[list[int]]) -> list[int]:
    found: set[int] = set()
    for some in sorted(told, key=lambda some: (len(some), some)):
        if len(found) + len(some) > ENOUGH and len(found) > ENOUGH // 4:
            break
        found.update(some)
    return sorted(found)


# --- how common values are ------------------------------------------------------------------------------------------


def frequencies(
    scoring: Scoring, sides: Sequence[Sequence[Prepared]], words: Counter[str], records: int
) -> Frequencies:
    """`sides`: the rows in which values are counted, table by table; `words`: of how many of `records` names."""
    values: dict[str, float] = {}
    for side in sides:
        counted = Counter(key for prepared in side for key in values_of(prepared, scoring))
        for key, count in counted.items():
            if count > 1:
                values[key] = max(values.get(key, 1.0), count / (_WITHIN if len(sides) == 1 else 1.0))
    return Frequencies(values, rare(words, records))


def words_of(rows: Iterable[Prepared]) -> Counter[str]:
    """In how many names each word stands."""
    return Counter(word for prepared in rows for word in set(_words(prepared)))


def _words(prepared: Prepared) -> Iterator[str]:
    for value in prepared.values():
        if isinstance(value, Firm):
            yield from (word.text for word in value.name.words)


def values_of(prepared: Prepared, scoring: Scoring) -> Iterator[str]:
    """Under what a record's values are counted."""
    for name, value in prepared.items():
        for key in _counted(scoring.fields[name].kind, value):
            yield f"{name}:{key}"


def _counted(kind: str, value: object) -> Iterable[str]:  # noqa: PLR0911 - one line for each kind
    match kind, value:
        case "company", Firm():
            return ("".join(value.name.core),)
        case "person", tuple():
            return (" ".join(sorted(value)),)
        case "phone", frozenset():
            return [tail(str(phone)) for phone in value]
        case "address", _:
            return (house(value),)  # type: ignore[arg-type]  # an address is what `prepare` makes of this kind
        case "email", _:
            return {value.text, value.domain, value.local}  # type: ignore[attr-defined]  # as above, an Email
        case "tax_id", _:
            return (value.text,)  # type: ignore[attr-defined]  # as above, a TaxId
        case "text", tuple():
            return (" ".join(value),)
    return (str(value),)


# --- what becomes of pairs -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows, their score, and what follows."""

    left: int
    right: int
    score: Score
    decision: str


def scored(
    pairs: Iterable[tuple[Row, Row]], scoring: Scoring, known: Frequencies, *, least: float, within: bool = False
) -> list[Pair]:
    """Pairs that reach `least` bits, as (row of the first, row of the second table); `within` one table."""
    found = []
    for one, two in pairs:
        result = score(one.prepared, two.prepared, scoring, known, within=within)
        if result.total >= least:
            found.append(Pair(one.number, two.number, result, result.decision(scoring)))
    return found


@dataclass(frozen=True, slots=True)
class Twins:
    """Tells of two rows of one table whether they would be linked, were they of two."""

    scoring: Scoring
    known: Frequencies
    sides: tuple[Mapping[int, Prepared], Mapping[int, Prepared]]  # of the first and of the second table, by number

    def __call__(self, side: int, one: int, two: int) -> bool:
        """Rows of the first table (0) or the second (1)."""
        rows = self.sides[side]
        return score(rows[one], rows[two], self.scoring, self.known, within=True).decision(self.scoring) == LINK


def rivals(pairs: Sequence[Pair], scoring: Scoring, twins: Twins) -> list[Pair]:
    """In two tables without duplicates each has one like it: what another pair explains better counts less.

    One that fits nearly as well makes a link a question, but where it is a twin of the one that fits best: whichever of
    the two it is, it is the same one, and the question is about the other.
    """
    best = (_best(pairs, 0), _best(pairs, 1))
    return [_beside(pair, best[0][pair.left], best[1][pair.right], scoring, twins) for pair in pairs]


_Best = list[tuple[float, int]]


def _best(pairs: Sequence[Pair], side: int) -> dict[int, _Best]:
    found: dict[int, _Best] = defaultdict(list)
    for pair in pairs:
        me, other = (pair.left, pair.right) if side == 0 else (pair.right, pair.left)
        found[me] = sorted([*found[me], (-pair.score.total, other)])[:_HEARD]
    return found


def _beside(pair: Pair, of_left: _Best, of_right: _Best, scoring: Scoring, twins: Twins) -> Pair:
    others = [(-total, 1, other) for total, other in of_left if other != pair.right]
    others += [(-total, 0, other) for total, other in of_right if other != pair.left]
    best = max((total for total, _, _ in others), default=0.0)
    gap = best - pair.score.total
    if gap > 0:
        lost = -round(min(gap * _RIVAL, _RIVAL_AT_MOST), 2)
        reason = Reason("", "rival", lost, f"another record fits better (by {gap:.1f})")
        reasons, bars = (*pair.score.reasons, reason), (*pair.score.bars, reason.says)
        told = replace(pair.score, total=round(pair.score.total + lost, 2), reasons=reasons, bars=bars)
        return replace(pair, score=told, decision=told.decision(scoring))
    if pair.decision == LINK and _is_doubtful(pair, others, scoring, twins):
        told = replace(pair.score, bars=(*pair.score.bars, "another record fits nearly as well"))
        return replace(pair, score=told, decision=ASK)
    return pair


def _is_doubtful(pair: Pair, others: Sequence[tuple[float, int, int]], scoring: Scoring, twins: Twins) -> bool:
    """Whether somebody else fits nearly as well; of twins that fit equally well the first goes before."""
    mine = (pair.left, pair.right)
    least = max(pair.score.total - _CLOSE, scoring.ask)
    close = [(total, side, other) for total, side, other in others if total > least or total == scoring.ask >= least]
    return any(
        (total == pair.score.total and other < mine[side]) or not twins(side, mine[side], other)
        for total, side, other in close
    )
