"""Half of a character spoils the field that bears it and no other; what a record is known by has to be whole."""

from collections.abc import Sequence

from connectors.contract import Record
from connectors.errors import MisconfiguredError


def whole(records: Sequence[Record]) -> Sequence[Record]:
    """The same. Raises MisconfiguredError where an id, a version, an editor or a key cannot be kept in any ledger."""
    if not _is_whole("".join(word for record in records for word in _known_by(record))):
        broken = next(record for record in records if not all(map(_is_whole, _known_by(record))))
        where = f"{broken.ref.system}/{broken.ref.kind}"
        raise MisconfiguredError(
            f"{where} tells a record whose id, version, editor or key holds half of a character (a surrogate alone): "
            f"{broken.ref.id!a}; mend it there"
        )
    return records


def _known_by(record: Record) -> tuple[str, ...]:
    return record.ref.id, record.version, record.changed_by, record.key


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
