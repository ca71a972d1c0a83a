"""What systems.yaml says of entities that are there."""

from collections.abc import Iterator

from mappings.book import Book, SystemSpec
from mappings.complaints import Complaint, near_miss
from mappings.values import Where
from sync_pipelines.checking.codes import complaint

_EARLY = "early_"


def systems(book: Book) -> Iterator[Complaint]:
    """Switches by entity, and promises."""
    for system in book.systems.values():
        for name in system.entities:
            if name not in book.entities:
                do = near_miss(name, book.entities)
                yield complaint("unknown-entity", system.where, f"no entity is called `{name}`", do)
            elif system.name not in book.entities[name].maps:
                says = f"{system.name} has a write switch for {name} and no map of it"
                yield complaint("idle-switch", system.where, says, "take the switch out, or write the map")
        yield from _empty(book, system)
    known = [f"{_EARLY}{name}" for name in book.entities]
    for name in book.promises:
        if name not in known:
            says = f"nothing keeps the promise `{name}`"
            yield complaint("unknown-promise", Where("systems.yaml", 1), says, near_miss(name, known))


def _empty(book: Book, system: SystemSpec) -> Iterator[Complaint]:
    kinds = {spec.maps[system.name].kind for spec in book.entities.values() if system.name in spec.maps}
    for kind in system.may_be_empty:
        if kind not in kinds:
            says = f"{system.name} may be empty of {kind}, of which no map reads anything"
            yield complaint("idle-empty", system.where, says, near_miss(kind, kinds))
