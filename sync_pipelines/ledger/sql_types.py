"""How values stand in columns of SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import orjson
from sqlalchemy import DateTime, Dialect, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from sync_pipelines.ledger.json_text import reader_of, spell, spell_items

# Ordered by code point on both, so that a run repeats exactly wherever its ledger is.
WORDS = Text().with_variant(Text(collation="C"), "postgresql")


class Json(TypeDecorator[Any]):
    """JSON as text; `of` is the type it is read back as. Null is JSON's null, never the column's."""

    impl = Text
    cache_ok = True

    def __init__(self, of: Any = None) -> None:
        super().__init__()
        self.of = of
        self.read = reader_of(of)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:  # noqa: ARG002 - the same for all
        return spell_items if self.read else spell

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002 - the same for all
        read = self.read
        return orjson.loads if read is None else lambda text: read(orjson.loads(text))


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite has no such type: there it is text of fixed width, which sorts as it should."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return as_text if dialect.name == "sqlite" else _to_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002 - the same for all
        return _from_text if dialect.name == "sqlite" else _to_utc


class Choice(TypeDecorator[Any]):
    """One word of a closed list."""

    impl = WORDS
    cache_ok = True

    def __init__(self, words: type[Enum]) -> None:
        super().__init__()
        self.words = words

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:  # noqa: ARG002 - the same for all
        return str

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002 - the same for all
        return self.words


def _to_utc(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC)


def as_text(at: datetime | None) -> str | None:
    """How SQLite keeps it."""
    moment = _to_utc(at)
    return None if moment is None else moment.isoformat(timespec="microseconds")[:-6] + "Z"  # for +00:00


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
