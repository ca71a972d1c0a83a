"""Who edits between a write and the look at it: told by whoever touched it last, where our own name is known."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.contract import Archive
from connectors.kingdee.connector import KingdeeConnector
from connectors.kingdee.credit_writing import CreditWriter
from connectors.kingdee.simulator import KingdeeSimulator
from connectors.testing.contract_bench import proven
from connectors.testing.world import Fault, System
from tests.connectors.kingdee.hands import Connect, create, customers, ref, told, update
from tests.connectors.people import typing

CUSTOMER = "BD_Customer"


def _between(erp: System, record_id: str, values: Mapping[str, Any]) -> None:
    """Somebody edits after our first look, and before the second one."""
    erp.meanwhile = typing(erp, values)
    erp.faults.force(Fault.EDITED_BETWEEN, f"erp.update:{CUSTOMER}/{record_id}", nth=1)


@pytest.mark.parametrize(
    ("name", "how", "is_told"),
    [
        ("", "nothing", False),
        ("", "made one", True),
        ("", "read", True),
        ("", "made one in another life", True),
        ("nobody of this name", "made one", False),
    ],
)
def test_an_edit_between_a_save_and_the_look_at_it_is_told_where_our_name_is_known(
    centre: KingdeeSimulator, connectors: Connect, erp: System, name: str, how: str, *, is_told: bool
) -> None:
    kingdee = connectors(centre, user_name=name)
    (there,) = customers(erp, 1)
    if how == "read":
        proven(connectors(centre).create([create("a")])[0])
        told(kingdee)
    elif how != "nothing":
        one = connectors(centre, user_name=name) if how == "made one in another life" else kingdee
        assert not proven(one.create([create("a")])[0]).touched
    _between(erp, there, {"FTEL": "9"})
    written = proven(kingdee.update([update(there, {"FTEL": "021"})])[0])
    assert written.record.payload["FTEL"] == "9"
    assert written.touched is is_told


@pytest.mark.parametrize(("name", "is_told"), [("", True), ("nobody of this name", False)])
def test_an_edit_of_the_first_record_that_we_ever_made_is_told(
    centre: KingdeeSimulator, connectors: Connect, erp: System, name: str, *, is_told: bool
) -> None:
    (there,) = customers(erp, 1)
    erp.meanwhile = typing(erp, {"FTEL": "9"})
    erp.faults.force(Fault.EDITED_BETWEEN, f"erp.update:{CUSTOMER}/{int(there) + 1}")
    written = proven(connectors(centre, user_name=name).create([create("a", FTEL="021")])[0])
    assert written.record.payload["FTEL"] == "9"
    assert written.touched is is_told


@pytest.fixture
def known(centre: KingdeeSimulator, kingdee: KingdeeConnector) -> KingdeeConnector:
    """One that knows what it is called there."""
    proven(kingdee.create([create("ours")])[0])
    return kingdee


@pytest.mark.parametrize(
    "values",
    [
        {"FTEL": "021"},
        {"FTEL": "123"},
        {"FADDRESS": None},
        {"credit_limits": {"100": "1000.00"}},
        {"credit_limits": {"100": "1000.00"}, "FTEL": "123"},
        {"credit_limits": {"100": "1000.00"}, "FTEL": "021"},
        {"FForbidStatus": "B"},
        {"FForbidStatus": "B", "FTEL": "123"},
        {"FForbidStatus": "A", "FTEL": "123"},
    ],
    ids=str,
)
def test_whoever_edited_long_before_has_touched_nothing_of_it(
    known: KingdeeConnector, erp: System, values: Mapping[str, Any]
) -> None:
    (there,) = customers(erp, 1, FTEL="123")
    erp.clock.advance(120)
    assert not proven(known.update([update(there, values)])[0]).touched


def test_nor_of_a_record_that_is_put_out_of_use(known: KingdeeConnector, erp: System) -> None:
    (there,) = customers(erp, 1)
    assert not proven(known.archive([Archive("k", ref(there))])[0]).touched


def test_an_edit_of_what_was_already_so_is_told(known: KingdeeConnector, erp: System) -> None:
    (there,) = customers(erp, 1, FTEL="123")
    _between(erp, there, {"FTEL": "9"})
    assert proven(known.update([update(there, {"FTEL": "123"})])[0]).touched


def test_an_edit_of_the_record_is_not_hidden_by_our_own_limit(
    known: KingdeeConnector, erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    (there,) = customers(erp, 1, FTEL="1")
    erp.clock.advance(60)
    plainly = CreditWriter.write

    def write(writer: CreditWriter, *what: Any) -> None:
        erp.update(CUSTOMER, there, {"FTEL": "999"}, by="user:anna")
        erp.clock.advance(3)
        plainly(writer, *what)

    monkeypatch.setattr(CreditWriter, "write", write)
    values = {"FTEL": "021", "credit_limits": {"100": "5.00"}}
    written = proven(known.update([update(there, values)])[0])
    assert (written.record.payload["FTEL"], written.touched) == ("999", True)


@pytest.mark.parametrize(("name", "records", "is_said"), [("", 5, False), ("nobody", 4, False), ("nobody", 5, True)])
def test_a_wrong_name_of_ours_is_found_by_doctor(
    centre: KingdeeSimulator, connectors: Connect, name: str, records: int, *, is_said: bool
) -> None:
    kingdee = connectors(centre, user_name=name)
    kingdee.create([create(f"k{n}") for n in range(records)])
    found = [finding for finding in kingdee.check() if not finding.ok]
    assert [(finding.about, "user_name" in finding.do) for finding in found] == [(f"{CUSTOMER} user", True)] * is_said
