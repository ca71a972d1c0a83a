"""Records that go out of use, are gone, or come back. The book here: from the ERP; to CRM and shop; others: review."""

from dataclasses import dataclass, field

import pytest

from connectors.contract import RecordRef
from mappings.ownership import ArchiveRule
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.planning.archiving import Archiving, decide_archive
from sync_pipelines.planning.leaving import Leaving
from tests.sync_pipelines.ownership.scenes import cast, situation, systems_of

RULE = ArchiveRule(("erp",), ("crm", "shop"), "review")
IGNORE = ArchiveRule(("erp",), ("crm", "shop"), "ignore")
OUT, IN = True, False
NEVER = Agreed("never", "never")
USED = Agreed(IN, IN)


def record(system: str, *, out: bool, agreed: Agreed = NEVER, gone: bool = False) -> Claim:
    baseline = {} if agreed is NEVER else {ARCHIVED: agreed}
    return Claim(RecordRef(system, "Kind", system), "account", {ARCHIVED: out}, baseline=baseline, gone=gone)


def used(system: str) -> Claim:
    """In use, as agreed."""
    return record(system, out=IN, agreed=Agreed(IN, IN))


def shut(system: str) -> Claim:
    """Somebody put it out of use."""
    return record(system, out=OUT, agreed=Agreed(IN, IN))


def kept_out(system: str) -> Claim:
    """Out of use, as agreed."""
    return record(system, out=OUT, agreed=Agreed(OUT, OUT))


def back(system: str) -> Claim:
    """Somebody took it back into use."""
    return record(system, out=IN, agreed=Agreed(OUT, OUT))


def lost(system: str, agreed: Agreed = USED) -> Claim:
    """Its system says that it is gone."""
    return record(system, out=IN, agreed=agreed, gone=True)


def decide(*claims: Claim, golden: bool | None = None, rule: ArchiveRule = RULE) -> Archiving:
    known = {} if golden is None else {ARCHIVED: Decided(golden, Because.CHANGED, by="erp")}
    living = [claim for claim in claims if not claim.gone]
    return decide_archive(
        rule, situation(known, *living), [claim for claim in claims if claim.gone], cast(), Leaving(takes_part=True)
    )


@dataclass(frozen=True)
class Case:
    about: str
    claims: tuple[Claim, ...]
    golden: bool | None = None
    decided: tuple[bool, str] | None = None  # (out of use?, by whom)
    follow: set[str] = field(default_factory=set)
    asks: set[str] = field(default_factory=set)  # whose records are asked about
    rule: ArchiveRule = RULE


