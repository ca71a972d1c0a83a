"""Runs through the real engine: the order of steps, what holds a run back, and what must not."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import dagster as dg
import pytest

from connectors.testing.faults import Fault
from mappings.book import Guards, WriteSwitch
from sync_pipelines.flow.run import House
from tests.sync_pipelines.dagster.conftest import MakeRig
from tests.sync_pipelines.dagster.rig import Rig, switched, timed_book, unset_up

READS = ["crm_Account", "erp_Customer", "shop_Buyer"]
TIGHT = Guards(creates=0, updates=0, blanks=0, archives=0, at_least=1)


def firms(rig: Rig, count: int) -> None:
    """New customers in the CRM, whom ERP and shop do not know."""
    for number in range(count):
        rig.world.create("crm", Name=f"Firm {number}", Tax_Id=f"DE{number}", Status="Won")


def names(rig: Rig, system: str) -> list[str]:
    return sorted(str(row.values["Name"]).upper() for row in rig.world.rows(system))


# --- the order, and rest --------------------------------------------------------------------------------------------


def test_a_run_recovers_then_reads_then_plans_then_applies(rig: Rig) -> None:
    began = rig.run().began()
    assert (began[0], sorted(began[1:4]), began[4:]) == (
        "account_recovered",
        READS,
        ["account_plan", "account_applied"],
    )


def test_what_one_system_knows_reaches_the_others(rig: Rig) -> None:
    firms(rig, 3)
    ran = rig.run()
    assert ran.ok
    assert names(rig, "erp") == names(rig, "shop") == ["FIRM 0", "FIRM 1", "FIRM 2"]
    assert (ran.page("account_applied")["creates"], ran.tags["sync/state"]) == (6, "complete")


def test_a_run_after_a_settled_run_plans_nothing_and_is_green(rig: Rig) -> None:
    firms(rig, 2)
    rig.settle()
    ran = rig.run()
    assert ran.ok
    assert (ran.page("account_plan")["writes"], ran.page("account_applied")["written"]) == (0, 0)
    assert "account_applied" in ran.materialized()


def test_the_house_is_opened_once_for_all_steps_of_a_process(rig: Rig) -> None:
    assert rig.run().ok
    assert rig.opened == 1


def test_a_full_run_reads_what_has_not_changed(rig: Rig) -> None:
    firms(rig, 2)
    rig.settle()
    rig.world.world.clock.advance(3600)
    assert rig.run().page("crm_Account")["read"] == 0
    assert rig.run(full=True).page("crm_Account")["read"] == 2


def test_a_create_whose_answer_was_lost_is_recovered_before_it_could_be_met_as_a_stranger(rig: Rig) -> None:
    firms(rig, 1)
    rig.world.world.faults.force(Fault.LOST_AFTER, "erp.create")
    first = rig.run()
    assert (first.ok, first.tags["sync/state"]) == (False, "incomplete")
    rig.world.world.clock.advance(3600)
    second = rig.run()
    assert second.ok
    assert second.page("account_recovered")["confirmed"] == 1
    assert names(rig, "erp") == ["FIRM 0"]


def test_contacts_follow_their_accounts_in_a_job_of_their_own(rig: Rig) -> None:
    account = rig.world.create("crm", Name="Firm", Tax_Id="DE1", Status="Won")
    rig.world.create("crm", "Person", Name="Ann", Email="ann@firm.example", AccountId=account)
    rig.settle()
    assert rig.world.only("erp", "Person").values["Name"] == "Ann"


# --- only a plan ----------------------------------------------------------------------------------------------------


def test_a_dry_run_plans_and_judges_and_writes_nothing(rig: Rig) -> None:
    firms(rig, 2)
    ran = rig.run(dry_run=True)
    assert ran.ok
    assert (ran.page("account_plan")["creates"], rig.world.written()) == (4, [])
    assert "account_applied" not in ran.materialized()


def test_the_plan_of_a_dry_run_can_be_applied_later(rig: Rig) -> None:
    firms(rig, 1)
    plan = rig.world.ledger.plan(rig.run(dry_run=True).page("account_plan")["plan"])
    assert plan is not None
    assert (plan.judged, plan.state) == (True, "judged")


def test_a_dry_run_that_guards_would_hold_warns_and_is_no_failure(make: MakeRig) -> None:
    rig = make(timed_book(guards=TIGHT))
    firms(rig, 5)
    ran = rig.run(dry_run=True)
    check = ran.check("account_plan")
    assert (ran.ok, check.passed, check.severity) == (True, False, dg.AssetCheckSeverity.WARN)


# --- held -----------------------------------------------------------------------------------------------------------


def test_a_plan_of_which_nothing_may_be_sent_blocks_what_comes_after_it(make: MakeRig) -> None:
    rig = make(timed_book(guards=TIGHT))
    firms(rig, 5)
    ran = rig.run()
    assert not ran.ok
    assert "account_applied" not in ran.began()
    assert rig.world.written() == []
    assert ran.failure().startswith("erp/create: 5 creates are more than usual")
    assert (ran.check("account_plan").passed, ran.tags["sync/state"]) == (False, "incomplete")


def test_a_blocked_run_has_ended_in_the_ledger_and_its_plan_waits_for_leave(make: MakeRig) -> None:
    rig = make(timed_book(guards=TIGHT))
    firms(rig, 5)
    ran = rig.run()
    (record,) = [one for one in rig.world.ledger.runs("account") if one.id == f"{ran.id}.account"]
    plan = rig.world.ledger.plan(ran.page("account_plan")["plan"])
    assert plan is not None
    assert (record.state, plan.state) == ("incomplete", "judged")
    told = f"concordat apply --plan {plan.id} \\\n  --approve {plan.id}:erp:create"
    assert told in ran.page("account_plan")["next"], "a shell takes it as one command"


def test_every_page_links_to_its_run_and_plan_and_applied_to_each_other(make: MakeRig) -> None:
    rig = make()
    firms(rig, 1)
    ran = rig.run()
    pages = {last: ran.page(last) for last in ("crm_Account", "account_recovered", "account_plan", "account_applied")}
    assert {page["followed_in"] for page in pages.values()} == {f"/runs/{ran.id}"}
    assert pages["account_plan"]["applied_in"] == "/assets/concordat/account/account_applied"
    assert pages["account_applied"]["planned_in"] == "/assets/concordat/account/account_plan"


def test_links_lead_to_where_people_see_dagster(make: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORDAT_UI_URL", "https://data.firm.example/dagster/")
    ran = make().run()
    assert ran.page("account_plan")["followed_in"] == f"https://data.firm.example/dagster/runs/{ran.id}"


def test_the_page_of_a_plan_names_the_command_that_shows_that_very_plan(make: MakeRig) -> None:
    rig = make()
    firms(rig, 1)
    page = rig.run().page("account_plan")
    assert page["next"].splitlines()[1] == f"concordat plan --show {page['plan']}"


def test_a_part_that_is_held_is_a_warning_and_the_rest_goes_on(make: MakeRig) -> None:
    rig = make(timed_book(guards=TIGHT))
    firms(rig, 5)
    rig.world.create("erp", Name="Alone", Tax_Id="DE99", Status="Open")
    ran = rig.run()
    check = ran.check("account_plan")
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert names(rig, "crm").count("ALONE") == 1
    assert len(rig.world.rows("erp")) == 1


def test_what_the_next_plan_may_do_is_let_through_by_a_bound_since_this_one_is_closed(make: MakeRig) -> None:
    rig = make(timed_book(guards=TIGHT))
    firms(rig, 5)
    rig.world.create("erp", Name="Alone", Tax_Id="DE99", Status="Open")
    ran = rig.run()
    plan = rig.world.ledger.plan(ran.page("account_plan")["plan"])
    assert plan is not None
    assert plan.state == "applied"
    assert ran.page("account_plan")["next"].splitlines()[2:-1] == [
        "concordat approve --up-to 5 --op create \\",
        "  --system erp --entity account",
        "concordat approve --up-to 5 --op create \\",
        "  --system shop --entity account",
    ]
    assert "* erp create: 5 creates are more than usual" in ran.page("account_plan")["parts"]
    assert re.search(r"\| erp \| 2 \| \d+ \| no limit \|", ran.page("account_plan")["calls"])


def test_a_run_that_left_something_undone_is_no_success_and_not_fresh(make: MakeRig) -> None:
    rig = make(timed_book(guards=TIGHT))
    firms(rig, 5)
    rig.world.create("erp", Name="Alone", Tax_Id="DE99", Status="Open")
    ran = rig.run()
    assert (ran.ok, ran.tags["sync/state"]) == (False, "incomplete")
    assert ran.failure().startswith("incomplete: held:")
    assert "account_applied" not in ran.materialized()
    assert ran.page("account_applied")["creates"] == 1


def test_systems_in_shadow_are_held_by_the_books_own_will_and_alarm_nobody(make: MakeRig) -> None:
    rig = make(switched(crm=WriteSwitch.OFF, erp=WriteSwitch.OFF, shop=WriteSwitch.OFF))
    firms(rig, 3)
    ran = rig.run()
    assert ran.ok
    assert rig.world.written() == []
    assert (ran.check("account_plan").passed, ran.page("account_plan")["held_back"]) == (True, 6)
    assert len(rig.world.ledger.entity_ids("account")) == 3


def test_where_every_plan_waits_for_a_person_the_run_waits_with_it(make: MakeRig) -> None:
    rig = make(switched(crm=WriteSwitch.REVIEW, erp=WriteSwitch.REVIEW, shop=WriteSwitch.REVIEW))
    firms(rig, 1)
    ran = rig.run()
    assert not ran.ok
    assert "every plan waits here (write: review)" in ran.failure()
    assert rig.world.written() == []


# --- a system that fails --------------------------------------------------------------------------------------------


class Without(Rig):
    """A rig in which the connection of some systems was never set up."""

    unset: tuple[str, ...] = ()

    @contextmanager
    def opens(self) -> Iterator[House]:
        with super().opens() as house:
            house.connectors = _Missing(house.connectors, self.unset)
            yield house


class _Missing(dict):  # type: ignore[type-arg]  # connectors by name
    def __init__(self, known: object, unset: tuple[str, ...]) -> None:
        super().__init__(known)  # type: ignore[call-overload]  # as above
        self.unset = unset

    def __getitem__(self, system: str) -> object:
        if system in self.unset:
            raise unset_up(system)
        return super().__getitem__(system)


def test_a_system_that_is_not_set_up_leaves_the_others_alone(make: MakeRig) -> None:
    rig = make(kind=Without)
    assert isinstance(rig, Without)
    rig.unset = ("erp",)
    firms(rig, 2)
    ran = rig.run()
    assert names(rig, "shop") == ["FIRM 0", "FIRM 1"]
    assert rig.world.rows("erp") == []
    assert (ran.ok, ran.tags["sync/state"]) == (False, "halted")
    assert ran.failure() == "halted: erp/Customer: erp is not set up: CONCORDAT_ERP_URL is missing"
    assert not ran.check("erp_Customer").passed
    assert ran.check("crm_Account").passed


def test_what_a_missing_system_was_due_reaches_it_when_it_is_back(make: MakeRig) -> None:
    rig = make(kind=Without)
    assert isinstance(rig, Without)
    rig.unset = ("erp",)
    firms(rig, 2)
    assert not rig.run().ok
    rig.unset = ()
    assert rig.run().ok
    assert names(rig, "erp") == ["FIRM 0", "FIRM 1"]


def test_without_any_system_a_run_says_in_one_line_what_to_configure(make: MakeRig) -> None:
    rig = make(kind=Without)
    assert isinstance(rig, Without)
    rig.unset = ("crm", "erp", "shop")
    ran = rig.run()
    assert ran.failure() == "no system could be read; " + "; ".join(
        f"{place}: {place.partition('/')[0]} is not set up: CONCORDAT_{place.partition('/')[0].upper()}_URL is missing"
        for place in ("crm/Account", "erp/Customer", "shop/Buyer")
    )
    assert ran.tags["sync/state"] == "halted"


def test_a_reading_that_breaks_off_leaves_the_others_alone(rig: Rig) -> None:
    firms(rig, 2)
    rig.world.world.faults.force(Fault.PAGE_ERROR, "erp.changes")
    ran = rig.run()
    assert (ran.ok, ran.tags["sync/state"]) == (False, "incomplete")
    assert ran.page("erp_Customer")["state"] == "incomplete"
    assert names(rig, "shop") == ["FIRM 0", "FIRM 1"]


def test_a_record_with_an_unknown_code_is_yellow_and_does_not_stop_its_run(rig: Rig) -> None:
    rig.world.create("crm", Name="Odd", Tax_Id="DE7", Status="Won", Terms="??")
    ran = rig.run()
    check = ran.check("crm_Account")
    assert (ran.ok, check.passed, check.severity) == (True, False, dg.AssetCheckSeverity.WARN)
    assert ran.tags["sync/state"] == "complete_with_rejects"
    assert ran.page("crm_Account")["waiting_for_a_code"] == 1


# --- one step alone -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("account_plan", "account: this run has not begun; start the whole job anew"),
        ("account_applied", "account: this run has not begun; start the whole job anew"),
    ],
)
def test_a_step_whose_run_has_done_nothing_before_it_is_refused_in_one_line(rig: Rig, step: str, says: str) -> None:
    firms(rig, 1)
    assert rig.run(dry_run=True).ok
    job = rig.defs.resolve_implicit_global_asset_job_def()
    key = dg.AssetKey(["concordat", "account", step])
    result = job.execute_in_process(instance=rig.instance, asset_selection=[key], raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.user_failure_data is not None
    assert str(failed.step_failure_data.user_failure_data.description).startswith(says)
    assert rig.world.written() == []


def test_a_system_of_which_nothing_ever_came_is_red_on_its_page_until_the_book_says_that_it_may_be_empty(
    make: MakeRig,
) -> None:
    believing = timed_book()
    strict = {**believing.systems, "shop": replace(believing.systems["shop"], may_be_empty=())}
    rig = make(replace(believing, systems=strict))
    firms(rig, 1)
    rig.world.create("erp", Name="Other", Tax_Id="DE9")
    ran = rig.run()
    check = ran.check("shop_Buyer")
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "nothing was ever found in shop/Buyer: may our user see it?" in (check.description or "")
    assert (ran.ok, ran.tags["sync/state"]) == (False, "incomplete")
    assert (names(rig, "erp"), names(rig, "shop")) == (["FIRM 0", "OTHER"], [])
    rig.world.book = believing
    assert rig.run().ok
    assert names(rig, "shop") == ["FIRM 0"]


def test_the_page_of_what_was_applied_tells_how_fast_that_went_and_how_much_of_the_budget_is_used(
    make: MakeRig,
) -> None:
    book = timed_book()
    limited = replace(book.systems["erp"], calls_per_day=200)
    rig = make(replace(book, systems={**book.systems, "erp": limited}))
    for number in range(6):
        rig.world.create("crm", Name=f"Firm {number}", Tax_Id=f"DE{number}", Status="Won")
    rig.world.ledger.spend("erp", f"{rig.world.world.clock.now():%Y-%m-%d}", 50)
    page = rig.run().page("account_applied")
    assert (page["written"], page["seconds"], page["writes_a_minute"]) == (12, 0, 720), (
        "less than a second counts as one"
    )
    assert page["budget_used_percent"] == 25
    settled = make().run().page("account_applied")
    assert "budget_used_percent" not in settled
