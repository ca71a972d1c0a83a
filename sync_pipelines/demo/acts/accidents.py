"""A line breaks and a process is killed, each at the worst moment. Nothing is made twice."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence

from connectors.testing.world import Fault
from sync_pipelines.demo.acts.play import Act, Play
from sync_pipelines.demo.cast import CRM
from sync_pipelines.model.changes import OPEN

_LOST = ("Nordwind Turbinen GmbH", "Alpenglas Optik AG", "成都云山食品有限公司")
_KILLED = ("Harbour & Vale Castings Ltd", "苏州远信精密模具有限公司", "Lumière Textiles SAS")
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


def is_killed(play: Play) -> None:
    """`kill -9` hits the very program that people start, between its request and the answer."""
    play.stage.scene(
        "A process is killed",
        "Three more. The CRM has just made them, and not yet answered, when the power fails: the program that asked",
        "for them, a process of its own, is killed with `kill -9`. Whoever comes next has to find out.",
    )
    for name in _KILLED:
        play.systems.finance.make(name)
    code = _killed_when_made(play)
    play.stage.same("the process died of the signal", -9, code)
    made = [len(play.systems.sales.named(name)) for name in _KILLED]
    play.stage.same("the CRM had made what nobody heard of", [1, 1, 1], made)
    with play.ledger() as ledger:
        play.stage.same("the ledger knows what was on its way", 3, len(ledger.changes(states=OPEN)))
    play.stage.command("apply", "account")
    _there_once(play, _KILLED)


def _killed_when_made(play: Play) -> int:
    play.stage.say("\n$ concordat apply account      (in a process of its own)")
    command = [sys.executable, "-m", "sync_pipelines.cli", "apply", "account"]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    play.systems.org.when_made = process.kill
    try:
        return process.wait(_PATIENCE)
    finally:
        play.systems.org.when_made = None
        process.kill()


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


ACTS: Sequence[Act] = (loses_an_answer, is_killed, rests)
