"""Applying alone: a ledger with one judged plan, and a connector that answers what a test says."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from connectors.contract import Archive, Capabilities, Create, Record, RecordRef, Update, Written
from mappings.book import Guards, WriteSwitch
from mappings.fieldmap import Reading
from mappings.matching import Matching
from mappings.values import Value
from sync_pipelines.applying.apply import Applied, Applier
from sync_pipelines.applying.outcome import Recorder
from sync_pipelines.applying.recovery import Recovered, Recovery
from sync_pipelines.applying.seams import Seams
from sync_pipelines.intake.landing import Landing
from sync_pipelines.intake.readers import Reader
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.changes import Change, FieldChange, Op
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.records import Coupling, Lease, PlanHead
from sync_pipelines.planning.guards import judge_plan
from tests.laws.little_book import little_book

Item = Create | Update | Archive
Answer = Callable[[Sequence[Item]], Sequence[Any]]
KIND = "Customer"


def ref(number: str, system: str = "erp") -> RecordRef:
    """A customer in the ERP."""
    return RecordRef(system, KIND, number)


@dataclass
class Scripted:
    """A system that keeps dicts; `answers` are taken one a call, and then it answers as it should."""

    system: str
    can: Capabilities = field(
        default_factory=lambda: Capabilities(keyed=True, unique_key=True, archives=True, max_batch=4)
    )
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[Any] = field(default_factory=list)
    calls: list[tuple[str, list[str]]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    refuses: Callable[[Item], Exception | None] = lambda _: None
    note_fails: Exception | None = None
    listed: tuple[str, ...] = ()  # by the keys of its kind, though it does not show them
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def kinds(self) -> Mapping[str, Capabilities]:
        return {KIND: self.can}

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        self.calls.append(("read", [one.id for one in refs]))
        return {one: self._record(one.id) for one in refs if one.id in self.rows}

    def keys(self, _kind: str) -> Iterator[Sequence[str]]:
        yield tuple({**self.rows, **dict.fromkeys(self.listed)})

    def find_created(self, _kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        self.calls.append(("find", list(keys)))
        found = {key: [self._record(n) for n, row in self.rows.items() if row.get("Key") == key] for key in keys}
        return {key: records for key, records in found.items() if records}

    def create(self, batch: Sequence[Create]) -> Sequence[Any]:
        return self._answer("create", batch, self._create)

    def update(self, batch: Sequence[Update]) -> Sequence[Any]:
        return self._answer("update", batch, self._update)

    def archive(self, batch: Sequence[Archive]) -> Sequence[Any]:
        return self._answer("archive", batch, self._archive)

    def note(self, at: RecordRef, text: str) -> None:
        if self.note_fails:
            raise self.note_fails
        self.notes.append((at.id, text))

    # -- within

    def _answer(self, name: str, batch: Sequence[Any], one: Callable[[Any], Written]) -> Sequence[Any]:
        self.calls.append((name, [item.key for item in batch]))
        self.items += batch
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        refused = next((error for item in batch if (error := self.refuses(item))), None)
        if refused:
            raise refused
        done = [one(item) for item in batch]
        return answer(done) if answer else done

    def _create(self, item: Create) -> Written:
        number = f"C{len(self.rows) + 1}"
        self.rows[number] = {"Key": item.key, **item.values}
        return Written(item.key, self._record(number), created=True)

    def _update(self, item: Update) -> Written:
        self.rows[item.ref.id].update(item.values)
        return Written(item.key, self._record(item.ref.id))

    def _archive(self, item: Archive) -> Written:
        self.rows[item.ref.id]["Active"] = False
        return Written(item.key, self._record(item.ref.id))

    def _record(self, number: str) -> Record:
        row = self.rows[number]
        version = str(self.versions.get(number, ""))
        return Record(ref(number, self.system), dict(row), version=version, key=row.get("Key", ""))


def read_plainly(payload: Mapping[str, Any]) -> Reading:
    """Small names are fields; `Active` says whether it is in use, `Scope` whose company it is."""
    values = {name: value for name, value in payload.items() if name.islower()}
    gone = payload.get("Active") is False
    return Reading(values, payload.get("Scope", ""), archived=gone)


@dataclass
class Bench:
    """A ledger, systems, and what is needed to apply and recover."""

    systems: dict[str, Scripted] = field(default_factory=lambda: {"erp": Scripted("erp")})
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    now: datetime = datetime(2026, 11, 2, 9, tzinfo=UTC)
    checkpoint: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        """Everything by its real parts, but the connectors and readers."""
        reader = {
            system: Reader(system, KIND, "account", read_plainly, "v1", Matching("account"))
            for system in ("erp", "crm", "shop")
        }
        self.landing = Landing(self.ledger, {(system, KIND): (one,) for system, one in reader.items()})
        self.resolver = Resolver(self.ledger, little_book())
        ids = count(1)
        self.seams = Seams(lambda: self.now, lambda: f"id{next(ids)}", self._met)
        self.recorder = Recorder(self.ledger, self.landing, self.resolver, self.seams, "r1")

    def _met(self, name: str) -> None:
        self.checkpoint(name)

    def wait(self, **time: float) -> None:
        """Time passes."""
        self.now += timedelta(**time)

    def stands(self, number: str, entity_id: str, *, system: str = "erp", **values: Value) -> None:
        """A coupled record that has agreed to what it says."""
        self.systems[system].rows[number] = dict(values)
        self.landing.land([self.systems[system]._record(number)], self.now)
        said = {key: Agreed(value, value) for key, value in values.items() if key.islower()}
        scope = str(values.get("Scope", ""))
        self.ledger.couple([Coupling(ref(number, system), "account", entity_id, scope)])
        self.ledger.agree([(ref(number, system), "account", scope, said)])

    def claim(self, number: str, system: str = "erp") -> Claim:
        """What is known of a record."""
        (found,) = self.ledger.claims_at("account", [ref(number, system)])
        return found

    def save(self, *changes: Change, plan: str = "p") -> None:
        """A judged plan."""
        self.ledger.save_plan(PlanHead(plan, "account", "r1", "1", self.now), changes)
        self.ledger.judge(
            plan,
            judge_plan(
                changes, {}, Guards(at_least=99), dict.fromkeys(("erp", "crm", "shop"), WriteSwitch.ON), [], self.now
            ),
        )

    def apply(self, *changes: Change, plan: str = "p", held: str = "") -> Applied:
        """Save, judge and apply; `held` names a system whose part did not pass."""
        self.save(*changes, plan=plan)
        parts = [replace(part, passed=part.system != held) for part in self.ledger.parts(plan)]
        return Applier(self.ledger, self.systems, self.recorder, self.resolver, self.seams, "r1").apply(plan, parts)  # type: ignore[arg-type]  # connectors

    def recover(self) -> Recovered:
        """Look up what has no outcome."""
        return Recovery(self.ledger, self.systems, self.recorder, self.resolver, self.seams).recover("account")  # type: ignore[arg-type]  # connectors

    def states(self) -> dict[str, str]:
        """What became of each change."""
        return {change.key: change.state.value for change in self.ledger.changes()}

    def intend(self, *changes: Change) -> None:
        """The process dies between intent and outcome."""
        self.save(*changes)
        lease = self.ledger.acquire("erp/Customer", "dead", self.now, self.now + timedelta(minutes=5))
        assert isinstance(lease, Lease)
        self.ledger.intend([replace(change, sent_at=self.now) for change in changes], lease, self.now)
        self.ledger.release_lease(lease)


def create(key: str, entity_id: str = "", system: str = "erp", **values: Value) -> Change:
    """A record to make, with `name` in lower case as its system's words too."""
    told = values or {"name": "Acme"}
    fields = {name: FieldChange(None, value) for name, value in told.items()}
    home = entity_id or f"e-{key}"
    return Change(key, "p", Op.CREATE, system, KIND, "account", home, fields, payload=told, create_key=home)


def update(key: str, number: str, entity_id: str, old: Value, new: Value, **more: Any) -> Change:
    """A name to change."""
    return Change(
        key, "p", Op.UPDATE, more.pop("system", "erp"), KIND, "account", entity_id,
        {"name": FieldChange(old, new, "changed by crm", **more)}, number, payload={"name": new},
    )  # fmt: skip


def archive(key: str, number: str, entity_id: str) -> Change:
    """A record to take out of use."""
    return Change(key, "p", Op.ARCHIVE, "erp", KIND, "account", entity_id, {}, number)
