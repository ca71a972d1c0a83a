"""From canonical changes to the words of a system: encoded when planned, frozen when intended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.contract import RecordRef
from mappings.book import Book
from mappings.fieldmap import Gap
from mappings.values import Value, Values, field_of
from mappings.writing import Writer as Spell
from mappings.writing import writer_of
from sync_pipelines.intake.readers import map_name_of, references_of
from sync_pipelines.model.changes import Change, Held, Op
from sync_pipelines.planning.target import Links


@dataclass(frozen=True, slots=True)
class Writer:
    """How one entity is written to one system."""

    write: Spell
    map_name: str
    references: Mapping[str, str]
    needs: tuple[str, ...] = ()


@dataclass(slots=True)
class Encoded:
    """Changes that can be sent, and what became of those that cannot."""

    changes: list[Change] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    gaps: list[tuple[str, RecordRef, Gap]] = field(default_factory=list)  # (map name, record, gap)


def writers_of(book: Book) -> Mapping[tuple[str, str], Writer]:
    """All writers by (system, entity)."""
    found = {}
    for entity in book.entities.values():
        for system in entity.maps:
            spec = book.systems[system]
            create = entity.ownership.create.get(spec.role)
            write = writer_of(book, entity.name, system)
            needs = create.needs if create else ()
            found[system, entity.name] = Writer(write, map_name_of(spec), references_of(entity), needs)
    return found


def encode_changes(
    changes: Sequence[Change], agreed: Mapping[str, Values], writers: Mapping[tuple[str, str], Writer], links: Links
) -> Encoded:
    """Encode each change. A field that cannot be spelled there is left out and said; the others go on.

    `agreed` holds, by entity id, all agreed values: a phone number needs to know its country.
    """
    encoded = Encoded()
    for change in changes:
        writer = writers[change.system, change.entity]
        _encode(encoded, change, agreed.get(change.entity_id, {}), writer, links)
    return encoded


def subject_of(change: Change) -> RecordRef:
    """The record of a change; one that does not exist yet is named by the entity it is made for."""
    return RecordRef(change.system, change.kind, change.record_id or f"new:{change.entity_id}")


def _encode(encoded: Encoded, change: Change, agreed: Values, writer: Writer, links: Links) -> None:
    if change.op is Op.ARCHIVE:
        encoded.changes.append(change)
        return
    news = {key: _as_record_id(change.system, key, f.new, links, writer) for key, f in change.fields.items()}
    told = {key: _as_record_id(change.system, key, value, links, writer) for key, value in agreed.items()}
    writing = writer.write(news, {**told, **news}, creating=change.op is Op.CREATE)
    says = {gap.field: f"code {gap.code!r} has no counterpart in table {gap.table}" for gap in writing.gaps}
    says |= {fault.field: fault.says for fault in writing.faults}
    encoded.gaps += [(writer.map_name, subject_of(change), gap) for gap in writing.gaps]
    encoded.held += [Held(change.entity, change.entity_id, change.system, key, why) for key, why in says.items()]
    fields = {key: value for key, value in change.fields.items() if key not in says and field_of(key) not in says}
    lacking = change.op is Op.CREATE and any(field_of(key) in writer.needs for key in says)
    if fields and not lacking:
        encoded.changes.append(replace(change, fields=fields, payload=writing.payload))


def _as_record_id(system: str, key: str, value: Value, links: Links, writer: Writer) -> Value:
    entity = writer.references.get(field_of(key))
    if entity is None or value is None:
        return value
    return links.records.get((system, entity, str(value)))
