"""Statements that are said again and again: spelled once by SQLAlchemy, then said as text with its parameters.

A run asks the ledger thousands of small questions. SQLAlchemy would look each statement up by its shape, bind it and
set up its answer anew, which takes four times as long as SQLite takes to answer.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.selectable import Select
from sqlalchemy.types import TypeEngine

Row: TypeAlias = Sequence[Any]
Asked: TypeAlias = Mapping[str, Any]
_Way: TypeAlias = Callable[[Any], Any]


class Prepared:
    """One statement in one dialect: its text, how parameters go in, and how columns come out."""

    __slots__ = ("_given", "_in", "_named", "_out", "text")

    def __init__(self, statement: ClauseElement, dialect: Dialect, compiled: SQLCompiler) -> None:
        self.text = str(compiled)
        self._given = dict(compiled.params)  # what the statement itself brings along
        self._in = _ways_in(compiled, dialect)
        self._named: tuple[str, ...] | None = tuple(compiled.positiontup or ()) if compiled.positional else None
        self._out = _ways_out(statement, dialect)

    def parameters(self, asked: Asked) -> Any:
        """As the driver takes them."""
        told = {**self._given, **asked}
        for name, way in self._in:
            told[name] = way(told[name])
        return told if self._named is None else tuple([told[name] for name in self._named])

    def many(self, asked: Sequence[Asked]) -> list[Any]:
        """For each of many."""
        return [self.parameters(each) for each in asked]

    def rows(self, found: Sequence[Row]) -> Sequence[Row]:
        """What came out, as values."""
        return [self._row(list(row)) for row in found] if self._out else found

    def _row(self, row: list[Any]) -> Row:
        for place, way in self._out:
            row[place] = way(row[place])
        return tuple(row)


# There are as many as there are shapes of questions: `sql_statements` keeps those for good too.
_PREPARED: dict[tuple[str, ClauseElement], Prepared | None] = {}


def prepared(statement: ClauseElement, dialect: Dialect) -> Prepared | None:
    """None where the text hangs on how many values are asked for. Ledgers of one process share what is prepared."""
    place = (dialect.name, statement)
    if place not in _PREPARED:
        _PREPARED[place] = _prepare(statement, dialect)
    return _PREPARED[place]


def _prepare(statement: ClauseElement, dialect: Dialect) -> Prepared | None:
    compiled = statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler) or any(bind.expanding for bind in compiled.bind_names):
        return None
    return Prepared(statement, dialect, compiled)


def _ways_in(compiled: SQLCompiler, dialect: Dialect) -> list[tuple[str, _Way]]:
    ways = ((name, _there(bind.type, dialect).bind_processor(dialect)) for bind, name in compiled.bind_names.items())
    return [(name, way) for name, way in ways if way is not None]


def _ways_out(statement: ClauseElement, dialect: Dialect) -> list[tuple[int, _Way]]:
    columns = statement.selected_columns if isinstance(statement, Select) else ()
    ways = [_there(column.type, dialect).result_processor(dialect, None) for column in columns]
    return [(place, way) for place, way in enumerate(ways) if way is not None]


def _there(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """The type as this database has it."""
    return kind.dialect_impl(dialect)
