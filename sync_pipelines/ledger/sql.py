"""Shelves in the tables of SQLite or PostgreSQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Select

from sync_pipelines.ledger import sql_statements as statements
from sync_pipelines.ledger.json_text import spell, spell_moments
from sync_pipelines.ledger.keeping import KeptLedger
from sync_pipelines.ledger.shelves import SHELVES
from sync_pipelines.ledger.sql_rows import Rows, cut, grouped
from sync_pipelines.ledger.sql_transaction import Session
from sync_pipelines.ledger.store import Key, Shelf, Where
from sync_pipelines.ledger.tables import PLACE

T = TypeVar("T")
_BY_ITSELF = nullcontext()
_LONGEST_LIST = 10_000  # values in one IN: SQLite takes 32,766 parameters, PostgreSQL 65,535
_MANY_GROUPS = 20  # of keys; from here on one statement for many parameters is the shorter way
_ROWS: Mapping[Shelf[Any], Rows[Any]] = {shelf: Rows(shelf) for shelf in SHELVES}


class SqlStore:
    """Keeps shelves in tables. No statement is sent per item: lists are cut into few long ones."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def transaction(self) -> AbstractContextManager[None]:
        return self._session.writing()

    def snapshot(self) -> AbstractContextManager[None]:
        return self._session.reading()

    def get(self, shelf: Shelf[T], keys: Collection[Key]) -> dict[Key, T]:
        rows, groups = _ROWS[shelf], grouped(shelf.key, list(keys))
        with self._one_state(groups):
            found = [row for where in groups for row in self._rows(shelf, where, rows.columns)]
        return {rows.key_of(row): rows.item_of(row) for row in found}

    def find(
        self,
        shelf: Shelf[T],
        where: Where,
        *,
        lacking: Shelf[Any] | None = None,
        newest: int = 0,
        behind: Key = (),
        most: int = 0,
    ) -> list[T]:
        rows = _ROWS[shelf]
        if most:
            return [*map(rows.item_of, self._some(shelf, where, lacking, behind, most))]
        return [*map(rows.item_of, self._rows(shelf, where, rows.columns, lacking, newest))]

    def pages(self, shelf: Shelf[T], where: Where, size: int) -> Iterator[list[T]]:
        rows = _ROWS[shelf]
        for page in self._pages(shelf, where, rows.columns, size):
            yield [*map(rows.item_of, page)]

    def pick_pages(
        self, shelf: Shelf[Any], where: Where, columns: Sequence[str], size: int
    ) -> Iterator[list[tuple[Any, ...]]]:
        width = len(columns)
        for page in self._pages(shelf, where, tuple(columns), size):
            yield [tuple(row[:width]) for row in page]

    def _pages(
        self, shelf: Shelf[Any], where: Where, columns: tuple[str, ...], size: int
    ) -> Iterator[Sequence[Sequence[Any]]]:
        asked = statements.asked(where)
        by = [name for name in statements.order(shelf) if name not in where]
        place: Sequence[Any] = ()
        while True:
            wanted = statements.page_behind(
                self._session.dialect, shelf, statements.shape(where), (*columns, *by), len(by), behind=bool(place)
            )
            behind = {f"behind_{number}": value for number, value in enumerate(place)}
            with self.snapshot():
                found = self._session.rows(wanted, {**asked, **behind, "most": size})
            if found:
                place = found[-1][-len(by) :]
                yield found
            if len(found) < size:
                return

    def different(self, shelf: Shelf[Any], where: Where, column: str, size: int) -> Iterator[list[str]]:
        asked, behind = statements.asked(where), dict[str, str]()
        while True:
            wanted = statements.different_behind(shelf, statements.shape(where), column, behind=bool(behind))
            found = [value for (value,) in self._session.rows(wanted, {**asked, **behind, "most": size})]
            if found:
                behind = {"behind": found[-1]}
                yield found
            if len(found) < size:
                return

    def pick(self, shelf: Shelf[Any], where: Where, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        width = len(columns)
        return [row[:width] for row in self._rows(shelf, where, tuple(columns))]

    def _one_state(self, questions: Sequence[Any]) -> AbstractContextManager[None]:
        """One question sees one state by itself."""
        return self.snapshot() if len(questions) > 1 else _BY_ITSELF

    def _rows(
        self,
        shelf: Shelf[Any],
        where: Where,
        columns: tuple[str, ...],
        lacking: Shelf[Any] | None = None,
        newest: int = 0,
    ) -> Sequence[Any]:
        """The columns asked for, in order; those that order behind them where the pieces had to be put together."""
        last = {"newest": newest} if newest else {}
        pieces = cut(where, _LONGEST_LIST)
        asked_for = columns if len(pieces) <= 1 else (*columns, *statements.order(shelf))
        found: list[Any] = []
        with self._one_state(pieces):
            for piece in pieces:
                wanted = statements.selection(
                    self._session.dialect, shelf, statements.shape(piece), asked_for, lacking, newest=newest > 0
                )
                found += self._session.rows(wanted, {**statements.asked(piece), **last})
        if len(pieces) <= 1:
            return found
        found.sort(key=itemgetter(slice(len(columns), None)), reverse=newest > 0)
        return found[:newest] if newest else found

    def _some(
        self, shelf: Shelf[Any], where: Where, lacking: Shelf[Any] | None, behind: Key, most: int
    ) -> Sequence[Any]:
        """No more than `most` rows behind a place, in order."""
        wanted = statements.slice_behind(
            self._session.dialect, shelf, statements.shape(where), _ROWS[shelf].columns, lacking, len(behind)
        )
        places = {f"behind_{number}": value for number, value in enumerate(behind)}
        return self._session.rows(wanted, {**statements.asked(where), **places, "most": most})

    def unlike(
        self,
        shelf: Shelf[Any],
        by: str,
        told: Mapping[str, tuple[Any, ...]],
        columns: Sequence[str],
        same: Mapping[str, Any],
    ) -> set[str]:
        """Compared where the rows lie: of what has not changed, which is nearly everything, no row is fetched."""
        if not told:
            return set()
        statement = statements.unlike(self._session.dialect, shelf, by, tuple(columns), tuple(same))
        parameters = {f"is_{name}": value for name, value in same.items()}
        return {key for (key,) in self._session.rows(statement, {"told": spell_moments(told), **parameters})}

    def count(self, shelf: Shelf[Any], where: Where) -> int:
        return self._number(statements.counting(shelf, statements.shape(where)), statements.asked(where))

    def crowded(
        self, shelf: Shelf[Any], by: str, values: Collection[str], same: Mapping[str, Any], most: int
    ) -> set[str]:
        """Of a value that many share no more are walked over than it takes to know."""
        if not values:
            return set()
        statement = statements.crowded(self._session.dialect, shelf, by, tuple(same))
        parameters = {f"is_{name}": value for name, value in same.items()}
        told = spell(dict.fromkeys(values, 0))
        return {key for (key,) in self._session.rows(statement, {"told": told, "most": most, **parameters})}

    def last(self, shelf: Shelf[Any]) -> int:
        return self._number(statements.highest(shelf), {})

    def _number(self, statement: Select[Any], asked: Mapping[str, Any]) -> int:
        ((number,),) = self._session.rows(statement, asked)
        return int(number)

    def add(self, shelf: Shelf[T], items: Sequence[T]) -> None:
        if items:
            self._session.do(statements.insertion(shelf), self._placed(shelf, items, ()))

    def put(self, shelf: Shelf[T], items: Sequence[T]) -> None:
        if items:
            known = self._known(shelf, items) if shelf.ordered else ()
            self._session.do(statements.upsert(self._session.dialect, shelf), self._placed(shelf, items, known))

    def _known(self, shelf: Shelf[T], items: Sequence[T]) -> set[Key]:
        rows = _ROWS[shelf]
        return set(self.get(shelf, [rows.key_of(rows.values_of(item)) for item in items]))

    def _placed(self, shelf: Shelf[T], items: Sequence[T], known: Collection[Key]) -> list[dict[str, Any]]:
        """Parameters, with the next places for new ones; what is known keeps its own."""
        rows = _ROWS[shelf]
        parameters = rows.parameters(items)
        if shelf.ordered:
            place = self.last(shelf)
            for item, each in zip(items, parameters, strict=True):
                is_known = bool(known) and rows.key_of(rows.values_of(item)) in known
                place += not is_known
                each[PLACE] = 0 if is_known else place
        return parameters

    def amend(self, shelf: Shelf[Any], by: Sequence[str], changes: Sequence[tuple[Key, Mapping[str, Any]]]) -> None:
        if changes:
            names = [f"is_{name}" for name in by]
            parameters = [{**dict(zip(names, key, strict=True)), **to} for key, to in changes]
            self._session.do(statements.setting(shelf, tuple(by), tuple(changes[0][1])), parameters)

    def drop(self, shelf: Shelf[Any], keys: Collection[Key]) -> None:
        groups = grouped(shelf.key, list(keys))
        if len(groups) > _MANY_GROUPS:
            names = [f"is_{name}" for name in shelf.key]
            each = statements.deletion(shelf, tuple((name, 1) for name in shelf.key))
            self._session.do(each, [dict(zip(names, key, strict=True)) for key in keys])
            return
        for piece in (piece for where in groups for piece in cut(where, _LONGEST_LIST)):
            self._session.do(statements.deletion(shelf, statements.shape(piece)), statements.asked(piece))

    def clear(self, shelf: Shelf[Any], where: Where) -> None:
        for piece in cut(where, _LONGEST_LIST):
            self._session.do(statements.deletion(shelf, statements.shape(piece)), statements.asked(piece))

    def close(self) -> None:
        self._session.close()


class SqlLedger(KeptLedger):
    """The ledger in SQLite or PostgreSQL; `opening.open_ledger` opens one."""

    def __init__(self, session: Session, audit_key: bytes) -> None:
        super().__init__(SqlStore(session), audit_key)
        self.session = session  # for those who look at the database itself
