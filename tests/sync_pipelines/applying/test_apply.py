"""Intent, call, outcome: what is sent, what is believed, and who is left alone when something goes wrong."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Capabilities, Update, Written
from connectors.errors import (
    BudgetError,
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
)
from sync_pipelines.model.claims import Agreed, Stance
from tests.sync_pipelines.applying.bench import Bench, Scripted, archive, create, ref, update


@pytest.fixture
def bench() -> Bench:
    return Bench()


def sent(bench: Bench, system: str = "erp") -> list[tuple[str, int]]:
    """(call, items)"""
    return [(name, len(items)) for name, items in bench.systems[system].calls]


# --- done -------------------------------------------------------------------------------------------------------------


def test_what_is_made_is_coupled_and_has_agreed_to_what_was_sent(bench: Bench) -> None:
    applied = bench.apply(create("k1", "e1", name="Acme"))
    claim = bench.claim("C1")
    assert (claim.entity_id, claim.primary, claim.baseline["name"]) == ("e1", True, Agreed("Acme", "Acme"))
    assert (bench.states(), applied.of("erp").creates) == ({"k1": "done"}, 1)
    assert bench.ledger.attended("account") == ["e1"]


def test_what_is_made_belongs_to_the_company_that_it_says_itself(bench: Bench) -> None:
    bench.systems["erp"].answers = [lambda done: [_with(done[0], Scope="100")]]
    bench.apply(create("k1", "e1"))
    claim = bench.claim("C1")
    assert (claim.scope, claim.entity_id) == ("100", "e1")
    assert claim.stance("name") is Stance.REST


def _with(result: Written, **more: Any) -> Written:
    return replace(result, record=replace(result.record, payload={**result.record.payload, **more}))


def test_a_field_that_was_not_sent_keeps_its_baseline(bench: Bench) -> None:
    bench.stands("C1", "e1", name="Acme", phone="1")
    bench.systems["erp"].rows["C1"]["phone"] = "2"  # somebody edits it meanwhile
    bench.apply(update("k1", "C1", "e1", "Acme", "Borg"))
    assert bench.claim("C1").stance("phone") is Stance.MOVED


def test_an_archive_is_agreed_to(bench: Bench) -> None:
    bench.stands("C1", "e1", name="Acme")
    bench.apply(archive("k1", "C1", "e1"))
    assert bench.claim("C1").baseline["_archived"] == Agreed(sent=True, stored=True)


def test_batches_are_as_large_as_the_system_takes_and_creates_come_first(bench: Bench) -> None:
    for number in range(5):
        bench.stands(f"C{number}", f"e{number}", name="Acme")
    changes = [update(f"u{n}", f"C{n}", f"e{n}", "Acme", "Borg") for n in range(5)] + [archive("a", "C0", "e0")]
    bench.apply(*changes, create("k", "e9"))
    assert [call for call in sent(bench) if call[0] != "read"] == [
        ("create", 1),
        ("update", 4),
        ("update", 1),
        ("archive", 1),
    ]


def test_a_part_that_did_not_pass_is_not_sent(bench: Bench) -> None:
    applied = bench.apply(create("k1"), held="erp")
    assert (sent(bench), applied.blocked, bench.states()) == ([], 1, {"k1": "planned"})


# --- just before ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("conditional", "reads"), [(False, 1), (True, 0)])
def test_without_conditional_writes_the_record_is_read_once_more(
    bench: Bench, reads: int, *, conditional: bool
) -> None:
    bench.systems["erp"].can = Capabilities(conditional=conditional, max_batch=4)
    bench.stands("C1", "e1", name="Acme")
    bench.apply(update("k1", "C1", "e1", "Acme", "Borg"))
    assert sent(bench).count(("read", 1)) == reads
    assert bench.states() == {"k1": "done"}


@pytest.mark.parametrize(("conditional", "expected"), [(False, {"name": "Acme"}), (True, {})])
def test_an_update_carries_what_was_seen_or_the_version_it_was_decided_on(
    bench: Bench, expected: dict[str, str], *, conditional: bool
) -> None:
    bench.systems["erp"].can = Capabilities(conditional=conditional, max_batch=4)
    bench.systems["erp"].versions["C1"] = 7
    bench.stands("C1", "e1", name="Acme", size=["many"])
    bench.apply(replace(update("k1", "C1", "e1", "Acme", "Borg"), payload={"name": "Borg", "size": [], "new": 1}))
    (item,) = bench.systems["erp"].items
    assert isinstance(item, Update)
    assert (item.expected, item.version) == (expected, "7")


def test_what_is_seen_in_the_parts_of_a_value_is_expected_at_the_places_that_are_written_and_no_others(
    bench: Bench,
) -> None:
    erp = bench.systems["erp"]
    erp.can = Capabilities(max_batch=4)
    bench.stands("C1", "e1", name="Acme")
    erp.rows["C1"] |= {
        "Home": {"city": None, "zip": "1", "lines": ["a"], "at": {"n": 1}},
        "Other": {"n": 1},
        "Tags": ["x"],
    }
    written = {
        "name": "Borg",
        "Home": {"city": "Bonn", "lines": [], "at": {"n": 2}, "new": 1},
        "Other": {"m": 1},
        "Tags": [],
    }
    bench.apply(replace(update("k1", "C1", "e1", "Acme", "Borg"), payload=written))
    (item,) = erp.items
    assert isinstance(item, Update)
    assert item.expected == {"name": "Acme", "Home": {"city": None, "at": {"n": 1}}}


def test_what_somebody_edited_since_the_plan_is_not_overwritten(bench: Bench) -> None:
    for number in ("C1", "C2"):
        bench.stands(number, f"e{number}", name="Acme")
    bench.systems["erp"].rows["C1"]["name"] = "Bork"
    applied = bench.apply(*(update(f"k{n}", n, f"e{n}", "Acme", "Borg") for n in ("C1", "C2")))
    assert bench.states() == {"kC1": "dropped", "kC2": "done"}
    assert (applied.of("erp").stale, applied.of("erp").updates) == (1, 1)
    assert bench.systems["erp"].rows["C1"]["name"] == "Bork"


def test_what_its_system_does_not_show_any_more_is_not_written(bench: Bench) -> None:
    bench.stands("C1", "e1", name="Acme")
    hidden = bench.systems["erp"].rows.pop("C1")
    bench.apply(update("k1", "C1", "e1", "Acme", "Borg"))
    assert (bench.states(), hidden["name"]) == ({"k1": "dropped"}, "Acme")
    assert bench.systems["erp"].items == []


def test_an_archive_of_what_is_gone_meanwhile_is_not_sent(bench: Bench) -> None:
    bench.stands("C1", "e1", name="Acme")
    bench.ledger.bury([ref("C1")], bench.now)
    bench.systems["erp"].rows.clear()
    bench.apply(archive("k1", "C1", "e1"))
    assert bench.states() == {"k1": "dropped"}


# --- outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "state", "counted", "dirty"),
    [
        (UncertainError("lost"), "uncertain", "uncertain", []),
        (StaleError("changed"), "dropped", "stale", [ref("C1")]),
        (TransientError("row locked"), "dropped", "failed", []),
        (RejectedError("bad name", field="Name"), "quarantined", "rejected", []),
    ],
)
def test_what_a_single_answer_means(bench: Bench, error: Exception, state: str, counted: str, dirty: list[Any]) -> None:
    bench.stands("C1", "e1", name="Acme")
    bench.systems["erp"].answers = [lambda _: [error]]
    applied = bench.apply(update("k1", "C1", "e1", "Acme", "Borg"))
    assert bench.states() == {"k1": state}
    assert getattr(applied.of("erp"), counted) == 1
    assert bench.ledger.dirty("erp", "Customer") == dirty
    assert bench.claim("C1").baseline["name"] == Agreed("Acme", "Acme")
    assert applied.halted == applied.incomplete == {}


def test_a_stale_create_is_no_record_to_read_again(bench: Bench) -> None:
    bench.systems["erp"].answers = [lambda _: [StaleError("changed")]]
    bench.apply(create("k1"))
    assert bench.ledger.dirty("erp", "Customer") == []


def test_a_refused_record_waits_with_the_systems_own_words(bench: Bench) -> None:
    bench.systems["erp"].answers = [lambda _: [RejectedError("name is too long", field="Name")]]
    bench.apply(create("k1", "e1"))
    (waiting,) = bench.ledger.quarantined(entity="account")
    assert (waiting.ref.id, waiting.reason, waiting.says, waiting.field) == (
        "new:e1",
        "rejected",
        "name is too long",
        "Name",
    )


def test_a_record_that_is_accepted_at_last_is_let_go(bench: Bench) -> None:
    bench.systems["erp"].answers = [lambda _: [RejectedError("no")]]
    bench.apply(create("k1", "e1"))
    bench.apply(replace(create("k2", "e1"), plan="q"), plan="q")
    assert bench.ledger.quarantined() == []


@pytest.mark.parametrize(
    ("error", "halted", "incomplete"),
    [
        (TransientError("busy"), {}, {"erp": "busy"}),
        (BudgetError("no calls left"), {}, {"erp": "budget: no calls left"}),
        (MisconfiguredError("wrong password"), {"erp": "wrong password"}, {}),
    ],
)
def test_a_call_that_was_surely_not_executed_ends_the_work_on_its_system_alone(
    error: Exception, halted: dict[str, str], incomplete: dict[str, str]
) -> None:
    bench = Bench({"erp": Scripted("erp", answers=[None, error]), "shop": Scripted("shop")})
    creates = [create(f"k{n}") for n in range(9)]
    applied = bench.apply(*creates, create("s", system="shop"))
    assert (applied.halted, applied.incomplete) == (halted, incomplete)
    assert list(bench.states().values()) == ["done"] * 4 + ["dropped"] * 4 + ["planned"] + ["done"]


def test_a_system_in_trouble_leaves_all_the_work_on_the_others_alone() -> None:
    bench = Bench({"erp": Scripted("erp", answers=[TransientError("busy")]), "shop": Scripted("shop")})
    bench.stands("S1", "e1", system="shop", name="Acme")
    bench.apply(create("k1"), create("k2", system="shop"), update("k3", "S1", "e1", "Acme", "Borg", system="shop"))
    assert bench.states() == {"k1": "dropped", "k2": "done", "k3": "done"}


@pytest.mark.parametrize(("times", "states", "says"), [(1, "done", {}), (2, "dropped", {"erp": "too many calls"})])
def test_a_call_that_came_too_early_goes_out_once_more(
    bench: Bench, times: int, states: str, says: dict[str, str]
) -> None:
    bench.systems["erp"].answers = [TransientError("too many calls", code="429", retry_after=1.0)] * times
    applied = bench.apply(create("k1"))
    assert (bench.states(), applied.incomplete) == ({"k1": states}, says)
    assert sent(bench) == [("create", 1)] * 2


@pytest.mark.parametrize("count", [0, 1, 3])
def test_fewer_or_more_answers_than_writes_tell_nothing(bench: Bench, count: int) -> None:
    bench.systems["erp"].answers = [lambda done: (done * 2)[:count]]
    bench.apply(create("k1"), create("k2"))
    assert bench.states() == {"k1": "uncertain", "k2": "uncertain"}
    assert bench.ledger.couplings_of("account", ["e-k1"])["e-k1"] == []


def test_answers_in_another_order_are_not_taken_for_proof(bench: Bench) -> None:
    bench.systems["erp"].answers = [lambda done: done[::-1]]
    bench.apply(create("k1"), create("k2"))
    assert bench.states() == {"k1": "uncertain", "k2": "uncertain"}


def test_a_proof_about_another_record_is_none(bench: Bench) -> None:
    for number in ("C1", "C2"):
        bench.stands(number, f"e{number}", name="Acme")
    other = bench.systems["erp"]._record("C2")
    bench.systems["erp"].answers = [lambda done: [Written(done[0].key, other)]]  # as after a merge in that system
    bench.apply(update("k1", "C1", "eC1", "Acme", "Borg"))
    assert bench.states() == {"k1": "uncertain"}


# --- a batch that is refused as a whole -------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [0, 1, 2, 3])
def test_a_bad_record_is_found_by_halving_and_the_others_go_through(bench: Bench, bad: int) -> None:
    refusal = RejectedError("one of them is bad")
    bench.systems["erp"].refuses = lambda item: refusal if item.key == f"e-k{bad}" else None
    bench.apply(*(create(f"k{n}") for n in range(4)))
    assert bench.states() == {f"k{n}": "quarantined" if n == bad else "done" for n in range(4)}
    assert len(bench.systems["erp"].rows) == 3


def test_what_went_through_before_the_system_broke_stays_done(bench: Bench) -> None:
    refusal = RejectedError("bad")
    bench.systems["erp"].refuses = lambda item: refusal if item.key == "e-k0" else None
    bench.systems["erp"].answers = [None, None, None, TransientError("busy")]  # whole, half, k0 alone, k1 alone
    applied = bench.apply(*(create(f"k{n}") for n in range(4)))
    assert bench.states() == {"k0": "quarantined", "k1": "dropped", "k2": "dropped", "k3": "dropped"}
    assert applied.incomplete == {"erp": "busy"}


# --- who may write ----------------------------------------------------------------------------------------------------


def test_a_kind_that_another_run_writes_to_is_left_alone(bench: Bench) -> None:
    bench.ledger.acquire("erp/Customer", "another", bench.now, bench.now + timedelta(minutes=5))
    applied = bench.apply(create("k1"))
    assert applied.incomplete == {"erp": "another run is writing to erp/Customer; this one leaves it alone"}
    assert (sent(bench), bench.states()) == ([], {"k1": "planned"})


def test_the_lease_is_given_back_whatever_happens(bench: Bench) -> None:
    bench.systems["erp"].answers = [TransientError("busy")]
    bench.apply(create("k1"))
    assert bench.ledger.acquire("erp/Customer", "another", bench.now, bench.now + timedelta(minutes=5)) is not None


def test_who_stood_still_after_the_intent_until_the_lease_was_over_calls_nobody(bench: Bench) -> None:
    bench.checkpoint = lambda name: bench.wait(minutes=10) if name == "after-intent" else None
    applied = bench.apply(create("k1"))
    assert (sent(bench), bench.states()) == ([], {"k1": "intended"})
    assert "stood still" in applied.incomplete["erp"]


def test_a_plan_that_a_newer_one_replaced_meanwhile_sends_nothing_more(bench: Bench) -> None:
    def replaced(name: str) -> None:
        if name == "before-intent":
            bench.checkpoint = lambda _: None
            bench.save(plan="newer")

    bench.checkpoint = replaced
    applied = bench.apply(create("k1"))
    assert (sent(bench), bench.states()) == ([], {"k1": "dropped"})
    assert "cannot become intended" in applied.incomplete["erp"]


def test_a_system_that_is_not_connected_is_left_for_another_run(bench: Bench) -> None:
    applied = bench.apply(create("k1", system="shop"), create("k2"))
    assert applied.incomplete == {"shop": "it is not connected in this run"}
    assert bench.states() == {"k1": "planned", "k2": "done"}


# --- a note to the editor ---------------------------------------------------------------------------------------------


@pytest.fixture
def noting(bench: Bench) -> Bench:
    bench.systems["erp"].can = Capabilities(notes=True, max_batch=4)
    bench.stands("C1", "e1", name="Bork")
    return bench


def test_whoever_s_edit_was_taken_back_is_told_where_the_system_has_notes(noting: Bench) -> None:
    noting.apply(update("k1", "C1", "e1", "Bork", "Acme", reverts=True))
    says = "Concordat took back an edit: name is decided elsewhere (changed by crm)."
    assert noting.systems["erp"].notes == [("C1", says)]


@pytest.mark.parametrize(
    ("reverts", "answers"),
    [
        (False, []),
        (True, [lambda _: [RejectedError("no")]]),
        (True, [lambda _: []]),
        (True, [lambda _: [UncertainError("lost")]]),
    ],
)
def test_nobody_is_told_of_what_did_not_happen(noting: Bench, answers: list[Any], *, reverts: bool) -> None:
    noting.systems["erp"].answers = answers
    noting.apply(update("k1", "C1", "e1", "Bork", "Acme", reverts=reverts))
    assert noting.systems["erp"].notes == []


def test_a_note_that_fails_harms_nothing_and_is_on_record(noting: Bench) -> None:
    noting.systems["erp"].note_fails = TransientError("no notes today")
    applied = noting.apply(update("k1", "C1", "e1", "Bork", "Acme", reverts=True))
    assert (noting.states(), applied.incomplete) == ({"k1": "done"}, {})
    assert noting.ledger.audit_trail()[0].did == "note failed"
