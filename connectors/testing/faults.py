"""Which fault befalls which call: a pure function of seed, operation, call site and count, or a script.

Draws never share a stream of random numbers, so taking one operation out of a history leaves the faults of all others
as they were. That is what makes a failing history shrink. A kind of fault is a plain text: whoever needs a new one
names it and asks for it; nothing here has to change.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

_WHOLE = float(2**64)


class Fault(StrEnum):
    """The kinds that `MemoryConnector` and the simulators understand so far."""

    LOST_BEFORE = "lost_before"  # the request never arrived, nobody answers
    LOST_MIDWAY = "lost_midway"  # a part of the batch was committed, nobody answers
    LOST_AFTER = "lost_after"  # all was committed, nobody answers
    GATEWAY_AFTER = "gateway_after"  # all was committed, a proxy answers 502 or 504
    THROTTLED = "throttled"  # 429, surely not done
    SERVER_ERROR = "server_error"  # 5xx or refused connection, surely not done
    BODY_ERROR = "body_error"  # 200, and an error in the body; surely not done
    TOKEN_EXPIRED = "token_expired"
    PARTIAL_BATCH = "partial_batch"  # this item of a batch fails for now (a row lock), the others do not
    POISON = "poison"  # this record is refused every time until the world heals
    STALE_READ = "stale_read"  # a read answers the version before the last
    SEARCH_LAG = "search_lag"  # this write reaches the search index late
    PAGE_ERROR = "page_error"  # a crawl breaks at this page
    SESSION_LOST = "session_lost"  # a crawl breaks at a page that is not its first: the session it hung on is over
    CURSOR_LOOP = "cursor_loop"  # the server gives the same page again; whoever reads must notice and give up
    CUT_BODY = "cut_body"  # the answer ends in the middle of its body
    OLD_TWIN = "old_twin"  # a crawl shows a record a second time, as it was one version before
    PAGE_DRIFT = "page_drift"  # somebody edits between two pages
    EDITED_BETWEEN = "edited_between"  # somebody edits between our last look at a record and our write
    EDITED_BEHIND = "edited_behind"  # somebody edits between our write and our look at what it left
    DELAYED = "delayed"  # nobody answers, and the request is executed minutes later
    DOUBLE_EXECUTION = "double_execution"  # the server executes our request twice
    SHORT_RESULTS = "short_results"  # all was committed, and the answer leaves the last item out
    SLOW_CALL = "slow_call"  # the call takes a minute
    FORBIDDEN = "forbidden"  # our rights were taken away for this call: a person must act


class Hit(NamedTuple):
    """A fault that struck. `operation` is -1 for one that clings to its subject, which then is the `site`."""

    operation: int
    fault: str
    site: str
    nth: int  # the call of this site within the operation
    far: float  # what `fraction` said of it


class FaultSchedule:
    """Faults of a world: `rates` per kind between 0 and 1, and single ones by `force`.

    A call site is `system.call` (`erp.create`), or `system.call:subject` where one item is meant.
    """

    def __init__(self, seed: int = 0, rates: Mapping[str, float] | Mapping[Fault, float] | None = None) -> None:
        """Without rates nothing fails until `force` says so."""
        self.seed = seed
        self.rates: dict[str, float] = {str(fault): rate for fault, rate in (rates or {}).items()}
        self.fired: Counter[str] = Counter()
        self.hits: dict[Hit, None] = {}  # in their order: what `Replayed` takes to do the same again
        self.when_struck: Callable[[str, str], None] | None = None  # hears of each: what, and where
        self._operation = 0
        self._counts: Counter[tuple[str, str]] = Counter()
        self._script: dict[tuple[str, str], list[int]] = {}
        self._armed = bool(self.rates)

    def begin(self, operation: int) -> None:
        """Say which operation of the history comes now; counts at each call site start again."""
        self._operation = operation
        self._counts.clear()

    def heal(self) -> None:
        """Nothing fails from here on: the second phase of a history, in which everything has to settle."""
        self._armed = False
        self.rates = {}
        self._script.clear()

    def force(self, fault: str, site: str, *, nth: int = 0) -> None:
        """Let `fault` strike once, at the nth call from now (0: the next) at `site`."""
        self._script.setdefault((fault, site), []).append(nth)
        self._armed = True

    def strikes(self, fault: str, site: str) -> bool:
        """Ask once per call: does it strike now?"""
        if not self._armed:
            return False
        hit = self._scripted(fault, site) or self._drawn(fault, site)
        if hit:
            self.fired[fault] += 1
            far = self.fraction(fault, site)
            self._note(Hit(self._operation, str(fault), site, self._counts[(fault, site)] - 1, far))
        return hit

    def first(self, faults: Iterable[str], site: str) -> str | None:
        """The first of `faults` that strikes now, if any."""
        if not self._armed:
            return None
        return next((fault for fault in faults if self.strikes(fault, site)), None)

    def curses(self, fault: str, subject: str) -> bool:
        """A fault that clings to a subject: the same answer at any time, until the world heals."""
        rate = self.rates.get(fault, 0.0)
        if not rate or _draw(f"{self.seed}|{fault}|{subject}") >= rate:
            return False
        self.fired[fault] += 1
        self._note(Hit(-1, str(fault), subject, 0, 0.0))
        return True

    def fraction(self, fault: str, site: str) -> float:
        """How far (0 up to 1): where a batch is cut, how long a lag lasts. Drawn like `strikes`, without counting."""
        count = self._counts[(fault, site)]
        return _draw(f"{self.seed}|{fault}|{self._operation}|{site}|{count}|far")

    def _note(self, hit: Hit) -> None:
        """What clings strikes again and again, and is told once."""
        if self.when_struck is not None and hit not in self.hits:
            self.when_struck(hit.fault, hit.site)
        self.hits[hit] = None

    def _scripted(self, fault: str, site: str) -> bool:
        waiting = self._script.get((fault, site))
        if not waiting:
            return False
        hit = 0 in waiting
        self._script[(fault, site)] = [nth - 1 for nth in waiting if nth > 0]
        return hit

    def _drawn(self, fault: str, site: str) -> bool:
        rate = self.rates.get(fault, 0.0)
        if not rate:
            return False
        count = self._counts[(fault, site)]
        self._counts[(fault, site)] = count + 1
        return _draw(f"{self.seed}|{fault}|{self._operation}|{site}|{count}") < rate


class Replayed(FaultSchedule):
    """The faults of a history that was kept: those that struck then, and no others. No seed is needed."""

    def __init__(self, hits: Iterable[Hit]) -> None:
        """`hits` of the schedule that drew them."""
        super().__init__()
        known = list(hits)
        self._known = {hit[:4]: hit.far for hit in known}
        self._clinging = {(hit.fault, hit.site) for hit in known if hit.operation < 0}
        self._kinds = {hit.fault for hit in known}
        self._armed = bool(known)

    def heal(self) -> None:
        """Nothing strikes any more."""
        super().heal()
        self._clinging = set()

    def curses(self, fault: str, subject: str) -> bool:
        """As it was kept."""
        hit = (str(fault), subject) in self._clinging
        self.fired[fault] += hit
        if hit:
            self._note(Hit(-1, str(fault), subject, 0, 0.0))
        return hit

    def fraction(self, fault: str, site: str) -> float:
        """As it was kept."""
        return self._known.get((self._operation, str(fault), site, self._counts[(fault, site)] - 1), 0.0)

    def _drawn(self, fault: str, site: str) -> bool:
        if fault not in self._kinds:
            return False
        count = self._counts[(fault, site)]
        self._counts[(fault, site)] = count + 1
        return (self._operation, str(fault), site, count) in self._known


def _draw(text: str) -> float:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") / _WHOLE
