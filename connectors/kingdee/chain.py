"""Save → Submit → Audit, as a chain that goes on wherever it stands.

Submitting and auditing create nothing and are refused where they are done already, so after a lost answer the state is
looked up and the next step is taken. Only a Save whose answer is lost ends the chain: nobody knows what it did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from connectors.errors import ConnectorError
from connectors.kingdee import filters
from connectors.kingdee.answers import Status
from connectors.kingdee.client import Client
from connectors.kingdee.shape import AUDITED, EDITOR, IN_APPROVAL, STATUS

_REOPENABLE = frozenset({"Z", "A", "D"})  # draft, made, to be reviewed again
Said: TypeAlias = dict[str, str]  # by id, what the system said when a step was refused


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps of one form."""

    client: Client
    form: str
    id_key: str

    def states(self, ids: Sequence[str]) -> Mapping[str, str]:
        """How records stand now; one that is gone is missing."""
        if not ids:
            return {}
        rows = self.client.query(self.form, (self.id_key, STATUS), filters.ids(self.id_key, ids), limit=2000)
        return {str(row[0]): str(row[1]) for row in rows}

    def reopened(self, ids: Sequence[str]) -> Status | None:
        """Take back the audit of these, so that they can be saved. None: there was nothing to do."""
        return self.client.write("UnAudit", self.form, _of(ids)) if ids else None

    def operated(self, operation: str, ids: Sequence[str]) -> Status | None:
        """`Forbid` or `Enable` these."""
        return self.client.write("ExcuteOperation", self.form, _of(ids), opNumber=operation) if ids else None

    def finished(self, ids: Sequence[str]) -> Said:
        """Submit and audit these; where a step was cut short or refused, look how they stand and go on from there.

        Gives, for those that are not audited in the end, what was said on the way.
        """
        said: Said = {}
        self._step("Submit", ids, said)
        self._step("Audit", ids, said)
        if not said:
            return {}
        states = self._looked(ids, said)
        self._step("Submit", [one for one in ids if states.get(one) in _REOPENABLE], said)
        self._step("Audit", [one for one in ids if states.get(one, AUDITED) != AUDITED], said)
        states = self._looked(ids, said)
        return {one: why for one, why in said.items() if states.get(one) != AUDITED}

    def _looked(self, ids: Sequence[str], said: Said) -> Mapping[str, str]:
        """By a strong read; where that fails, nothing more is tried."""
        try:
            return self.states(ids)
        except ConnectorError as error:
            said.update(dict.fromkeys(ids, str(error)))
            return {}

    def _step(self, service: str, ids: Sequence[str], said: Said) -> None:
        if not ids:
            return
        try:
            status = self.client.write(service, self.form, _of(ids))
        except ConnectorError as error:  # lost, throttled, or refused as a whole: the next look says how they stand
            said.update(dict.fromkeys(ids, f"{service}: {error}"))
            return
        for complaint in status.complaints:
            place = complaint.index
            meant = ids if place is None or place >= len(ids) else [ids[place]]
            said.update(dict.fromkeys(meant, f"{service}: {complaint}"))

    def interrupted(self, editor: str) -> list[str]:
        """Records that we were the last to save, and that are not audited; of very many, the latest."""
        where = filters.among(STATUS, ("A", IN_APPROVAL, "D"))
        keys = (self.id_key, EDITOR)
        rows = self.client.query(self.form, keys, where, order="FModifyDate DESC", limit=2000)
        return [str(row[0]) for row in rows if row[1] == editor]


def saved(client: Client, form: str, models: Sequence[Mapping[str, object]], fields: Sequence[str]) -> Status:
    """One BatchSave, in which rows that are not named stay."""
    data = {
        "NeedUpDateFields": list(fields),
        "NeedReturnFields": [],
        "IsDeleteEntry": False,
        "IsVerifyBaseDataField": True,
        "IsAutoAdjustField": False,
        "ValidateRepeatJson": False,
        "BatchCount": 1,
        "Model": [dict(model) for model in models],
    }
    return client.write("BatchSave", form, data)


def _of(ids: Sequence[str]) -> Mapping[str, object]:
    return {"Ids": ",".join(ids)}
