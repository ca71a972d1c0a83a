"""What a person starts from the Launchpad."""

import re
from collections.abc import Mapping
from typing import Any

import dagster as dg
import pytest
import yaml

from connectors.errors import MisconfiguredError
from tests.sync_pipelines.dagster.rig import Rig

SPELLED = {"Name": "Acme", "Tax_Id": "DE1", "Status": "Won"}


def told(rig: Rig, job: str, step: str, **options: Any) -> Mapping[str, Any]:
    """What the step says of its output."""
    ran = rig.defs.resolve_job_def(job).execute_in_process(
        instance=rig.instance, run_config={"ops": {step: {"config": options}}}, raise_on_error=True
    )
    (output,) = [event for event in ran.all_events if event.event_type is dg.DagsterEventType.STEP_OUTPUT]
    return {name: value.value for name, value in output.step_output_data.metadata.items()}


def made(rig: Rig) -> str:
    """A customer of the ERP is made in the CRM; the id of the run that did it."""
    rig.world.create("erp", **SPELLED)
    rig.settle()
    wrote = [run for run in rig.world.ledger.runs("account", 50) if run.stats.get("creates")]
    assert [row.values["Name"] for row in rig.world.rows("crm")] == ["Acme"]
    return wrote[-1].id


def test_a_run_is_taken_back_as_a_plan_and_then_in_truth(rig: Rig) -> None:
    run = made(rig)
    said = told(rig, "concordat_undo", "take_back", run=run)
    assert said["writes"] > 0
    assert said["next"] == f"`concordat apply --plan {said['plan']}`"
    assert rig.world.only("crm").values["Active"] is True
    told(rig, "concordat_undo", "take_back", run=run, apply=True)
    assert rig.world.only("crm").values["Active"] is False


def test_a_run_that_is_taken_back_in_part_only_is_red_and_says_what_is_held(rig: Rig) -> None:
    run = made(rig)
    rig.world.world.systems["crm"].poison("Account", rig.world.only("crm").id)
    with pytest.raises(dg.Failure) as caught:
        told(rig, "concordat_undo", "take_back", run=run, apply=True)
    assert (caught.value.description or "").startswith(("incomplete", "complete_with_rejects"))
    assert "writes" in caught.value.metadata


def test_a_run_that_is_not_there_is_one_line(rig: Rig) -> None:
    with pytest.raises(dg.Failure) as caught:
        told(rig, "concordat_undo", "take_back", run="nope")
    assert "nope" in (caught.value.description or "")
    assert "Traceback" not in (caught.value.description or "")


def test_a_record_that_was_refused_is_tried_once_more(rig: Rig) -> None:
    made(rig)
    erp, customer = rig.world.world.systems["erp"], rig.world.only("erp").id
    erp.poison("Customer", customer)
    rig.world.edit("crm", rig.world.only("crm").id, Phone="555")
    rig.settle()
    (entry,) = rig.world.ledger.quarantined()
    erp.cure("Customer", customer)
    said = told(rig, "concordat_replay", "let_go", records=[str(entry.ref)])
    assert (said["records"], said["next"]) == (1, "account_sync")
    rig.settle()
    assert rig.world.only("erp").values["Phone"] == "555"
    assert not rig.world.ledger.quarantined()


@pytest.mark.parametrize("options", [{}, {"records": ["crm/Account/1"], "everything": True}])
def test_nothing_is_let_go_where_nobody_said_what(rig: Rig, options: Mapping[str, Any]) -> None:
    with pytest.raises(dg.Failure) as caught:
        told(rig, "concordat_replay", "let_go", **options)
    assert caught.value.description == "name records as system/kind/id, or say everything: true"


def test_all_that_wait_are_let_go_where_that_is_said(rig: Rig) -> None:
    assert told(rig, "concordat_replay", "let_go", everything=True)["records"] == 0


def test_what_does_not_wait_is_told(rig: Rig) -> None:
    with pytest.raises(dg.Failure) as caught:
        told(rig, "concordat_replay", "let_go", records=["crm/Account/nope"])
    assert "crm/Account/nope is not in quarantine" in (caught.value.description or "")


