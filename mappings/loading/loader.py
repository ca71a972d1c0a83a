"""From files to a book, in three rounds: the shape of each file, the names across files, the book."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from typing import Any

from mappings.book import Book, Calendar, CodeTable, Comparing, EntitySpec, FieldSpec, Guards, SystemSpec, WriteSwitch
from mappings.codec import Codec, CodecError
from mappings.codecs import CODECS, VERSION
from mappings.codecs_time import zone_of
from mappings.complaints import BookError, Complaints
from mappings.fieldmap import KindMap
from mappings.loading.conditions import Names
from mappings.loading.maps import MapReader, check_fields, field_spec, kind_map
from mappings.loading.ownership import Reader, matching, ownership
from mappings.loading.shapes import (
    FieldsShape,
    MapShape,
    MatchingShape,
    OwnershipShape,
    PluginShape,
    SystemShape,
    SystemsShape,
)
from mappings.loading.shaping import S, shaped
from mappings.loading.strict_yaml import Parsed, parse
from mappings.loading.tables import table
from mappings.matching import Matching, serving_many
from mappings.ownership import Ownership, requiring
from mappings.references import entities_in, references_in
from mappings.values import Where

BUNDLED = Path(__file__).parents[1]  # the demo's book
_SYSTEMS = "systems.yaml"
_ALERTS = "alerts.yaml"  # about people, not about data: whoever alerts reads it
_CODES = "codes"
_LARGEST = {".yaml": 1_000_000, ".csv": 16_000_000}  # bytes
_USUAL_ROLES = frozenset({"crm", "erp", "shop", "service"})
_NOT_MAPS = frozenset({"fields", "ownership", "matching"})
_LIBRARIES = ("phonenumbers", "python-stdnum", "babel")  # what their new releases know, values may be spelled by


def load_book(folder: Path | str) -> Book:
    """The book in a folder. Raises BookError with all complaints."""
    complaints = Complaints()
    files = dict(_files(Path(folder), complaints))
    book = _Loader(files, complaints).book(str(folder))
    if complaints.found or book is None:
        raise BookError(complaints.found, book)
    return book


def _files(folder: Path, complaints: Complaints) -> Iterator[tuple[str, bytes]]:
    """What belongs to the book: YAML in the folder and one level down, CSV in `codes/`."""
    if not folder.is_dir():
        complaints.add("no-folder", Where(str(folder), 0), "is no folder", "name a folder with a systems.yaml in it")
        return
    for path in sorted((*folder.glob("*.yaml"), *folder.glob("*/*.yaml"), *folder.glob(f"{_CODES}/*.csv"))):
        name = path.relative_to(folder).as_posix()
        large = path.stat().st_size > _LARGEST[path.suffix]
        if large:
            complaints.add("too-large", Where(name, 1), f"has more than {_LARGEST[path.suffix]} bytes")
        yield name, b"" if large else path.read_bytes()


@dataclass(slots=True)
class _Draft:
    """An entity on its way: what of it could be read."""

    name: str
    fields: Mapping[str, FieldSpec] | None = None
    ownership: tuple[Parsed, OwnershipShape] | None = None
    matching: tuple[Parsed, MatchingShape] | None = None
    maps: dict[str, tuple[Parsed, MapShape]] = field(default_factory=dict)

    def known_fields(self) -> Mapping[str, FieldSpec]:
        """Where they could not be read: those that the other files speak of, of which nothing but the name is known."""
        if self.fields is not None:
            return self.fields
        owned = self.ownership[1].fields if self.ownership else ()
        named = dict.fromkeys([*owned, *(name for _, shape in self.maps.values() for name in shape.fields)])
        return {name: FieldSpec(name, "", "") for name in named}


@dataclass(slots=True)
class _Loader:
    """What has been read, and what was found."""

    files: Mapping[str, bytes]
    complaints: Complaints

    def book(self, folder: str) -> Book | None:
        """The book, or None where too little could be read."""
        systems = self._shaped(_SYSTEMS, SystemsShape)
        drafts = {name: self._draft(name) for name in self._entity_names()}
        self._strangers()
        if systems is None:
            return None
        parsed, shape = systems
        codecs = _plugins(shape.plugins, parsed, self.complaints)
        tables = self._tables({name for entity in drafts for name in self._map_names(entity)} | set(shape.systems))
        specs = {name: _system(name, said, parsed, self.complaints) for name, said in shape.systems.items()}
        entities = self._entities(drafts, shape, specs, tables, codecs)
        return Book(
            systems=specs,
            entities={name: entities[name] for name in _referred_first(entities)},
            tables=tables,
            version=self._version(shape.plugins),
            guards=Guards(**shape.guards.model_dump()),
            promises=shape.promises,
            comparing=Comparing(shape.reconcile, parsed.where("reconcile")),
            folder=folder,
            codecs=codecs,
        )

    def _entity_names(self) -> list[str]:
        folders = {name.partition("/")[0] for name in self.files if "/" in name and name.endswith(".yaml")}
        return sorted(folders - {_CODES})

    def _strangers(self) -> None:
        """A file that nothing reads is a file with a wrong name."""
        for name in self.files:
            if "/" not in name and name not in (_SYSTEMS, _ALERTS):
                self.complaints.add("unknown-file", Where(name, 1), "is read by nobody", f"only {_SYSTEMS} stands here")
            if name.startswith(f"{_CODES}/") and name.endswith(".yaml"):
                self.complaints.add("unknown-file", Where(name, 1), "is read by nobody", "a code table is a CSV file")

    def _text(self, name: str) -> str | None:
        try:
            return self.files[name].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.files[name].count(b"\n", 0, error.start) + 1
            self.complaints.add("not-utf8", Where(name, line), "is not written in UTF-8", "save it as UTF-8")
            return None

    def _shaped(self, name: str, shape: type[S], stand_ins: Mapping[str, Any] | None = None) -> tuple[Parsed, S] | None:
        if name not in self.files:
            self.complaints.add("missing-file", Where(name, 0), "is missing")
            return None
        text = self._text(name)
        parsed = parse(name, text, self.complaints) if text is not None else None
        said = shaped(shape, parsed, self.complaints, stand_ins) if parsed else None
        return (parsed, said) if parsed and said else None

    def _draft(self, entity: str) -> _Draft:
        fields = self._of_entity(entity, "fields", FieldsShape)
        draft = _Draft(entity, ownership=self._of_entity(entity, "ownership", OwnershipShape))
        if fields is not None:
            parsed, said = fields
            draft.fields = {
                name: field_spec(name, shape, parsed.where("fields", name)) for name, shape in said.fields.items()
            }
        if f"{entity}/matching.yaml" in self.files:
            draft.matching = self._of_entity(entity, "matching", MatchingShape)
        for name in self._map_names(entity):
            found = self._of_entity(entity, name, MapShape)
            draft.maps.update({name: found} if found else {})
        return draft

    def _map_names(self, entity: str) -> list[str]:
        names = (name for name in self.files if name.startswith(f"{entity}/") and name.endswith(".yaml"))
        stems = (name.removeprefix(f"{entity}/").removesuffix(".yaml") for name in names)
        return [stem for stem in stems if stem not in _NOT_MAPS]

    def _of_entity(self, entity: str, name: str, shape: type[S]) -> tuple[Parsed, S] | None:
        known = (
            {"entity": entity, "kind": "?"} if shape is FieldsShape else {"entity": entity, "kind": "?", "fields": {}}
        )
        found = self._shaped(f"{entity}/{name}.yaml", shape, known)
        said = getattr(found[1], "entity", entity) if found else entity
        if found and said != entity:
            says = f"speaks of `{said}` and stands in the folder of `{entity}`"
            self.complaints.add("wrong-entity", found[0].where("entity"), says)
        return found

    def _tables(self, columns: Iterable[str]) -> dict[str, CodeTable]:
        known, found = sorted(columns), {}
        for name in self.files:
            text = self._text(name) if name.endswith(".csv") else None
            if text is not None:
                stem = name.removeprefix(f"{_CODES}/").removesuffix(".csv")
                found[stem] = table(stem, name, text, known, self.complaints)
        return found

    def _entities(
        self,
        drafts: Mapping[str, _Draft],
        shape: SystemsShape,
        systems: Mapping[str, SystemSpec],
        tables: Mapping[str, CodeTable],
        codecs: Mapping[str, Codec],
    ) -> dict[str, EntitySpec]:
        known = {name: draft.known_fields() for name, draft in drafts.items()}
        roles = _USUAL_ROLES | set(shape.roles) | {said.role for said in shape.systems.values()}
        found = {}
        for name, fields in known.items():
            if drafts[name].fields is not None:
                check_fields(fields, frozenset(drafts), self.complaints)
            names = Names(name, fields, roles, known, frozenset(tables))
            found[name] = self._entity(drafts[name], names, systems, tables, {**CODECS, **codecs})
        self._unserved(drafts, systems)
        return found

    def _entity(
        self,
        draft: _Draft,
        names: Names,
        systems: Mapping[str, SystemSpec],
        tables: Mapping[str, CodeTable],
        codecs: Mapping[str, Codec],
    ) -> EntitySpec:
        owned = Ownership(draft.name, {})
        if draft.ownership:
            owned = ownership(draft.ownership[1], Reader(draft.ownership[0], names, self.complaints))
        matched = Matching(draft.name)
        if draft.matching:
            matched = matching(draft.matching[1], Reader(draft.matching[0], names, self.complaints))
        fields = {name: replace(spec, per=_per(owned, name)) for name, spec in names.fields.items()}
        maps = {
            name: kind_map(shape, MapReader(parsed, name, fields, tables, codecs, frozenset(systems), self.complaints))
            for name, (parsed, shape) in draft.maps.items()
        }
        matched = serving_many(matched, [pool.known_by for pool in owned.pools.values()])
        owned = requiring(owned, [name for name, spec in fields.items() if spec.required])
        return EntitySpec(draft.name, fields, owned, dict(self._served(draft.name, maps, systems)), matched)

    def _served(
        self, entity: str, maps: Mapping[str, KindMap], systems: Mapping[str, SystemSpec]
    ) -> Iterator[tuple[str, KindMap]]:
        """Each system with the map that serves it: the one it names, else its connector's, else its own."""
        for system in systems.values():
            chosen = next((name for name in _candidates(system) if name in maps), None)
            if chosen is None:
                continue
            yield system.name, replace(maps[chosen], system=system.name)
            if system.name in maps and chosen != system.name:
                says = f"serves nobody: `{system.name}` uses `{chosen}`"
                where = Where(f"{entity}/{system.name}.yaml", 1)
                self.complaints.add("unused-map", where, says, f"say map: {system.name} in {_SYSTEMS}")

    def _unserved(self, drafts: Mapping[str, _Draft], systems: Mapping[str, SystemSpec]) -> None:
        known = {name for entity in drafts for name in self._map_names(entity)}
        for system in systems.values():
            if system.map and system.map not in known:
                self.complaints.unknown("unknown-map", system.where, system.map, "map", known)
            elif not known.intersection(_candidates(system)):
                says = f"`{system.name}` has no map in any entity"
                self.complaints.add("no-map", system.where, says, f"write <entity>/{system.connector}.yaml")

    def _version(self, plugins: Iterable[PluginShape]) -> str:
        packages = (*_LIBRARIES, *sorted({plugin.package for plugin in plugins if plugin.codecs}))
        told = [f"codecs {VERSION}", *(f"{name} {_installed(name)}" for name in packages)]
        digest = hashlib.sha256("\n".join(told).encode())
        for name, content in sorted(self.files.items()):
            digest.update(f"\n{name} {len(content)}\n".encode() + content)
        return digest.hexdigest()[:16]


