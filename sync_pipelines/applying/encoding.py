"""From canonical changes to the words of a system: encoded when planned, frozen when intended."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.contract import KindDescription, Payload, RecordRef
from mappings.book import Book
from mappings.fieldmap import Gap, KindMap
from mappings.once import once
from mappings.values import Values, field_of
from mappings.writing import Writer as Spell
from mappings.writing import writer_of
from sync_pipelines.intake.landing import payload_digest
from sync_pipelines.intake.readers import map_name_of
from sync_pipelines.model.changes import Change, Held, Op
from sync_pipelines.model.claims import ARCHIVED
from sync_pipelines.model.records import Quarantined
from sync_pipelines.planning.target import Links

NEW = "new:"  # how a record that does not exist yet is named
UNKNOWN: Mapping[tuple[str, str], KindDescription] = {}


# (name in the payload that was blamed, digest of what it held), or ("", digest of the whole payload)
Refused = Collection[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Writer:
    """How one entity is written to one system."""

    write: Spell
    map_name: str
    needs: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)  # name in the payload → field


@dataclass(slots=True)
class Encoded:
    """Changes that can be sent, and what became of those that cannot."""

    changes: list[Change] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    gaps: list[tuple[str, RecordRef, Gap]] = field(default_factory=list)  # (map name, record, gap)
    faults: list[Quarantined] = field(default_factory=list)  # fields that cannot be spelled or kept there


@once
def writers_of(book: Book) -> Mapping[tuple[str, str], Writer]:
    """All writers by (system, entity)."""
    found = {}
    for entity in book.entities.values():
        for system in entity.maps:
            spec = book.systems[system]
            create = entity.ownership.create.get(spec.role)
            write = writer_of(book, entity.name, system)
            needs = create.needs if create else ()
            found[system, entity.name] = Writer(write, map_name_of(spec), needs, _places(entity.maps[system]))
    return found


def _places(kind_map: KindMap) -> Mapping[str, str]:
    """By name in the payload: the field of a line, or of the whole of which a part lies there."""
    return {
        part.at: line.field
        for line in kind_map.lines
        for part in ((line,) if line.at else line.lines)
        if part.at.isidentifier()
    }


def encode_changes(
    changes: Sequence[Change],
    agreed: Mapping[str, Values],
    writers: Mapping[tuple[str, str], Writer],
    links: Links,
    described: Mapping[tuple[str, str], KindDescription] = UNKNOWN,
) -> Encoded:
    """Encode each change. A field that cannot be spelled or kept there is left out and said; the others go on.

    `agreed` holds, by entity id, all agreed values: a phone number needs to know its country. `described` is what
    (system, kind) says of its fields: a text that it would cut or refuse is not sent.
    """
    encoded = Encoded()
    for change in changes:
        writer = writers[change.system, change.entity]
        about = described.get((change.system, change.kind))
        _encode(encoded, change, agreed.get(change.entity_id, {}), writer, links, about)
    return encoded


def without_refused(change: Change, refused: Refused, writer: Writer) -> tuple[Change | None, list[Held]]:
    """What of a change its system has not refused in these very words already; None where nothing is left.

    A field that was named in a refusal spoils itself. What is made is made whole or not at all.
    """
    bad = {name for name, value in change.payload.items() if (name, payload_digest({name: value})) in refused}
    spoilt = {writer.places.get(name, "") for name in bad}
    left = {key: value for key, value in change.fields.items() if field_of(key) not in spoilt}
    whole = ("", payload_digest(change.payload)) in refused or (bad and change.op is not Op.UPDATE)
    if whole or "" in spoilt:
        return None, [_refused(change, "")]
    held = [_refused(change, key) for key in sorted(spoilt)]
    payload = {name: value for name, value in change.payload.items() if writer.places.get(name) not in spoilt}
    return (replace(change, fields=left, payload=payload) if left or not bad else None), held


def _refused(change: Change, key: str) -> Held:
    says = "its system refused exactly this before; see `concordat quarantine list`"
    return Held(change.entity, change.entity_id, change.system, key, says)


def subject_of(change: Change) -> RecordRef:
    """The record of a change; one that does not exist yet is named by the entity it is made for."""
    return RecordRef(change.system, change.kind, change.record_id or f"{NEW}{change.entity_id}")


def fields_under_way(changes: Iterable[Change]) -> Mapping[RecordRef, set[str]]:
    """Of writes that have no outcome yet: which fields of which record may say what we wrote, or somebody else."""
    found: dict[RecordRef, set[str]] = {}
    for change in changes:
        found.setdefault(subject_of(change), set()).update({ARCHIVED} if change.op is Op.ARCHIVE else change.fields)
    return found


def _encode(
    encoded: Encoded, change: Change, agreed: Values, writer: Writer, links: Links, described: KindDescription | None
) -> None:
    if change.op is Op.ARCHIVE:
        encoded.changes.append(change)
        return
    back = writer.write.back_into_use() if ARCHIVED in change.fields else {}
    waits = [key for key, f in change.fields.items() if links.missing(change.system, key, f.new, f.old)]
    due = {key: f.new for key, f in change.fields.items() if key not in waits and key != ARCHIVED}
    news = {key: links.spelled(change.system, key, value) for key, value in due.items()}
    told = {key: links.spelled(change.system, key, value) for key, value in agreed.items()}
    writing = writer.write(news, {**told, **news}, creating=change.op is Op.CREATE)
    says = {gap.field: f"code {gap.code!r} has no counterpart in table {gap.table}" for gap in writing.gaps}
    wrong = {fault.field: fault.says for fault in writing.faults} | _misfits(writing.payload, writer, described)
    says |= wrong
    says |= dict.fromkeys(waits, "it refers to what has no record there yet")
    subject = subject_of(change)
    encoded.faults += [Quarantined(subject, change.entity, "misfit", why, field=key) for key, why in wrong.items()]
    encoded.gaps += [(writer.map_name, subject_of(change), gap) for gap in writing.gaps]
    encoded.held += [Held(change.entity, change.entity_id, change.system, key, why) for key, why in says.items()]
    fields = {key: value for key, value in change.fields.items() if key not in says and field_of(key) not in says}
    lacking = change.op is Op.CREATE and any(field_of(key) in writer.needs for key in says)
    if fields and not lacking:
        payload = {**_without(writing.payload, wrong, writer), **back}
        encoded.changes.append(replace(change, fields=fields, payload=payload))


def _misfits(payload: Payload, writer: Writer, described: KindDescription | None) -> dict[str, str]:
    """Texts that are longer than the system keeps."""
    if described is None:
        return {}
    misfits = {}
    for name, value in payload.items():
        about = described.fields.get(name)
        if about and about.length and isinstance(value, str) and len(value) > about.length and name in writer.places:
            misfits[writer.places[name]] = f"{len(value)} characters are more than the {about.length} it keeps there"
    return misfits


def _without(payload: Payload, fields: Collection[str], writer: Writer) -> Payload:
    return {name: value for name, value in payload.items() if writer.places.get(name) not in fields}
