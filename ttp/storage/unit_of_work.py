"""Unit of work: where transactions over one engine come from, and which failures another try can cure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from ttp.core.errors import DatabaseBusy, DatabaseFull, InvalidField
from ttp.storage.engine import READ_ONLY, SQLITE_BUSY_SECONDS
from ttp.storage.transaction import SqlTransaction

T = TypeVar("T")

TRIES = 3
_RETRYABLE = frozenset(
    {"40001", "40P01", "55P03"}
)  # serialization failure, deadlock, lock not available


class SqlWork:
    """Transactions over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writers = threading.Lock()

    @contextmanager
    def begin(self, *, write: bool = True) -> Iterator[SqlTransaction]:
        """One transaction; commits when the block ends well, rolls back when it raises.

        Raises:
            DatabaseFull: there is no room for what is written. InvalidField: a text holds a NUL character.
        """
        with _named_failures(), self._turn(write), self._engine.connect() as connection:
            if not write:
                connection = connection.execution_options(**{READ_ONLY: True})  # noqa: PLW2901 - same connection
            with connection.begin():
                transaction = SqlTransaction(connection)
                yield transaction
                transaction.committing()
            transaction.committed()

    def run(self, step: Callable[[SqlTransaction], T], *, write: bool = True) -> T:
        """Run the step; failures that another try can cure are retried.

        Raises:
            DatabaseBusy: the third try failed too. DatabaseFull: there is no room for what is written.
        """
        for attempt in range(TRIES):
            try:
                with self.begin(write=write) as transaction:
                    return step(transaction)
            except DBAPIError as error:
                if not _is_retryable(error):
                    raise
                time.sleep(0.02 * 4**attempt)
        raise DatabaseBusy

    def ask(self, question: Callable[[SqlTransaction], T]) -> T:
        """The answer to a question of one statement; beginning and ending a transaction would treble its price."""
        if self._engine.dialect.name != "postgresql":
            return self.run(question, write=False)
        with _named_failures(), self._engine.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            return question(SqlTransaction(alone))

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def _turn(self, write: bool) -> AbstractContextManager[None]:
        if write and self._engine.dialect.name == "sqlite":
            return _one_by_one(self._writers)
        return nullcontext()


@contextmanager
def _one_by_one(writers: threading.Lock) -> Iterator[None]:
    """One writer of this process after the other. Left to SQLite they nap and try again, some far too often."""
    mine = writers.acquire(timeout=SQLITE_BUSY_SECONDS)  # then SQLite itself says that it is busy
    try:
        yield
    finally:
        if mine:
            writers.release()


@contextmanager
def _named_failures() -> Iterator[None]:
    """Name what is no fault of the program: no room, and texts that PostgreSQL cannot hold."""
    try:
        yield
    except DBAPIError as error:
        if _is_full(error):
            raise DatabaseFull from error
        if _holds_nul(error):
            raise InvalidField("A name or value holds a NUL character.") from None
        raise


def _is_full(error: DBAPIError) -> bool:
    """PostgreSQL: disk_full (appendix A of its manual). SQLite: SQLITE_FULL, whose text is always the same."""
    if getattr(error.orig, "sqlstate", None) == "53100":
        return True
    return "database or disk is full" in str(error.orig)


def _holds_nul(error: DBAPIError) -> bool:
    """PostgreSQL: character_not_in_repertoire; its driver refuses single texts itself. SQLite holds such texts."""
    if getattr(error.orig, "sqlstate", None) == "22021":
        return True
    return "cannot contain NUL" in str(error.orig)


def _is_retryable(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in _RETRYABLE:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)
