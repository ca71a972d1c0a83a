"""The laws, as a stranger can check them: by the systems' own logs and records.

What was agreed is asked of the ledger.
"""

import re
from collections import Counter

from connectors.testing.table import LogEntry, Row
from sync_pipelines.model.golden import Golden
from tests.laws.little_book import CODES, KINDS
from tests.laws.little_world import LittleWorld

TEXTS = ("name", "tax_id", "phone", "remark", "credit_limit", "number", "segment")
AT = {"credit_limit": "Credit"}
NOT_KEPT = {"shop": ("credit_limit", "segment")}


def check_all(little: LittleWorld) -> None:
    """Every law that holds at the end of any history."""
    check_agreement(little)
    check_once(little)
    check_sovereignty(little)
    check_reasons(little)
    check_journal(little)
    check_blanks(little)
    check_archives(little)
    check_rest(little)


def canonical(value: object) -> object:
    """A text as all systems would spell it, one of which shouts."""
    text = str(value).strip().casefold() if value is not None else ""
    return (text.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", text) else text) or None


def check_rest(little: LittleWorld) -> None:
    """L1: a run after a settled run writes nothing, even when it reads everything anew."""
    before = len(little.written())
    results = little.run(full=True)
    new = little.written()[before:]
    assert not new, [(entry.system, entry.op, entry.id, entry.before, entry.after) for entry in new]
    assert not any(result.changes for result in results), [(r.entity, r.changes) for r in results]


def living_rows(little: LittleWorld, entity: str, entity_id: str) -> dict[str, Row]:
    """The primary records of an entity that are alive and in use, by system."""
    rows = {}
    for coupling in little.ledger.couplings_of(entity, [entity_id]).get(entity_id, ()):
        row = little.world.systems[coupling.ref.system].read(coupling.ref.kind, coupling.ref.id)
        if coupling.primary and row is not None and row.values["Active"]:
            rows[coupling.ref.system] = row
    return rows


def check_agreement(little: LittleWorld) -> None:
    """L2: all records of an entity say what was agreed, in every field they keep."""
    ids = list(little.ledger.entity_ids("account"))
    for entity_id, golden in little.ledger.golden_of("account", ids).items():
        if golden.value("status") not in ("open", "won"):
            continue
        for system, row in living_rows(little, "account", entity_id).items():
            _check_row(golden, system, row)
    for entity_id, golden in little.ledger.golden_of("contact", list(little.ledger.entity_ids("contact"))).items():
        for system, row in living_rows(little, "contact", entity_id).items():
            _check_texts(golden, system, row, ("name", "email"))


def _check_row(golden: Golden, system: str, row: Row) -> None:
    _check_texts(golden, system, row, TEXTS)
    if system in CODES and "terms" in golden.fields:
        said = CODES[system].get(str(row.values["Terms"]))
        assert said == golden.value("terms"), (system, row.id, "terms", said, golden.value("terms"))
    if "address" in golden.fields and system != "shop":
        wanted = golden.value("address") or {}
        parts = ("street", "city", "country") if system == "crm" else ("street", "city")
        told = {part: canonical(row.values[part.title()]) for part in parts}
        assert isinstance(wanted, dict)
        assert told == {part: canonical(wanted.get(part)) for part in parts}, (system, row.id, told, wanted)
    if "ship_to" in golden.fields and system != "shop":
        wanted_places = golden.value("ship_to") or []
        assert isinstance(wanted_places, list)
        said_places = sorted((place["code"], place["town"]) for place in row.values["Places"])
        agreed = sorted((place["code"], place["city"]) for place in wanted_places if isinstance(place, dict))
        assert said_places == agreed, (system, row.id, said_places)


def _check_texts(golden: Golden, system: str, row: Row, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in golden.fields or name in NOT_KEPT.get(system, ()):
            continue
        said = canonical(row.values[AT.get(name, name.title())])
        assert said == canonical(golden.value(name)), (system, row.id, name, said, golden.fields[name])


def check_once(little: LittleWorld) -> None:
    """L4: at most one create per entity and system, whatever was lost and whoever died."""
    deleted = {(e.system, e.kind, e.id) for e in little.world.log() if e.op == "delete"}
    made = Counter(
        (e.system, e.kind, e.key)
        for e in little.written()
        if e.op == "create" and (e.system, e.kind, e.id) not in deleted  # a user may delete what nobody had noted yet
    )
    assert not [key for key, times in made.items() if times > 1], made


def check_sovereignty(little: LittleWorld) -> None:
    """L8: the one who alone decides a field is never overruled in it."""
    for entry in little.written():
        if entry.system == "erp" and entry.op == "update" and entry.kind == KINDS["erp"]:
            assert entry.before is not None
            assert entry.after is not None
            assert entry.before["Credit"] == entry.after["Credit"], entry


def check_reasons(little: LittleWorld) -> None:
    """L9: every golden value says who, why, when and in which run or by which answer."""
    for entity in little.book.entities:
        for golden in little.ledger.golden_of(entity, list(little.ledger.entity_ids(entity))).values():
            for key, decided in golden.fields.items():
                told = (
                    decided.by and decided.because and decided.at and (decided.run or decided.by.startswith("steward:"))
                )
                assert told, (golden.entity_id, key, decided)


def check_journal(little: LittleWorld) -> None:
    """L10: everything written was planned, judged and intended, in just these fields."""
    changes = little.ledger.changes()
    known = {change.key: change for change in changes} | {c.create_key: c for c in changes if c.create_key}
    passed = {part.id for plan in {c.plan for c in changes} for part in little.ledger.parts(plan) if part.passed}
    for entry in little.written():
        change = known.get(entry.key)
        assert change is not None, entry
        assert any(part.startswith(f"{change.plan}:{change.system}:") for part in passed), change
        moved = {name for name, value in (entry.after or {}).items() if (entry.before or {}).get(name) != value}
        if entry.op == "update":
            assert moved <= set(change.payload) | {"Places"}, (moved, change.payload)


def check_blanks(little: LittleWorld) -> None:
    """L5: nothing is emptied unless some user emptied it."""
    users = [entry for entry in little.world.log() if entry.actor != "middleware"]
    emptied = {name for entry in users for name in _emptied(entry)}
    for entry in little.written():
        filled = {name for e in users if (e.system, e.id) == (entry.system, entry.id) for name in _filled(e)}
        assert set(_emptied(entry)) <= emptied | filled, entry  # what somebody filled who may not is taken back


def _filled(entry: LogEntry) -> list[str]:
    after, before = entry.after or {}, entry.before or {}
    return [name for name, value in after.items() if value not in (None, "", []) and before.get(name) in (None, "", [])]


def _emptied(entry: LogEntry) -> list[str]:
    after, before = entry.after or {}, entry.before or {}
    return [name for name, value in after.items() if value in (None, "", []) and before.get(name) not in (None, "", [])]


def check_archives(little: LittleWorld) -> None:
    """L6: nothing is archived because it could not be seen: only after somebody archived or deleted."""
    retired = [e for e in little.world.log() if e.actor != "middleware" and e.op in ("archive", "delete", "merge")]
    archived = [e for e in little.written() if e.op == "archive"]
    assert not archived or retired, archived
