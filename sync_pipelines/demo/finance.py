"""What people in accounting do in the demo, whichever ERP they work with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sync_pipelines.demo.cast import Firm

COMPANIES = {"100": "EUR", "200": "CNY"}  # number of the company, and the currency of its books


@dataclass(frozen=True, slots=True)
class Known:
    """One customer as the ERP holds it, in canonical words."""

    id: str
    number: str
    name: str
    tax_id: str
    street: str
    phone: str
    limits: Mapping[str, Decimal]  # by company


class Finance(Protocol):
    """An ERP, and the hands of those who work with it. Records are named by their id there."""

    name: str  # of the product
    kind: str  # what it calls a customer

    def enter(self, firms: Sequence[Firm]) -> Mapping[str, str]:
        """Everything from before we came; answers the record of each firm by the firm's id."""
        ...

    def make(self, name: str, tax_id: str = "", country: str = "") -> str:
        """A new customer in a hurry: no address, no phone. Answers its record."""
        ...

    def set_limit(self, record: str, company: str, amount: int) -> None:
        """Finance decides how much a firm may owe one of our companies."""
        ...

    def set_phone(self, record: str, number: str) -> None:
        """Finance hears of a new number."""
        ...

    def invent_term(self) -> Mapping[str, str]:
        """A payment term nobody told us of: `says` names it, `code` is how it arrives at us."""
        ...

    def give_invented_term(self, record: str) -> None:
        """Somebody pays by that term from now on."""
        ...

    def all(self) -> Sequence[Known]:
        """Every customer in use, as it is in truth."""
        ...
