"""Credit limits: a form of their own, one record for a customer and an organisation. Told inside the customer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.errors import TransientError
from connectors.kingdee import filters
from connectors.kingdee.client import Client
from connectors.kingdee.settings import KingdeeSettings
from connectors.kingdee.shape import EDITOR, STATUS
from connectors.paging import in_batches

_STAMP = "FModifyDate"
_PORTION = 500
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Credit:
    """What one organisation lets a customer owe."""

    id: str
    amount: str | None
    status: str
    changed_at: datetime | None
    changed_by: str


@dataclass(frozen=True, slots=True)
class Credits:
    """Reads credit archives of one data centre."""

    client: Client
    settings: KingdeeSettings

    @property
    def is_used(self) -> bool:
        """Whether this data centre has them, by its settings."""
        return bool(self.settings.credit_form)

    def of(self, customers: Sequence[str]) -> Mapping[str, Mapping[str, Credit]]:
        """By customer and organisation."""
        found: dict[str, dict[str, Credit]] = {}
        for portion in in_batches(customers, _PORTION):
            for row in self._rows(filters.ids(self.settings.credit_customer, portion)):
                self._keep(found, row)
        return found

    def moved(self, since: datetime) -> list[str]:
        """Customers whose credit limit was changed at or after this moment."""
        where = filters.since([_STAMP], since, self.settings.zone)
        return list(dict.fromkeys(str(row[1]) for row in self._rows(where)))

    def _keep(self, found: dict[str, dict[str, Credit]], row: Sequence[Any]) -> None:
        number, customer, organisation, amount, status, changed_at, changed_by = row
        credit = Credit(
            str(number),
            _amount(amount),
            str(status),
            filters.moment(changed_at, self.settings.zone),
            str(changed_by or ""),
        )
        found.setdefault(str(customer), {})[str(organisation)] = credit

    def _rows(self, where: str) -> Iterable[list[Any]]:
        """All rows, by a keyset over the archive's own id."""
        settings, last = self.settings, 0
        reference = f"{settings.credit_organisation}.FNumber"
        keys = (settings.credit_id, settings.credit_customer, reference, settings.credit_amount)
        while True:
            behind = filters.every(where, filters.beyond(settings.credit_id, last))
            rows = self.client.query(
                settings.credit_form,
                (*keys, STATUS, _STAMP, EDITOR),
                behind,
                order=f"{settings.credit_id} ASC",
                limit=settings.page,
                exact=True,
            )
            yield from rows
            if len(rows) < min(settings.page, 2000):
                return
            last = filters.number(rows[-1][0])


def _amount(cell: Any) -> str | None:
    """With at least two digits behind the point: the system tells ten, or none."""
    if cell is None or cell == "":
        return None
    try:
        exact = Decimal(str(cell)).normalize()
    except InvalidOperation:
        message = f"Kingdee answered {str(cell)[:40]!r} where an amount was due"
        raise TransientError(message) from None
    return format(exact.quantize(_CENT) if exact == exact.quantize(_CENT) else exact, "f")
