"""Control totals: what systems say of the same money, added up over the entities that both of them know.

Sums are of each pair of systems, since a system with fewer records has a smaller sum and is right. Amounts in other
currencies are never added.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

from mappings.book import EntitySpec, FieldSpec
from mappings.values import Value, field_of
from sync_pipelines.model.claims import Claim

_MONEY = "money"


@dataclass(frozen=True, slots=True)
class Total:
    """One field in one currency, in two systems; sums are canonical decimals."""

    field: str  # with its scope, and the part of a list's items: `credit_limit@100`, `lines.amount`
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
    _said: dict[tuple[str, str], dict[str, Decimal]] = field(default_factory=dict)  # key, currency → system → amount
    _listed: dict[str, set[str]] = field(default_factory=dict)  # key inside a list → systems that have the list

    def add(self, claim: Claim) -> None:
        """One claim."""
        if claim.entity_id != self._entity:
            self._close(claim.entity_id)
        for key, value in claim.values.items():
            spec = self.spec.fields.get(field_of(key))
            if spec is not None and spec.type == _MONEY:
                self._say(key, claim.system, value)
            elif spec is not None and isinstance(value, list):
                self._list(key, claim.system, value, spec)

    def told(self) -> list[Total]:
        """By field, currency and systems."""
        self._close("")
        return [
            Total(key, currency, (one, other), (f"{first:f}", f"{second:f}"), int(records))
            for (key, currency, one, other), (first, second, records) in sorted(self._sums.items())
        ]

    def _say(self, key: str, system: str, value: Value) -> None:
        if amount := _amount(value):
            currency, more = amount
            said = self._said.setdefault((key, currency), {})
            said[system] = said.get(system, Decimal(0)) + more

    def _list(self, key: str, system: str, items: Sequence[Value], spec: FieldSpec) -> None:
        """The items of a list are added up. Who has the list and nothing of a currency in it says zero of that."""
        for name in [name for name, item in spec.items.items() if item.type == _MONEY]:
            self._listed.setdefault(f"{key}.{name}", set()).add(system)
            for item in items:
                self._say(f"{key}.{name}", system, item.get(name) if isinstance(item, dict) else None)

    def _close(self, following: str) -> None:
        for (key, currency), said in self._said.items():
            told = {**dict.fromkeys(self._listed.get(key, ()), Decimal(0)), **said}
            for one, other in combinations(sorted(told), 2):
                sums = self._sums.setdefault((key, currency, one, other), [Decimal(0), Decimal(0), Decimal(0)])
                for place, more in enumerate((told[one], told[other], Decimal(1))):
                    sums[place] += more
        self._entity, self._said, self._listed = following, {}, {}


def _amount(value: Value) -> tuple[str, Decimal] | None:
    """Null is no amount; zero is one."""
    if not isinstance(value, dict) or not isinstance(value.get("amount"), str):
        return None
    return str(value["currency"]), Decimal(str(value["amount"]))
