"""The engine with a teller: each step of a run says that it begins, and what it came to or that it broke.

What is committed meanwhile (runs, writes, questions, leases) the ledger tells by itself: `ledger.telling`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from connectors.contract import Connector
from mappings.book import Book
from monitoring.journal import Teller, What
from sync_pipelines.applying.apply import Applied
from sync_pipelines.applying.seams import Seams
from sync_pipelines.flow.drafting import Drafted
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.flow.steps import READ, RECOVER
from sync_pipelines.intake.crawl import Crawl
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.ledger.telling import telling
from sync_pipelines.model.changes import Part

_WRITES = ("creates", "updates", "archives", "rejected", "stale", "failed", "uncertain")


def told_ledger(ledger: Ledger, tell: Teller) -> Ledger:
    """The ledger of a `ToldHouse`: the records that steps leave in it are told as steps."""
    return telling(ledger, tell, (RECOVER, READ))


class _Came:
    """To what a step came, filled while it is under way."""

    def __init__(self) -> None:
        self.about: dict[str, Any] = {}
        self.counts: Mapping[str, Any] = {}


class ToldHouse(House):
    """Does what the house does."""

    def __init__(
        self,
        tell: Teller,
        book: Book,
        ledger: Ledger,
        connectors: Mapping[str, Connector],
        seams: Seams,
        at_rest: Callable[[], None] = lambda: None,
    ) -> None:
        """The ledger is one that does not tell yet."""
        super().__init__(book, told_ledger(ledger, tell), connectors, seams, at_rest=at_rest)
        self.tell = tell

    def recover(self, result: RunResult) -> None:
        """As `House.recover`."""
        self.tell.run = result.run
        with self._step("recover", entity=result.entity) as came:
            super().recover(result)
            came.counts = asdict(result.recovered)

    def crawl(self, system: str, kind: str, *, full: bool = False) -> Crawl:
        """As `House.crawl`."""
        with self._step("read", system=system, kind=kind) as came:
            crawl = super().crawl(system, kind, full=full)
            state = "halted" if crawl.halted else "complete" if crawl.complete else "incomplete"
            came.about, came.counts = {"state": state, "says": crawl.says}, asdict(crawl.tally)
        return crawl

    def plan(self, result: RunResult) -> Drafted:
        """As `House.plan`."""
        self.tell.run = result.run
        with self._step("plan", entity=result.entity) as came:
            drafted = super().plan(result)
            came.about = {"key": result.plan}
            came.counts = {"looked_at": drafted.looked_at, **drafted.counts, "held": len(drafted.held)}
        return drafted

    def judge(self, result: RunResult) -> Sequence[Part]:
        """As `House.judge`. What the book keeps in shadow is held by its own will, and no news."""
        with self._step("judge", entity=result.entity) as came:
            parts = super().judge(result)
            held = [part for part in parts if not part.passed]
            came.about = {"key": result.plan}
            came.counts = {"parts": len(parts), "held": len(held)}
        for part in filter(self._sends, held):
            about = {"entity": part.entity, "system": part.system, "op": part.op, "key": part.id, "says": part.says}
            self.tell(What.PART_HELD, **about, counts={"changes": part.count, "known": part.known})
        return parts

    def apply(self, result: RunResult) -> Applied:
        """As `House.apply`."""
        self.tell.run = result.run
        with self._step("apply", entity=result.entity) as came:
            applied = super().apply(result)
            why = {**applied.halted, **applied.incomplete}
            state = "halted" if applied.halted else "incomplete" if applied.incomplete else "complete"
            says = "; ".join(f"{system}: {one}" for system, one in why.items())
            came.about = {"key": result.plan, "state": state, "says": says}
            came.counts = {"blocked": applied.blocked, **{name: applied.total(name) for name in _WRITES}}
        return applied

    @contextmanager
    def _step(self, task: str, **about: Any) -> Iterator[_Came]:
        came = _Came()
        self.tell(What.STEP_BEGUN, task=task, **about)
        try:
            yield came
        except BaseException as error:
            self.tell(What.STEP_BROKEN, task=task, **about, reason=type(error).__name__)
            raise
        counts = {name: told for name, told in came.counts.items() if isinstance(told, int) and told}
        self.tell(What.STEP_ENDED, task=task, **about, **came.about, counts=counts)
