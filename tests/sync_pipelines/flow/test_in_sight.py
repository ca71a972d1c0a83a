"""Who cannot be a stranger is not read for its sake: decisions are those that reading everybody would bring."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

import pytest

from connectors.contract import RecordRef
from mappings.book import EntitySpec
from mappings.loading import BUNDLED, load_book
from mappings.matching import Matching
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
ACCOUNT, CONTACT = BOOK.entities["account"], BOOK.entities["contact"]
SPECS = {
    "accounts": ACCOUNT,
    "accounts that are not weighed": replace(ACCOUNT, matching=replace(ACCOUNT.matching, scoring=None)),
    "contacts, told by where they work": CONTACT,
}
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
    """All accounts and contacts, and of the contacts' accounts is known who they are."""
    ledger = _Watched()
    for spec in (ACCOUNT, CONTACT):
        told = [a for one in customers(SEED, FAMILIES) for a in one.appearances if a.entity == spec.name]
        claims = [Claim(ref(a.system, spec.name, a.record), spec.name, a.values, payload_hash=a.record) for a in told]
        ledger.land(claims)
        ledger.index_keys(spec.name, [(claim.ref, "", keys_of(spec, claim)) for claim in claims])
    return ledger


def ref(system: str, entity: str, record: str) -> RecordRef:
    return RecordRef(system, BOOK.entities[entity].maps[system].kind, record)


def keys_of(spec: EntitySpec, claim: Claim) -> list[str]:
    return match_keys(claim.values, spec.matching, frozenset(references_of(spec)))


def adopted(ledger: Ledger, spec: EntitySpec, matcher: Matcher = match, sight: Sight | None = None) -> Told:
    """All strangers, page by page, each coupled before the next ones are looked at."""
    if spec is CONTACT:
        homes = {a.record: (a.system, one.id) for one in customers(SEED, FAMILIES) for a in one.appearances}
        places = {(home, system): record for record, (system, home) in reversed(homes.items())}
        ledger.couple(
            [
                Coupling(ref(system, "account", record), "account", home, primary=places[home, system] == record)
                for record, (system, home) in homes.items()
            ]
        )
    numbers = count(1)
    told: Told = ([], [])
    recogniser = Recogniser(ledger, Resolver(ledger, BOOK), matcher, lambda: f"n{next(numbers):05}", sight or Sight())
    while strangers := ledger.uncoupled(spec.name, None, PAGE):
        found = recogniser.recognise(spec, strangers)
        ledger.couple(found.couplings)
        ledger.ask(found.questions)
        told[0].extend(found.couplings)
        told[1].extend(found.questions)
    return told


def everybody(ledger: Ledger, spec: EntitySpec) -> Matcher:
    """Holds strangers against all who share a key, and counts who bears what by reading them."""

    def look(matching: Matching, strangers: Sequence[Claim], known: Known, new_id: Callable[[], str]) -> Found:
        found = {claim.ref: whom_it_meets(ledger, spec, claim, known) for claim in strangers}
        candidates = {one: [claim for claim in some if not claim.gone] for one, some in found.items()}
        ids = sorted({claim.entity_id for some in candidates.values() for claim in some if claim.entity_id})
        couplings = [c for some in ledger.couplings_of(spec.name, ids).values() for c in some]
        wide = replace(
            known,
            candidates=candidates,
            members=ledger.claims_of(spec.name, ids),
            taken=frozenset((c.entity_id, c.ref.system, c.ref.kind, c.scope) for c in couplings if c.primary),
            bearing=None,
        )
        return match(matching, strangers, wide, new_id)

    return look


def whom_it_meets(ledger: Ledger, spec: EntitySpec, stranger: Claim, known: Known) -> Sequence[Claim]:
    crowded = known.crowded.get(stranger.ref, frozenset())
    keys = [key for key in keys_of(spec, stranger) if key not in crowded]
    refs = sorted({one for one, _ in near(keys, ledger.bearers(spec.name, keys))})
    return Resolver(ledger, BOOK).resolve(spec.name, MemoryLedger.claims_at(ledger, spec.name, refs))  # type: ignore[arg-type]  # not counted


@pytest.fixture(scope="module", params=SPECS)
def spec(request: pytest.FixtureRequest) -> EntitySpec:
    return SPECS[request.param]


@pytest.fixture(scope="module")
def thorough(spec: EntitySpec) -> Told:
    ledger = filled()
    return adopted(ledger, spec, everybody(ledger, spec))


@pytest.mark.parametrize("most", [0, 50, 100_000])
def test_however_much_is_remembered_the_same_are_recognised_and_asked_about(
    spec: EntitySpec, thorough: Told, most: int
) -> None:
    couplings, questions = adopted(filled(), spec, sight=Sight(most))
    assert len({c.entity_id for c in couplings}) < len(couplings)
    assert questions or spec is not ACCOUNT
    assert couplings == thorough[0]
    assert questions == thorough[1]


def test_a_record_that_cannot_be_a_stranger_is_read_once_for_all_of_them() -> None:
    remembering, forgetful = filled(), filled()
    adopted(remembering, ACCOUNT)
    adopted(forgetful, ACCOUNT, sight=Sight(0))
    assert remembering.read * 1.2 < forgetful.read
