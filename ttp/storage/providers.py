"""Links of accounts to identity providers, and the sessions these opened, in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ttp.core.access import Role
from ttp.core.errors import AlreadyExists
from ttp.core.providers import AccountLink, ProviderSession
from ttp.storage.tables import staff
from ttp.storage.tables.providers import account_link, provider_session


class SqlProviderStore:
    """Links and provider sessions of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def link(self, link: AccountLink) -> None:
        """Store a link. Raises AlreadyExists if the subject has an account."""
        try:
            self._connection.execute(
                insert(account_link).values(
                    issuer=link.issuer,
                    subject=link.subject,
                    staff_id=link.staff_id,
                    linked_at=link.linked_at,
                )
            )
        except IntegrityError as error:
            raise AlreadyExists("This subject of the provider has an account.") from error

    def unlink(self, issuer: str, staff_id: UUID) -> int:
        """Remove the links of an account to an issuer; returns how many."""
        of = (account_link.c.issuer == issuer, account_link.c.staff_id == staff_id)
        return self._connection.execute(delete(account_link).where(*of)).rowcount

    def account_of(self, issuer: str, subject: str) -> UUID | None:
        """The account of a subject."""
        query = select(account_link.c.staff_id).where(
            account_link.c.issuer == issuer, account_link.c.subject == subject
        )
        found: UUID | None = self._connection.execute(query).scalar_one_or_none()
        return found

    def links(self, staff_id: UUID) -> list[AccountLink]:
        """The links of an account."""
        query = (
            select(account_link)
            .where(account_link.c.staff_id == staff_id)
            .order_by(account_link.c.issuer, account_link.c.subject)
        )
        return [
            AccountLink(row.issuer, row.subject, row.staff_id, row.linked_at)
            for row in self._connection.execute(query)
        ]

    def set_role(self, staff_id: UUID, role: Role) -> None:
        """Store the role that the provider gives an account."""
        self._connection.execute(
            update(staff).where(staff.c.id == staff_id).values(role=role.value)
        )

    def note_session(self, session: ProviderSession, *, now: datetime) -> None:
        """Store which session was opened by a provider, and forget those long over."""
        self._connection.execute(
            delete(provider_session).where(provider_session.c.expires_at <= now)
        )
        self._connection.execute(
            insert(provider_session).values(
                token_digest=session.token_digest,
                issuer=session.issuer,
                staff_id=session.staff_id,
                sid_digest=session.sid_digest,
                expires_at=session.expires_at,
            )
        )

    def session(self, token_digest: bytes) -> ProviderSession | None:
        """The provider's part of a session."""
        query = select(provider_session).where(provider_session.c.token_digest == token_digest)
        row = self._connection.execute(query).one_or_none()
        return _session(row) if row else None

    def sessions_of(
        self, issuer: str, *, sid_digest: bytes | None, staff_id: UUID | None
    ) -> list[ProviderSession]:
        """The sessions that a provider opened: of its session if that is named, else of the account.

        A session whose provider did not name its own then ends when it names one: better too many than one left.
        """
        column = provider_session.c
        of_account = column.staff_id == staff_id
        of_session = or_(
            column.sid_digest == sid_digest, and_(column.sid_digest.is_(None), of_account)
        )
        query = select(provider_session).where(
            column.issuer == issuer, of_session if sid_digest else of_account
        )
        return [_session(row) for row in self._connection.execute(query)]


def _session(row: Row[Any]) -> ProviderSession:
    return ProviderSession(
        row.token_digest, row.issuer, row.staff_id, row.sid_digest, row.expires_at
    )
