"""Who cannot be a stranger is not read for its sake: decisions are those that reading everybody would bring."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count

import pytest

from connectors.contract import RecordRef
from mappings.loading import BUNDLED, load_book
from sync_pipelines.flow.recognising import Recogniser, near
from sync_pipelines.identity.keys import match_keys
from sync_pipelines.identity.matcher import Found, Known, Matcher
from sync_pipelines.identity.scored import match
from sync_pipelines.identity.sight import Sight
from sync_pipelines.intake.readers import references_of
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.questions import Question
from sync_pipelines.model.records import Coupling
from sync_pipelines.simulation.customers.stream import customers

BOOK = load_book(BUNDLED)
SPEC = BOOK.entities["account"]
REFERENCES = frozenset(references_of(SPEC))
SEED, FAMILIES, PAGE = 11, 90, 60
Told = tuple[list[Coupling], list[Question]]


class _Watched(MemoryLedger):
    """Remembers how many claims were read."""

    read = 0

    def claims_at(self, entity: str, refs: Sequence[RecordRef]) -> Sequence[Claim]:
        found = super().claims_at(entity, refs)
        self.read += len(found)
        return found


def filled() -> _Watched:
    ledger = _Watched()
    told = [a for one in customers(SEED, FAMILIES) for a in one.appearances if a.entity == "account"]
    claims = [Claim(RecordRef(a.system, "Account", a.record), "account", a.values, payload_hash=a.record) for a in told]
    ledger.land(claims)
    ledger.index_keys("account", [(c.ref, "", match_keys(c.values, SPEC.matching, REFERENCES)) for c in claims])
    return ledger


def adopted(ledger: Ledger, matcher: Matcher = match, sight: Sight | None = None) -> Told:
    """All strangers, page by page, each coupled before the next ones are looked at."""
    numbers = count(1)
    told: Told = ([], [])
    recogniser = Recogniser(ledger, Resolver(ledger, BOOK), matcher, lambda: f"n{next(numbers):05}", sight or Sight())
    while strangers := ledger.uncoupled("account", None, PAGE):
        found = recogniser.recognise(SPEC, strangers)
        ledger.couple(found.couplings)
        ledger.ask(found.questions)
        told[0].extend(found.couplings)
        told[1].extend(found.questions)
    return told


def everybody(ledger: Ledger) -> Matcher:
    """Holds strangers against all who share a key, and counts who bears what by reading them."""

    def look(matching: object, strangers: Sequence[Claim], known: Known, new_id: Callable[[], str]) -> Found:
        found = whom_they_meet(ledger, strangers, known)
        candidates = {ref: [claim for claim in some if not claim.gone] for ref, some in found.items()}
        ids = sorted({claim.entity_id for some in candidates.values() for claim in some if claim.entity_id})
        couplings = [c for some in ledger.couplings_of("account", ids).values() for c in some]
        wide = replace(
            known,
            candidates=candidates,
            members=ledger.claims_of("account", ids),
            taken=frozenset((c.entity_id, c.ref.system, c.ref.kind, c.scope) for c in couplings if c.primary),
            bearing=None,
        )
        return match(SPEC.matching, strangers, wide, new_id)

    return look


def whom_they_meet(ledger: Ledger, strangers: Sequence[Claim], known: Known) -> Mapping[RecordRef, Sequence[Claim]]:
    found = {}
    for claim in strangers:
        crowded = known.crowded.get(claim.ref, frozenset())
        keys = [key for key in match_keys(claim.values, SPEC.matching, REFERENCES) if key not in crowded]
        refs = sorted({ref for ref, _ in near(keys, ledger.bearers("account", keys))})
        found[claim.ref] = MemoryLedger.claims_at(ledger, "account", refs)  # type: ignore[arg-type]  # not counted
    return found


@pytest.fixture(scope="module")
def thorough() -> Told:
    ledger = filled()
    return adopted(ledger, everybody(ledger))


@pytest.mark.parametrize("most", [0, 50, 100_000])
def test_however_much_is_remembered_the_same_are_recognised_and_asked_about(thorough: Told, most: int) -> None:
    couplings, questions = adopted(filled(), sight=Sight(most))
    assert len({c.entity_id for c in couplings}) < len(couplings)
    assert questions
    assert couplings == thorough[0]
    assert questions == thorough[1]


def test_a_record_that_cannot_be_a_stranger_is_read_once_for_all_of_them() -> None:
    remembering, forgetful = filled(), filled()
    adopted(remembering)
    adopted(forgetful, sight=Sight(0))
    assert remembering.read * 1.2 < forgetful.read
