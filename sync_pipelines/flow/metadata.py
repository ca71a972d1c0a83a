"""What systems say of their fields, asked once and only where something is to be written."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from connectors.contract import Connector, KindDescription
from connectors.errors import ConnectorError


@dataclass(slots=True)
class Metadata:
    """Descriptions by (system, kind)."""

    connectors: Mapping[str, Connector]
    known: dict[tuple[str, str], KindDescription] = field(default_factory=dict)

    def of(self, places: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], KindDescription]:
        """The descriptions that can be had; one that cannot leaves the judgement to its system."""
        for system, kind in sorted(places):
            if (system, kind) not in self.known:
                self._ask(system, kind)
        return self.known

    def _ask(self, system: str, kind: str) -> None:
        try:
            self.known[system, kind] = self.connectors[system].describe(kind)
        except ConnectorError:
            return  # the write itself will say what is wrong
