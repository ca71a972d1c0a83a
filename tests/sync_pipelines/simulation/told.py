"""Logs and testimony made by hand."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from connectors.testing.world import MIDDLEWARE, START, LogEntry
from sync_pipelines.simulation.little_world import LittleWorld
from sync_pipelines.simulation.testimony import (
    Archived,
    Coupled,
    Decided,
    Evidence,
    Made,
    Overwritten,
    Parted,
    Pass,
    Planned,
    Ref,
    Ruled,
    Unseen,
)
from sync_pipelines.simulation.witness import hear

USER = "user:u"
ERP, OTHER = ("erp", "Customer", "1"), ("erp", "Customer", "2")
FIRST, SECOND = ("crm", "Account", "1"), ("crm", "Account", "2")


@dataclass
class Told:
    """Logs and testimony, told line by line; every line is a second later."""

    world: LittleWorld = field(default_factory=LittleWorld)
    evidence: Evidence = field(init=False)
    n: int = 0

    def __post_init__(self) -> None:
        self.evidence = Evidence(self.world.world, hear(self.world), frozenset(), {})

    def line(self, op: str, ref: Ref, by: str = USER, version: int = 0, key: str = "", **after: Any) -> "Told":
        """Somebody did something, each time with a new version."""
        self.n += 1
        system, kind, record_id = ref
        log = self.world.world.systems[system].log
        before = next((e.after for e in reversed(log) if e.id == record_id), None)
        values = {**(before or {"Active": True}), **after, **({"Active": False} if op == "archive" else {})}
        at = START + timedelta(seconds=self.n)
        log.append(LogEntry(self.n, at, system, by, op, kind, record_id, before, values, key, version or self.n))
        return self

    def made(self, ref: Ref, *sources: Ref, key: str = "", late: int = 0) -> "Told":
        """We made one for these; it is executed so many seconds after it was sent."""
        self.line("create", ref, MIDDLEWARE, key=key or ref[2])
        self.evidence.made = (
            *self.evidence.made,
            Made(*ref, frozenset(sources), at := START + timedelta(seconds=self.n), at - timedelta(seconds=late)),
        )
        return self

    def parted(self, leaves: Ref, *stays: Ref) -> "Told":
        self.n += 1
        one = Parted("account", leaves, stays, "plan", START + timedelta(seconds=self.n))
        self.evidence.ever_parted = self.evidence.parted = (*self.evidence.ever_parted, one)
        return self

    def apart(self, *refs: Ref) -> "Told":
        self.evidence.apart = (*self.evidence.apart, frozenset(refs))
        return self

    def restored(self) -> "Told":
        self.evidence.done = {"restored_ledger": 1}
        return self

    def coupled(self, home: str, *refs: Ref) -> "Told":
        told = self.evidence.told
        couplings = [*told.couplings, *(Coupled("account", home, *ref, primary=True) for ref in refs)]
        self.evidence.told = replace(told, couplings=couplings)
        return self

    def archived(self, ref: Ref, home: str, plan: str = "plan", of: tuple[Ref, ...] = ()) -> "Told":
        """By us, as it stands in the journal; `of` one entity with these at that instant."""
        self.evidence.archived = (Archived(ref, self.n + 1, frozenset(of)),) if of else ()
        self.line("archive", ref, MIDDLEWARE, key=f"key {self.n}")
        told, none = self.evidence.told, frozenset[str]()
        key = f"key {self.n - 1}"
        line = Planned(key, "", plan, "account", home, *ref, "archive", "done", "", none, none, START)
        self.evidence.told = replace(told, journal=[*told.journal, line])
        return self

    def noted(self, reason: str) -> "Told":
        """We made one in the CRM, and `reason` says how the ledger knows; people merge it into the second one."""
        crm, none = self.world.world.systems["crm"], frozenset[str]()
        ours = crm.create("Account", {"Name": "a"}, by=MIDDLEWARE, key="k")
        heir = crm.create("Account", {"Name": "b"}, by=USER)
        crm.merge("Account", ours.id, heir.id, by=USER)
        line = Planned(
            "p", "k", "plan", "account", "A", "crm", "Account", ours.id, "create", "done", reason, none, none, START
        )
        self.evidence.told = replace(self.evidence.told, journal=[line])
        return self.coupled("A", ("crm", "Account", heir.id))

    def taken_back(self, ref: Ref, **after: Any) -> "Told":
        """By us, in an undo, as it stands in the journal."""
        told, none = self.evidence.told, frozenset[str]()
        line = Planned(
            "back", "", "plan", "account", "A", *ref, "update", "done", "", none, frozenset({"phone"}), START
        )
        self.evidence.told = replace(told, journal=[*told.journal, line])
        return self.line("update", ref, MIDDLEWARE, key="back", **after)

    def forgotten(self, agreed: str) -> "Told":
        """A restored ledger knows nothing of what we wrote with the key `lost`; this name is agreed on since."""
        word = Decided(agreed, "crm", "decides", START, "")
        self.evidence.told = replace(self.evidence.told, golden={("account", "A"): {"name": word}})
        self.evidence.forgotten = frozenset({"lost"})
        return self

    def answered(self) -> "Told":
        self.evidence.done = {"answer": 1}
        return self

    def ran(self) -> "Told":
        """A run is over."""
        logged = {name: len(system.log) for name, system in self.world.world.systems.items()}
        self.evidence.passes = (*self.evidence.passes, Pass(self.n, {}, 0, {}, rewound=False, logged=logged))
        return self

    def undone(self) -> "Told":
        self.evidence.done = {"undo": 1}
        return self

    def verdict(self, home: str, field: str, value: Any) -> "Told":
        """A person was asked about the field, and this is what stands."""
        self.n += 1
        of = frozenset(c[2:5] for c in self.evidence.told.couplings if c.entity_id == home)
        self.evidence.ruled = (Ruled(of, field, value, START + timedelta(seconds=self.n)),)
        return self

    def unseen(self, ref: Ref, seconds: int = 99) -> "Told":
        """A ledger is put back to which its kind shows nothing for so long."""
        self.n += 1
        now = START + timedelta(seconds=self.n)
        self.evidence.unseen = (Unseen(*ref[:2], now, now + timedelta(seconds=seconds)),)
        return self.restored()

    def let_go(self, home: str) -> "Told":
        self.evidence.let_go = frozenset({home})
        return self

    def undoing(self, plan: str) -> "Told":
        self.evidence.undoing = frozenset({plan})
        return self

    def overwritten(self, decided_on: str, there: str) -> "Told":
        """The next line of the ERP writes over it."""
        one = Overwritten("erp", "1", "phone", decided_on, {"Phone": there}, {"Phone": "new"}, self.n + 1)
        self.evidence.overwritten = (one,)
        return self.line("update", ERP, MIDDLEWARE, Phone="new")
