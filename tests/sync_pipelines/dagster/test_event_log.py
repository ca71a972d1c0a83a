"""Nothing about a customer may come into Dagster: its event log keeps everything for ever and shows it to everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
import yaml

from connectors.errors import MisconfiguredError
from connectors.testing.faults import Fault
from mappings.book import Guards
from monitoring.logs import LINES
from sync_pipelines.flow.run import House
from sync_pipelines.ledger.port import LedgerError
from tests.sync_pipelines.dagster.conftest import MakeRig
from tests.sync_pipelines.dagster.rig import Ran, Rig, timed_book

LOGS = yaml.safe_load((Path(__file__).parents[3] / "dagster.yaml").read_text(encoding="utf-8"))["python_logs"]
CANARIES = {
    "Name": "Canarina Vogelsang",
    "Tax_Id": "DE811907980",
    "Phone": "+49 30 55577391",
    "Remark": "rings at night",
    "Street": "Kanarienweg 7",
    "City": "Finkenwerder",
    "Segment": "golden cage",
}
WORDS = (*CANARIES.values(), "Canarina", "Vogelsang", "canary@firm.example", "Kanarienweg", "5557739", "cage-7")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where an instance keeps all it is told: events, runs, compute logs, and whatever an IO manager would write."""
    return tmp_path / "instance"


@pytest.fixture
def kept(folder: Path) -> Iterator[dg.DagsterInstance]:
    folder.mkdir()
    with dg.DagsterInstance.local_temp(str(folder), overrides={"python_logs": LOGS}) as made:
        yield made


def aviary(instance: dg.DagsterInstance, guards: Guards | None = None) -> Rig:
    """A world of which every value is a canary, with an unknown code, a conflict and a contact."""
    rig = Rig(instance, timed_book(guards=guards))
    account = rig.world.create("crm", Status="Won", Country="DE", **CANARIES)
    rig.world.create("crm", "Person", Name="Canarina Vogelsang", Email="canary@firm.example", AccountId=account)
    rig.world.create("crm", Status="Won", Terms="cage-7", **{**CANARIES, "Tax_Id": "DE2"})
    rig.world.create("erp", Status="Won", **{**CANARIES, "Phone": "+49 30 55577392"})
    return rig


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def told_by(instance: dg.DagsterInstance) -> str:
    """The same once more as Dagster reads it: a word may lie across two pages of a file."""
    return "".join(repr(entry) for run in instance.get_runs() for entry in instance.all_logs(run.run_id))


def leaks(folder: Path) -> list[str]:
    told = everything(folder)
    return [word for word in WORDS if word.encode() in told]


def test_a_look_for_canaries_finds_them_where_they_are(kept: dg.DagsterInstance, folder: Path) -> None:
    rig = aviary(kept)

    @dg.asset
    def chatterbox(context: dg.AssetExecutionContext) -> None:
        context.add_output_metadata({"row": rig.world.rows("erp")[0].values["Name"]})

    assert dg.materialize([chatterbox], instance=kept).success
    assert "Canarina Vogelsang" in leaks(folder)


@pytest.mark.slow
def test_a_whole_history_leaves_no_customers_value_in_dagster(kept: dg.DagsterInstance, folder: Path) -> None:
    rig = aviary(kept)
    rig.run()
    rig.run("contact")
    rig.world.edit("crm", rig.world.rows("crm")[0].id, Phone="+49 30 55577393")
    rig.world.edit("erp", rig.world.rows("erp")[0].id, Phone="+49 30 55577394")
    rig.run(full=True)
    assert len(rig.world.written()) >= 3
    assert rig.world.questions()
    assert leaks(folder) == []
    assert [word for word in WORDS if word in told_by(kept)] == []


def test_a_held_plan_leaves_no_customers_value_in_dagster(kept: dg.DagsterInstance, folder: Path) -> None:
    rig = aviary(kept, Guards(creates=0, updates=0, at_least=0))
    assert not rig.run().ok
    assert leaks(folder) == []


def test_a_refused_record_leaves_no_customers_value_in_dagster(kept: dg.DagsterInstance, folder: Path) -> None:
    rig = aviary(kept)
    rig.world.world.faults.rates[str(Fault.POISON)] = 1.0
    rig.world.world.faults._armed = True
    ran = rig.run()
    assert ran.page("account_applied")["rejected"] > 0
    assert leaks(folder) == []


