"""Several columns as one piece of JSON, spelt alike by us and by the database: so rows are compared where they lie.

A value that the two spell differently makes a row seem to differ that does not; who asks looks closer then.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, func, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement

from sync_pipelines.ledger.sql_types import Moment
from sync_pipelines.ledger.store import Shelf
from sync_pipelines.ledger.tables import TABLES

_ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
_WHOLE_SECOND, _SHORT = ".000000Z", "Z"  # we write no fraction of a second where there is none


def spelt(dialect: str, shelf: Shelf[Any], columns: Sequence[str]) -> ColumnElement[Any]:
    """As the database spells them: texts, and moments as text."""
    words = [_word(dialect, TABLES[shelf].c[name]) for name in columns]
    return (
        func.json_array(*words, type_=Text()) if dialect == "sqlite" else func.jsonb_build_array(*words, type_=JSONB())
    )


def _word(dialect: str, column: ColumnElement[Any]) -> ColumnElement[str]:
    if not isinstance(column.type, Moment):
        return column
    text = type_coerce(column, Text()) if dialect == "sqlite" else func.to_char(func.timezone("UTC", column), _ISO)
    return func.replace(text, _WHOLE_SECOND, _SHORT)
