"""L7: a bad field spoils itself, a bad record itself, a bad system itself; and what else the engine stands on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from connectors.contract import Record, RecordRef, Watermark
from connectors.testing.faults import Fault
from mappings.book import Calendar
from sync_pipelines.model.changes import RunState, State
from tests.laws.little_book import CODES, code_table, little_book
from tests.laws.little_world import LittleWorld, shared

# --- L7 isolation ----------------------------------------------------------------------------------------------------


def refuse(little: LittleWorld, system: str, name: str, **spec: Any) -> None:
    """An administrator makes a field of a system stricter."""
    (table,) = (table for kind, table in little.world.systems[system].tables.items() if kind != "Person")
    table.spec = table.spec.with_fields(replace(table.spec.fields[name], **spec))


def seven_firms(little: LittleWorld, phone: str) -> str:
    """Seven new firms, of which the fourth has a phone number of its own; answers its id."""
    made = [
        little.create("crm", Name=f"Firm {n}", Tax_Id=f"DE{n}", Status="Won", Phone=phone if n == 3 else "1")
        for n in range(7)
    ]
    return made[3]


def test_a_record_that_a_system_refuses_leaves_the_others_of_its_batch_alone(little: LittleWorld) -> None:
    bad = seven_firms(little, "2")
    refuse(little, "erp", "Phone", choices=("1",))
    (accounts, _) = little.run()
    assert len(little.rows("erp")) == 6
    assert accounts.state is RunState.WITH_REJECTS
    (waiting,) = little.ledger.quarantined(entity="account")
    assert waiting.reason == "rejected"
    little.settle()
    assert len(little.rows("erp")) == 6
    little.edit("crm", bad, Phone="1")
    little.settle()
    assert len(little.rows("erp")) == 7
    assert little.ledger.quarantined(entity="account") == []


def test_a_text_that_a_system_would_cut_is_not_sent_and_the_other_fields_are(little: LittleWorld) -> None:
    bad = seven_firms(little, "x" * 99)
    refuse(little, "erp", "Phone", length=20, cuts=True)
    (accounts, _) = little.run()
    assert [row.values["Phone"] for row in little.rows("erp")] == ["1", "1", "1", None, "1", "1", "1"]
    assert accounts.state is RunState.WITH_REJECTS
    assert little.ledger.quarantined(entity="account")[0].says == "99 characters are more than the 20 it keeps there"
    little.edit("crm", bad, Phone="1")
    little.settle()
    assert {row.values["Phone"] for row in little.rows("erp")} == {"1"}
    assert little.ledger.quarantined(entity="account") == []


def test_nothing_is_written_in_the_quiet_hours_of_a_system() -> None:
    book = little_book()
    quiet = replace(book.systems["erp"], calendar=Calendar("Europe/Berlin", ("08:00-10:00",)))
    little = LittleWorld(book=replace(book, systems={**book.systems, "erp": quiet}))
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    (accounts, _) = little.run()  # at nine in Berlin
    assert (little.rows("erp"), len(little.rows("shop"))) == ([], 1)
    assert accounts.state is RunState.INCOMPLETE
    little.world.clock.advance(timedelta(hours=2))
    little.settle()
    assert len(little.rows("erp")) == 1


def test_a_code_that_nobody_mapped_holds_its_record_until_somebody_maps_it(little: LittleWorld) -> None:
    account = shared(little)
    other = little.create("crm", Name="Borg", Tax_Id="DE2", Status="Won", Terms="N90")
    little.edit("crm", account, Phone="2")
    little.settle()
    assert little.row("crm", account).values["Phone"] == little.rows("erp")[0].values["Phone"] == "2"
    assert len(little.rows("erp")) == 1
    assert [(gap.table, gap.code) for gap in little.ledger.gaps()] == [("terms", "N90")]
    codes = {system: dict(table) for system, table in CODES.items()}
    codes["crm"]["N90"], codes["erp"]["90"] = "net90", "90d"
    codes["erp"] = {**CODES["erp"], "90": "net90"}
    codes["crm"]["N90"] = "net90"
    little.book = replace(little.book, tables={"terms": code_table(codes)})
    little.engine(little.book)
    little.settle()
    assert len(little.rows("erp")) == 2
    assert little.ledger.gaps() == []
    assert little.row("crm", other).values["Number"] == "K00002"


def test_a_system_that_is_down_leaves_the_others_alone(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")
    little.world.faults.force(Fault.SERVER_ERROR, "shop.changes")
    little.world.faults.force(Fault.SERVER_ERROR, "shop.update")
    (accounts, _) = little.run()
    assert accounts.state is RunState.INCOMPLETE
    assert little.only("erp").values["Phone"] == "2"
    little.settle()
    assert little.only("shop").values["Phone"] == "2"


# --- several more that the engine stands on --------------------------------------------------------------------------


def test_a_merge_inside_a_system_moves_the_coupling_and_makes_nothing(little: LittleWorld) -> None:
    account = shared(little)
    twin = little.create("crm", Name="Acme GmbH", Status="Open")
    little.world.clock.advance(1)
    little.world.systems["crm"].merge("Account", account, twin, by="user:u", values={"Phone": "5"})
    little.settle()
    assert len(little.rows("erp")) == len(little.rows("shop")) == 1
    assert little.only("erp").values["Phone"] == "5"


def test_what_a_merge_left_behind_is_not_emptied_elsewhere(little: LittleWorld) -> None:
    account = shared(little)
    twin = little.create("crm", Name="Acme GmbH", Status="Won")
    little.world.clock.advance(1)
    little.world.systems["crm"].merge("Account", account, twin, by="user:u")
    little.settle()
    assert {little.only(system).values["Phone"] for system in ("crm", "erp", "shop")} == {"1"}


def test_one_who_left_does_not_break_the_writes_of_those_who_refer_to_him(little: LittleWorld) -> None:
    stays = shared(little)
    leaves = little.create("crm", Name="Borg", Tax_Id="DE2", Status="Won")
    person = little.create("crm", "Person", Name="Ann", Email="a@x.example", AccountId=stays)
    little.settle()
    home = little.only("erp", "Person").values["AccountId"]
    gone = next(row.id for row in little.rows("erp") if row.values["Name"] == "Borg")
    little.world.systems["erp"].archive("Customer", gone, by="user:u")
    little.edit("crm", person, "Person", AccountId=leaves, Name="Ann Lee")
    little.settle()
    assert little.only("erp", "Person").values["Name"] == "Ann Lee"
    assert little.only("erp", "Person").values["AccountId"] == home


def test_an_old_page_does_not_bring_back_an_old_value(little: LittleWorld) -> None:
    account = shared(little)
    old = next(iter(little.connectors["crm"].read([RecordRef("crm", "Account", account)]).values()))
    little.edit("crm", account, Phone="2")
    little.settle()
    stale = Record(old.ref, old.payload, old.version, old.changed_at, old.changed_by)
    little.house.landing.land([stale], little.world.clock.now())
    result = little.house.begin("account", "plan")
    little.house.plan(result)
    assert result.changes == 0
    little.settle()
    assert little.only("erp").values["Phone"] == "2"


def test_a_crawl_that_breaks_does_not_move_its_watermark(little: LittleWorld) -> None:
    shared(little)
    before = little.ledger.watermark("crm", "Account", "changes")
    for number in range(9):
        little.create("crm", Name=f"Firm {number}", Status="Open")
    little.world.faults.force(Fault.PAGE_ERROR, "crm.changes", nth=1)
    (accounts, _) = little.run()
    assert accounts.state is RunState.INCOMPLETE
    assert little.ledger.watermark("crm", "Account", "changes") == before
    little.settle()
    assert isinstance(little.ledger.watermark("crm", "Account", "changes"), Watermark)
    assert len(little.ledger.entity_ids("account")) == 10


def test_another_tenant_behind_the_same_name_halts_the_system(little: LittleWorld) -> None:
    account = shared(little)
    little.world.systems["erp"].tenant = "a clone"
    little.edit("crm", account, Phone="2")
    (accounts, _) = little.run()
    assert accounts.state is RunState.HALTED
    assert "another tenant" in " ".join(accounts.says)
    assert little.only("erp").values["Phone"] == "1"


def test_a_worker_whose_lease_was_taken_writes_nothing(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")

    def falls_asleep(name: str) -> None:
        if name == "before-intent":
            little.checkpoint = lambda _: None
            now = little.world.clock.advance(timedelta(minutes=30))
            assert little.ledger.acquire("erp/Customer", "another", now, now + timedelta(minutes=5)) is not None

    little.checkpoint = falls_asleep
    (accounts, _) = little.run()
    assert little.only("erp").values["Phone"] == "1"
    assert accounts.state is RunState.INCOMPLETE
    assert not little.ledger.changes(entity="account", states=(State.INTENDED,))
