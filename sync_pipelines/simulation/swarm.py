"""What a seed chooses before anything happens: few kinds of faults, or many, and how often they strike.

Few at a time find more than all at once: what always strikes hides what strikes then.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sync_pipelines.simulation.draws import Draws
from sync_pipelines.simulation.nemesis import TABLE, Way, of_way

_HOW_MANY = (0, 1, 1, 2, 2, 3, 3, 5, 8, 14)
_RATES = (0.05, 0.15, 0.15, 0.3)
_SHARES = (0.1, 0.2, 0.35)
_PAGES = (2, 4, 4, 50)
_BEFORE = -1  # the number of the operation before all others


@dataclass(frozen=True, slots=True)
class Swarm:
    """The choices of one history."""

    kinds: tuple[str, ...] = ()
    rate: float = 0.15  # of faults that befall calls, and of runs to which something happens
    share: float = 0.2  # of operations that are deeds of the nemesis, and of values that are hostile
    page_size: int = 4

    @classmethod
    def of(cls, seed: int) -> "Swarm":
        """Drawn from the seed."""
        draws = Draws(seed, _BEFORE)
        names = sorted((kind.name for kind in TABLE), key=lambda name: draws.part(f"order {name}"))
        kinds = sorted(names[: draws.choice("how many", _HOW_MANY)])
        page_size = 1 if "tiny_pages" in kinds else draws.choice("page", _PAGES)
        return cls(tuple(kinds), draws.choice("rate", _RATES), draws.choice("share", _SHARES), page_size)

    def of_way(self, way: Way) -> tuple[str, ...]:
        """The chosen kinds that come about so."""
        return of_way(self.kinds, way)

    @property
    def rates(self) -> dict[str, float]:
        """For the schedule of faults. What clings to a record clings to few of them."""
        return {name: self.rate / 3 if name == "poison" else self.rate for name in self.of_way(Way.CALL)}

    def plain(self) -> dict[str, Any]:
        """For a file."""
        return {**asdict(self), "kinds": list(self.kinds)}

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Swarm":
        """From a file."""
        return cls(**{**told, "kinds": tuple(told["kinds"])})
