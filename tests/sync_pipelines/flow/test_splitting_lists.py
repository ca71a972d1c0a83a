"""Who is parted keeps the items that its people put in, and may be made anew where the other one took the key along."""

import pytest

from connectors.contract import RecordRef
from sync_pipelines.flow.splitting import plan_split
from sync_pipelines.ledger.port import LedgerError
from tests.laws.little_world import LittleWorld, shared
from tests.sync_pipelines.flow.restored import OldWorld, one_since_the_backup
from tests.sync_pipelines.flow.test_splitting import customer, split


def codes(little: LittleWorld, system: str, record: str) -> list[str]:
    return sorted(place["code"] for place in little.row(system, record).values["Places"] or ())


def test_a_split_parts_a_list_item_by_item() -> None:
    little = LittleWorld()
    account = shared(little)
    (theirs,) = little.rows("erp")
    little.edit("crm", account, Places=[{"code": "A", "town": "Bonn"}])
    little.settle()
    little.edit("erp", theirs.id, Places=[*little.only("erp").values["Places"], {"code": "C", "town": "Ulm"}])
    little.settle()
    assert codes(little, "crm", account) == codes(little, "erp", theirs.id) == ["A", "C"]
    split(little, customer(little))
    assert (codes(little, "crm", account), codes(little, "erp", theirs.id)) == (["A"], ["C"])


def test_whoever_stays_is_made_anew_with_a_key_of_its_own_where_the_other_one_took_ours_along() -> None:
    little = LittleWorld()
    shared(little)
    (parted,) = little.rows("erp")
    split(little, customer(little))
    little.settle()
    keys = [row.values["Key"] for row in little.rows("erp")]
    assert len(keys) == len(set(keys)) == 2
    assert keys[0] == parted.values["Key"]
    assert little.ledger.quarantined() == []


def test_nobody_is_parted_of_whom_it_is_asked_what_a_restored_ledger_forgot() -> None:
    little: OldWorld = one_since_the_backup()
    little.put_back(little.backup)
    little.run(full=True)
    little.adopt_all()
    (asked,) = little.questions()
    homes = (asked.entity_id, *asked.others)
    told = little.ledger.couplings_of("account", list(homes))
    home = next(home for home in homes if len({c.ref.system for c in told[home]}) > 1)
    leaves: RecordRef = told[home][0].ref
    with pytest.raises(LedgerError, match="answer it first: "):
        plan_split(little.house, "account", [leaves], "stella")
