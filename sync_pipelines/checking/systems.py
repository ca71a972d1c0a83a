"""What systems.yaml says of entities that are there."""

from collections.abc import Iterator

from mappings.book import Book
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
    known = [f"{_EARLY}{name}" for name in book.entities]
    for name in book.promises:
        if name not in known:
            says = f"nothing keeps the promise `{name}`"
            yield complaint("unknown-promise", Where("systems.yaml", 1), says, near_miss(name, known))