# --- read once more ---------------------------------------------------------------------------------------------------


def test_reading_again_is_a_plan_and_says_how_to_go_on(rig: Rig) -> None:
    made(rig)
    said = told(rig, "concordat_backfill", "read_again", entities=["account"])
    assert (said["read"], said["writes"], said["next"]) == (3, 0, "nothing is left to write")


@pytest.mark.parametrize(
    ("options", "read"),
    [
        ({}, 3),
        ({"systems": ["erp"]}, 1),
        ({"entities": ["contact"]}, 0),
        ({"since": "2000-01-01"}, 3),
        ({"since": "2000-01-01T08:00Z", "systems": ["crm", "shop"]}, 2),
        ({"since": "2100-01-01"}, 0),
    ],
)
def test_what_is_read_again_is_what_was_asked_for(rig: Rig, options: Mapping[str, Any], read: int) -> None:
    made(rig)
    rig.settle()
    assert told(rig, "concordat_backfill", "read_again", **options)["read"] == read


def test_a_backfill_writes_only_where_that_is_said(rig: Rig) -> None:
    made(rig)
    rig.world.edit("erp", rig.world.only("erp").id, Phone="555")
    said = told(rig, "concordat_backfill", "read_again", entities=["account"])
    assert (said["writes"], said["next"].count("`concordat apply --plan ")) == (2, 1), "CRM and shop, by one plan"
    assert rig.world.only("crm").values["Phone"] != "555"
    said = told(rig, "concordat_backfill", "read_again", entities=["account"], apply=True)
    assert rig.world.only("crm").values["Phone"] == "555"
    assert "next" not in said


def test_a_backfill_of_a_system_that_cannot_be_read_is_red_and_names_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> object:
        raise MisconfiguredError("erp: the password has expired")

    made(rig)
    monkeypatch.setattr(rig.world.connectors["erp"], "changes", refuses)
    with pytest.raises(dg.Failure) as caught:
        told(rig, "concordat_backfill", "read_again", entities=["account"])
    assert "account: halted: erp/Customer: erp: the password has expired" in (caught.value.description or "")
    assert "plan" in str(caught.value.metadata["entities"].value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"entities": ["acount"]}, "the book has no entity acount; there are: account, contact"),
        ({"systems": ["sap"]}, "the book has no system sap; there are: crm, erp, shop"),
        ({"since": "yesterday"}, "since: yesterday is no time; write it as YYYY-MM-DD or YYYY-MM-DDThh:mmZ"),
    ],
)
def test_a_wish_that_makes_no_sense_is_one_line_and_nothing_is_read(
    rig: Rig, options: Mapping[str, Any], says: str
) -> None:
    with pytest.raises(dg.Failure) as caught:
        told(rig, "concordat_backfill", "read_again", **options)
    assert (caught.value.description or "").startswith(says)
    assert rig.world.ledger.runs() == []


# --- the pages --------------------------------------------------------------------------------------------------------


def examples(rig: Rig) -> Mapping[str, Any]:
    """What the pages of jobs tell people to put into the Launchpad."""
    found = {job.name: re.search(r"```yaml\n(.*?)```", job.description or "", re.DOTALL) for job in jobs(rig)}
    return {name: yaml.safe_load(example[1]) for name, example in found.items() if example}


def jobs(rig: Rig) -> list[dg.JobDefinition]:
    return [job for job in rig.defs.resolve_all_job_defs() if "__" not in job.name]


def test_every_job_says_what_it_does_and_those_that_take_a_config_show_one(rig: Rig) -> None:
    assert [job.name for job in jobs(rig) if not job.description] == []
    assert set(examples(rig)) == {
        "account_sync", "contact_sync", "concordat_backfill", "concordat_prune", "concordat_reconcile",
        "concordat_replay", "concordat_undo",
    }  # fmt: skip


def test_an_example_can_be_put_into_the_launchpad_as_it_stands(rig: Rig) -> None:
    for name, config in examples(rig).items():
        assert dg.validate_run_config(rig.defs.resolve_job_def(name), config), name
