"""A line breaks and a process is killed, each at the worst moment. Nothing is made twice."""

import os
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence

from connectors.kingdee.shape import AUDITED, CUSTOMER, STATUS
from connectors.testing.world import Fault
from sync_pipelines.demo.acts.play import Act, Play
from sync_pipelines.demo.cast import CRM
from sync_pipelines.demo.systems import WatchedCentre
from sync_pipelines.model.changes import OPEN
from sync_pipelines.settings import now
from sync_pipelines.simulation.customers.numbers import tax_id

_LOST = ("Nordwind Turbinen GmbH", "Alpenglas Optik AG", "成都云山食品有限公司")
_KILLED = ("Harbour & Vale Castings Ltd", "苏州远信精密模具有限公司", "Lumière Textiles SAS")
_WON = "Elbtal Fördertechnik GmbH"
_PATIENCE = 60.0  # seconds


def loses_an_answer(play: Play) -> None:
    """The request is carried out, and its answer never arrives."""
    play.stage.scene(
        "An answer is lost in the middle of a create",
        "Finance enters three new firms. While they are made in the CRM the line breaks: they are made, and the",
        "answer never arrives. To send them again would make them twice.",
    )
    for name in _LOST:
        play.systems.finance.make(name)
    play.systems.world.faults.force(Fault.LOST_AFTER, f"{CRM}.create")
    play.stage.command("apply", "account")
    play.stage.same("the line did break", 1, play.systems.world.faults.fired[Fault.LOST_AFTER])
    _there_once(play, _LOST)


def is_killed_in_a_chain(play: Play) -> None:
    """With Kingdee a customer is made in three calls: saved, submitted, audited. The second is never answered."""
    centre = play.systems.centre
    if centre is None:
        return
    play.stage.scene(
        "A process is killed between two calls",
        f"Sales wins {_WON}. In {play.systems.finance.name} a customer is saved, submitted and audited, by three",
        "calls; at the second the program, a process of its own, is killed with `kill -9`.",
    )
    _sales_wins(play)

    def watch(process: "subprocess.Popen[bytes]") -> None:
        centre.when_called = lambda path: process.kill() if ".Submit." in path else None

    play.stage.same("the process died of the signal", -9, _killed(play, watch))
    centre.when_called = None
    (made,) = play.customers_of(_WON)
    play.stage.same("the customer is half made: not audited, and of no use", "half made", _state(centre, made.id))
    play.stage.command("apply", "account")
    play.stage.same("it is there once", [made.id], [one.id for one in play.customers_of(_WON)])
    play.stage.same("and audited now: the chain went on where it stood", "audited", _state(centre, made.id))


def _sales_wins(play: Play) -> None:
    play.systems.sales.make(
        Name=_WON, Type="Customer", Customer_Status__c="Won", Tax_Number__c=tax_id("DE", 88_000_001, 0),
        Website="www.elbtal-fördertechnik.example", BillingStreet="Industriestraße 7", BillingCity="Dresden",
        BillingPostalCode="01129", BillingCountry="Germany",
    )  # fmt: skip


def _state(centre: WatchedCentre, record: str) -> str:
    row = centre.system.read(CUSTOMER, record)
    return "audited" if row is not None and row.values[STATUS] == AUDITED else "half made"


def is_killed(play: Play) -> None:
    """`kill -9` hits the very program that people start, between its request and the answer."""
    play.stage.scene(
        "A process is killed before the answer",
        "Finance enters three firms more. The CRM has just made them, and not yet answered, when the power fails: the",
        "program that asked for them is killed. Whoever comes next has to find out.",
    )
    for name in _KILLED:
        play.systems.finance.make(name)

    def watch(process: "subprocess.Popen[bytes]") -> None:
        play.systems.org.when_made = process.kill

    play.stage.same("the process died of the signal", -9, _killed(play, watch))
    play.systems.org.when_made = None
    made = [len(play.systems.sales.named(name)) for name in _KILLED]
    play.stage.same("the CRM had made what nobody heard of", [1, 1, 1], made)
    with play.ledger() as ledger:
        play.stage.same("the ledger knows what was on its way", 3, len(ledger.changes(states=OPEN)))
    play.stage.command("apply", "account")
    _there_once(play, _KILLED)


def _killed(play: Play, watch: Callable[["subprocess.Popen[bytes]"], None]) -> int:
    """Start the program as a process; `watch` sees to it that it is killed at the worst moment."""
    play.stage.say("\n$ concordat apply account      (in a process of its own)")
    command = [sys.executable, "-m", "sync_pipelines.cli", "apply", "account"]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    watch(process)
    try:
        return process.wait(_PATIENCE)
    finally:
        process.kill()
        _take_back(play, f"{platform.node()}:{process.pid}")


def _take_back(play: Play, holder: str) -> None:
    """The right to write would stay with the dead one for ten minutes, and whoever opens `make ui` now would wait."""
    with play.ledger() as ledger:
        for system, kind in play.kinds():
            lease = ledger.acquire(f"{system}/{kind}", holder, now(), now())
            if lease is not None:
                ledger.release_lease(lease)


def _there_once(play: Play, names: tuple[str, ...]) -> None:
    there = Counter(row.values["Name"] for row in play.systems.sales.accounts())
    play.stage.same("each of the three is there once", [1, 1, 1], [there[name] for name in names])
    with play.ledger() as ledger:
        play.stage.same("no write is left without a known outcome", 0, len(ledger.changes(states=OPEN)))


def rests(play: Play) -> None:
    """The end, which is rest."""
    play.stage.scene("And everything is at rest")
    play.stage.command("status")
    play.empty_plan()
    play.each_once()


ACTS: Sequence[Act] = (loses_an_answer, is_killed_in_a_chain, is_killed, rests)
