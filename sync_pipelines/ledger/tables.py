"""The tables of the ledger: one for each shelf, with its constraints.

The database itself is made by the migrations; a test holds both together.
"""

from collections.abc import Mapping
from dataclasses import Field, fields
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Any, get_args

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
)
from sqlalchemy.types import TypeEngine

from sync_pipelines.ledger.shelves import CHANGE, DECISION, GAP, GAP_RECORD, LANDED, PART, PLAN, SHELVES
from sync_pipelines.ledger.sql_types import WORDS, Choice, Json, Moment
from sync_pipelines.ledger.store import Shelf

METADATA = MetaData()
VERSION_TABLE = "concordat_alembic_version"
HEAD = "0009"  # the newest migration: what this code can work with
PLACE = "place"  # in which order the items of an ordered shelf came

# A part of something goes with it, also when the code is wrong.
_BELONGS: Mapping[Shelf[Any], tuple[tuple[str, ...], Shelf[Any]]] = {
    PART: (("plan",), PLAN),
    CHANGE: (("plan",), PLAN),
    DECISION: (("plan",), PLAN),
    GAP_RECORD: (("table", "map", "code", "way"), GAP),
}
# What each run asks of a whole shelf is answered from an index alone: which claims are nobody's?
_WHOLE: Mapping[Shelf[Any], tuple[str, tuple[str, ...]]] = {
    LANDED: ("ix_claim_loose", ("entity", "gone", "system", "kind", "record_id", "scope")),
}


def _type_of(hint: Any) -> TypeEngine[Any]:
    kinds = [kind for kind in get_args(hint) if kind is not type(None)] if isinstance(hint, UnionType) else [hint]
    kind = kinds[0] if len(kinds) == 1 else None
    simple: dict[Any, TypeEngine[Any]] = {str: WORDS, bool: Boolean(), int: BigInteger(), datetime: Moment()}
    if kind in simple:
        return simple[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Choice(kind)
    return Json(kind)


def _hints(shelf: Shelf[Any]) -> dict[str, Any]:
    """Column → the type its attribute is declared with."""
    found: dict[str, Any] = {}
    each: Field[Any]
    for each in fields(shelf.item):
        part, renamed = shelf.parts.get(each.name, (None, {}))
        inner = fields(part) if part else ()
        found |= {renamed.get(f.name, f.name): f.type for f in inner} if part else {each.name: each.type}
    return found


def _nullable(hint: Any) -> bool:
    return datetime in get_args(hint)


def _table(shelf: Shelf[Any]) -> Table:
    columns: list[Column[Any]] = [
        Column(name, _type_of(hint), nullable=_nullable(hint)) for name, hint in _hints(shelf).items()
    ]
    if shelf.ordered:
        columns.append(Column(PLACE, BigInteger(), nullable=False, autoincrement=False))
    key = PrimaryKeyConstraint(*(shelf.key or (PLACE,)), name=f"pk_{shelf.name}")
    table = Table(shelf.name, METADATA, *columns, key)
    if shelf in _BELONGS:
        own, whole = _BELONGS[shelf]
        table.append_constraint(
            ForeignKeyConstraint(own, [f"{whole.name}.{c}" for c in whole.key], name=f"fk_{shelf.name}_{whole.name}")
        )
    _index(shelf, table)
    return table


def _index(shelf: Shelf[Any], table: Table) -> None:
    if shelf.ordered and shelf.key:
        Index(f"ux_{shelf.name}_{PLACE}", table.c[PLACE], unique=True)
    whole_name, whole = _WHOLE.get(shelf, ("", ()))
    others = [shelf.key, *shelf.indexes, whole]
    for columns in shelf.indexes:
        longer = [each for each in others if each is not columns and each[: len(columns)] == columns]
        if not longer:  # which would find the same
            Index(f"ix_{shelf.name}_{'_'.join(columns)}", *[table.c[column] for column in columns])
    if whole:
        Index(whole_name, *[table.c[column] for column in whole])
    if shelf.unique:
        only = table.c[shelf.unique_if]
        names = [table.c[column] for column in shelf.unique]
        Index(f"ux_{shelf.name}_{shelf.unique_if}", *names, unique=True, sqlite_where=only, postgresql_where=only)


TABLES: Mapping[Shelf[Any], Table] = {shelf: _table(shelf) for shelf in SHELVES}
