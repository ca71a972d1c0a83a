"""What a stranger knows of the little book: which field lies where, and how two spellings of one value are compared."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

from connectors.testing.world import MIDDLEWARE, LogEntry, Row
from sync_pipelines.simulation.testimony import Coupled, Evidence, Planned

FIRM, PERSON = "account", "contact"
TEXTS = ("name", "tax_id", "phone", "remark", "credit_limit", "number", "segment")
AT = {"credit_limit": "Credit"}
NOT_KEPT = {"shop": ("credit_limit", "segment", "status")}
CODES = {
    "crm": {"N30": "net30", "N60": "net60", "COD": "cod"},
    "erp": {"30": "net30", "60": "net60", "0": "cod"},
}
TAKES_PART = ("open", "won")
ADDRESS = {"crm": ("street", "city", "country"), "erp": ("street", "city")}
WITH_PLACES = ("crm", "erp")
# Fields in which nobody there decides anything, and an edit is taken back at once, with a note where there are notes.
NEVER_THEIRS = {("crm", "Account"): {"Credit", "Number"}, ("shop", "Buyer"): {"Number"}}
_UNSEEN = ("Cf", "Cc", "Cs")  # formats, controls, halves of a pair
OP_WRITES = ("create", "update", "archive")


def attribute(field: str) -> str:
    """What systems call it."""
    return AT.get(field, field.title())


def canonical(value: object) -> object:
    """A text as all systems would spell it, one of which shouts. Forms that look alike are one."""
    if value is None:
        return None
    return _canonical_text(str(value))


def visible(said: str) -> str:
    """What a person sees of a text."""
    shown = "".join(c for c in unicodedata.normalize("NFC", said) if unicodedata.category(c) not in _UNSEEN)
    return " ".join(shown.split())


@lru_cache(maxsize=4096)
def _canonical_text(said: str) -> object:
    text = unicodedata.normalize("NFC", visible(said).upper().casefold().replace("\u0307", ""))
    return (text.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", text) else text) or None


def written(evidence: Evidence) -> list[LogEntry]:
    """What the middleware wrote, by the systems' own logs."""
    return [entry for entry in evidence.world.log() if entry.actor == MIDDLEWARE and entry.writes]


def by_users(evidence: Evidence) -> list[LogEntry]:
    """What people did."""
    return [entry for entry in evidence.world.log() if entry.actor != MIDDLEWARE]


def by_key(evidence: Evidence) -> dict[tuple[str, str], Planned]:
    """The journal by system and key. A created record bears the key of its entity, which is the same everywhere.

    An entity may have been meant to be made more than once in a place; what was done, or at least sent, counts.
    """
    journal = sorted(evidence.told.journal, key=lambda line: (line.state == "done", line.sent_at is not None))
    made = {(line.system, line.create_key): line for line in journal if line.create_key}
    return {(line.system, line.key): line for line in journal} | made


def living(evidence: Evidence, entity: str) -> Iterator[tuple[str, Mapping[str, Row]]]:
    """Each entity with its first records that are alive and in use, by system."""
    found: dict[str, dict[str, Row]] = {}
    for coupled in evidence.told.couplings:
        if coupled.entity == entity:
            rows = found.setdefault(coupled.entity_id, {})
            if coupled.primary and (row := alive(evidence, coupled)) is not None:
                rows[coupled.system] = row
    yield from sorted(found.items())


def alive(evidence: Evidence, coupled: Coupled) -> Row | None:
    """Its record, unless it is gone or out of use."""
    row = evidence.world.systems[coupled.system].read(coupled.kind, coupled.id)
    return row if row is not None and row.values.get("Active") else None


def blank(value: object) -> bool:
    """Nothing is said, or nothing but spaces of whatever kind."""
    return value in (None, "", []) or (isinstance(value, str) and not value.strip())


def emptied(entry: LogEntry) -> set[str]:
    """Fields that held something before and hold nothing after."""
    after, before = entry.after or {}, entry.before or {}
    return {name for name, value in after.items() if blank(value) and not blank(before.get(name))}


def filled(entry: LogEntry) -> set[str]:
    """The other way round."""
    after, before = entry.after or {}, entry.before or {}
    return {name for name, value in after.items() if not blank(value) and blank(before.get(name))}


def moved(entry: LogEntry) -> set[str]:
    """Fields that changed."""
    before = entry.before or {}
    return {name for name, value in (entry.after or {}).items() if mentioned(before.get(name)) != mentioned(value)}


def mentioned(value: object) -> object:
    """What is said: a list says as much in another order, and where an item does not mention what it leaves blank."""
    if not isinstance(value, list):
        return value
    said = [{k: v for k, v in item.items() if v is not None} if isinstance(item, dict) else item for item in value]
    return sorted(said, key=repr)


def slipped_in(evidence: Evidence) -> dict[int, set[str]]:
    """By the number of a write to the ERP: what of its record had changed and left its version as it was."""
    versions: dict[str, int] = {}
    standing: dict[str, set[str]] = {}
    found: dict[int, set[str]] = {}
    for entry in evidence.world.systems["erp"].log:
        found[entry.n] = standing.get(entry.id, set())
        known = versions.get(entry.id) != entry.version
        standing[entry.id] = set() if known else found[entry.n] | moved(entry)
        versions[entry.id] = entry.version
    return found
