"""What comes from outside into a connector: time, chance, ids, the pace of calls, and in tests another network."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing these takes longer than the command may take to start
    from connectors.hearing import Heard
    from connectors.http import Transport
    from connectors.pacing import Pace


@dataclass(frozen=True, slots=True)
class Seams:
    """Passed in by whoever opens a connector; nothing in a connector asks the machine for these."""

    clock: Callable[[], datetime]  # aware, UTC
    sleep: Callable[[float], None]  # seconds
    new_id: Callable[[], str]
    random: Callable[[], float]  # from 0 up to 1: the jitter of repeated reads
    pace: "Pace | None" = None  # of this system; None: no limit of ours
    transport: "Transport | None" = None  # another way out than the network
    heard: "Heard | None" = None  # where the door notes what it hears besides answers