CASES = (
    Case("all in use", (used("crm"), used("erp"))),
    Case("first sight", (record("crm", out=IN), record("erp", out=IN))),
    Case("archived at first sight is no edit", (record("crm", out=IN), record("erp", out=OUT))),
    # somebody archives
    Case("the ERP archives", (used("crm"), shut("erp"), used("shop")), None, (OUT, "erp"), {"crm", "shop"}),
    Case("the CRM archives", (shut("crm"), used("erp"), used("shop")), None, None, set(), {"crm"}),
    Case("the CRM archives, and nobody minds", (shut("crm"), used("erp")), rule=IGNORE),
    Case("both archive", (shut("crm"), shut("erp"), used("shop")), None, (OUT, "erp"), {"shop"}),
    Case("one that is not to follow stays", (used("crm2"), used("erp"), shut("erp")), None, (OUT, "erp"), {"crm2"}),
    Case("the rest has still to follow", (used("crm"), kept_out("erp")), OUT, None, {"crm"}),
    Case("all have followed", (kept_out("crm"), kept_out("erp")), OUT),
    # something is gone
    Case("gone from the ERP", (used("crm"), lost("erp")), None, (OUT, "erp"), {"crm"}),
    Case("gone from the CRM", (lost("crm"), used("erp")), None, None, set(), {"crm"}),
    Case("gone from the CRM, and dealt with", (lost("crm", Agreed(OUT, OUT)), used("erp"))),
    Case("gone from the CRM, and others were kept", (lost("crm", Agreed(IN, OUT)), used("erp"))),
    Case("gone from the ERP, and dealt with", (used("crm"), lost("erp", Agreed(OUT, OUT)))),
    # something comes back
    Case("the ERP takes it back", (kept_out("crm"), back("erp")), OUT, (IN, "erp"), set(), {"erp"}),
    Case("the CRM takes it back", (back("crm"), kept_out("erp"), used("shop")), OUT, None, {"shop"}, {"crm"}),
    Case("the CRM takes it back, and nobody minds", (back("crm"), kept_out("erp")), OUT, rule=IGNORE),
    Case("both take it back", (back("crm"), back("erp")), OUT, (IN, "erp"), set(), {"crm", "erp"}),
    # another record stands there now
    Case("a new one in the ERP, nobody had followed", (used("crm"), record("erp", out=IN)), OUT, (IN, "erp")),
    Case("a new one in the ERP", (kept_out("crm"), record("erp", out=IN)), OUT, (IN, "erp"), set(), {"erp"}),
    Case(
        "it is asked about until somebody answers", (kept_out("crm"), record("erp", out=IN)), IN, None, set(), {"erp"}
    ),
    Case("a new one in the CRM follows", (record("crm", out=IN), kept_out("erp")), OUT, None, {"crm"}),
    Case("a new one that is out of use itself", (used("crm"), record("erp", out=OUT)), OUT, None, {"crm"}),
    Case("a person left it in use", (record("crm", out=IN, agreed=Agreed(OUT, IN)), kept_out("erp")), OUT),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_what_follows(case: Case) -> None:
    archiving = decide(*case.claims, golden=case.golden, rule=case.rule)
    decided = archiving.decided and (archiving.decided.value, archiving.decided.by)
    assert decided == case.decided
    assert systems_of(archiving.to_archive) == case.follow
    asked = {system for question in archiving.questions for system in question.evidence["records"]}
    assert asked == case.asks


@pytest.mark.parametrize(
    ("claims", "golden", "is_archived"),
    [
        ((used("crm"), used("erp")), None, False),
        ((shut("crm"), used("erp")), None, False),
        ((used("crm"), shut("erp")), None, True),
        ((used("crm"),), OUT, True),
        ((record("crm", out=OUT),), None, True),  # all there is of it is out of use
        ((), None, False),
    ],
)
def test_whether_the_entity_is_out_of_use(claims: tuple[Claim, ...], golden: bool | None, *, is_archived: bool) -> None:
    assert decide(*claims, golden=golden).is_archived is is_archived


def test_what_is_new_and_of_no_doubt_is_noted_and_what_is_in_doubt_is_not() -> None:
    archiving = decide(record("crm", out=IN), shut("erp"), back("shop"))
    noted = {ref.system: baseline[ARCHIVED] for ref, baseline in archiving.baselines.items()}
    assert noted == {"crm": Agreed(IN, IN), "erp": Agreed(OUT, OUT)}


def test_a_record_that_is_gone_by_right_is_noted_as_dealt_with() -> None:
    (agreement,) = decide(used("crm"), lost("erp")).agreements
    assert (agreement.ref.system, agreement.baseline) == ("erp", {ARCHIVED: Agreed(OUT, OUT)})
    assert decide(lost("crm"), used("erp")).agreements == ()


@pytest.mark.parametrize(
    ("golden", "claims", "says"),
    [
        (IN, (shut("crm"), used("erp")), "was archived or deleted, by one who does not decide that alone"),
        (OUT, (back("crm"), kept_out("erp")), "was taken back into use, by one who does not decide that alone"),
        (OUT, (kept_out("crm"), back("erp")), "was taken back into use, and the others are still out of it"),
        (OUT, (kept_out("crm"), record("erp", out=IN)), "is new and in use, and the others are out of it"),
        (OUT, (back("crm"), back("erp")), "were taken back into use, and the others are still out of it"),
    ],
)
def test_the_question_says_what_happened(claims: tuple[Claim, ...], says: str, *, golden: bool) -> None:
    (question,) = decide(*claims, golden=golden).questions
    assert says in question.asks
    assert set(question.choices) == {"keep", "archive"}


def test_of_two_companies_of_one_system_both_are_asked_about() -> None:
    one, two = (
        Claim(RecordRef("crm", "Kind", s), "account", {ARCHIVED: OUT}, scope=s, baseline={ARCHIVED: Agreed(IN, IN)})
        for s in ("100", "200")
    )
    (question,) = decide(one, two, used("erp")).questions
    assert question.evidence["records"] == {"crm@100": "crm/Kind/100", "crm@200": "crm/Kind/200"}
