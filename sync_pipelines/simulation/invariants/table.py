"""The 37 invariants: which checker holds each of them here, or where else it is tested and why not here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sync_pipelines.simulation.invariants import (
    agreement,
    emptying,
    leaves,
    parting,
    retiring,
    telling,
    values,
    writing,
)
from sync_pipelines.simulation.testimony import Evidence

Checker: TypeAlias = Callable[[Evidence], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """`at_rest` is asked when all has settled, `at_end` after one more edit; `beside` says what else is looked at here.

    `elsewhere` says where else it is held, and why.
    """

    id: str
    says: str
    at_rest: tuple[Checker, ...] = ()
    at_end: tuple[Checker, ...] = ()
    elsewhere: str = ""
    beside: str = ""

    @property
    def where(self) -> str:
        """For people."""
        here = "here" if self.at_rest or self.at_end else ""
        return "; ".join(filter(None, (here, self.beside, self.elsewhere)))


_PAIRS = "here, two worlds: every 500th seed"  # `comparing.py`: five of them by turns, one for every hundredth

INVARIANTS: tuple[Invariant, ...] = (
    Invariant("I1", "coupled records agree", (agreement.agreement,), (agreement.agreement,)),
    Invariant("I2", "every living record is coupled, or waits", (agreement.coverage,), (agreement.coverage,)),
    Invariant("I3", "nothing is made twice", (writing.once, writing.made_belongs_somewhere), (writing.once,)),
    Invariant("I4", "couplings are one to one", (agreement.couplings_are_one_to_one,)),
    Invariant("I5", "no field is written where another decides it", (writing.sovereignty,)),
    Invariant("I6", "no edit is lost", (), (agreement.last_edit_arrives,), "tests/laws/test_quiet_histories.py"),
    Invariant("I7", "no blind overwrite", (writing.no_blind_overwrite,), (writing.no_blind_overwrite,)),
    Invariant("I8", "no echo", (), (agreement.last_edit_has_no_echo,)),
    Invariant("I9", "a run after a settled run does nothing", (agreement.rest,)),
    Invariant("I10", "reading everything anew writes nothing", (agreement.rest,)),
    Invariant("I11", "the journal is complete", (writing.only_what_was_planned,), (writing.only_what_was_planned,)),
    Invariant("I12", "the journal is honest", (writing.honest_journal,)),
    Invariant("I13", "intent before effect", (writing.intent_before_effect,)),
    Invariant("I14", "every rejection is visible", (agreement.rejections_are_visible,)),
    Invariant("I15", "nothing is parked for ever", (agreement.nothing_parked,)),
    Invariant("I16", "a bad record spoils itself alone", beside=_PAIRS, elsewhere="tests/laws/test_quiet_histories.py"),
    Invariant("I17", "nothing is deleted, nothing archived unasked", (retiring.nothing_deleted,)),
    Invariant("I18", "mass changes are held", (leaves.no_more_than_usual,)),
    Invariant("I19", "the deleted do not come back", (writing.no_resurrection,)),
    Invariant("I20", "tombstones last", (agreement.tombstones_last,)),
    Invariant("I21", "the watermark passes nothing undone", (), (agreement.last_edit_arrives,)),
    Invariant("I22", "watermarks move on", (writing.watermarks_move_on,)),
    Invariant("I23", "writes to a record keep the order of its versions", (agreement.agreement,)),
    Invariant("I24", "silence is not null", (emptying.silence_is_not_null,), (emptying.silence_is_not_null,)),
    Invariant(
        "I25",
        "values come back as they went",
        (values.somebody_said_it,),
        (),
        "tests/mappings/test_codec_laws.py: properties of each codec",
    ),
    Invariant("I26", "one version of the rules a plan", (writing.one_book_a_plan,)),
    Invariant(
        "I27",
        "the same seed, the same trace",
        beside=_PAIRS,
        elsewhere="tests/sync_pipelines/simulation/test_traces.py: other processes, zones and languages",
    ),
    Invariant(
        "I28", "a crash changes no end", beside=_PAIRS, elsewhere="tests/laws/test_quiet_histories.py: other faults"
    ),
    Invariant("I29", "sizes change no end", beside=_PAIRS, elsewhere="tests/laws/test_quiet_histories.py"),
    Invariant("I30", "ledgers are alike", beside=_PAIRS, elsewhere="tests/laws/test_histories.py: 200 traces"),
    Invariant(
        "I31", "one writer", (writing.under_lease,), (), "tests/sync_pipelines/ledger: lease and intent, one commit"
    ),
    Invariant("I32", "retries are bounded", (writing.few_calls,)),
    Invariant("I33", "the healthy go on", (agreement.agreement,), (agreement.last_edit_arrives,)),
    Invariant(
        "I34", "silence raises an alarm", (telling.silence_is_told,), (), "tests/monitoring: each sort of silence"
    ),
    Invariant(
        "I35",
        "a restored ledger makes nothing twice",
        (writing.once_for_each_source,),
        (),
        "tests/crash: a file copied mid-run",
    ),
    Invariant(
        "I36",
        "secrets stay inside",
        (telling.secrets_stay_inside,),
        (),
        "tests/security: canaries in every sink; tests/sync_pipelines/simulation/test_over_http.py",
    ),
    Invariant("I37", "something happened", beside="here, over a campaign of 500 and more"),
    Invariant("L13", "what was parted stays two", (parting.stays_two, parting.own_values_come_back)),
    Invariant("L9", "every agreed value has its reason", (writing.reasons,)),
)


def broken_at_rest(evidence: Evidence) -> Sequence[str]:
    """Complaints, each with the invariant it breaks."""
    return _complaints(evidence, {check: inv.id for inv in reversed(INVARIANTS) for check in inv.at_rest})


def broken_at_end(evidence: Evidence) -> Sequence[str]:
    """After one more edit."""
    return _complaints(evidence, {check: inv.id for inv in reversed(INVARIANTS) for check in inv.at_end})


def _complaints(evidence: Evidence, checkers: dict[Checker, str]) -> list[str]:
    ordered = sorted(checkers.items(), key=lambda item: int(item[1][1:]))
    return [f"{name} {says}" for check, name in ordered for says in check(evidence)]