def _installed(package: str) -> str:
    try:
        return version(package)
    except ModuleNotFoundError:
        return "none"


def _per(owned: Ownership, name: str) -> str:
    return next((rule.per for rule in owned.rules.get(name, ()) if rule.per), "")


def _candidates(system: SystemSpec) -> tuple[str, ...]:
    return (system.map,) if system.map else (system.connector, system.name)


def _system(name: str, said: SystemShape, parsed: Parsed, complaints: Complaints) -> SystemSpec:
    try:
        zone_of(said.calendar.time_zone)
    except CodecError as error:
        complaints.add("unknown-zone", parsed.where("systems", name, "calendar", "time_zone"), str(error))
    plain = said.model_dump(exclude={"calendar", "write", "scopes", "entities", "may_be_empty"})
    return SystemSpec(
        name=name,
        **plain,
        write=WriteSwitch(said.write),
        scopes=tuple(said.scopes),
        calendar=Calendar(said.calendar.time_zone, tuple(said.calendar.quiet_hours), tuple(said.calendar.holidays)),
        entities={entity: WriteSwitch(switch) for entity, switch in said.entities.items()},
        may_be_empty=tuple(said.may_be_empty),
        where=parsed.where("systems", name),
    )


def _referred_first(entities: Mapping[str, EntitySpec]) -> list[str]:
    """Entities so that one that others refer to comes before them; a ring keeps the order of names."""
    placed: dict[str, None] = {}

    def place(name: str, way: tuple[str, ...]) -> None:
        if name in placed or name in way or name not in entities:
            return
        for target in entities_in(references_in(entities[name].fields)):
            place(target, (*way, name))
        placed.setdefault(name)

    for name in sorted(entities):
        place(name, ())
    return list(placed)


