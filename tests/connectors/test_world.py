"""The world keeps the rules it claims: everything else is measured by it."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.testing.world import MIDDLEWARE, FieldSpec, KindSpec, Refusal, System, World

ACCOUNT = KindSpec.of(
    "Account",
    FieldSpec("Name", required=True, length=10),
    FieldSpec("Phone", saves=("trim",), blank_is_null=True),
    FieldSpec("Country", saves=("upper",), length=2, cuts=True),
    FieldSpec("Terms", "choice", choices=("net30", "net60")),
    FieldSpec("Limit", "decimal", scale=2),
    FieldSpec("Number", issues="K{n:05d}", unique=True),
    FieldSpec("Key", unique=True),
    FieldSpec("Lines", "list"),
    FieldSpec("Total", "decimal", writable=False),
    FieldSpec("Active", "boolean", default=True),
    key_field="Key",
    active_field="Active",
    duplicate_rule=("Phone",),
)
CONTACT = KindSpec.of(
    "Contact", FieldSpec("Name"), FieldSpec("Account", "reference", refers_to="Account"), FieldSpec("Mail", unique=True)
)


def a_system(**options: object) -> System:
    return World(faults=options.pop("faults", None)).add("crm", ACCOUNT, CONTACT, **options)  # type: ignore[arg-type]  # options by name


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"Phone": " 1 "}, {"Phone": "1"}),
        ({"Phone": "  "}, {"Phone": None}),
        ({"Country": "deu"}, {"Country": "DE"}),
        ({"Limit": Decimal("1.005")}, {"Limit": Decimal("1.01")}),
        ({"Limit": 2.675}, {"Limit": 2.68}),
        ({"Limit": None}, {"Limit": None}),
        ({}, {"Phone": None, "Active": True, "Number": "K00001"}),
        ({"Number": "K9"}, {"Number": "K9"}),
    ],
)
def test_saving_normalises_as_the_metadata_says(sent: dict[str, object], stored: dict[str, object]) -> None:
    row = a_system().create("Account", {"Name": "Acme", **sent}, by="user:anna")
    assert {name: row.values[name] for name in stored} == stored


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("required", {"Name": ""}),
        ("required", {}),
        ("too_long", {"Name": "much too long a name"}),
        ("choice", {"Name": "A", "Terms": "never"}),
        ("type", {"Name": 7}),
        ("type", {"Name": "A", "Limit": True}),
        ("unknown_field", {"Name": "A", "Nmae": "B"}),
        ("read_only", {"Name": "A", "Total": 1}),
        ("duplicate", {"Name": "A", "Key": "taken"}),
        ("duplicate_rule", {"Name": "A", "Phone": "555"}),
    ],
)
def test_what_the_metadata_forbids_is_refused_and_leaves_no_trace(code: str, values: dict[str, object]) -> None:
    crm = a_system()
    crm.create("Account", {"Name": "First", "Key": "taken", "Phone": "555"}, by="user:anna")
    with pytest.raises(Refusal) as refusal:
        crm.create("Account", values, by="user:anna")
    assert refusal.value.code == code
    assert len(crm.log) == len(crm.living("Account")) == 1


def test_a_reference_to_nothing_is_refused() -> None:
    with pytest.raises(Refusal, match="no Account 'A-0'"):
        a_system().create("Contact", {"Name": "Ben", "Account": "A-0"}, by="user:anna")


def test_nothing_the_caller_keeps_can_change_a_record_afterwards() -> None:
    crm, lines = a_system(), [{"sku": "A"}]
    row = crm.create("Account", {"Name": "Acme", "Lines": lines}, by="user:anna")
    lines[0]["sku"] = "B"
    assert row.values["Lines"] == [{"sku": "A"}]


def test_an_update_moves_stamp_and_version_and_a_silent_one_neither() -> None:
    crm = a_system()
    first = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    crm.clock.advance(5)
    second = crm.update("Account", first.id, {"Phone": "1"}, by="user:ben")
    crm.clock.advance(5)
    third = crm.update("Account", first.id, {"Phone": "2"}, by="user:ben", silent=True)
    assert (second.version, second.stamp - first.stamp, second.changed_by) == (2, timedelta(seconds=5), "user:ben")
    assert (third.version, third.stamp, third.values["Phone"]) == (2, second.stamp, "2")


def test_a_stale_version_is_refused() -> None:
    crm = a_system()
    first = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    crm.update("Account", first.id, {"Phone": "1"}, by="user:ben")
    with pytest.raises(Refusal) as refusal:
        crm.update("Account", first.id, {"Phone": "2"}, version=1)
    assert refusal.value.code == "stale"


def test_stamps_follow_the_systems_own_clock_at_its_resolution() -> None:
    crm = a_system(skew=timedelta(minutes=-3), resolution=timedelta(seconds=2))
    crm.clock.advance(timedelta(seconds=7, microseconds=9))
    row = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    assert row.stamp == crm.clock.now() - timedelta(minutes=3, seconds=1, microseconds=9)
    crm.step_clock(timedelta(minutes=-10))
    assert crm.create("Account", {"Name": "Later"}, by="user:anna").stamp < row.stamp


def test_search_shows_a_write_only_after_the_lag_and_a_read_at_once() -> None:
    crm = a_system(search_lag=timedelta(seconds=5))
    row = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    crm.clock.advance(4)
    assert crm.search("Account") == []
    assert crm.read("Account", row.id) == row
    crm.clock.advance(1)
    assert crm.search("Account") == [row]


def test_a_late_transaction_bears_the_stamp_of_its_statement() -> None:
    crm = a_system()
    row = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    crm.late(timedelta(seconds=40), lambda: crm.update("Account", row.id, {"Phone": "1"}, by="user:ben"))
    crm.clock.advance(39)
    assert crm.read("Account", row.id) == row
    crm.clock.advance(1)
    late = crm.read("Account", row.id)
    assert late is not None
    assert (late.values["Phone"], late.stamp) == ("1", row.stamp)
    assert crm.log[-1].at == crm.clock.now()


def test_late_transactions_due_at_once_each_keep_their_own_stamp() -> None:
    crm = a_system()
    row = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    crm.clock.advance(1)
    crm.late(timedelta(seconds=9), lambda: crm.update("Account", row.id, {"Phone": "1"}, by="user:ben"))
    crm.clock.advance(1)
    crm.late(timedelta(seconds=8), lambda: crm.update("Account", row.id, {"Terms": "net30"}, by="user:ben"))
    crm.clock.advance(20)
    first = crm.read("Account", row.id)
    assert first is not None
    assert first.stamp - row.stamp == timedelta(seconds=2)
    assert (first.values["Phone"], first.values["Terms"]) == ("1", "net30")
    assert [entry.op for entry in crm.log] == ["create", "update", "update"]
    assert [entry.after and entry.after["Terms"] for entry in crm.log] == [None, None, "net30"]


def test_the_index_never_shows_an_older_version_after_a_newer_one() -> None:
    crm = a_system(search_lag=timedelta(seconds=30))
    row = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    crm.search_lag = timedelta(0)
    newer = crm.update("Account", row.id, {"Phone": "1"}, by="user:ben")
    crm.clock.advance(60)
    assert crm.search("Account") == [newer]


def test_a_late_transaction_that_is_refused_is_rolled_back() -> None:
    crm = a_system()
    row = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    crm.late(timedelta(seconds=1), lambda: crm.update("Account", row.id, {"Phone": "1"}, by="user:ben"))
    crm.delete("Account", row.id, by="user:anna")
    crm.clock.advance(2)
    crm.settle()
    assert [entry.op for entry in crm.log] == ["create", "delete"]


def test_search_goes_by_stamp_and_id_and_on_from_a_place() -> None:
    crm = a_system()
    rows = [crm.create("Account", {"Name": f"N{n}"}, by="user:anna") for n in range(4)]
    crm.clock.advance(1)
    moved = crm.update("Account", rows[0].id, {"Phone": "1"}, by="user:ben")
    first = crm.search("Account", limit=2)
    assert first == rows[1:3]
    assert crm.search("Account", after=(first[-1].stamp, first[-1].id)) == [rows[3], moved]
    assert crm.search("Account", since=moved.stamp) == [moved]


def test_a_deleted_record_is_stated_and_can_come_back_and_a_purged_one_cannot() -> None:
    crm = a_system()
    soft = crm.create("Account", {"Name": "Soft", "Key": "s"}, by="user:anna")
    hard = crm.create("Account", {"Name": "Hard"}, by="user:anna")
    crm.delete("Account", soft.id, by="user:anna")
    crm.delete("Account", hard.id, by="user:anna", hard=True)
    assert crm.read("Account", soft.id) is None
    assert crm.find("Account", "Key", "s") == []
    assert [row.id for row in crm.gone_since("Account", soft.stamp)] == [soft.id, hard.id]
    assert crm.undelete("Account", soft.id, by="user:ben").version == 3
    assert [row.id for row in crm.gone_since("Account", soft.stamp)] == [hard.id]
    with pytest.raises(Refusal):
        crm.undelete("Account", hard.id, by="user:ben")


def test_a_record_cannot_come_back_over_one_that_took_its_unique_value() -> None:
    crm = a_system()
    old = crm.create("Account", {"Name": "Old", "Key": "k"}, by="user:anna")
    crm.delete("Account", old.id, by="user:anna")
    crm.create("Account", {"Name": "New", "Key": "k"}, by="user:anna")
    with pytest.raises(Refusal) as refusal:
        crm.undelete("Account", old.id, by="user:ben")
    assert refusal.value.code == "duplicate"


def test_tombstones_are_told_only_as_long_as_they_are_kept() -> None:
    crm = a_system(retention=timedelta(days=15))
    row = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    crm.delete("Account", row.id, by="user:anna")
    crm.clock.advance(timedelta(days=16))
    assert crm.gone_since("Account", row.stamp) == []
    told = crm.told_since()
    assert told is not None
    assert told > row.stamp


@pytest.mark.parametrize(("moves", "stamps"), [(True, 1), (False, 0)])
def test_a_merge_hands_over_children_and_values_and_chains(moves: bool, stamps: int) -> None:
    crm = a_system(merge_moves_children=moves)
    a, b, c = (crm.create("Account", {"Name": name, "Key": name}, by="user:anna") for name in "ABC")
    child = crm.create("Contact", {"Name": "Ben", "Account": a.id}, by="user:anna")
    crm.clock.advance(1)
    crm.merge("Account", a.id, b.id, by="user:anna", values={"Key": "A"})
    crm.merge("Account", b.id, c.id, by="user:anna")
    moved = crm.read("Contact", child.id)
    assert moved is not None
    assert moved.values["Account"] == c.id
    assert (moved.stamp > child.stamp) is moves
    assert moved.version == 1 + 2 * stamps
    gone = crm.gone_since("Account", a.stamp, why=("merged",))
    assert [(row.id, row.merged_into) for row in gone] == [(a.id, b.id), (b.id, c.id)]


def test_a_merge_whose_winner_cannot_be_saved_did_not_happen() -> None:
    crm = a_system()
    a, b = (crm.create("Account", {"Name": name, "Key": name}, by="user:anna") for name in "AB")
    crm.poison("Account", b.id)
    with pytest.raises(Refusal):
        crm.merge("Account", a.id, b.id, by="user:anna")
    assert crm.read("Account", a.id) == a
    assert [row.id for row in crm.search("Account")] == [a.id, b.id]
    assert len(crm.log) == 2
    crm.cure("Account", b.id)
    crm.merge("Account", a.id, b.id, by="user:anna")


def test_a_changed_field_binds_from_then_on() -> None:
    crm = a_system()
    row = crm.create("Account", {"Name": "Acme", "Terms": "net60"}, by="user:anna")
    crm.alter("Account", FieldSpec("Terms", "choice", choices=("net30",)), FieldSpec("Tax", required=True))
    with pytest.raises(Refusal) as refusal:
        crm.update("Account", row.id, {"Terms": "net60", "Tax": "1"})
    assert refusal.value.code == "choice"
    with pytest.raises(Refusal) as refusal:
        crm.update("Account", row.id, {"Phone": "1"})
    assert refusal.value.code == "required"
    crm.drop_field("Account", "Tax")
    assert crm.update("Account", row.id, {"Phone": "1"}).values["Phone"] == "1"


def test_a_rule_of_the_system_refuses_what_it_is_told_to() -> None:
    crm = a_system()

    def posted(op: str, kind: str, record_id: str, values: object) -> Refusal | None:
        return Refusal("rule", "the period is closed") if op == "update" else None

    crm.rules.append(posted)
    row = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    with pytest.raises(Refusal, match="the period is closed"):
        crm.update("Account", row.id, {"Phone": "1"})


def test_the_days_quota_is_counted_and_returns_the_next_day() -> None:
    crm = a_system(daily_calls=2)
    crm.charge("read", 2)
    with pytest.raises(Refusal) as refusal:
        crm.charge("read")
    assert (refusal.value.code, crm.calls_left) == ("quota", 0)
    crm.clock.advance(timedelta(days=1))
    assert crm.calls_left == 2
    crm.charge("read")


def test_the_log_says_who_did_what_with_before_and_after() -> None:
    crm = a_system()
    row = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    crm.update("Account", row.id, {"Phone": "1"}, key="k-1")
    crm.note("Account", row.id, "hello")
    [entry] = crm.written(op="update")
    assert (entry.actor, entry.key, entry.version) == (MIDDLEWARE, "k-1", 2)
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["Phone"], entry.after["Phone"]) == (None, "1")
    assert crm.notes("Account", row.id) == ["hello"]


HISTORY = """
from datetime import timedelta
from connectors.testing.world import *
world = World(5, faults=FaultSchedule(5, {Fault.SEARCH_LAG: 0.5}))
crm = world.add("crm", KindSpec.of("A", FieldSpec("N"), FieldSpec("K", unique=True)))
for n in range(40):
    world.faults.begin(n)
    world.clock.advance(n)
    crm.create("A", {"N": str(len(crm.search("A"))), "K": str(n)}, by="user:anna")
