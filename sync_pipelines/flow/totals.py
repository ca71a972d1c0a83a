"""Control totals: what systems say of the same money, added up over the entities that both of them know.

Sums are of each pair of systems, since a system with fewer records has a smaller sum and is right. Amounts in other
currencies are never added.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

from mappings.book import EntitySpec
from mappings.values import Value, field_of
from sync_pipelines.model.claims import Claim

_MONEY = "money"


@dataclass(frozen=True, slots=True)
class Total:
    """One field in one currency, in two systems; sums are canonical decimals."""

    field: str  # with its scope: `credit_limit@100`
    currency: str
    systems: tuple[str, str]
    sums: tuple[str, str]
    records: int  # entities of which both name an amount

    @property
    def difference(self) -> Decimal:
        """The first less the second."""
        return Decimal(self.sums[0]) - Decimal(self.sums[1])


@dataclass(slots=True)
class Totals:
    """Adds up while claims go by, those of one entity one after the other."""

    spec: EntitySpec
    _sums: dict[tuple[str, str, str, str], list[Decimal]] = field(default_factory=dict)
    _entity: str = ""
    _said: dict[str, dict[str, tuple[str, Decimal]]] = field(default_factory=dict)  # key → system → amount

    def add(self, claim: Claim) -> None:
        """One claim."""
        if claim.entity_id != self._entity:
            self._close(claim.entity_id)
        for key, value in claim.values.items():
            spec = self.spec.fields.get(field_of(key))
            if spec is not None and spec.type == _MONEY and (amount := _amount(value)):
                self._said.setdefault(key, {})[claim.system] = amount

    def told(self) -> list[Total]:
        """By field, currency and systems."""
        self._close("")
        return [
            Total(key, currency, (one, other), (f"{first:f}", f"{second:f}"), int(records))
            for (key, currency, one, other), (first, second, records) in sorted(self._sums.items())
        ]

    def _close(self, following: str) -> None:
        for key, said in self._said.items():
            for (one, other), currency in _pairs(said):
                sums = self._sums.setdefault((key, currency, one, other), [Decimal(0), Decimal(0), Decimal(0)])
                for place, more in enumerate((said[one][1], said[other][1], Decimal(1))):
                    sums[place] += more
        self._entity, self._said = following, {}


def _pairs(said: Mapping[str, tuple[str, Decimal]]) -> Iterator[tuple[tuple[str, str], str]]:
    for one, other in combinations(sorted(said), 2):
        if said[one][0] == said[other][0]:
            yield (one, other), said[one][0]


def _amount(value: Value) -> tuple[str, Decimal] | None:
    """Null is no amount; zero is one."""
    if not isinstance(value, dict) or not isinstance(value.get("amount"), str):
        return None
    return str(value["currency"]), Decimal(str(value["amount"]))
