"""Shelves in the tables of SQLite or PostgreSQL."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Insert, Select, bindparam, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from sync_pipelines.ledger.keeping import KeptLedger
from sync_pipelines.ledger.shelves import SHELVES
from sync_pipelines.ledger.sql_rows import Rows, cut, grouped
from sync_pipelines.ledger.sql_transaction import Session
from sync_pipelines.ledger.store import Key, Shelf, Where
from sync_pipelines.ledger.tables import PLACE, TABLES

T = TypeVar("T")
_LONGEST_LIST = 10_000  # values in one IN: SQLite takes 32,766 parameters, PostgreSQL 65,535
_ROWS: Mapping[Shelf[Any], Rows[Any]] = {shelf: Rows(shelf) for shelf in SHELVES}


def _condition(shelf: Shelf[Any], where: Where) -> list[ColumnElement[bool]]:
    columns = TABLES[shelf].c
    return [
        columns[name] == next(iter(values)) if len(values) == 1 else columns[name].in_(list(values))
        for name, values in where.items()
    ]


def _order(shelf: Shelf[Any]) -> tuple[str, ...]:
    return (PLACE,) if shelf.ordered else shelf.key


def _lacking(shelf: Shelf[Any], other: Shelf[Any]) -> ColumnElement[bool]:
    here, there = TABLES[shelf].c, TABLES[other].c
    return ~exists().where(*[here[name] == there[name] for name in other.key])


class SqlStore:
    """Keeps shelves in tables. No statement is sent per item: lists are cut into few long ones."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._upserts: dict[Shelf[Any], Insert] = {}
        dialect: Any = postgresql if session.dialect == "postgresql" else sqlite
        self._insert: Callable[..., Any] = dialect.insert

    def transaction(self) -> AbstractContextManager[None]:
        return self._session.writing()

    def snapshot(self) -> AbstractContextManager[None]:
        return self._session.reading()

    def get(self, shelf: Shelf[T], keys: Collection[Key]) -> dict[Key, T]:
        rows = _ROWS[shelf]
        found = [row for where in grouped(shelf.key, list(keys)) for row in self._rows(shelf, where, rows.columns)]
        return {rows.key_of(row): rows.item_of(row) for row in found}

    def find(self, shelf: Shelf[T], where: Where, *, lacking: Shelf[Any] | None = None, newest: int = 0) -> list[T]:
        rows = _ROWS[shelf]
        also = [] if lacking is None else [_lacking(shelf, lacking)]
        return [rows.item_of(row) for row in self._rows(shelf, where, rows.columns, also, newest)]

    def pick(self, shelf: Shelf[Any], where: Where, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        width = len(columns)
        return [tuple(row[:width]) for row in self._rows(shelf, where, columns)]

    def _rows(
        self,
        shelf: Shelf[Any],
        where: Where,
        columns: Sequence[str],
        also: Sequence[ColumnElement[bool]] = (),
        newest: int = 0,
    ) -> Sequence[Any]:
        """The columns asked for and those that order, in order."""
        pieces = cut({name: list(values) for name, values in where.items()}, _LONGEST_LIST)
        if len(pieces) == 1:
            return self._piece(shelf, pieces[0], columns, also, newest)
        with self.snapshot():
            rows = [row for piece in pieces for row in self._piece(shelf, piece, columns, also, newest)]
        width = len(columns)
        rows.sort(key=itemgetter(*range(width, width + len(_order(shelf)))), reverse=newest > 0)
        return rows[:newest] if newest else rows

    def _piece(
        self,
        shelf: Shelf[Any],
        where: Where,
        columns: Sequence[str],
        also: Sequence[ColumnElement[bool]],
        newest: int,
    ) -> Sequence[Any]:
        table = TABLES[shelf]
        order = [table.c[name] for name in _order(shelf)]
        wanted: Select[Any] = select(*[table.c[name].label(None) for name in columns], *[c.label(None) for c in order])
        wanted = wanted.where(*_condition(shelf, where), *also)
        wanted = wanted.order_by(*[column.desc() if newest else column for column in order])
        rows: Sequence[Any] = self._execute(wanted.limit(newest) if newest else wanted).all()
        return rows

    def count(self, shelf: Shelf[Any], where: Where) -> int:
        counted = select(func.count()).select_from(TABLES[shelf]).where(*_condition(shelf, where))
        return int(self._execute(counted).scalar_one())

    def last(self, shelf: Shelf[Any]) -> int:
        return int(self._execute(select(func.coalesce(func.max(TABLES[shelf].c[PLACE]), 0))).scalar_one())

    def add(self, shelf: Shelf[T], items: Sequence[T]) -> None:
        if items:
            self._execute(self._insert(TABLES[shelf]), self._placed(shelf, items, ()))

    def put(self, shelf: Shelf[T], items: Sequence[T]) -> None:
        if not items:
            return
        known = self._known(shelf, items) if shelf.ordered else ()
        self._execute(self._upsert(shelf), self._placed(shelf, items, known))

    def _known(self, shelf: Shelf[T], items: Sequence[T]) -> set[Key]:
        rows = _ROWS[shelf]
        keys = [rows.key_of(rows.values_of(item)) for item in items]
        return set(self.get(shelf, keys))

    def _placed(self, shelf: Shelf[T], items: Sequence[T], known: Collection[Key]) -> list[dict[str, Any]]:
        """Parameters, with the next places for new ones."""
        rows = _ROWS[shelf]
        parameters = rows.parameters(items)
        if shelf.ordered:
            place = self.last(shelf)
            for item, each in zip(items, parameters, strict=True):
                is_known = bool(known) and rows.key_of(rows.values_of(item)) in known
                place += not is_known
                each[PLACE] = 0 if is_known else place
        return parameters

    def _upsert(self, shelf: Shelf[Any]) -> Insert:
        if shelf not in self._upserts:
            wanted = self._insert(TABLES[shelf])
            new = {name: wanted.excluded[name] for name in shelf.paths if name not in shelf.key}
            self._upserts[shelf] = (
                wanted.on_conflict_do_update(index_elements=list(shelf.key), set_=new)
                if new
                else wanted.on_conflict_do_nothing(index_elements=list(shelf.key))
            )
        return self._upserts[shelf]

    def amend(self, shelf: Shelf[Any], by: Sequence[str], changes: Sequence[tuple[Key, Mapping[str, Any]]]) -> None:
        if not changes:
            return
        table = TABLES[shelf]
        wanted = update(table).where(*[table.c[name] == bindparam(f"by_{name}") for name in by])
        parameters = [{**dict(zip((f"by_{name}" for name in by), key, strict=True)), **to} for key, to in changes]
        self._execute(wanted.values({name: bindparam(name) for name in changes[0][1]}), parameters)

    def drop(self, shelf: Shelf[Any], keys: Collection[Key]) -> None:
        for where in grouped(shelf.key, list(keys)):
            for piece in cut(where, _LONGEST_LIST):
                self._execute(delete(TABLES[shelf]).where(*_condition(shelf, piece)))

    def close(self) -> None:
        self._session.close()

    def _execute(self, statement: Any, parameters: Sequence[Mapping[str, Any]] | None = None) -> Any:
        return self._session.execute(statement, parameters)


class SqlLedger(KeptLedger):
    """The ledger in SQLite or PostgreSQL; `opening.open_ledger` opens one."""

    def __init__(self, session: Session, audit_key: bytes) -> None:
        super().__init__(SqlStore(session), audit_key)
