"""A world with companies: an ERP that keeps a record per company, a CRM with a field for each, and a second CRM."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from connectors.contract import Capabilities, Connector
from connectors.testing.faults import FaultSchedule
from connectors.testing.memory import MemoryConnector
from connectors.testing.metadata import FieldSpec as Field
from connectors.testing.metadata import KindSpec
from connectors.testing.world import World
from mappings.book import Book, EntitySpec, FieldSpec, Guards, SystemSpec, WriteSwitch
from mappings.fieldmap import KindMap, Line
from mappings.matching import Level, Matching
from mappings.ownership import ArchiveRule, CreateRule, Handover, Mode, Ownership, Rule
from tests.laws.little_book import KINDS
from tests.laws.little_world import LittleWorld

CAN = Capabilities(archives=True, keyed=True, unique_key=True, lists_keys=True, max_batch=3)


def _rule(name: str, mode: Mode, *roles: str, per: str = "") -> Rule:
    return Rule(name, mode, roles, steward="sally", per=per, handover=Handover.TAKE)


def _map(system: str) -> KindMap:
    lines: tuple[Line, ...] = (Line("name", "Name", "text"), Line("tax_id", "Tax_Id", "text"))
    if system == "erp":
        lines += (Line("limit", "Limit", "decimal"),)
    else:
        lines += tuple(Line("limit", f"Limit_{scope}", "decimal", scope=scope) for scope in ("100", "200"))
    kind, scope_at = KINDS[system.rstrip("2")], "Org" if system == "erp" else ""
    return KindMap("account", system, kind, lines, scope_at=scope_at, archived_at="Active", archived_is=(False,))


def company_book(
    *, ranks: Mapping[str, int] | None = None, scopes: Mapping[str, tuple[str, ...]] | None = None
) -> Book:
    """Names by the CRM, limits by the ERP and per company."""
    spec = EntitySpec(
        "account",
        {
            "name": FieldSpec("name", "text", "who"),
            "tax_id": FieldSpec("tax_id", "text", "which"),
            "limit": FieldSpec("limit", "decimal", "how much", per="company"),
        },
        Ownership(
            "account",
            {
                "name": (_rule("name", Mode.DECIDES, "crm", "erp"),),
                "tax_id": (_rule("tax_id", Mode.DECIDES, "erp", "crm"),),
                "limit": (_rule("limit", Mode.DECIDES, "erp", per="company"),),
            },
            create={"crm": CreateRule("crm", allowed=True), "erp": CreateRule("erp", allowed=True, needs=("tax_id",))},
            archive=ArchiveRule((), (), "ignore"),
        ),
        {system: _map(system) for system in ("crm", "crm2", "erp")},
        Matching("account", (Level("tax_id", ("tax_id",), "link"),)),
    )
    systems = {
        name: SystemSpec(
            name, name.rstrip("2"), "memory", WriteSwitch.ON, map=name,
            rank=(ranks or {}).get(name, 0), scopes=(scopes or {}).get(name, ()),
            may_be_empty=(KINDS[name.rstrip("2")],),
        )
        for name in ("crm", "crm2", "erp")
    }  # fmt: skip
    return Book(systems, {"account": spec}, {}, "1", Guards(at_least=999))


@dataclass
class CompanyWorld(LittleWorld):
    """`crm2` is left out unless `two_crms`."""

    book: Book = field(default_factory=company_book)
    two_crms: bool = False

    def __post_init__(self) -> None:
        """The ERP puts what does not say whose it is into company 100."""
        self.world = World(self.seed, faults=FaultSchedule(self.seed, self.rates))
        names = [Field(name) for name in ("Name", "Tax_Id", "Limit", "Limit_100", "Limit_200")]
        flags = [Field("Key", unique=True), Field("Active", "boolean", default=True), Field("Org", default="100")]
        self.connectors: dict[str, Connector] = {}
        for system in ("crm", "crm2", "erp") if self.two_crms else ("crm", "erp"):
            kind = KINDS[system.rstrip("2")]
            at = self.world.add(system, KindSpec.of(kind, *names, *flags, key_field="Key", active_field="Active"))
            self.connectors[system] = MemoryConnector(at, {kind: CAN}, page_size=self.page_size)
        self._ids = count(1)
        self.house = self.engine()
