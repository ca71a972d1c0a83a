"""What a connected system is in Dagster: one asset for each kind that is read, and how a step reaches the house.

Dagster is a trigger and a window. Steps hand over through the ledger by the run's id; nothing passes an IO manager,
and what is shown holds counts, rules and ids, never a customer's data: an event log keeps it for ever.
"""

import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any

import dagster as dg

from connectors.errors import ConnectorError
from mappings.book import Book, SystemSpec
from mappings.complaints import BookError
from mappings.fieldmap import KindMap
from monitoring.redact import redact
from sync_pipelines.flow.run import House
from sync_pipelines.flow.steps import Steps
from sync_pipelines.intake.crawl import FLOW_CHANGES, Crawl
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.settings import ui_url

PREFIX = "concordat"  # first part of every asset key: the names of a project beside us are its own
HOUSE = "concordat_house"
OpenHouse = Callable[[], AbstractContextManager[House]]

# --- the house, as steps reach it -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Doorway:
    """Opens the house when a step first needs it, once for all steps of a process."""

    opens: OpenHouse
    stack: ExitStack
    _house: list[House] = field(default_factory=list)

    def steps(self, run: str) -> Steps:
        """The steps of a run of Dagster's."""
        if not self._house:
            self._house.append(self.stack.enter_context(self.opens()))
        return Steps(self._house[0], run)


def house_resource(opens: OpenHouse) -> dg.ResourceDefinition:
    """The house as a resource without any setting: nobody can send our credentials elsewhere from the Launchpad."""

    @dg.resource(description="Book, ledger and systems, as CONCORDAT_… says where this process runs.")
    def house(_: dg.InitResourceContext) -> Iterator[Doorway]:
        with ExitStack() as stack:
            yield Doorway(opens, stack)

    return house


