"""Several columns as one text, spelt alike in Python and by the database, so that rows are compared where they lie."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, func, literal, type_coerce
from sqlalchemy.sql.elements import ColumnElement

from sync_pipelines.ledger.sql_types import Moment, as_text
from sync_pipelines.ledger.store import Shelf
from sync_pipelines.ledger.tables import TABLES

_BETWEEN = "\n"
_ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


def spelt(dialect: str, shelf: Shelf[Any], columns: Sequence[str]) -> ColumnElement[str]:
    """As the database spells them: texts, and moments as SQLite keeps them."""
    words = [_word(dialect, TABLES[shelf].c[name]) for name in columns]
    whole = words[0]
    for word in words[1:]:
        whole = whole.concat(literal(_BETWEEN)).concat(word)
    return whole


def _word(dialect: str, column: ColumnElement[Any]) -> ColumnElement[str]:
    if not isinstance(column.type, Moment):
        return column
    if dialect == "sqlite":
        return func.coalesce(type_coerce(column, Text()), "")
    return func.coalesce(func.to_char(func.timezone("UTC", column), _ISO), "")


def speller(shelf: Shelf[Any], columns: Sequence[str]) -> Callable[[Sequence[Any]], str]:
    """The same in Python."""
    moments = [isinstance(TABLES[shelf].c[name].type, Moment) for name in columns]
    if not any(moments):
        return _BETWEEN.join
    return lambda values: _BETWEEN.join(
        [_moment(value) if at else value for value, at in zip(values, moments, strict=True)]
    )


def _moment(at: datetime | None) -> str:
    return as_text(at) or ""
