"""Strangers among many: nobody is looked up by what too many share; by what is rarer they are found."""

from collections.abc import Mapping, Sequence

import pytest

from connectors.contract import RecordRef
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.claims import Claim
from tests.laws.little_world import LittleWorld

MANY = 5


class _Watched(MemoryLedger):
    """Remembers how many claims were fetched for keys."""

    fetched = 0

    def find_keys(self, entity: str, keys: Sequence[str]) -> Mapping[str, Sequence[Claim]]:
        found = super().find_keys(entity, keys)
        self.fetched += sum(map(len, found.values()))
        return found


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> LittleWorld:
    """Namesakes in the CRM, one of them with a tax number."""
    monkeypatch.setattr("sync_pipelines.flow.recognising.MANY", MANY)
    little = LittleWorld(ledger=_Watched())
    for number in range(MANY):
        little.create("crm", Name="Acme", Status="Open", Remark=str(number))
    little.create("crm", Name="Acme", Status="Open", Tax_Id="DE1")
    little.settle()
    assert isinstance(little.ledger, _Watched)
    little.ledger.fetched = 0
    return little


def because(little: LittleWorld, record: str) -> str:
    ref = RecordRef("erp", "Customer", record)
    return little.ledger.couplings_at("account", [ref])[ref].because


def test_a_name_that_too_many_bear_fetches_nobody_and_asks_nothing(little: LittleWorld) -> None:
    record = little.create("erp", Name="ACME")
    little.run()
    assert isinstance(little.ledger, _Watched)
    assert (little.ledger.fetched, little.questions()) == (0, [])
    assert because(little, record) == "new; not looked up by its name: more than 100 records share it"


def test_one_of_many_namesakes_is_found_by_what_is_rarer(little: LittleWorld) -> None:
    record = little.create("erp", Name="ACME", Tax_Id="DE1")
    little.run()
    assert because(little, record) == "tax_id"


def test_a_name_that_just_not_too_many_bear_is_asked_about(little: LittleWorld) -> None:
    for number in range(MANY - 1):
        little.create("crm", Name="Zeta", Status="Open", Remark=str(number))
    little.settle()
    before = {question.id for question in little.questions()}
    little.create("erp", Name="Zeta")
    little.run()
    (asked,) = [question for question in little.questions() if question.id not in before]
    assert len(asked.others) == MANY - 1


def test_a_key_of_ours_that_somebody_typed_in_where_we_made_nothing_proves_nothing(little: LittleWorld) -> None:
    zeta = little.create("crm", Name="Zeta", Status="Open")
    little.settle()
    ref = RecordRef("crm", "Account", zeta)
    key = little.ledger.couplings_at("account", [ref])[ref].entity_id
    record = little.create("erp", Name="Borg", Tax_Id="DE9", Key=key)
    little.run()
    assert because(little, record) == "new"