@contextmanager
def steps_of(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> Iterator[Steps]:
    """The steps of this run. Whatever goes wrong becomes one line: what, where, what to do, and no customer's data."""
    try:
        yield getattr(context.resources, HOUSE).steps(context.run.run_id)
    except (ConnectorError, LedgerError, BookError) as error:
        raise dg.Failure(redact(str(error)), allow_retries=False) from None
    except Exception as error:  # noqa: BLE001 - its words may hold a payload, and an event log is for ever
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{type(error).__name__} at {_place(frames[-1])}"
        raise dg.Failure(
            f"something went wrong inside Concordat: {where}; `concordat plan` repeats it with a report",
            metadata={"way": dg.MetadataValue.md("\n".join(f"* {_place(frame)}" for frame in frames))},
            allow_retries=False,
        ) from None


def _place(frame: traceback.FrameSummary) -> str:
    return f"{'/'.join(PurePath(frame.filename).parts[-3:])}:{frame.lineno} in {frame.name}"


@dataclass(frozen=True, slots=True)
class Meter:
    """Started before something is sent: how long it took, and what it cost."""

    steps: Steps
    began: datetime
    before: Mapping[str, int]  # calls of the day, by system

    @classmethod
    def started(cls, steps: Steps, entity: str) -> "Meter":
        """Now."""
        systems = steps.house.book.entities[entity].maps
        return cls(steps, steps.house.seams.clock(), {name: steps.calls_today(name) for name in systems})

    def calls(self) -> Mapping[str, int]:
        """Since then, by all processes; the day of a system may have ended meanwhile."""
        return {name: max(0, self.steps.calls_today(name) - before) for name, before in self.before.items()}

    def figures(self, written: int) -> Mapping[str, int]:
        """Throughput, and how much of its day's calls that system has used that has used most."""
        seconds = (self.steps.house.seams.clock() - self.began).total_seconds()
        budgets = {name: self.steps.house.book.systems[name].calls_per_day for name in self.before}
        used = [round(100 * self.steps.calls_today(name) / of) for name, of in budgets.items() if of]
        return {
            "seconds": round(seconds),
            "writes_a_minute": round(60 * written / max(seconds, 1)),
            **({"budget_used_percent": max(used)} if used else {}),
        }


# --- names ----------------------------------------------------------------------------------------------------------


def last_part(system: str, kind: str) -> str:
    """`salesforce_Account`: the only part of a key that the graph shows."""
    return re.sub(r"\W+", "_", f"{system}_{kind}")


def read_key(system: str, kind: str) -> dg.AssetKey:
    """The asset that stands for reading a kind."""
    return dg.AssetKey([PREFIX, system, last_part(system, kind)])


def entity_key(entity: str, step: str) -> dg.AssetKey:
    """The asset that stands for a step of an entity's run: `account_plan`."""
    return dg.AssetKey([PREFIX, entity, f"{entity}_{step}"])


def team(steward: str) -> str:
    """A steward as Dagster takes owners."""
    return f"team:{steward}"


# --- links ----------------------------------------------------------------------------------------------------------


def links(context: dg.AssetExecutionContext, **pages: dg.AssetKey) -> Mapping[str, dg.MetadataValue[Any]]:
    """To the run that made this page, with its steps and its log, and to the pages of neighbours."""
    neighbours = {name: f"assets/{'/'.join(key.path)}" for name, key in pages.items()}
    places = {"followed_in": f"runs/{context.run.run_id}", **neighbours}
    return {name: dg.MetadataValue.url(f"{ui_url()}/{place}") for name, place in places.items()}


def page_of(says: str, config: Sequence[str], further: str = "", *, step: str = "") -> str:
    """A job's page: what it does, an example of what to put into the Launchpad, and what else there is to know."""
    depth = "      " if step else ""
    around = ["ops:", f"  {step}:", "    config:"] if step else []
    example = "\n".join([*around, *(f"{depth}{line}" for line in config)])
    return f"{says}\n\nIn the Launchpad:\n\n```yaml\n{example}\n```\n\n{further}".rstrip()


# --- reading --------------------------------------------------------------------------------------------------------


class ReadOptions(dg.Config, use_attribute_docstrings=True):
    """How to read."""

    full: bool = False
    """Read everything again, not only what changed since the last complete reading."""


READ_IN_FULL = "read_in_full"


def kinds_read(book: Book) -> Mapping[tuple[str, str], Sequence[KindMap]]:
    """Every (system, kind) with the maps that read it; one kind may speak of several entities."""
    found: dict[tuple[str, str], list[KindMap]] = {}
    for spec in book.entities.values():
        for system, kind_map in spec.maps.items():
            found.setdefault((system, kind_map.kind), []).append(kind_map)
    return found


def read_assets(book: Book) -> Sequence[dg.AssetsDefinition]:
    """One asset for each kind of each system."""
    return [_read_asset(book, system, kind, maps) for (system, kind), maps in sorted(kinds_read(book).items())]


def _read_asset(book: Book, system: str, kind: str, maps: Sequence[KindMap]) -> dg.AssetsDefinition:
    spec = _read_spec(book, book.systems[system], kind, maps)
    says = "The reading came to its end, is believed, and every record could be understood."
    checked = dg.AssetCheckSpec(READ_IN_FULL, asset=spec.key, description=says)

    @dg.multi_asset(
        name=last_part(system, kind),
        specs=[spec],
        check_specs=[checked],
        required_resource_keys={HOUSE},
        description=spec.description,
    )
    def read(context: dg.AssetExecutionContext, config: ReadOptions) -> Iterator[dg.MaterializeResult[None]]:
        with steps_of(context) as steps:
            before = steps.calls_today(system)
            crawl = steps.read(system, kind, full=config.full)
            figures = {**crawl_figures(steps, crawl, before), **links(context)}
            check = _read_in_full(crawl, steps.doubt(crawl) if crawl.complete else "")
        yield dg.MaterializeResult(metadata=figures, check_results=[check])

    return read


def _read_spec(book: Book, system: SystemSpec, kind: str, maps: Sequence[KindMap]) -> dg.AssetSpec:
    entities = [kind_map.entity for kind_map in maps]
    return dg.AssetSpec(
        read_key(system.name, kind),
        deps=[entity_key(entity, "recovered") for entity in entities],
        description=f"{kind} of {system.name} ({system.role}), read into the ledger: what changed since the last "
        f"complete reading. It speaks of: {', '.join(entities)}.",
        group_name=system.name,
        kinds={system.connector},
        owners=sorted({team(name) for entity in entities for name in _stewards(book, entity, system.role)}),
        tags={"sync/step": "read", "sync/system": system.name, "sync/role": system.role},
        metadata={"dagster/column_schema": _columns(book, maps), "budget_per_day": system.calls_per_day or "no limit"},
    )


def _stewards(book: Book, entity: str, role: str) -> set[str]:
    """Who answers for what systems of a role have a say in."""
    rules = [rule for rules in book.entities[entity].ownership.rules.values() for rule in rules]
    return {rule.steward for rule in rules if rule.steward and role in rule.roles}


def _columns(book: Book, maps: Sequence[KindMap]) -> dg.TableSchema:
    """The vendor's fields, and what each of them means to us."""
    told: dict[str, list[tuple[str, str]]] = {}
    for kind_map in maps:
        fields = book.entities[kind_map.entity].fields
        for line in kind_map.lines:
            known = fields.get(line.field)
            says = f"{kind_map.entity}.{line.field}" + (f": {known.means}" if known and known.means else "")
            told.setdefault(line.at or line.field, []).append((line.codec, says))
    return dg.TableSchema(
        [
            dg.TableColumn(at, types[0][0], description="; ".join(says for _, says in types))
            for at, types in told.items()
        ]
    )


def _read_in_full(crawl: Crawl, doubt: str) -> dg.AssetCheckResult:
    """Red only where a system could not be read or is not believed; records that wait for a code are a warning."""
    says = [redact(told) for told in (crawl.says, doubt) if told]
    if crawl.tally.held:
        says.append(f"{crawl.tally.held} records wait for a code to be mapped; see `concordat quarantine list`")
    if crawl.tally.faults:
        says.append(f"{crawl.tally.faults} fields could not be read; see `concordat quarantine list`")
    return dg.AssetCheckResult(
        passed=not says,
        check_name=READ_IN_FULL,
        severity=dg.AssetCheckSeverity.WARN if crawl.complete and not doubt else dg.AssetCheckSeverity.ERROR,
        description="; ".join(says) or "complete",
    )


def crawl_figures(steps: Steps, crawl: Crawl, calls_before: int) -> dict[str, Any]:
    """Numbers are plotted over time."""
    tally, now = crawl.tally, steps.calls_today(crawl.system)
    watermark = steps.house.ledger.watermark(crawl.system, crawl.kind, FLOW_CHANGES)
    return {
        "state": "halted" if crawl.halted else "complete" if crawl.complete else "incomplete",
        "read": tally.read,
        "changed": tally.landed,
        "unchanged": tally.unchanged,
        "waiting_for_a_code": tally.held,
        "unreadable_fields": tally.faults,
        "gone": tally.gone,
        "merged": tally.merged,
        "none_of_ours": tally.out_of_scope,
        "calls": max(0, now - calls_before),
        "calls_today": now,
        **({"read_up_to": dg.MetadataValue.timestamp(watermark.at)} if watermark else {}),
        **({"says": redact(crawl.says)} if crawl.says else {}),
    }
