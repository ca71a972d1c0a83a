"""An older copy in the ledger's own place."""

from typing import cast

from sync_pipelines.ledger.copying import copy_of, put_back
from sync_pipelines.ledger.keeping import KeptLedger
from sync_pipelines.ledger.port import Ledger
from tests.sync_pipelines.ledger.facts import ACCOUNT
from tests.sync_pipelines.ledger.test_transactions import all_of_it, filled, write_a_bit_of_everything


def test_what_was_done_since_a_copy_is_forgotten(ledger: Ledger) -> None:
    kept = cast("KeptLedger", ledger)
    empty, nothing = copy_of(kept), all_of_it(ledger)
    before = filled(ledger)
    copy = copy_of(kept)
    write_a_bit_of_everything(ledger)
    assert all_of_it(ledger) != before
    put_back(kept, copy)
    assert all_of_it(ledger) == before
    ledger.attend(ACCOUNT, ["it goes on"])
    put_back(kept, empty)
    assert all_of_it(ledger) == nothing
