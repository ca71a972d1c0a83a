"""The CRM as a Salesforce org. It has no lists: what a history does to them there is left out."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.simulated.metadata import id_pattern
from connectors.salesforce.simulator import Behaviour, SalesforceSimulator
from connectors.testing.metadata import KindSpec
from connectors.testing.world import System
from mappings.fieldmap import KindMap
from sync_pipelines.simulation.dialects.dialect import fetched, seams, spelled
from sync_pipelines.simulation.little_book import PERSON

_PREFIXES = {"Account": "001", "Contact": "003"}


@dataclass(frozen=True, slots=True)
class Salesforce:
    """One org."""

    called: Mapping[str, str] = field(default_factory=lambda: {PERSON: "Contact"})
    words: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset({"Places"})
    sort: type[System] = System
    options: Mapping[str, Any] = field(default_factory=dict)

    def kind(self, plain: KindSpec) -> KindSpec:
        """Fields keep their names."""
        name = self.called.get(plain.name, plain.name)
        return replace(plain, name=name, id_pattern=id_pattern(_PREFIXES[name]))

    def mapped(self, plain: KindMap) -> KindMap:
        """Kinds alone are called otherwise."""
        return spelled(plain, self.called, {})

    def opened(self, system: System, until: ExitStack, kinds: Sequence[KindMap], *, page: int, batch: int) -> "_Org":
        """Pages of so many rows."""
        del batch
        served = until.enter_context(SalesforceSimulator(system, behaviour=Behaviour(page_rows=page)))
        return _Org(served, until, fetched(kinds))


@dataclass(frozen=True, slots=True)
class _Org:
    served: SalesforceSimulator
    until: ExitStack
    fields: Mapping[str, Sequence[str]]

    def connected(self) -> SalesforceConnector:
        connector = SalesforceConnector(
            self.served.system.name, _settings(self.served), seams(self.served.system), self.fields
        )
        self.until.callback(connector.close)
        return connector


def _settings(org: SalesforceSimulator) -> SalesforceSettings:
    return SalesforceSettings.model_validate(
        {
            "url": org.url,
            "on_premise": True,
            "client_id": org.app.client_id,
            "client_secret": org.app.client_secret,
            "key_field": "Key",
            "archive": {kind: {"Active": False} for kind in _PREFIXES},
            "windows": 1,  # one call after the other: threads would not come in the same order twice
            "bulk_above": None,
        }
    )
