"""The connection's user may do no more than it has to; where the system tells, so does `doctor`."""

from collections.abc import Iterator, Mapping

import pytest

from connectors.contract import Connector, Finding
from connectors.tryton import doctor
from tests.crash.systems import Systems


def about(connector: Connector, what: str) -> list[Finding]:
    return [finding for finding in connector.check() if finding.about.endswith(what)]


def test_t21_a_right_to_delete_that_a_crm_gives_us_is_told(connectors: Mapping[str, Connector]) -> None:
    found = about(connectors["crm"], "rights")
    assert [finding.about for finding in found] == ["Account rights", "Contact rights"]
    assert all("may delete records, which is never done" in finding.says for finding in found)


def test_t21_a_crm_that_gives_us_no_such_right_is_not_complained_of(
    connectors: Mapping[str, Connector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.salesforce.simulated.metadata.NEVER_DELETED", {"Account", "Contact", "User"})
    assert about(connectors["crm"], "rights") == []


def test_t21_scopes_of_a_shop_that_nothing_is_written_by_are_told(
    systems: Systems, connectors: Mapping[str, Connector]
) -> None:
    systems.shopfront.shop.scopes = ("read_customers", "write_customers", "read_orders")
    assert "take away" not in about(connectors["shop"], "scopes")[0].says
    systems.shopfront.shop.scopes += ("write_orders",)
    (told,) = about(connectors["shop"], "scopes")
    assert told.says.endswith("it may do more than it has to, take away: write_orders")


class Answers:
    """Says which rights a user of Tryton has."""

    def __init__(self, *, deletes: bool) -> None:
        self.deletes = deletes

    def read(self, _method: str, models: list[str]) -> Mapping[str, Mapping[str, bool]]:
        return {model: {"read": True, "write": True, "create": True, "delete": self.deletes} for model in models}


class Named:
    user = "sync"


@pytest.mark.parametrize("deletes", [True, False])
def test_t21_a_right_to_delete_that_an_erp_gives_us_is_told(*, deletes: bool) -> None:
    told: Iterator[Finding] = doctor._rights(Answers(deletes=deletes), Named())  # type: ignore[arg-type]  # doubles
    (finding,) = told
    assert finding.ok
    assert ("may delete parties, which is never done" in finding.says) is deletes
