"""Failed logins in the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from ttp.core.logins import FAILURE_WINDOW, Failures
from ttp.storage.tables import login_failure, staff_session
from ttp.storage.upserts import insert_free


class SqlLoginStore:
    """Failed logins of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def failures(self, subject: str) -> Failures | None:
        """The failures of an account or address, if any are remembered."""
        query = select(login_failure).where(login_failure.c.subject == subject)
        row = self._connection.execute(query).one_or_none()
        return Failures(row.failed, row.since) if row else None

    def count_failure(self, subject: str, *, now: datetime) -> None:
        """Count one failure; a count older than the window begins anew."""
        self._connection.execute(
            delete(login_failure).where(
                login_failure.c.subject == subject, login_failure.c.since <= now - FAILURE_WINDOW
            )
        )
        start = {"subject": subject, "failed": 0, "since": now}
        insert_free(self._connection, login_failure, [start])
        self._connection.execute(
            update(login_failure)
            .where(login_failure.c.subject == subject)
            .values(failed=login_failure.c.failed + 1)
        )

    def clear(self, subject: str) -> None:
        """Forget the failures of a subject."""
        self._connection.execute(delete(login_failure).where(login_failure.c.subject == subject))

    def forget(self, *, now: datetime) -> int:
        """Remove counts older than the window and sessions that have expired; returns how many rows."""
        old = self._connection.execute(
            delete(login_failure).where(login_failure.c.since <= now - FAILURE_WINDOW)
        )
        expired = self._connection.execute(
            delete(staff_session).where(staff_session.c.expires_at <= now)
        )
        return old.rowcount + expired.rowcount
