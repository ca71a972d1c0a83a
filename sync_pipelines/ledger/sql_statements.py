"""The statements of the SQL store, each made once for each shape of a question."""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import repeat
from typing import Any, TypeAlias

from sqlalchemy import (
    JSON,
    Delete,
    Insert,
    Integer,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement, UnaryExpression
from sqlalchemy.sql.operators import custom_op

from sync_pipelines.ledger.sql_spelling import spelt
from sync_pipelines.ledger.store import Shelf, Where
from sync_pipelines.ledger.tables import PLACE, TABLES

Shape: TypeAlias = tuple[tuple[str, int], ...]  # column, and the width of the list it is compared with; 0 is any
_EACH: Mapping[str, Callable[[ColumnElement[str]], Any]] = {
    "sqlite": func.json_each,
    "postgresql": lambda told: func.json_each(cast(told, JSON)),
}
_AS_SPELT: Mapping[str, Callable[[Any], Any]] = {
    "sqlite": lambda value: value,
    "postgresql": lambda value: cast(value, postgresql.JSONB),
}
_ENTITY_ID = "entity_id"
_WIDTHS = (2, 4, 8, 16, 32, 64)
_INSERT: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def order(shelf: Shelf[Any]) -> tuple[str, ...]:
    """The columns by which a shelf answers."""
    return (PLACE,) if shelf.ordered else shelf.key


def _lacking(shelf: Shelf[Any], other: Shelf[Any]) -> ColumnElement[bool]:
    here, there = TABLES[shelf].c, TABLES[other].c
    return ~exists().where(*[here[name] == there[name] for name in other.key])


def shape(where: Where) -> Shape:
    """What two questions that differ in values only have in common."""
    return tuple([(name, _width(len(values))) for name, values in where.items()])


def _width(length: int) -> int:
    """Short lists are filled up to few widths, so that few statements serve them all."""
    return 1 if length == 1 else next((width for width in _WIDTHS if length <= width), 0)


def asked(where: Where) -> dict[str, Any]:
    """Parameters for a statement of this shape."""
    parameters: dict[str, Any] = {}
    for name, values in where.items():
        width = _width(len(values))
        if width == 1:
            parameters[f"is_{name}"] = next(iter(values))
        elif width:
            filled = [*values, *repeat(next(iter(values)), width - len(values))]
            parameters |= {f"is_{name}_{place}": value for place, value in enumerate(filled)}
        else:
            parameters[f"is_{name}"] = values
    return parameters


def _condition(shelf: Shelf[Any], asked_by: Shape) -> list[ColumnElement[bool]]:
    return [_is_one_of(TABLES[shelf].c[name], name, width) for name, width in asked_by]


def _is_one_of(column: ColumnElement[Any], name: str, width: int) -> ColumnElement[bool]:
    if width == 1:
        return column == bindparam(f"is_{name}")
    if width:
        return column.in_([bindparam(f"is_{name}_{place}", type_=column.type) for place in range(width)])
    return column.in_(bindparam(f"is_{name}", expanding=True))


@cache
def insertion(shelf: Shelf[Any]) -> Insert:
    return insert(TABLES[shelf])


@cache
def selection(
    dialect: str,
    shelf: Shelf[Any],
    asked_by: Shape,
    columns: tuple[str, ...],
    lacking: Shelf[Any] | None,
    *,
    newest: bool,
) -> Select[Any]:
    """These columns, in the order of the shelf or the other way round."""
    table = TABLES[shelf]
    sorting: list[ColumnElement[Any]] = [table.c[name] for name in order(shelf)]
    if dialect == "sqlite" and _ENTITY_ID in dict(asked_by) and _ENTITY_ID not in shelf.key:
        sorting = [_sorted_at_last(column) for column in sorting]
    wanted: Select[Any] = select(*[table.c[name].label(None) for name in columns])
    wanted = wanted.where(*_condition(shelf, asked_by), *([] if lacking is None else [_lacking(shelf, lacking)]))
    if newest:
        return wanted.order_by(*[column.desc() for column in sorting]).limit(bindparam("newest", type_=Integer()))
    return wanted.order_by(*sorting)


@cache
def slice_behind(
    dialect: str,
    shelf: Shelf[Any],
    asked_by: Shape,
    columns: tuple[str, ...],
    lacking: Shelf[Any] | None,
    width: int,
) -> Select[Any]:
    """So many of these as are asked for, behind a beginning of the key that is so many columns wide."""
    wanted = selection(dialect, shelf, asked_by, columns, lacking, newest=False)
    place = [TABLES[shelf].c[name] for name in order(shelf)[:width]]
    if place:
        bound = [bindparam(f"behind_{number}", type_=column.type) for number, column in enumerate(place)]
        wanted = wanted.where(tuple_(*place) > tuple_(*bound))
    return wanted.limit(bindparam("most", type_=Integer()))


@cache
def page_behind(
    dialect: str, shelf: Shelf[Any], asked_by: Shape, columns: tuple[str, ...], width: int, *, behind: bool
) -> Select[Any]:
    """So many as are asked for, behind a place: the last `width` columns, by which the shelf is ordered."""
    wanted = selection(dialect, shelf, asked_by, columns, None, newest=False)
    if behind:
        place = [TABLES[shelf].c[name] for name in columns[-width:]]
        bound = [bindparam(f"behind_{number}", type_=column.type) for number, column in enumerate(place)]
        wanted = wanted.where(tuple_(*place) > tuple_(*bound) if width > 1 else place[0] > bound[0])
    return wanted.limit(bindparam("most", type_=Integer()))


@cache
def different_behind(shelf: Shelf[Any], asked_by: Shape, column: str, *, behind: bool) -> Select[Any]:
    """So many values of a column as are asked for, each once, in order, behind one of them."""
    one = TABLES[shelf].c[column]
    wanted = select(one).distinct().where(*_condition(shelf, asked_by)).order_by(one)
    if behind:
        wanted = wanted.where(one > bindparam("behind", type_=one.type))
    return wanted.limit(bindparam("most", type_=Integer()))


def _sorted_at_last(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """SQLite knows nothing of how many there are: it would rather walk over all couplings in order than sort a few."""
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


@cache
def deletion(shelf: Shelf[Any], asked_by: Shape) -> Delete:
    return delete(TABLES[shelf]).where(*_condition(shelf, asked_by))


@cache
def unlike(dialect: str, shelf: Shelf[Any], by: str, columns: tuple[str, ...], same: tuple[str, ...]) -> Select[Any]:
    """What is told, as one JSON object by `by`, against the rows: the keys without a like row."""
    table = TABLES[shelf]
    told = _EACH[dialect](bindparam("told", type_=Text())).table_valued("key", "value").alias("told")
    place = [table.c[name] == bindparam(f"is_{name}") for name in same if name in shelf.key]
    other = [table.c[name] != bindparam(f"is_{name}") for name in same if name not in shelf.key]
    at_hand = told.outerjoin(table, and_(*place, table.c[by] == told.c.key))
    differs = or_(table.c[by].is_(None), *other, spelt(dialect, shelf, columns) != _AS_SPELT[dialect](told.c.value))
    return select(told.c.key).select_from(at_hand).where(differs)


@cache
def crowded(dialect: str, shelf: Shelf[Any], by: str, same: tuple[str, ...]) -> Select[Any]:
    """Of what is told, as the keys of one JSON object: behind which there is one row more than `most`."""
    table = TABLES[shelf]
    told = _EACH[dialect](bindparam("told", type_=Text())).table_valued("key", "value").alias("told")
    place = [table.c[name] == bindparam(f"is_{name}") for name in same]
    one_more = select(table.c[by]).where(*place, table.c[by] == told.c.key).correlate(told)
    one_more = one_more.limit(1).offset(bindparam("most", type_=Integer()))
    return select(told.c.key).select_from(told).where(exists(one_more))


@cache
def counting(shelf: Shelf[Any], asked_by: Shape) -> Select[Any]:
    return select(func.count()).select_from(TABLES[shelf]).where(*_condition(shelf, asked_by))


@cache
def highest(shelf: Shelf[Any]) -> Select[Any]:
    return select(func.coalesce(func.max(TABLES[shelf].c[PLACE]), 0))


@cache
def setting(shelf: Shelf[Any], by: tuple[str, ...], columns: tuple[str, ...]) -> Update:
    table = TABLES[shelf]
    where = [table.c[name] == bindparam(f"is_{name}") for name in by]
    return update(table).where(*where).values({name: bindparam(name) for name in columns})


@cache
def upsert(dialect: str, shelf: Shelf[Any]) -> Insert:
    wanted: Any = _INSERT[dialect](TABLES[shelf])
    new = {name: wanted.excluded[name] for name in shelf.paths if name not in shelf.key}
    kept: Insert = (
        wanted.on_conflict_do_update(index_elements=list(shelf.key), set_=new)
        if new
        else wanted.on_conflict_do_nothing(index_elements=list(shelf.key))
    )
    return kept
