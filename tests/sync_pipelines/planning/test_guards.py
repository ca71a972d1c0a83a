"""How much change is usual, and who may give leave for more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mappings.book import Guards, WriteSwitch
from sync_pipelines.model.changes import Approval, Change, FieldChange, Op, Part
from sync_pipelines.planning.guards import judge_plan, op_of, part_id

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LATER, BEFORE = NOW + timedelta(hours=1), NOW - timedelta(seconds=1)
ON = {"erp": WriteSwitch.ON, "crm": WriteSwitch.ON}
GUARDS = Guards(creates=0.5, updates=0.25, blanks=0.1, archives=0.0, at_least=2)
BLANK = {"phone": FieldChange("1", None)}


def change(number: int, op: Op = Op.UPDATE, system: str = "erp", plan: str = "p", **fields: Any) -> Change:
    told = fields.pop("fields", {"phone": FieldChange("1", "2")})
    return Change(f"k{number}", plan, op, system, "Customer", "account", f"e{number}", told)


def judge(count: int, op: Op = Op.UPDATE, *, known: int = 100, leave: Approval | None = None, **more: Any) -> Part:
    changes = [
        change(number, op, fields=more.get("fields", {"phone": FieldChange("1", "2")})) for number in range(count)
    ]
    (part,) = judge_plan(changes, {"erp": known}, GUARDS, more.get("switches", ON), [leave] if leave else [], NOW)
    return part


@pytest.mark.parametrize(
    ("fields", "op"),
    [
        ({"phone": FieldChange("1", "2")}, "update"),
        ({"phone": FieldChange("1", None)}, "blank"),
        ({"phone": FieldChange("1", "2"), "fax": FieldChange("3", None)}, "blank"),
        ({"places": FieldChange([{"code": "A"}], [])}, "blank"),
        ({"phone": FieldChange(None, None)}, "update"),
        ({"places": FieldChange([], None)}, "update"),
        ({"limit": FieldChange("5", "0")}, "update"),  # zero empties nothing
        ({"flag": FieldChange(old=True, new=False)}, "update"),
    ],
)
def test_an_update_that_empties_a_field_counts_as_a_blank(fields: dict[str, FieldChange], op: str) -> None:
    assert op_of(change(1, fields=fields)) == op


@pytest.mark.parametrize(
    ("op", "fields", "known", "most"),
    [
        (Op.CREATE, {}, 100, 50),
        (Op.UPDATE, {"phone": FieldChange("1", "2")}, 100, 25),
        (Op.UPDATE, BLANK, 100, 10),
        (Op.ARCHIVE, {}, 100, 2),  # so few are always let through
        (Op.CREATE, {}, 0, 2),
        (Op.UPDATE, {"phone": FieldChange("1", "2")}, 7, 2),
        (Op.UPDATE, {"phone": FieldChange("1", "2")}, 12, 3),
    ],
)
def test_up_to_the_usual_passes_and_one_more_is_held(
    op: Op, fields: dict[str, FieldChange], known: int, most: int
) -> None:
    assert judge(most, op, known=known, fields=fields).passed
    held = judge(most + 1, op, known=known, fields=fields)
    assert not held.passed
    assert f"are more than usual (at most {most} of {known} records)" in held.says


def test_only_the_part_that_is_too_much_is_held() -> None:
    changes = [change(n) for n in range(3)] + [change(n, Op.CREATE) for n in range(3, 9)] + [change(9, system="crm")]
    parts = judge_plan(changes, {"erp": 10, "crm": 10}, GUARDS, ON, [], NOW)
    assert {part.id: (part.count, part.passed) for part in parts} == {
        "p:crm:update": (1, True),
        "p:erp:create": (6, False),
        "p:erp:update": (3, False),
    }


@pytest.mark.parametrize(
    ("leave", "passed"),
    [
        (Approval("olga", NOW, part="p:erp:update"), True),
        (Approval("olga", NOW, part="other:erp:update"), False),
        (Approval("olga", NOW, part="p:erp:update", until=NOW), True),
        (Approval("olga", NOW, part="p:erp:update", until=BEFORE), False),
        (Approval("olga", NOW, system="erp", entity="account", op="update", up_to=60), True),
        (Approval("olga", NOW, system="erp", entity="account", op="update", up_to=59), False),
        (Approval("olga", NOW, system="erp", entity="account", op="update", up_to=60, until=LATER), True),
        (Approval("olga", NOW, system="erp", entity="account", op="update", up_to=60, until=BEFORE), False),
        (Approval("olga", NOW, up_to=60), True),  # anything
        (Approval("olga", NOW, system="crm", up_to=60), False),
        (Approval("olga", NOW, entity="contact", up_to=60), False),
        (Approval("olga", NOW, op="archive", up_to=60), False),
        (Approval("olga", NOW, op="blank", up_to=60), False),
        # by its id, for as much of the same in the next plan
        (Approval("olga", NOW, "old:erp:update", "erp", "account", "update", 60), True),
        (Approval("olga", NOW, "old:erp:update", "erp", "account", "update", 59), False),
    ],
)
def test_what_a_persons_leave_covers(leave: Approval, *, passed: bool) -> None:
    part = judge(60, leave=leave)
    assert part.passed is passed
    assert part.approved_by == ("olga" if passed else "")
    assert "60 updates are more than usual" in part.says


@pytest.mark.parametrize(
    ("switch", "leave", "passed", "says"),
    [
        (WriteSwitch.ON, None, True, ""),
        (WriteSwitch.REVIEW, None, False, "every plan waits here (write: review)"),
        (WriteSwitch.REVIEW, Approval("olga", NOW, part="p:erp:update"), True, "every plan waits here (write: review)"),
        (WriteSwitch.OFF, None, False, "erp is in shadow (write: off)"),
        (WriteSwitch.OFF, Approval("olga", NOW, part="p:erp:update"), False, "erp is in shadow (write: off)"),
    ],
)
def test_the_write_switch(switch: WriteSwitch, leave: Approval | None, says: str, *, passed: bool) -> None:
    part = judge(1, leave=leave, switches={"erp": switch})
    assert (part.passed, part.says) == (passed, says)


def test_a_system_without_a_switch_is_not_written_to() -> None:
    assert not judge(1, switches={}).passed


def test_quiet_hours_hold_even_what_was_approved_and_keep_the_older_reason_of_what_was_not() -> None:
    leave = [Approval("olga", NOW, part="p:erp:update")]
    changes = [change(n) for n in range(9)] + [change(n, Op.CREATE) for n in range(9, 18)]
    parts = judge_plan(changes, {"erp": 4}, GUARDS, ON, leave, NOW, {"erp": "quiet hours of erp: 08:00-10:00"})
    assert [(part.op, part.passed, part.says) for part in parts] == [
        ("create", False, "9 creates are more than usual (at most 2 of 4 records)"),
        ("update", False, "quiet hours of erp: 08:00-10:00"),
    ]


def test_nothing_to_do_has_no_parts() -> None:
    assert judge_plan([], {}, GUARDS, ON, [], NOW) == []


def test_a_part_is_named_after_plan_system_and_operation() -> None:
    assert part_id(change(1, plan="p7", fields=BLANK)) == "p7:erp:blank"
