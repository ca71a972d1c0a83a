"""What other processes do to a ledger in tests. Started as `python -m`, told by arguments, ended by kill -9."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.port import LeaseLostError, Ledger
from sync_pipelines.model.records import Lease
from tests.sync_pipelines.ledger.facts import ACCOUNT, NOW, at, change, head


def say(word: object) -> None:
    print(word, flush=True)  # noqa: T201 - the parent reads it


def wait() -> None:
    """Until the parent says something, or for ever."""
    sys.stdin.readline()


def intend_and_wait(ledger: Ledger, *_: str) -> None:
    """Dies after the intent is kept, before anything is known of its outcome."""
    lease = ledger.acquire("erp/party", "who dies", NOW, at(10))
    assert lease is not None
    ledger.save_plan(head("p1"), [change("k1"), change("k2")])
    ledger.intend([replace(change("k1"), payload={"name": "new"})], lease, NOW)
    say("intended")
    wait()


def intend_within_a_transaction_and_wait(ledger: Ledger, *_: str) -> None:
    """Dies before the commit."""
    with ledger.transaction():
        intend_and_wait(ledger)


def acquire(ledger: Ledger, holder: str, *_: str) -> None:
    """Goes for a lease as soon as the parent says so."""
    say("ready")
    wait()
    lease = ledger.acquire("erp/party", holder, NOW, at(10))
    say(lease.token if lease else "refused")


def be_a_zombie(ledger: Ledger, *_: str) -> None:
    """Holds a lease, is paused, and goes on writing when it wakes up."""
    lease = ledger.acquire("erp/party", "zombie", NOW, at(10))
    assert lease is not None
    ledger.save_plan(head("p1"), [change("k1")])
    say("paused")
    wait()
    say(tried_to_intend(ledger, lease))


def tried_to_intend(ledger: Ledger, lease: Lease) -> str:
    try:
        ledger.intend([change("k1")], lease, at(1))  # its own clock stood still
    except LeaseLostError as error:
        return str(error)
    return "intended"


def spend(ledger: Ledger, times: str, *_: str) -> None:
    """Adds up beside others."""
    say("ready")
    wait()
    for _time in range(int(times)):
        ledger.spend("crm", "2026-03-01", 1)
        ledger.ask([])
        ledger.attend(ACCOUNT, ["a1"])
    say("done")


ACTS: Mapping[str, Callable[..., None]] = {
    act.__name__: act for act in (intend_and_wait, intend_within_a_transaction_and_wait, acquire, be_a_zombie, spend)
}

if __name__ == "__main__":
    ACTS[sys.argv[1]](open_ledger(sys.argv[2], audit_key=b"key"), *sys.argv[3:])
