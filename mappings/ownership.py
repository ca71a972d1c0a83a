"""Who decides what, as data. Declared here and read from YAML by `loading`; evaluated in `sync_pipelines/ownership`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from mappings.values import NOWHERE, Value, Where


class Handover(StrEnum):
    """What happens when a higher decider comes to know an entity."""

    TAKE = "take"  # its value stands
    SEED = "seed"  # it is given the agreed value
    ASK_IF_DIFFERS = "ask_if_differs"  # the steward is asked where both have a value and they differ


class Conflict(StrEnum):
    """What happens when two sharers moved since each last agreed."""

    REVIEW = "review"
    PREFER = "prefer"  # the first in rank
    RANK_AFTER = "rank_after"  # asked first, by rank when nobody answered for a while
    LATEST = "latest"  # by the systems' own clocks, for those who trust them


class Elsewhere(StrEnum):
    """What happens to an edit by one who does not decide."""

    REVERT = "revert"
    PROPOSE = "propose"
    REPORT = "report"


class Test(StrEnum):
    """The closed list of what a condition may ask. All of it is about *agreed* values."""

    IN = "in"  # field in a closed list of values
    SET = "set"  # field has a value
    UNSET = "unset"  # field has none, or was never told
    COUPLED = "coupled"  # a record of this role is coupled
    UNCOUPLED = "uncoupled"
    EXISTS = "exists"  # another entity refers to this one
    MISSING = "missing"
    SCOPE = "scope"  # the scope being decided is in the list


FIELD_TESTS = frozenset({Test.IN, Test.SET, Test.UNSET})  # those whose subject is a field


@dataclass(frozen=True, slots=True)
class Clause:
    """One test: `subject` is a field, a role or an entity."""

    test: Test
    subject: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class When:
    """All clauses must hold; none at all is always true."""

    clauses: tuple[Clause, ...] = ()
    where: Where = NOWHERE


ALWAYS = When()


@dataclass(frozen=True, slots=True)
class Borrowed:
    """`decides: {from: order.state, table: stage_of_order}`: a decider that speaks through another entity."""

    entity: str
    field: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Each:
    """Ownership inside a list of records, by `key`: who decides an item's fields, who may add or remove one."""

    key: str
    decides: tuple[str, ...]
    add: tuple[str, ...]
    remove: tuple[str, ...]


class Mode(StrEnum):
    """The kinds of sentence."""

    DECIDES = "decides"
    ISSUED = "issued_by"
    SHARED = "shared"
    EACH = "each"
    BORROWED = "from"


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence about one field. `roles` is ranked: the first of them that knows the entity decides."""

    field: str
    mode: Mode
    roles: tuple[str, ...]
    steward: str = ""
    when: When = ALWAYS
    by: str = ""  # a department inside the deciding system, known from the record's last modifier
    per: str = ""  # "company": one value per scope
    handover: Handover = Handover.ASK_IF_DIFFERS
    conflict: Conflict = Conflict.REVIEW
    conflict_after: timedelta = timedelta(0)
    edited_elsewhere: Elsewhere = Elsewhere.REVERT
    keep_on_blank: bool = False  # `blank: keep`: a decider's blank does not erase the agreed value
    each: Each | None = None
    borrowed: Borrowed | None = None
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class Pool:
    """One record of a role that serves all whom `when` fits: none of them has a record of its own there.

    `known_by`: field → value, by which that record is found.
    """

    when: When
    known_by: Mapping[str, Value]
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class CreateRule:
    """Whether an entity's record is made in a role's systems: never, always, or when and with what."""

    role: str
    allowed: bool
    when: When = ALWAYS
    needs: tuple[str, ...] = ()
    pool: Pool | None = None
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class TakesPart:
    """Which entities are synchronised at all, and what becomes of one that leaves (`freeze`: it is not written to)."""

    when: When = ALWAYS
    on_leave: str = "freeze"  # freeze | archive | review
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class ArchiveRule:
    """An archive in a `from_` role is carried to the `to` roles; elsewhere it is `review`ed, `ignore`d."""

    from_: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    others: str = "review"
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a group of fields is synchronised, and the promise that alerts watch."""

    fields: tuple[str, ...]  # empty: all the rest
    every: str  # "5m" or a cron line
    fresh_within: timedelta
    webhooks: bool = False
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class Ownership:
    """All sentences about one entity."""

    entity: str
    rules: Mapping[str, tuple[Rule, ...]]  # by field, in the order in which they are tried
    takes_part: TakesPart = TakesPart()
    create: Mapping[str, CreateRule] = field(default_factory=dict)  # by role; a role that is absent: never
    archive: ArchiveRule = ArchiveRule()
    cadence: tuple[Cadence, ...] = ()
    pools: Mapping[str, Pool] = field(init=False, repr=False, compare=False)  # by role
    turns: Mapping[str, int] = field(init=False, repr=False, compare=False)  # by field: lower is decided first
    asked: frozenset[str] = field(init=False, repr=False, compare=False)  # fields that conditions of sentences ask for

    def __post_init__(self) -> None:
        """A field comes after all that its conditions lead to; those that lead to each other share a turn."""
        pools = {role: rule.pool for role, rule in self.create.items() if rule.pool is not None}
        object.__setattr__(self, "pools", pools)
        asked = {name: frozenset(_asked(rules)) for name, rules in self.rules.items()}
        object.__setattr__(self, "turns", {name: len(_led_to(name, asked)) for name in self.rules})
        object.__setattr__(self, "asked", frozenset().union(*asked.values()))


def requiring(owned: Ownership, names: Iterable[str]) -> Ownership:
    """The same sentences; no record is made without these fields, but for those that making it brings by itself.

    What has one value for each company is not waited for: which company's would it be?
    """
    needs = [name for name in names if not any(rule.per for rule in owned.rules.get(name, ()))]
    return replace(owned, create={role: _needing(rule, needs, owned) for role, rule in owned.create.items()})


def _needing(create: CreateRule, names: Iterable[str], owned: Ownership) -> CreateRule:
    more = (name for name in names if not any(_issues(rule, create.role) for rule in owned.rules.get(name, ())))
    return replace(create, needs=tuple(dict.fromkeys((*create.needs, *more)))) if create.allowed else create


def _issues(rule: Rule, role: str) -> bool:
    return rule.mode is Mode.ISSUED and role in rule.roles


def _asked(rules: tuple[Rule, ...]) -> Iterator[str]:
    return (clause.subject for rule in rules for clause in rule.when.clauses if clause.test in FIELD_TESTS)


def _led_to(name: str, asked: Mapping[str, frozenset[str]]) -> set[str]:
    """A field, what its conditions ask for, what theirs ask for, and so on."""
    found, waiting = {name}, [name]
    while waiting:
        fresh = asked.get(waiting.pop(), frozenset()) - found
        found |= fresh
        waiting += fresh
    return found
