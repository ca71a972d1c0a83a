"""A changed book asks for a plan of what it concerns, once; a broken one asks for nothing and says so."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from mappings.book import WriteSwitch
from mappings.loading import load_book
from monitoring.standing import LoadedStanding
from sync_pipelines.definitions import examines_of
from sync_pipelines.defs.book_changes import BOOK_CHANGED, Seen, book_changes
from sync_pipelines.defs.entities import entities
from sync_pipelines.demo.home import book_with
from sync_pipelines.flow.rulebook import Examined, book_standing, examine, loaded_standing
from sync_pipelines.settings import Place, open_ledger_at
from tests.sync_pipelines.dagster.rig import Rig, switched, timed_book

SETTLES = "the book was changed; the next look takes it up, should it stand still until then"
SAME = "the book says what it said"
RULES, FIELDS = "account/ownership.yaml", "account/fields.yaml"


@dataclass
class Desk:
    """A book in files under somebody's pen, and the sensor of a code location that has loaded it."""

    folder: Path
    instance: dg.DagsterInstance
    cursor: str | None = None
    requests: list[dg.RunRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Dagster has seen the book once."""
        self.reload()
        assert self.look() == "this book is what later ones are held against"

    def reload(self) -> None:
        """As a person does: the code location is made anew."""
        book = load_book(self.folder)
        self.defs = book_changes(book, lambda _: examine(self.folder), list(entities(book).jobs or []))

    def look(self) -> str:
        """One tick; what is said where nothing is asked for."""
        with dg.build_sensor_context(self.instance, cursor=self.cursor) as context:
            tick = self.defs.resolve_sensor_def(BOOK_CHANGED).evaluate_tick(context)
        self.cursor = tick.cursor or self.cursor
        self.requests = list(tick.run_requests or [])
        return tick.skip_message or ""

    def write(self, name: str, old: str, new: str) -> None:
        """An edit of one file."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        (self.folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    def settled(self) -> str:
        """A look that meets the edit, and the one that takes it up."""
        assert self.look() == SETTLES
        assert not self.requests
        return self.look()

    def asked(self) -> Mapping[str, Mapping[str, Any]]:
        """By job."""
        return {request.job_name or "": request.run_config for request in self.requests}


@pytest.fixture
def desk(tmp_path: Path, instance: dg.DagsterInstance) -> Desk:
    folder = book_with(tmp_path / "book", "kingdee")
    systems = folder / "systems.yaml"
    systems.write_text(systems.read_text(encoding="utf-8").replace("write: on", "write: review"), encoding="utf-8")
    return Desk(folder, instance)


def test_a_book_that_nobody_touched_asks_for_nothing(desk: Desk) -> None:
    assert (desk.look(), desk.requests) == (SAME, [])


def test_a_changed_rule_is_planned_once_for_the_entity_that_it_concerns(desk: Desk) -> None:
    desk.write(RULES, "shared: [crm, shop, erp]", "shared: [erp, crm, shop]")
    assert desk.settled() == ""
    assert desk.asked() == {"account_sync": {"full": False, "dry_run": True}}
    assert (desk.look(), desk.requests) == (SAME, [])


def test_a_changed_field_is_read_again_in_full(desk: Desk) -> None:
    desk.write(FIELDS, "length: 255", "length: 200")
    desk.settled()
    assert desk.asked() == {"account_sync": {"full": True, "dry_run": True}}


def test_where_the_book_lets_runs_write_the_run_is_no_plan_only(desk: Desk) -> None:
    desk.write("systems.yaml", "write: review", "write: on")
    desk.settled()
    assert desk.asked()["account_sync"] == {"full": False, "dry_run": False}


def test_a_comment_asks_for_nothing(desk: Desk) -> None:
    desk.write(RULES, "# given once", "# given only once")
    assert desk.settled() == SAME
    assert desk.requests == []


def test_a_rule_that_comes_back_is_asked_for_each_time(desk: Desk) -> None:
    keys = []
    for old, new in (("freeze", "review"), ("review", "freeze"), ("freeze", "review")):
        desk.write(RULES, f"on_leave: {old}", f"on_leave: {new}")
        desk.settled()
        keys += [request.run_key for request in desk.requests]
    assert len(set(keys)) == 3


# --- half written, broken, faulty -------------------------------------------------------------------------------------


def test_a_file_that_is_half_written_and_sound_all_the_same_asks_for_nothing(desk: Desk) -> None:
    whole = (desk.folder / RULES).read_text(encoding="utf-8")
    half = whole[: whole.index("archive:")]
    (desk.folder / RULES).write_text(half, encoding="utf-8")
    assert not examine(desk.folder).faults, "it would be taken for a book"
    assert desk.look() == SETTLES
    (desk.folder / RULES).write_text(whole + "# done\n", encoding="utf-8")
    assert desk.look() == SETTLES
    assert (desk.look(), desk.requests) == (SAME, [])


def test_a_file_that_breaks_off_in_the_middle_is_told_and_taken_up_when_it_is_whole(desk: Desk) -> None:
    whole = (desk.folder / FIELDS).read_text(encoding="utf-8").replace("length: 255", "length: 200")
    (desk.folder / FIELDS).write_text(whole[: whole.index("length: 200") + 4], encoding="utf-8")
    for _ in range(2):
        said = desk.look()
        assert said.startswith(f"the book cannot be loaded, and runs fail: {FIELDS}:")
        assert "`concordat check`" in said
        assert desk.requests == []
    (desk.folder / FIELDS).write_text(whole, encoding="utf-8")
    desk.settled()
    assert list(desk.asked()) == ["account_sync"]


def test_a_fault_that_only_the_check_finds_asks_for_nothing_until_it_is_mended(desk: Desk) -> None:
    desk.write(RULES, "  segment:         {decides: crm, steward: marketing}\n", "")
    said = desk.look()
    assert said.startswith("the book has faults, and runs go on with it: account/")
    assert "segment" in said
    assert (desk.look(), desk.requests) == (said, [])


def test_a_book_that_is_broken_from_the_start_is_held_against_nothing(tmp_path: Path, desk: Desk) -> None:
    desk.cursor = None
    whole = (desk.folder / FIELDS).read_text(encoding="utf-8")
    (desk.folder / FIELDS).write_text("fields: [", encoding="utf-8")
    assert desk.look().startswith("the book cannot be loaded")
    assert desk.cursor is None
    (desk.folder / FIELDS).write_text(whole, encoding="utf-8")
    assert desk.look() == "this book is what later ones are held against"


def test_on_call_is_told_by_the_ledger_since_when_the_book_is_broken_and_that_it_is_whole_again(
    tmp_path: Path, desk: Desk
) -> None:
    place = Place(desk.folder, f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    examines = examines_of(place)

    def kept() -> Any:
        with open_ledger_at(place) as ledger:
            return book_standing(ledger)

    whole = (desk.folder / FIELDS).read_text(encoding="utf-8")
    (desk.folder / FIELDS).write_text("fields: [", encoding="utf-8")
    examines(lambda _: [])
    first = kept()
    assert (first.loads, first.says.startswith(FIELDS)) == (False, True)
    examines(lambda _: [])
    assert kept() == first, "since when it is so"
    (desk.folder / FIELDS).write_text(whole, encoding="utf-8")
    examines(lambda _: [])
    assert kept().until is not None


# --- what needs a person ----------------------------------------------------------------------------------------------


def test_an_entity_that_is_gone_asks_for_nothing_and_for_a_reload(desk: Desk) -> None:
    shutil.rmtree(desk.folder / "contact")
    said = desk.settled()
    assert said.startswith("Dagster still shows the book of before (gone: contact): press Reload definitions")
    assert desk.requests == []
    desk.reload()
    assert (desk.look(), desk.requests) == (SAME, [])


def test_an_entity_that_is_new_is_read_and_planned_once_the_code_location_knows_it(desk: Desk, tmp_path: Path) -> None:
    shutil.move(desk.folder / "contact", tmp_path / "away")
    desk.settled()
    desk.reload()
    desk.look()
    shutil.move(tmp_path / "away", desk.folder / "contact")
    assert "new: contact" in desk.settled()
    assert desk.requests == []
    desk.reload()
    desk.look()
    assert desk.asked() == {"contact_sync": {"full": True, "dry_run": True}}


def test_an_entity_that_is_read_elsewhere_waits_for_the_reload_since_its_job_has_other_steps(desk: Desk) -> None:
    (desk.folder / "contact" / "shopify.yaml").unlink()
    said = desk.settled()
    assert "read elsewhere: contact" in said
    assert desk.requests == []
    desk.reload()
    desk.look()
    assert list(desk.asked()) == ["contact_sync"]


def test_another_beat_needs_a_reload_and_no_run(desk: Desk) -> None:
    desk.write(RULES, "every: 5m", "every: 10m")
    assert "at other times: account" in desk.settled()
    assert desk.requests == []


def test_another_hour_of_comparing_needs_a_reload_and_no_run(desk: Desk) -> None:
    desk.write("systems.yaml", 'reconcile: "10 4 * * *"', "reconcile: never")
    assert "compared at other times" in desk.settled()
    assert desk.requests == []
    desk.reload()
    assert (desk.look(), desk.requests) == (SAME, [])


def test_what_the_code_location_does_not_know_is_kept_in_the_ledger_since_it_is_so_until_it_is_loaded(rig: Rig) -> None:
    clock, ledger, whole = rig.world.world.clock, rig.world.ledger, rig.book
    small = {name: spec for name, spec in whole.entities.items() if name != "contact"}
    rig.lying = Examined("small", replace(whole, entities=small))
    ticked(rig, None)
    first = clock.now()
    assert loaded_standing(ledger) == LoadedStanding(first, first, "gone: contact")
    clock.advance(timedelta(minutes=10))
    rig.lying = Examined("broken", None, ("systems.yaml:1: is missing",))
    ticked(rig, None)
    assert loaded_standing(ledger) == LoadedStanding(clock.now(), first, "gone: contact"), "nobody can say better"
    rig.lying = Examined("whole", whole)
    ticked(rig, None)
    assert loaded_standing(ledger) == LoadedStanding(clock.now())


def test_that_the_sensor_looked_is_written_each_five_minutes_only(rig: Rig) -> None:
    clock, looks = rig.world.world.clock, []
    for _ in range(4):
        ticked(rig, None)
        told = loaded_standing(rig.world.ledger)
        assert told is not None
        looks.append(clock.now() - told.looked_at)
        clock.advance(timedelta(minutes=2))
    assert looks == [timedelta(minutes=late) for late in (0, 2, 4, 0)]


# --- in the whole location --------------------------------------------------------------------------------------------


def ticked(rig: Rig, cursor: str | None) -> tuple[Sequence[dg.RunRequest], str | None]:
    with dg.build_sensor_context(rig.instance, cursor=cursor) as context:
        tick = rig.defs.resolve_sensor_def(BOOK_CHANGED).evaluate_tick(context)
    return tick.run_requests or [], tick.cursor


@pytest.mark.parametrize(("switch", "written"), [(WriteSwitch.REVIEW, 0), (WriteSwitch.ON, 1)])
def test_what_is_asked_for_runs_and_writes_only_where_the_book_lets_it(
    instance: dg.DagsterInstance, switch: WriteSwitch, written: int
) -> None:
    rig = Rig(instance, switched(erp=switch, crm=switch, shop=switch))
    _, cursor = ticked(rig, None)
    spec = rig.book.entities["account"]
    owned = replace(spec.ownership, takes_part=replace(spec.ownership.takes_part, on_leave="review"))
    rig.lying = Examined(
        "new", replace(rig.book, entities={**rig.book.entities, "account": replace(spec, ownership=owned)})
    )
    _, cursor = ticked(rig, cursor)
    (request,), cursor = ticked(rig, cursor)
    assert Seen.of(cursor or "").changes == 1
    rig.world.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    ran = rig.run("account", **json.loads(json.dumps(request.run_config)))
    assert ran.ok
    assert len(rig.world.rows("erp")) == written
    assert ("account_applied" in ran.materialized()) == bool(written)


def test_the_sensor_runs_from_the_start_and_its_jobs_are_those_of_the_entities(rig: Rig) -> None:
    sensor = rig.defs.resolve_sensor_def(BOOK_CHANGED)
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert {target.job_name for target in sensor.targets} == {f"{name}_sync" for name in timed_book().entities}
