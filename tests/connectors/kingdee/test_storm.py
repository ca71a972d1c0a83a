"""Whatever befalls the calls: each key once, each record audited in the end, each proof true."""

from collections.abc import Sequence

import pytest

from connectors.contract import Create, ItemResult, Update, Written
from connectors.errors import ConnectorError, RejectedError, TransientError, UncertainError
from connectors.kingdee.connector import KingdeeConnector
from connectors.kingdee.simulator import CUT_BODY, SHORT, SHUFFLED, KingdeeSimulator
from connectors.testing.contract_bench import proven
from connectors.testing.world import Fault, System
from tests.connectors.kingdee.hands import Connect, create, now, update

CUSTOMER = "BD_Customer"
KEYS = [f"key-{n}" for n in range(6)]
STORM: dict[str, float] = {
    Fault.LOST_BEFORE: 0.06,
    Fault.LOST_MIDWAY: 0.06,
    Fault.LOST_AFTER: 0.1,
    Fault.GATEWAY_AFTER: 0.06,
    Fault.THROTTLED: 0.06,
    Fault.BODY_ERROR: 0.06,
    Fault.TOKEN_EXPIRED: 0.04,
    Fault.PARTIAL_BATCH: 0.1,
    CUT_BODY: 0.06,
    SHUFFLED: 0.2,
    SHORT: 0.1,
}


def tried(connector: KingdeeConnector, batch: Sequence[Create] | Sequence[Update]) -> Sequence[ItemResult]:
    """As the engine does it: what fails as a whole was not proven, and nothing is ever repeated blindly."""
    creates = [item for item in batch if isinstance(item, Create)]
    updates = [item for item in batch if isinstance(item, Update)]
    try:
        return connector.create(creates) if creates else connector.update(updates)
    except ConnectorError as error:
        return [TransientError(str(error))] * len(batch)


def made(connector: KingdeeConnector, rounds: int = 12) -> None:
    """Create what is not known yet; after an open outcome, look first."""
    known: set[str] = set()
    for _ in range(rounds):
        left = [key for key in KEYS if key not in known]
        results = tried(connector, [create(key) for key in left]) if left else []
        assert not any(isinstance(one, RejectedError) for one in results)
        known |= {key for key, one in zip(left, results, strict=True) if isinstance(one, Written)}
        if any(isinstance(one, UncertainError) for one in results):
            known |= set(looked_up(connector, left))


def looked_up(connector: KingdeeConnector, keys: Sequence[str]) -> Sequence[str]:
    """Until an answer comes: without one, nothing may be sent again."""
    while True:
        try:
            return list(connector.find_created(CUSTOMER, keys))
        except ConnectorError:
            continue


@pytest.mark.parametrize("way", ["signed", "password"])
@pytest.mark.parametrize("seed", range(12))
def test_a_storm_makes_nothing_twice_and_leaves_nothing_open(
    seed: int, way: str, centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    connector = connectors(centre, sign_in=way)
    erp.faults.seed, erp.faults.rates, erp.faults._armed = seed, dict(STORM), True
    made(connector)
    assert sorted(row.values["F_CONCORDAT_KEY"] for row in erp.living(CUSTOMER)) == KEYS
    for n, row in enumerate(erp.living(CUSTOMER)):
        (result,) = tried(connector, [update(row.id, {"FTEL": str(n)})])
        if isinstance(result, Written):
            assert result.record.payload["FTEL"] == str(n)
            assert result.record.payload["FDocumentStatus"] == "C"
    assert sum(erp.faults.fired.values()) > 3
    erp.faults.heal()
    last = connectors(centre, sign_in=way)
    for n, row in enumerate(erp.living(CUSTOMER)):
        proven(last.update([update(row.id, {"FTEL": str(n)})])[0])
        assert now(last, row.id).payload["FTEL"] == str(n)
    assert {row.values["FDocumentStatus"] for row in erp.living(CUSTOMER)} == {"C"}
    assert all(one.ok for one in last.check())
