"""L3, L7, L11 and L13 in random histories without conflict.

Whoever edits may, and nobody else edits the same field meanwhile.
"""

from random import Random

import pytest

from connectors.testing.faults import Fault
from sync_pipelines.flow.undoing import plan_undo
from tests.laws.checkers import canonical, check_all
from tests.laws.little_book import KINDS
from tests.laws.little_world import LittleWorld

# (field in the systems' words, who may edit it, who keeps it)
ENTITLED = (
    ("Name", ("crm",), ("crm", "erp", "shop")),
    ("Phone", ("crm", "erp", "shop"), ("crm", "erp", "shop")),
    ("Remark", ("crm", "erp", "shop"), ("crm", "erp", "shop")),
    ("Credit", ("erp",), ("crm", "erp")),
    ("Tax_Id", ("erp",), ("crm", "erp", "shop")),
    ("Segment", ("crm",), ("crm", "erp")),
    ("Street", ("erp",), ("crm", "erp")),
)
MISFORTUNES = (Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.PARTIAL_BATCH, Fault.THROTTLED, Fault.SEARCH_LAG)


def firms(seed: int, *, page_size: int = 4, faults: bool = False) -> LittleWorld:
    """Four firms that exist everywhere and are at rest."""
    little = LittleWorld(seed, page_size=page_size)
    for number in range(4):
        little.create("crm", Name=f"Firm {number}", Tax_Id=f"T{number}", Status="Won", Phone="0", Street="S", City="C")
    little.settle()
    if faults:
        little.world.faults.rates = dict.fromkeys(MISFORTUNES, 0.2)
        little.world.faults._armed = True
    return little


def numbered(little: LittleWorld, system: str) -> dict[str, dict[str, object]]:
    """The firms of a system by their number, which the ERP issued."""
    return {str(row.values["Number"]): row.values for row in little.rows(system)}


def edits(random: Random) -> dict[tuple[str, str], tuple[str, str]]:
    """(number, field) → (system, value): one edit a field, by one who may."""
    drawn = {}
    for _ in range(random.randint(1, 6)):
        name, who, _keeps = random.choice(ENTITLED)
        drawn[f"K{random.randint(1, 4):05d}", name] = (random.choice(who), random.choice(("2", "33", "Ü", "0", "4.5")))
    return {
        place: (
            who,
            value.replace("Ü", "7")
            if place[1] == "Credit"
            else f"{value}-{place[0]}"
            if place[1] == "Tax_Id"
            else value,
        )
        for place, (who, value) in drawn.items()
    }


def carry_out(little: LittleWorld, drawn: dict[tuple[str, str], tuple[str, str]]) -> None:
    """Users edit."""
    for (number, name), (system, value) in drawn.items():
        row = next(r for r in little.rows(system) if r.values["Number"] == number)
        little.edit(system, row.id, KINDS[system], **{name: value})


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_every_lone_edit_reaches_everyone_whatever_is_lost_on_the_way(first: int) -> None:
    for seed in range(first, first + 50):
        random, little = Random(seed), firms(seed, faults=True)
        for number in range(4):
            drawn = edits(random)
            carry_out(little, drawn)
            little.world.faults.begin(number)
            little.run()
            little.world.faults.rates = {}
            little.settle(12)
            for (firm, name), (_, value) in drawn.items():
                for system in next(keeps for field, _, keeps in ENTITLED if field == name):
                    said = numbered(little, system)[firm][name]
                    assert canonical(said) == canonical(value), (seed, firm, name, system, said, value)
            little.world.faults.rates = dict.fromkeys(MISFORTUNES, 0.2)
        little.world.faults.heal()
        check_all(little)


@pytest.mark.parametrize("seed", range(20))
def test_pages_and_batches_of_any_size_come_to_the_same_end(seed: int) -> None:
    ends = []
    for page_size, batch in ((1, 1), (4, 3), (50, 50)):
        random, little = Random(seed), firms(seed, page_size=page_size)
        for system, connector in little.connectors.items():
            from dataclasses import replace  # noqa: PLC0415 - only here

            kinds = {kind: replace(can, max_batch=batch) for kind, can in connector.kinds.items()}
            little.world.systems[system].max_batch = batch
            connector._kinds = kinds  # type: ignore[attr-defined]  # the double's own configuration
        for _ in range(3):
            carry_out(little, edits(random))
            little.settle()
        ends.append({s: {n: _without_key(v) for n, v in numbered(little, s).items()} for s in KINDS})
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.parametrize("seed", range(20))
def test_a_record_that_is_always_refused_changes_nothing_for_the_others(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = []
    for poisoned in (False, True):
        random, little = Random(seed), firms(seed)
        if poisoned:
            bad = little.rows("erp")[0].id
            monkeypatch.setattr(little.world.faults, "curses", lambda _, subject, bad=bad: f"/{bad}" in subject)
        for _ in range(3):
            carry_out(little, edits(random))
            little.settle()
        ends.append({s: {n: _without_key(v) for n, v in numbered(little, s).items() if n != "K00001"} for s in KINDS})
    assert ends[0] == ends[1]


@pytest.mark.parametrize("seed", range(40))
def test_a_run_that_is_undone_leaves_its_targets_as_they_were(seed: int) -> None:
    random, little = Random(seed), firms(seed)
    drawn = edits(random)
    before = {system: numbered(little, system) for system in KINDS}
    before = {s: {n: dict(v) for n, v in firms_.items()} for s, firms_ in before.items()}
    carry_out(little, drawn)
    (accounts, _) = little.run()
    assert accounts.changes
    undo = plan_undo(little.house, accounts.run)
    little.house.apply(undo)
    little.settle()
    for (number, name), (editor, _) in drawn.items():
        for system in next(keeps for field, _, keeps in ENTITLED if field == name):
            if system != editor:
                assert canonical(numbered(little, system)[number][name]) == canonical(before[system][number][name])


def _without_key(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name != "Key"}
