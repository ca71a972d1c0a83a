"""Who is known by whom they belong to: what an adoption can find while those are not adopted yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.contract import RecordRef
from mappings.book import Book, EntitySpec
from mappings.matching import Matching
from sync_pipelines.intake.readers import references_of
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import RunState

_PAGE = 1_000
_GOOD = (RunState.COMPLETE, RunState.WITH_REJECTS)


@dataclass(frozen=True, slots=True)
class Unadopted:
    """Another entity by which records are recognised: of those that they name, how many are known."""

    told: str
    named: int
    known: int
    is_needed: bool  # nothing is linked without it

    @property
    def forbids(self) -> bool:
        """Whether an adoption now would make strangers, or questions, of most."""
        return self.is_needed and self.known * 2 < self.named

    @property
    def says(self) -> str:
        """How it stands with those that are named."""
        of = f"of {self.named:,} that its records name" if self.named > 1 else "of the one that its records name"
        known = f"only {self.known:,} {'is' if self.known == 1 else 'are'}" if self.known else "none is"
        return f"known by {self.told}, and {of} {known} adopted yet"


def unadopted(ledger: Ledger, book: Book, spec: EntitySpec, adopted: str) -> list[Unadopted]:
    """Before strangers are looked at. `adopted`: the kind of run by which records of an entity become known.

    Only of what stands before this entity in the book: of the others nothing can be adopted first.
    """
    before = list(book.entities)[: list(book.entities).index(spec.name)]
    leads = {
        name: told for name, told in references_of(spec).items() if told in before and name in _used(spec.matching)
    }
    open_ones = {told for told in set(leads.values()) if _is_open(ledger, told, adopted)}
    if not open_ones:
        return []
    named, known = _counted(ledger, book, spec, {name: told for name, told in leads.items() if told in open_ones})
    return [
        Unadopted(told, named[told], known.get(told, 0), _is_needed(spec.matching, leads, told))
        for told in sorted(named)
        if known.get(told, 0) < named[told]
    ]


def _used(matching: Matching) -> frozenset[str]:
    weighed = matching.scoring.fields if matching.scoring else {}
    return frozenset(weighed).union(*(level.fields for level in matching.levels))


def _is_needed(matching: Matching, leads: Mapping[str, str], told: str) -> bool:
    """Whether each level that links asks for it, and nothing is weighed that could link without."""
    linking = [level for level in matching.levels if level.then == "link"]
    return matching.scoring is None and all(any(leads.get(name) == told for name in level.fields) for level in linking)


def _is_open(ledger: Ledger, entity: str, adopted: str) -> bool:
    """Whether there are records of it that nobody has looked at. One that is nowhere can be adopted, and stay empty."""
    if ledger.uncoupled(entity, None, 1):
        return True
    done = any(run.kind == adopted and run.state in _GOOD for run in ledger.runs(entity))
    return not done and not ledger.count_entities(entity)


def _counted(
    ledger: Ledger, book: Book, spec: EntitySpec, leads: Mapping[str, str]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """By entity: how many of its records strangers name, and how many of those are known."""
    named: dict[str, set[RecordRef]] = {}
    after: RecordRef | None = None
    while strangers := ledger.uncoupled(spec.name, after, _PAGE):
        for claim in strangers:
            for name, told in leads.items():
                kind_map = book.entities[told].maps.get(claim.system)
                if kind_map is not None and isinstance(value := claim.values.get(name), str):
                    named.setdefault(told, set()).add(RecordRef(claim.system, kind_map.kind, value))
        after = strangers[-1].ref
    there = {told: [ref for page in _there(ledger, told, sorted(refs)) for ref in page] for told, refs in named.items()}
    known = {told: sum(_known(ledger, told, refs)) for told, refs in there.items()}
    return {told: len(refs) for told, refs in there.items()}, known


def _there(ledger: Ledger, entity: str, refs: list[RecordRef]) -> Iterator[list[RecordRef]]:
    """But for those that are gone: nobody can adopt them first."""
    for start in range(0, len(refs), _PAGE):
        page = refs[start : start + _PAGE]
        gone = {claim.ref for claim in ledger.claims_at(entity, page) if claim.gone}
        yield [ref for ref in page if ref not in gone]


def _known(ledger: Ledger, entity: str, refs: list[RecordRef]) -> Iterator[int]:
    for start in range(0, len(refs), _PAGE):
        yield len(ledger.couplings_at(entity, refs[start : start + _PAGE]))
