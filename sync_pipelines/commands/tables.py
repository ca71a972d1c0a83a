"""Two tables in files, matched row by row: letting the larger one pass by, and who has which id."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mappings.matching import Scoring
from sync_pipelines.commands.reading import Table
from sync_pipelines.commands.working import BELOW, Read, Work, look, weigh
from sync_pipelines.identity.columns import reader, scoring_of, shared_texts
from sync_pipelines.identity.pairs import Index, Met, Pair, Row, Twins, frequencies, rivals, scored, words_of
from sync_pipelines.identity.scoring import prepare


@dataclass(frozen=True, slots=True)
class Matched:
    """Two tables and their pairs, by the numbers of the rows; `ids` of those that are known by name."""

    scoring: Scoring
    pairs: list[Pair]
    left_ids: list[str]
    right_ids: list[str]
    looked_at: Sequence[tuple[int, int]]  # every pair that was weighed


def matched(left: Table, right: Table | None, scoring_with: Callable[[Scoring], Scoring]) -> Matched:
    """Every pair worth telling. Without a right table: the duplicates in the left one."""
    other = right or left
    shared = shared_texts(left.roles, other.roles)
    scoring = scoring_with(scoring_of([left.roles, other.roles], shared))
    if right is None:
        return _within(left, scoring, shared)
    small, large = (left, right) if left.size <= right.size else (right, left)
    index, small_ids = _indexed(small, scoring, shared)
    pairs, large_ids, looked_at, twins = _passed_by(index, large, reader(large.headings, large.roles, shared))
    pairs = rivals(pairs, scoring, twins)
    if small is right:
        pairs = [replace(pair, left=pair.right, right=pair.left) for pair in pairs]
        small_ids, large_ids = large_ids, small_ids
        looked_at = [(large, small) for small, large in looked_at]
    return Matched(scoring, _sorted(pairs), small_ids, large_ids, looked_at)


def _passed_by(index: Index, table: Table, read: Read) -> tuple[list[Pair], list[str], list[tuple[int, int]], Twins]:
    """The larger table is read twice: to see who might be somebody, and to fetch those."""
    work = Work(index, table, read)
    met = Met()
    for part in work.each(look):
        met.join(part)
    wanted = index.candidates(met)
    kept, ids = _fetched(table, read, index.scoring, {number for _, number in wanted})
    mine = [row.prepared for row in index.rows]
    words = met.words + words_of(mine)
    work.known = frequencies(
        index.scoring, [mine, [row.prepared for row in kept.values()]], words, met.sampled + len(mine)
    )
    work.pairs = [(index.rows[place], kept[number]) for place, number in wanted]
    sides = ({row.number: row.prepared for row in index.rows}, {number: row.prepared for number, row in kept.items()})
    twins = Twins(index.scoring, work.known, sides)
    return [pair for some in work.each(weigh) for pair in some], ids, wanted, twins


def _fetched(table: Table, read: Read, scoring: Scoring, wanted: set[int]) -> tuple[dict[int, Row], list[str]]:
    kept, ids = {}, []
    for number, cells in table.rows():
        ids.append(table.id_of(number, cells))
        if number in wanted:
            kept[number] = Row(number, prepare(read(cells), scoring))
    return kept, ids


def _sorted(pairs: list[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (-pair.score.total, pair.left, pair.right))


def _within(table: Table, scoring: Scoring, shared: frozenset[str]) -> Matched:
    index, ids = _indexed(table, scoring, shared)
    everybody = [row.prepared for row in index.rows]
    candidates = list(index.pairs_within())
    known = frequencies(scoring, [everybody], words_of(everybody), len(everybody))
    pairs = scored(candidates, scoring, known, least=scoring.ask - BELOW, within=True)
    return Matched(scoring, _sorted(pairs), ids, ids, [(one.number, two.number) for one, two in candidates])


def _indexed(table: Table, scoring: Scoring, shared: frozenset[str]) -> tuple[Index, list[str]]:
    index, ids, read = Index(scoring), [], reader(table.headings, table.roles, shared)
    for number, cells in table.rows():
        index.add(number, read(cells))
        ids.append(table.id_of(number, cells))
    return index, ids