print(world.digest())
"""


def test_the_same_calls_give_the_same_log_in_any_process() -> None:
    def digest(seed: str) -> str:
        env = {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "PYTHONPATH": ":".join(sys.path)}
        return subprocess.run(
            [sys.executable, "-c", HISTORY], env=env, capture_output=True, check=True, text=True
        ).stdout

    assert digest("1") == digest("2") != ""


OPERATIONS = st.lists(st.sampled_from(["create", "update", "delete", "undelete", "merge", "tick"]), max_size=25)


def _do(crm: System, op: str, n: int) -> None:
    ids = list(crm.tables["Account"].rows) or ["none"]
    one, other = ids[n % len(ids)], ids[(n * 7 + 1) % len(ids)]
    acts: dict[str, Callable[[], object]] = {
        "create": lambda: crm.create("Account", {"Name": f"N{n}", "Key": f"k{n % 5}"}, by="user:anna"),
        "update": lambda: crm.update("Account", one, {"Phone": f"{n}"}, by="user:ben"),
        "delete": lambda: crm.delete("Account", one, by="user:anna"),
        "undelete": lambda: crm.undelete("Account", one, by="user:anna"),
        "merge": lambda: crm.merge("Account", one, other, by="user:anna"),
        "tick": lambda: crm.clock.advance(1),
    }
    try:
        acts[op]()
    except Refusal:
        return


@given(OPERATIONS)
def test_the_index_tells_the_truth_once_the_lag_has_passed(operations: list[str]) -> None:
    crm = a_system(search_lag=timedelta(seconds=2))
    for n, op in enumerate(operations):
        _do(crm, op, n)
    crm.clock.advance(5)
    assert sorted(crm.search("Account")) == sorted(crm.living("Account"))
    keys = [row.values["Key"] for row in crm.living("Account")]
    assert len(keys) == len(set(keys)), "a unique value stands twice"
    assert all(
        [row.id for row in crm.find("Account", "Key", key)] == [row.id]
        for row, key in zip(crm.living("Account"), keys, strict=True)
    )


@given(OPERATIONS)
def test_the_log_alone_rebuilds_every_record(operations: list[str]) -> None:
    crm = a_system()
    for n, op in enumerate(operations):
        _do(crm, op, n)
    rebuilt: dict[str, object] = {}
    for entry in crm.log:
        rebuilt[entry.id] = entry.after
    assert {row.id: row.values for row in crm.living("Account")} == {k: v for k, v in rebuilt.items() if v is not None}


def test_true_time_never_runs_backwards() -> None:
    with pytest.raises(ValueError, match="forward only"):
        World().clock.advance(-1)
