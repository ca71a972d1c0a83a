"""What an answer would lead to: it is given, a plan is made of it, and both are taken back. No system is asked."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import cast

from connectors.contract import KindDescription, RecordRef
from sync_pipelines.flow.drafting import Drafter
from sync_pipelines.flow.metadata import Metadata
from sync_pipelines.flow.run import House
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import Change, Held
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.questions import About, Question
from sync_pipelines.review.answering import answer
from sync_pipelines.review.joined import now_called


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the next plan would write about the entities of a question, and what it would leave waiting."""

    changes: tuple[Change, ...] = ()
    held: tuple[Held, ...] = ()

    @property
    def systems(self) -> tuple[str, ...]:
        """Those that would be written to."""
        return tuple(sorted({change.system for change in self.changes}))


class _TakenBackError(Exception):
    """Ends the trial, and with it everything that it wrote into the ledger."""


class _Only:
    """The ledger, of which a plan sees these entities alone, and no stranger."""

    def __init__(self, ledger: Ledger, ids: Sequence[str]) -> None:
        self._ledger, self._ids = ledger, sorted(ids)

    def attended_pages(self, entity: str, size: int = 0) -> Iterator[Sequence[str]]:  # noqa: ARG002 - the shape of the port
        """Whatever else waits is of no interest here."""
        yield self._ids

    def entity_id_pages(self, entity: str, size: int = 0) -> Iterator[Sequence[str]]:  # noqa: ARG002 - as above
        """Should the rules have changed meanwhile, that is told by the next plan."""
        yield self._ids

    def uncoupled(self, entity: str, after: RecordRef | None = None, most: int = 0) -> Sequence[Claim]:  # noqa: ARG002 - as above
        """Strangers are left for the next plan."""
        return ()

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)


class _Undescribed(Metadata):
    """No system is asked how it describes its kinds."""

    def of(self, places: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], KindDescription]:
        """Nothing is known of these."""
        del places
        return {}


def foresee(house: House, question: Question, choice: str) -> Foreseen:
    """What the next plan would make of an answer. Where a person has to name a record, nothing can be foreseen."""
    if question.about is About.CREATE:
        return Foreseen()
    with _trial(house.ledger):
        answer(house.ledger, house.book, question.id, choice, "", house.seams.clock())
        return _planned(house, question)


@contextmanager
def _trial(ledger: Ledger) -> Iterator[None]:
    """Whatever is written into the ledger in here is taken back at its end."""
    with suppress(_TakenBackError), ledger.transaction():
        yield
        raise _TakenBackError


def _planned(house: House, question: Question) -> Foreseen:
    ids = now_called(house.ledger, question.entity, [question.entity_id, *question.others])
    ledger = cast("Ledger", _Only(house.ledger, sorted(set(ids.values()))))
    numbers = count(1)
    seams = replace(house.seams, new_id=lambda: f"trial{next(numbers)}")
    resolver = Resolver(ledger, house.book)
    recogniser = replace(house.recogniser, ledger=ledger, resolver=resolver)
    drafter = Drafter(
        ledger, house.book, house.connectors, resolver, house.writers, recogniser, seams, _Undescribed({})
    )
    pages = [*drafter.pages(question.entity, "trial")]
    changes = tuple(change for page in pages for change in page.changes)
    return Foreseen(changes, tuple(held for page in pages for held in page.held))
