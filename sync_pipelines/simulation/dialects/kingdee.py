"""The ERP as a data centre of Kingdee 云星空: customers of one organisation, saved, submitted and audited.

Most fields are custom ones with the names of the little book. What the vendor has a way of its own for is spelled its
way: who is in use (`FForbidStatus`), and whom a contact works for (`FCompany`, told by number).
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.kingdee.connector import KingdeeConnector
from connectors.kingdee.settings import KingdeeSettings
from connectors.kingdee.shape import CONTACT, CUSTOMER, FORBIDDEN, IN_USE, OUT_OF_USE
from connectors.kingdee.simulated import forms
from connectors.kingdee.simulator import KingdeeSimulator
from connectors.testing.metadata import FieldSpec, KindSpec
from connectors.testing.world import System
from mappings.fieldmap import KindMap
from sync_pipelines.simulation.dialects.dialect import BothNames, fetched, seams, spelled
from sync_pipelines.simulation.little_book import KINDS, PERSON

_FORMS = {CUSTOMER: forms.customer, CONTACT: forms.contact}
_NAMELESS = forms.text("FName")  # a history may leave a firm without a name; ours stands in a field of its own


class _BothNames(BothNames):
    """Its people edit what everybody edits; its own words stand beside."""

    theirs = frozenset(forms.customer().fields) | frozenset(forms.contact().fields)

    def both(self, kind: str, values: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
        """Out of use, and whom a contact works for."""
        del kind, held
        told = dict(values)
        if FORBIDDEN in values:
            told["Active"] = values[FORBIDDEN] != OUT_OF_USE
        elif "Active" in values:
            told[FORBIDDEN] = IN_USE if values["Active"] else OUT_OF_USE
        if "FCompany" in values:
            told["AccountId"] = values["FCompany"] or None
        elif "AccountId" in values:
            told["FCompany"] = values["AccountId"] or ""
        return told


@dataclass(frozen=True, slots=True)
class Kingdee:
    """One data centre."""

    called: Mapping[str, str] = field(default_factory=lambda: {KINDS["erp"]: CUSTOMER, PERSON: CONTACT})
    words: Mapping[str, str] = field(default_factory=lambda: {"FCompany": "AccountId", FORBIDDEN: "Active"})
    left_out: frozenset[str] = frozenset({"Places"})
    sort: type[System] = _BothNames
    options: Mapping[str, Any] = field(default_factory=lambda: {"zone": "Asia/Shanghai"})

    def kind(self, plain: KindSpec) -> KindSpec:
        """A form with the fields of the little book; a field of one's own is not unique there."""
        own = [self._field(one) for one in plain.fields.values()]
        return _FORMS[self.called[plain.name]](_NAMELESS, *own, key_field=plain.key_field, active_field="Active")

    def _field(self, one: FieldSpec) -> FieldSpec:
        return replace(one, unique=False, refers_to=self.called.get(one.refers_to, one.refers_to))

    def mapped(self, plain: KindMap) -> KindMap:
        """Out of use by its word, and not by a yes or no."""
        told = spelled(plain, self.called, {"AccountId": "FCompany.id"})
        back = IN_USE if plain.archived_back else plain.archived_back
        return replace(told, archived_at=FORBIDDEN, archived_is=(OUT_OF_USE,), archived_back=back)

    def opened(self, system: System, until: ExitStack, kinds: Sequence[KindMap], *, page: int, batch: int) -> "_Centre":
        """Queries of so many rows, and so many models in a Save."""
        return _Centre(until.enter_context(KingdeeSimulator(system)), until, fetched(kinds), page, batch)


@dataclass(frozen=True, slots=True)
class _Centre:
    served: KingdeeSimulator
    until: ExitStack
    fields: Mapping[str, Sequence[str]]
    page: int
    batch: int

    def connected(self) -> KingdeeConnector:
        app = self.served.app
        settings = KingdeeSettings.model_validate(
            {
                "url": self.served.url,
                "on_premise": True,
                "acct_id": app.acct_id,
                "user": app.user,
                "user_name": app.user,
                "sign_in": "app_secret",  # a session, which may end
                "app_id": app.app_id,
                "app_secret": app.app_secret,
                "key_field": "Key",
                "credit_form": "",
                "page": self.page,
                "batch": self.batch,
            }
        )
        system = self.served.system
        connector = KingdeeConnector(system.name, settings, seams(system), self.fields)
        self.until.callback(connector.close)
        return connector
