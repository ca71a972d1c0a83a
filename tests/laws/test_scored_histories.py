"""L1-L10 where accounts are weighed field by field: random histories of the small book with `score:` on."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from mappings.book import Book
from mappings.matching import Scoring, Weighed
from sync_pipelines.model.questions import About
from sync_pipelines.simulation.examining import Verdict, examine
from sync_pipelines.simulation.history import History
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld

HISTORIES, SLICE = 60, 15
SCORING = Scoring(
    {
        "name": Weighed("company"),
        "tax_id": Weighed("number"),
        "phone": Weighed("number", {"same": 5, "different": -1}),
        "address": Weighed("address"),
    }
)


def weighed() -> Book:
    """The small book without a level: whatever is recognised is weighed."""
    book = little_book()
    account = book.entities["account"]
    matching = replace(account.matching, levels=(), scoring=SCORING)
    return replace(book, entities={**book.entities, "account": replace(account, matching=matching)})


BOOK = weighed()


def little(seed: int, page_size: int, **more: Any) -> LittleWorld:
    return LittleWorld(seed, page_size, **{**more, "book": BOOK})


def heard(verdict: Verdict) -> Counter[str]:
    """How often a score spoke."""
    ledger = verdict.stage.little.ledger
    known = ledger.couplings_of("account", ledger.entity_ids("account"))
    because = [coupling.because for some in known.values() for coupling in some]
    asked = [q for q in ledger.questions(entity="account", open_only=False) if q.about is About.MATCH]
    return Counter(
        linked=sum(says.startswith("score") for says in because), asked=sum("for" in q.evidence for q in asked)
    )


@pytest.mark.parametrize("first", range(0, HISTORIES, SLICE))
def test_every_law_holds_where_records_are_weighed(first: int) -> None:
    told: Counter[str] = Counter()
    for seed in range(first, first + SLICE):
        verdict = examine(History.of(seed), make=little)
        assert not verdict.broken, f"seed {seed} with scores: {verdict.broken}"
        told += heard(verdict)
    assert min(told["linked"], told["asked"]) > 0, told