def _plugins(said: Iterable[PluginShape], parsed: Parsed, complaints: Complaints) -> dict[str, Codec]:
    """The codecs that `systems.yaml` names, and no others: an installed package is not thereby trusted."""
    found: dict[str, Codec] = {}
    for number, plugin in enumerate(said):
        for name in plugin.codecs:
            where = parsed.where("plugins", number)
            codec = _plugin(plugin.package, name, where, complaints)
            if name in CODECS or name in found:
                complaints.add("plugin-twice", where, f"there is a codec `{name}` already", "give it another name")
            elif codec is not None:
                found[name] = codec
    return found


def _plugin(package: str, name: str, where: Where, complaints: Complaints) -> Codec | None:
    point = _entry_point(package, name)
    if point is None:
        says = f"`{package}` brings no codec `{name}`"
        complaints.add("plugin-missing", where, says, "install it, or look at its entry points (concordat.codecs)")
        return None
    try:
        loaded: Any = point.load()
        codec: Any = loaded() if isinstance(loaded, type) else loaded
    except Exception as error:  # noqa: BLE001 - somebody else's code may raise anything while it is imported
        complaints.add("plugin-failed", where, f"`{name}` cannot be loaded: {type(error).__name__}: {error}")
        return None
    if not all(hasattr(codec, part) for part in ("decode", "encode", "options")):
        complaints.add("plugin-shape", where, f"`{name}` is no codec", "it needs decode, encode and options")
        return None
    return codec  # type: ignore[no-any-return]  # a protocol cannot be checked any closer at run time


def _entry_point(package: str, name: str) -> EntryPoint | None:
    points = entry_points(group="concordat.codecs", name=name)
    wanted = _normal(package)
    return next((point for point in points if point.dist and _normal(point.dist.name) == wanted), None)


def _normal(package: str) -> str:
    return package.lower().replace("_", "-").replace(".", "-")
