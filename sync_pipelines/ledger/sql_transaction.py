"""One connection and its transactions: the same words on both databases, and errors that say what to do."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlalchemy.sql.elements import ClauseElement

from sync_pipelines.ledger.port import LedgerError, TakenError
from sync_pipelines.ledger.sql_prepared import Asked, Row, prepared

# One writer at a time, on both: SQLite by its own lock, PostgreSQL by one of ours. Read, decide and write in a
# transaction need no further thought then, and ledger transactions are short.
_WRITE: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "sqlite": ("BEGIN IMMEDIATE",),
        "postgresql": ("BEGIN ISOLATION LEVEL READ COMMITTED", "SELECT pg_advisory_xact_lock(6710886400001)"),
    }
)
_READ: Mapping[str, Sequence[str]] = MappingProxyType(
    {"sqlite": ("BEGIN",), "postgresql": ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",)}
)

_FULL = "the ledger's disk is full: nothing of this step was kept; make room and run again"
_BUSY = "the ledger is locked by another process for too long: wait for it, or end it, and run again"
_SQLITE = MappingProxyType(
    {
        5: _BUSY,
        6: _BUSY,
        8: "the ledger cannot be written: look at the permissions of its file and folder",
        10: "the ledger's disk fails to read or write: look at the disk before you go on",
        11: "the ledger's file is damaged: stop, keep a copy, restore a backup",
        13: _FULL,
        14: "the ledger's file cannot be opened: look at its path and permissions",
        26: "the ledger's file is no SQLite database: look at its path",
    }
)
_TAKEN = "IntegrityError"  # as PEP 249 names it, in every driver
_POSTGRES = MappingProxyType({"53100": _FULL, "55P03": _BUSY})


def explained(error: Exception) -> LedgerError:
    """What the database said, as one line; never with the parameters, which are customers' data."""
    origin = getattr(error, "orig", error)
    if isinstance(origin, LedgerError):
        return origin
    code = getattr(origin, "sqlite_errorcode", 0) & 0xFF
    known = _SQLITE.get(code) or _POSTGRES.get(getattr(origin, "sqlstate", None) or "")
    if known:
        return LedgerError(known)
    first = (str(origin).splitlines() or [type(error).__name__])[0]
    if _TAKEN in (kind.__name__ for kind in type(origin).__mro__):
        return TakenError(f"the ledger refuses a second one: {first}")
    return LedgerError(f"the ledger's database refuses: {first}")