class Quoting(Rig):
    """A rig with a system that quotes customers in its errors, as real ones do."""

    error: Exception = MisconfiguredError("")

    @contextmanager
    def opens(self) -> Iterator[House]:
        with super().opens() as house:
            house.connectors["erp"].changes = self._raise  # type: ignore[method-assign, assignment]  # on purpose
            yield house

    def _raise(self, *_: object) -> Iterator[None]:
        raise self.error


def quoting(kept: dg.DagsterInstance, error: Exception) -> Ran:
    rig = Quoting(kept)
    rig.error = error
    rig.world.create("crm", Status="Won", **CANARIES)
    return rig.run()


def test_what_a_system_quotes_at_us_is_taken_out(kept: dg.DagsterInstance, folder: Path) -> None:
    says = (
        "invalid address 'Kanarienweg 7' of canary@firm.example (+49 30 55577391), name \"Canarina Vogelsang\"; ask IT"
    )
    ran = quoting(kept, MisconfiguredError(says))
    assert ran.failure() == "halted: erp/Customer: invalid address '…' of … (…), name '…'; ask IT"
    assert leaks(folder) == []


def test_a_ledger_that_refuses_is_one_line_and_quotes_nobody(kept: dg.DagsterInstance, folder: Path) -> None:
    ran = quoting(kept, LedgerError("the ledger refuses 'Canarina Vogelsang': free some space and start again"))
    assert ran.failure() == "the ledger refuses '…': free some space and start again"
    assert leaks(folder) == []


def test_a_fault_of_our_own_shows_where_it_happened_and_none_of_its_words(
    kept: dg.DagsterInstance, folder: Path
) -> None:
    ran = quoting(kept, KeyError("Canarina Vogelsang"))
    assert ran.failure().startswith(
        "something went wrong inside Concordat: KeyError at sync_pipelines/dagster/test_event_log.py:"
    )
    assert leaks(folder) == []
    assert b"sync_pipelines/intake/crawl.py" in everything(folder)


def test_no_step_hands_over_through_a_pickle(kept: dg.DagsterInstance, folder: Path) -> None:
    ran = aviary(kept).run()
    assert not [event for event in ran.result.all_events if event.event_type is dg.DagsterEventType.HANDLED_OUTPUT]
    kinds = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert kinds <= {".db", ".db-shm", ".db-wal", ".err", ".out", ".complete", ".lock"}, kinds


def test_all_figures_of_a_page_are_whole_numbers_that_dagster_plots(make: MakeRig) -> None:
    rig = make()
    rig.world.create("crm", Status="Won", **CANARIES)
    ran = rig.run()
    for asset, figures in {
        "crm_Account": ("read", "changed", "unchanged", "gone", "merged", "calls", "calls_today"),
        "account_recovered": ("confirmed", "never_executed", "still_waiting", "asked_a_steward"),
        "account_plan": (
            "writes",
            "creates",
            "updates",
            "blanks",
            "archives",
            "held_back",
            "on_hold",
            "open_questions",
            "calls_due",
        ),
        "account_applied": (
            "written",
            "creates",
            "updates",
            "archives",
            "rejected",
            "stale",
            "uncertain",
            "calls",
            "seconds",
            "writes_a_minute",
        ),
    }.items():
        page = ran.page(asset)
        assert {name: type(page.get(name)) for name in figures} == dict.fromkeys(figures, int), asset


def test_the_engines_log_is_in_the_page_of_the_run_without_the_writes_that_went_well(
    kept: dg.DagsterInstance,
) -> None:
    rig = aviary(kept)
    rig.world.world.faults.force(Fault.LOST_AFTER, "shop.create")
    ran = rig.run()
    told = [entry.user_message for entry in kept.all_logs(ran.id) if entry.dagster_event is None]
    own = [line for line in told if line.startswith(("run ", "step ", "write ", "record ", "question "))]
    assert own[0].startswith(f"run begun run={ran.id}.account entity=account task=sync")
    assert own[-1].startswith(f"run ended run={ran.id}.account entity=account task=sync state=")
    assert [line for line in own if line.startswith("write uncertain") and "system=shop" in line]
    assert [line for line in own if line.startswith("record quarantined") and "reason=gap" in line]
    assert [line for line in own if line.startswith(("write sent", "write done"))] == []


def test_every_logger_of_the_engine_but_that_of_writes_is_shown() -> None:
    below = {f"concordat.{line.logger}" for line in LINES.values()}
    assert below - {*LOGS["managed_python_loggers"]} == {"concordat.write"}
    assert {*LOGS["managed_python_loggers"]} <= below
