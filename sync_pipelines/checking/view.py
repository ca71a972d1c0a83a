"""One entity as the checks see it: its systems' sides, who says a field, and in which states each sentence applies."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.contract import Capabilities, KindDescription
from mappings.book import Book, EntitySpec, SystemSpec, WriteSwitch
from mappings.fieldmap import KindMap, Line
from mappings.ownership import Rule
from mappings.values import Value
from sync_pipelines.checking.states import FieldReach, an

Abilities = Mapping[str, Mapping[str, Capabilities]]  # system → kind
Descriptions = Mapping[str, Mapping[str, KindDescription]]


@dataclass(frozen=True, slots=True)
class Side:
    """One system's side of an entity. `can` and `described` are None where the system was not asked."""

    system: SystemSpec
    kind_map: KindMap
    lines: Mapping[str, tuple[Line, ...]]  # by field
    can: Capabilities | None = None
    described: KindDescription | None = None

    @property
    def name(self) -> str:
        """The system."""
        return self.system.name

    def is_written(self, entity: str) -> bool:
        """Whether the write switch lets anything through."""
        return self.system.switch(entity) is not WriteSwitch.OFF

    def overlaps(self, other: "Side") -> bool:
        """Whether two systems may keep the same company."""
        mine, theirs = set(self.system.scopes), set(other.system.scopes)
        return not mine or not theirs or bool(mine & theirs)


@dataclass(frozen=True, slots=True)
class View:
    """One entity of a book."""

    book: Book
    spec: EntitySpec
    sides: Mapping[str, Side]  # by system, in the order of roles and ranks
    reach: Mapping[str, FieldReach] = field(default_factory=dict)  # by field
    said: dict[tuple[str, str], frozenset[Value] | None] = field(default_factory=dict)  # remembered by `sayings`

    @property
    def entity(self) -> str:
        """Its name."""
        return self.spec.name

    @property
    def one(self) -> str:
        """Its name with an article."""
        return an(self.entity)

    @property
    def rules(self) -> Mapping[str, tuple[Rule, ...]]:
        """The sentences by field."""
        return self.spec.ownership.rules

    @property
    def roles(self) -> frozenset[str]:
        """The roles that have a system with a map."""
        return frozenset(side.system.role for side in self.sides.values())

    def of_role(self, role: str) -> list[Side]:
        """The sides of one role."""
        return [side for side in self.sides.values() if side.system.role == role]

    def speakers(self, role: str, name: str) -> list[Side]:
        """Those of a role that map a field, and so can say it."""
        return [side for side in self.of_role(role) if name in side.lines]

    def mapping(self, name: str) -> list[Side]:
        """Every side that maps a field."""
        return [side for side in self.sides.values() if name in side.lines]

    def says(self, role: str, name: str) -> bool:
        """Whether anybody of a role can say a field."""
        return bool(self.speakers(role, name))

    def is_played(self, role: str) -> bool:
        """Whether any system of the book plays a role."""
        return bool(self.book.systems_of(role))


def bringers(rule: Rule) -> tuple[str, ...]:
    """The roles that may bring a value under a sentence."""
    if rule.each is not None:
        return tuple(dict.fromkeys((*rule.each.decides, *rule.each.add, *rule.each.remove)))
    return rule.roles


def view_of(book: Book, spec: EntitySpec, abilities: Abilities, described: Descriptions) -> View:
    """The sides of an entity, best rank first. Which states its sentences reach is not known yet."""
    names = sorted(spec.maps, key=lambda name: (book.systems[name].role, book.systems[name].rank, name))
    return View(book, spec, {name: _side(book, spec, name, abilities, described) for name in names})


def _side(book: Book, spec: EntitySpec, name: str, abilities: Abilities, described: Descriptions) -> Side:
    kind_map = spec.maps[name]
    lines: dict[str, tuple[Line, ...]] = {}
    for line in kind_map.lines:
        lines[line.field] = (*lines.get(line.field, ()), line)
    return Side(
        book.systems[name],
        kind_map,
        lines,
        abilities.get(name, {}).get(kind_map.kind),
        described.get(name, {}).get(kind_map.kind),
    )