class Session:
    """One connection in autocommit, whose transactions are begun and ended by hand."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.dialect = engine.dialect.name
        self._refusals: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._connection: Connection | None = None
        self.cursor: Any = None  # of the driver, as soon as there is a connection
        self._depth = 0
        self._doomed = False

    @property
    def connection(self) -> Connection:
        """Connects where there is no connection or the server took it away, but not in the middle of a transaction."""
        if self._connection is None or self._connection.invalidated:
            if self._depth:
                raise LedgerError("the connection to the ledger broke: run again, and recovery will see what was kept")
            self.close()
            try:
                self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                self._connection.begin()  # of which the database hears nothing: whoever borrows it commits nothing
            except SQLAlchemyError as error:
                raise explained(error) from error
        return self._connection

    def rows(self, statement: ClauseElement, asked: Asked) -> Sequence[Row]:
        """What one question finds. Outside of a transaction it is asked once more where the connection was lost."""
        try:
            return self._rows(statement, asked)
        except LedgerError:
            if self._depth or self._connection is None or not self._connection.invalidated:
                raise
            return self._rows(statement, asked)

    def _rows(self, statement: ClauseElement, asked: Asked) -> Sequence[Row]:
        known = prepared(statement, self._engine.dialect)
        if known is None:
            return self.execute(statement, asked).all()  # type: ignore[no-any-return] # rows are of any type
        self._send(known.text, _spelled(known.parameters, asked))
        return known.rows(self.cursor.fetchall())

    def do(self, statement: ClauseElement, asked: Asked | Sequence[Asked]) -> None:
        """One statement, once or for each of many."""
        known = prepared(statement, self._engine.dialect)
        if known is None:
            self.execute(statement, asked)
        elif isinstance(asked, Mapping):
            self._send(known.text, _spelled(known.parameters, asked))
        elif len(asked) == 1:
            self._send(known.text, _spelled(known.parameters, asked[0]))
        else:
            self._send(known.text, _spelled(known.many, asked), many=True)

    def _send(self, text: str, parameters: Any, *, many: bool = False) -> None:
        """By the driver itself: of what SQLAlchemy does around a statement there is nothing left to do."""
        self._refuse_if_doomed()
        cursor = self.speaker()
        try:
            (cursor.executemany if many else cursor.execute)(text, parameters)
        except self._refusals as error:
            self._see_whether_lost(error)
            raise explained(error) from error

    def speaker(self) -> Any:
        """The driver's cursor, which says everything that is said again and again."""
        if self.cursor is None:
            self.cursor = self.connection.connection.cursor()
        return self.cursor

    def _see_whether_lost(self, error: Any) -> None:
        """A connection that the server took away is not asked again."""
        if self._engine.dialect.is_disconnect(error, self.connection.connection.dbapi_connection, self.cursor):
            self.cursor = None
            self.connection.invalidate(error)

    def execute(self, statement: Any, parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None) -> Any:
        """Whatever is not said again and again. LedgerError where the database refuses."""
        self._refuse_if_doomed()
        try:
            return self.connection.execute(statement, parameters)
        except (StatementError, SQLAlchemyError) as error:
            raise explained(error) from error

    @contextmanager
    def writing(self) -> Generator[None]:
        """The outermost begins and commits; a nested one is a savepoint."""
        yield from self._scope(_WRITE[self.dialect]) if not self._depth else self._savepoint()

    @contextmanager
    def reading(self) -> Generator[None]:
        """One state for several reads; nothing to do inside of a transaction."""
        if self._depth:
            yield
        else:
            yield from self._scope(_READ[self.dialect])

    def _scope(self, begin: Sequence[str]) -> Generator[None]:
        self._begin(begin)
        self._depth = 1
        try:
            yield
            self._commit()
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._depth, self._doomed = 0, False

    def _commit(self) -> None:
        self._refuse_if_doomed()
        self._say("COMMIT")

    def _refuse_if_doomed(self) -> None:
        """Without its transaction a statement would be kept by itself."""
        if self._doomed:
            raise LedgerError("a part of this step failed and took the whole with it: nothing was kept")

    def _begin(self, begin: Sequence[str]) -> None:
        """Nothing has happened yet, so a connection that was lost in between is made anew."""
        try:
            self._say(*begin)
        except LedgerError:
            if self._connection is None or not self._connection.invalidated:
                self._roll_back()
                raise
            self._say(*begin)

    def _savepoint(self) -> Generator[None]:
        self._refuse_if_doomed()
        name = f"nested_{self._depth}"
        self._say(f"SAVEPOINT {name}")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._back_to(name)
            raise
        else:
            self._say(f"RELEASE SAVEPOINT {name}")
        finally:
            self._depth -= 1

    def _back_to(self, name: str) -> None:
        try:
            self._say(f"ROLLBACK TO SAVEPOINT {name}", f"RELEASE SAVEPOINT {name}")
        except LedgerError:  # the database gave up the whole transaction, as SQLite does when the disk is full
            self._doomed = True

    def _roll_back(self) -> None:
        with suppress(LedgerError):
            self._say("ROLLBACK")

    def _say(self, *statements: str) -> None:
        cursor = self.speaker()
        try:
            for statement in statements:
                cursor.execute(statement)
        except self._refusals as error:
            self._see_whether_lost(error)
            raise explained(error) from error

    def close(self) -> None:
        """Give the connection back."""
        connection, self._connection, self.cursor = self._connection, None, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.close()


def _spelled(spell: Callable[[Any], Any], asked: Any) -> Any:
    try:
        return spell(asked)
    except (TypeError, ValueError) as error:  # a value that no database keeps
        raise explained(error) from error
