"""Sessions in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, insert, select, update

from ttp.core.sessions import Session
from ttp.storage.tables import staff_session


class SqlSessionStore:
    """Sessions of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, session: Session) -> None:
        """Store a login."""
        self._connection.execute(
            insert(staff_session).values(
                id=session.id,
                token_digest=session.token_digest,
                staff_id=session.staff_id,
                csrf=session.csrf,
                opened_at=session.opened_at,
                seen_at=session.seen_at,
                expires_at=session.expires_at,
                vouched=session.vouched,
            )
        )

    def by_digest(self, token_digest: bytes) -> Session | None:
        """The login of this token, whether it still stands or not."""
        query = select(staff_session).where(staff_session.c.token_digest == token_digest)
        row = self._connection.execute(query).one_or_none()
        return _session(row) if row else None

    def of(self, staff_id: UUID) -> list[Session]:
        """All logins of an account, the one used last first."""
        query = (
            select(staff_session)
            .where(staff_session.c.staff_id == staff_id)
            .order_by(staff_session.c.seen_at.desc(), staff_session.c.id)
        )
        return [_session(row) for row in self._connection.execute(query)]

    def seen(self, session_id: UUID, *, at: datetime) -> None:
        """Store when a login was used."""
        self._connection.execute(
            update(staff_session).where(staff_session.c.id == session_id).values(seen_at=at)
        )

    def close(self, token_digest: bytes) -> None:
        """End a login."""
        self._connection.execute(
            delete(staff_session).where(staff_session.c.token_digest == token_digest)
        )

    def close_all(self, staff_id: UUID, *, but: UUID | None = None) -> int:
        """End the logins of an account, except perhaps one; returns how many."""
        ending = delete(staff_session).where(staff_session.c.staff_id == staff_id)
        if but is not None:
            ending = ending.where(staff_session.c.id != but)
        return self._connection.execute(ending).rowcount


def _session(row: Row[Any]) -> Session:
    return Session(
        row.id,
        row.token_digest,
        row.staff_id,
        row.csrf,
        row.opened_at,
        row.seen_at,
        row.expires_at,
        row.vouched,
    )
