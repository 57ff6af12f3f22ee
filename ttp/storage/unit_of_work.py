"""Unit of work: transactions over one engine, with the stores bound to them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from ttp.core.errors import DatabaseBusy
from ttp.storage.access import SqlClientStore, SqlStaffStore
from ttp.storage.approvals import SqlApprovalStore
from ttp.storage.audit import SqlAuditStore
from ttp.storage.domains import SqlDomainStore
from ttp.storage.engine import READ_ONLY
from ttp.storage.idempotency import SqlIdempotencyStore
from ttp.storage.logins import SqlLoginStore
from ttp.storage.pseudonyms import SqlPseudonymStore

T = TypeVar("T")

TRIES = 3
_RETRYABLE = frozenset(
    {"40001", "40P01", "55P03"}
)  # serialization failure, deadlock, lock not available


class SqlTransaction:
    """One open transaction and the stores that see it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @cached_property
    def domains(self) -> SqlDomainStore:
        """Domains."""
        return SqlDomainStore(self.connection)

    @cached_property
    def pseudonyms(self) -> SqlPseudonymStore:
        """Pseudonyms."""
        return SqlPseudonymStore(self.connection)

    @cached_property
    def clients(self) -> SqlClientStore:
        """Clients and grants."""
        return SqlClientStore(self.connection)

    @cached_property
    def staff(self) -> SqlStaffStore:
        """Staff and sessions."""
        return SqlStaffStore(self.connection)

    @cached_property
    def logins(self) -> SqlLoginStore:
        """Failed logins."""
        return SqlLoginStore(self.connection)

    @cached_property
    def approvals(self) -> SqlApprovalStore:
        """Four-eyes requests."""
        return SqlApprovalStore(self.connection)

    @cached_property
    def audit(self) -> SqlAuditStore:
        """The audit log."""
        return SqlAuditStore(self.connection)

    @cached_property
    def idempotency(self) -> SqlIdempotencyStore:
        """Answers kept for repeated requests."""
        return SqlIdempotencyStore(self.connection)


class SqlWork:
    """Transactions over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def begin(self, *, write: bool = True) -> Iterator[SqlTransaction]:
        """One transaction; commits when the block ends well, rolls back when it raises."""
        with self._engine.connect() as connection:
            if not write:
                connection = connection.execution_options(**{READ_ONLY: True})  # noqa: PLW2901 - same connection
            with connection.begin():
                yield SqlTransaction(connection)

    def run(self, step: Callable[[SqlTransaction], T], *, write: bool = True) -> T:
        """Run the step; failures that another try can cure are retried.

        Raises:
            DatabaseBusy: the third try failed too.
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

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()


def _is_retryable(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in _RETRYABLE:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)
