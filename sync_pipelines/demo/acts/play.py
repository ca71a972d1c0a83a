"""What the acts share: the systems, who is on stage, and how one looks."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from connectors.contract import RecordRef
from mappings.values import Values
from sync_pipelines.demo.cast import CRM, ERP, Firm
from sync_pipelines.demo.finance import Known
from sync_pipelines.demo.stage import Stage
from sync_pipelines.demo.systems import DemoSystems
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.settings import Place, open_ledger_at, read_book

FINANCE, SALES = "Frieda Sommer", "Ines Bergmann"
ENTITIES = ("user", "account", "contact")


@dataclass(frozen=True, slots=True)
class Play:
    """The acts build on one another, in the order of `command.py`."""

    stage: Stage
    systems: DemoSystems
    home: Path
    firms: Sequence[Firm]
    records: Mapping[str, Mapping[str, str]]  # by system and firm, from before we came

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger, for looking."""
        with open_ledger_at(Place.found()) as ledger:
            yield ledger

    def kinds(self) -> Sequence[tuple[str, str]]:
        """Every kind that is written to, with its system."""
        maps = (spec.maps for spec in read_book(Place.found()).entities.values())
        return sorted({(system, one.kind) for some in maps for system, one in some.items()})

    def some(self, *where: str, country: str = "") -> Sequence[Firm]:
        """Firms that were known to these very systems, and by their tax number in all of them."""
        return [
            firm
            for firm in self.firms
            if firm.where == where
            and firm.country in (country, firm.country if not country else "")
            and all(one.values.get("tax_id") == firm.tax_id for one in firm.appearances.values())
        ]

    def account(self, firm: Firm) -> str:
        """Its account in the CRM, which may be of our making."""
        return self.records[CRM].get(firm.id) or self.systems.sales.named(firm.name)[0].id

    def crm(self, record: str, field: str) -> object:
        """What the CRM says, in truth."""
        return self.systems.sales.account(record).get(field)

    def known(self, record: str) -> Known:
        """What the ERP says, in truth."""
        return next(one for one in self.systems.finance.all() if one.id == record)

    def customers_of(self, name: str) -> Sequence[Known]:
        """The ERP's customers of a name."""
        return [one for one in self.systems.finance.all() if one.name == name]

    def entity(self, system: str, kind: str, record: str) -> str:
        """Which entity a record is; empty where it is none."""
        ref = RecordRef(system, kind, record)
        with self.ledger() as ledger:
            coupling = ledger.couplings_at("account", [ref]).get(ref)
        return coupling.entity_id if coupling else ""

    def golden(self, entity_id: str) -> Values:
        """What is agreed of an account."""
        with self.ledger() as ledger:
            golden = ledger.golden_of("account", [entity_id]).get(entity_id)
        return {key: one.value for key, one in golden.fields.items()} if golden else {}

    def settle(self, *more: str) -> None:
        """Everything, until nothing is left; leave is given for as much as a day like this one brings."""
        self.stage.command("apply", *more, "--up-to", "400", "--by", FINANCE)

    def empty_plan(self) -> None:
        """A plan finds nothing to do, and nothing is written."""
        written, code = self.systems.sales.writes(), self.stage.command("plan")
        self.stage.same("the plan is empty", 0, code)
        with self.ledger() as ledger:
            left = {entity: len(ledger.changes(plan=ledger.plans(entity, 1)[0].id)) for entity in ENTITIES}
        self.stage.same("nothing is left to write, of users, accounts and contacts", dict.fromkeys(ENTITIES, 0), left)
        self.stage.same("and nothing was written", written, self.systems.sales.writes())

    def each_once(self) -> None:
        """No tax id is there twice, in the CRM or in the ERP."""
        ours = Counter(
            compact(str(row.values["Tax_Number__c"]))
            for row in self.systems.sales.accounts()
            if row.values["Tax_Number__c"]
        )
        theirs = Counter(compact(one.tax_id) for one in self.systems.finance.all() if one.tax_id)
        twice = {CRM: [key for key, n in ours.items() if n > 1], ERP: [key for key, n in theirs.items() if n > 1]}
        self.stage.same("no tax number is there twice, in the CRM or in the ERP", {CRM: [], ERP: []}, twice)


Act: TypeAlias = Callable[[Play], None]


def compact(tax_id: str) -> str:
    """A tax number in one spelling: some write a British one with GB in front, some without."""
    return tax_id.replace("-", "").replace(" ", "").upper().removeprefix("GB")
