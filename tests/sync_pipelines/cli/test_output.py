"""What people read, as expected files.

Where something was changed on purpose: `ACCEPT=1 pytest tests/sync_pipelines/cli` writes the expected files anew.
"""

import base64
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from connectors.webhooks import Signed
from sync_pipelines.flow.hinting import take_in
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.model.records import Delivery
from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.cli.conftest import Terminal, a_world, lived_apart
from tests.sync_pipelines.flow.restored import one_since_the_backup

EXPECTED = Path(__file__).with_name("expected")
SECRET = b"a secret of the tests"
ACCOUNT = "crm/Account/Account-000001"
PERSON = "crm/Person/Person-000001"
SESSIONS: Mapping[str, Sequence[str]] = {
    "help": ("--help", "apply --help", "review --help"),
    "plan_and_apply": ("plan", "plan account --all", "apply", "apply", "plan"),
    "kept_plans": (
        "plan --list",
        "plan account",
        "plan --list",
        "plan --show id000002",
        "apply --plan id000002",
        "plan --show id000002",
        "plan",
        "plan --list account",
    ),
    "status": ("status", "apply", "status"),
    "erase": (
        "apply",
        f"erase contact {PERSON}",
        f"erase contact {PERSON} --apply --by dora",
        f"erase contact {PERSON}",
        "apply",
        f"erase client {PERSON}",
    ),
    "adopt": ("adopt --dry", "adopt", "plan account", "apply"),
    "why": (
        "apply",
        f"why account {ACCOUNT} name",
        f"why account {ACCOUNT} phone",
        f"why account {ACCOUNT} phone --reveal",
        f"why account {ACCOUNT} number",
        f"why account {ACCOUNT}",
        "why contact crm/Person/Person-000001 account",
    ),
    "review": (
        "apply",
        "review list",
        "review list --steward nobody",
        "review show q1",
        "review show q1 --reveal",
        "review answer q1 hold --by stella",
        "review list",
        "review answer q1 crm --by stella",
        "review show q1",
        "review list --answered",
        "review revoke q1",
        "apply account",
        f"why account {ACCOUNT} phone --reveal",
    ),
    "split": (
        "apply",
        "crosswalk account",
        f"split account {ACCOUNT} --by stella",
        f"split account {ACCOUNT} --by stella --apply",
        "crosswalk account",
        f"why account {ACCOUNT} name",
        "apply",
        f"split account {ACCOUNT} crm/Account/nobody",
        "split account Account-000001",
    ),
    "early": (
        "apply",
        "early",
        "early --all",
        "early account --steward nobody",
        "early --hold crm/Account/Account-000001",
        "early account --hold crm/Account/Account-000001 --by stella",
        "early account --create crm/Account/Account-000003 --role erp",
        "apply account",
        "early --all",
        "early account --revoke crm/Account/Account-000003",
    ),
    "quarantine": (
        "apply",
        "quarantine list",
        "quarantine list --reason rejected",
        "quarantine replay erp/Customer/Customer-000002",
        "apply account",
        "quarantine list",
    ),
    "alerts": (
        "watch --dry",
        "apply",
        "watch --dry",
        "watch",
        "alerts",
        "alerts ack unknown_code:erp/terms/X9 --by stella --for 2h",
        "alerts",
        "watch",
    ),
    "certify": (
        "certify crm --write",
        "certify crm --write --sandbox another",
        "certify crm --write --sandbox tenant-of-crm --kind Account",
    ),
    "systems": ("doctor", "doctor crm", "certify crm", "certify shop"),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_reads_as_it_is_expected_to(name: str, terminal: Terminal) -> None:
    told = terminal.session(*SESSIONS[name])
    _compare(name, told)


def test_an_older_ledger_in_its_place_is_told_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    world = one_since_the_backup()
    world.put_back(world.backup)
    steps = ("apply", "status", "adopt --dry", "adopt", "review show q1", "apply", "review answer q1 link", "apply")
    told = re.sub(r"01[0-9A-Z]{24}", "(an id)", Terminal(world, capsys).session(*steps))
    _compare("restored", told)


def test_a_held_part_is_named_with_the_commands_that_let_it_through(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(a_world(at_least=1), capsys)
    plan = "id000002"
    told = terminal.session(
        "plan account",
        f"approve {plan}:erp:create --by fred",
        f"apply --plan {plan} --approve {plan}:shop:create",
        "approve --up-to 3 --op update --system crm --hours 2",
        "apply",
        "status",
    )
    _compare("held", told)


def test_a_system_of_which_nothing_ever_came_is_named_with_the_line_that_says_it_is_empty(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = a_world()
    strict = {name: replace(one, may_be_empty=()) for name, one in world.book.systems.items()}
    doubting = LittleWorld(book=replace(world.book, systems=strict))
    doubting.create("crm", Name="Firm", Tax_Id="DE1", Status="Won")
    doubting.create("erp", Name="Other", Tax_Id="DE2")
    _compare("empty", Terminal(doubting, capsys).session("apply account", "status", "doctor shop", "watch --dry"))


def test_a_system_that_shows_nothing_any_more_is_named_with_the_way_out_of_either_case(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = LittleWorld()
    world.create("crm", Name="Firm", Tax_Id="DE1", Status="Won")
    world.create("erp", Name="Other", Tax_Id="DE2")
    world.settle()
    at, terminal = world.world.systems["erp"], Terminal(world, capsys)
    at.blind.add("Customer")
    world.edit("crm", "Account-000001", Name="Firm and Sons")
    told = [terminal.session("apply account --full", "apply account", "status", "doctor erp", "watch --dry")]
    at.blind.clear()
    told += [terminal.session("apply account")]
    for row in world.rows("erp"):
        at.delete("Customer", row.id, by="user:u")
    told += [terminal.session("doctor erp --gone Customer", "doctor --gone Customer")]
    told += [terminal.session("apply account --full", "doctor erp --gone Customer --by olga", "apply account --full")]
    _compare("vanished", "".join(told))


def test_day_one_tells_how_systems_differ_with_counts_that_add_up_and_an_example_of_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal = Terminal(lived_apart(), capsys)
    _compare("day_one", terminal.session("adopt --dry", "adopt --dry account --all --reveal", "adopt account"))


def test_people_alone_and_too_early_are_refused_and_a_rehearsal_says_why_they_are_strangers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = lived_apart()
    for system, firm in (("crm", "Account-000001"), ("erp", "Customer-000001")):
        world.create(system, "Person", Name="Anna", Email="a@x.example", AccountId=firm)
    terminal = Terminal(world, capsys)
    _compare(
        "adopt_too_early", terminal.session("adopt contact --dry", "adopt contact", "adopt account", "adopt contact")
    )


def test_a_run_is_taken_back_as_its_undo_has_shown(terminal: Terminal) -> None:
    terminal.run("apply")
    run = next(run.id for run in reversed(terminal.world.ledger.runs("account", 50)) if run.stats.get("updates"))
    _compare("undo", terminal.session(f"undo {run}", f"undo {run} --apply", f"undo {run}"))


def test_who_may_pass_the_gate_reads_as_it_is_expected_to(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("four words that are long\nshort\nfive words that are longer\n"))
    told = terminal.session(
        "users list",
        "users add ada --role admin",
        "users add bob",
        "users add bob --no-password --by stella",
        "users add ada",
        "users list",
        "users list --json",
        "users passwd ada",
        "users role bob operator",
        "users role nobody operator",
        "users remove bob",
        "users remove ada",
        "users list",
    )
    _compare("users", re.sub(r'"since": "[^"]+"', '"since": "(a moment)"', told))


def test_what_was_announced_reads_as_it_is_expected_to(terminal: Terminal) -> None:
    ledger, clock = terminal.world.ledger, terminal.world.world.clock
    announced = Signed([SECRET])
    told = [terminal.session("inbox")]
    bodies = (b'{"kind": "Account", "ids": ["Account-000001"]}', b'{"kind": "Nothing"}', b"what?")
    for number, body in enumerate(bodies):
        ledger.receive(Delivery("crm", f"d{number}", clock.now(), "", base64.b64encode(body).decode()))
        clock.advance(3600)
    told += [terminal.session("inbox")]
    take_in(ledger, terminal.world.book, lambda _: announced, clock.now())
    told += [terminal.session("inbox", "inbox --system erp", "inbox --limit 1 --json", "inbox replay d0", "inbox")]
    told += [terminal.session("inbox replay d9", "inbox replay", "inbox replay --since 2020-01-01")]
    _compare("inbox", "".join(told))


@pytest.mark.parametrize(
    "command",
    [
        "plan",
        "plan --list",
        "plan --show {plan}",
        "apply",
        "status",
        "adopt",
        "doctor",
        "certify crm",
        "certify crm --write --sandbox tenant-of-crm",
        "check",
        f"why account {ACCOUNT} phone",
        f"why account {ACCOUNT}",
        "review list",
        "review show q1",
        "early --all",
        "quarantine list",
        "watch --dry",
        "watch",
        "alerts",
        "users list",
        "inbox",
        "undo {run}",
    ],
)
def test_every_reading_command_speaks_json_and_nothing_else_on_stdout(command: str, terminal: Terminal) -> None:
    if command != "adopt":
        terminal.run("apply")
    run = terminal.world.ledger.runs("account", 50)
    written = next((one.id for one in reversed(run) if one.stats.get("creates")), "")
    plan = terminal.world.ledger.plans("account", 50)[-1].id if "{plan}" in command else ""
    terminal.run(*command.format(run=written, plan=plan).split(), "--json")
    assert isinstance(json.loads(terminal.out), dict)
    assert terminal.err == ""


@pytest.mark.parametrize(
    ("command", "secret"),
    [
        ("plan", "eve@example.com"),
        ("adopt --dry --json", "+49 30 999999"),
        ("plan --json", "eve@example.com"),
        ("plan --show {contact} --all", "eve@example.com"),
        ("plan --show {contact} --json", "eve@example.com"),
        (f"why account {ACCOUNT} phone", "+49 30 999999"),
        (f"why account {ACCOUNT} phone --json", "+49 30 999999"),
        ("why contact crm/Person/Person-000001", "Ann Example"),
        ("review show q1", "+49 30 999999"),
        ("review show q1 --json", "+49 30 999999"),
        ("review list --json", "+49 30 999999"),
    ],
)
def test_personal_data_is_masked_until_it_is_asked_for(command: str, secret: str, terminal: Terminal) -> None:
    terminal.run("apply")
    terminal.world.edit("crm", "Person-000001", "Person", Email="eve@example.com")
    if "{contact}" in command:
        terminal.run("plan", "contact")
        command = command.format(contact=terminal.world.ledger.plans("contact", 1)[0].id)
    terminal.run(*command.split())
    assert secret not in terminal.out
    terminal.run(*command.split(), "--reveal")
    assert secret in terminal.out


def test_why_tells_of_a_value_that_nobody_keeps_any_more(terminal: Terminal) -> None:
    terminal.run("apply")
    (entity_id,) = terminal.world.ledger.entity_ids("account")[:1]
    gone = Decided(None, Because.REMOVED, "steward:ada", run="r9", at=terminal.world.world.clock.now())
    terminal.world.ledger.decide("account", {}, {entity_id: {"name": gone}})
    terminal.run("why", "account", entity_id, "name")
    assert "name: nothing is agreed any more" in terminal.out
    assert "removed" in terminal.out
    assert "steward:ada" in terminal.out


def test_status_writes_nothing_to_the_ledger(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.run("apply")

    def refuse(*_: object) -> None:
        pytest.fail("status wrote something")

    for write in ("spend", "pin", "set_pin", "start_run", "audit", "attend", "decide"):
        monkeypatch.setattr(terminal.world.ledger, write, refuse)
    terminal.run("status")
    assert "calls today" in terminal.out


def _compare(name: str, told: str) -> None:
    expected = EXPECTED / f"{name}.txt"
    if os.environ.get("ACCEPT"):
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")
