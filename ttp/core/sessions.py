"""Sessions: a login in one browser; it ends when nobody uses it, after its longest time, or when it is ended.

Sessions are rows: what ends one is seen by the next request in every process.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts unused, and how long at most."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Session:
    """A person's login in a browser. The token itself is never stored, only its digest.

    ``vouched``: whoever sent the person answers for their second factor.
    """

    id: UUID
    token_digest: bytes
    staff_id: UUID
    csrf: str
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    vouched: bool = False

    def stands(self, limits: SessionLimits, *, at: datetime) -> bool:
        """Whether it has ended neither by its longest time nor by idleness."""
        return at < self.expires_at and at < self.seen_at + limits.idle

    def is_due(self, *, at: datetime) -> bool:
        """Whether its last use is to be written: at most once a minute."""
        return at >= self.seen_at + SEEN_EVERY


class SessionStore(Protocol):
    """Where sessions are kept."""

    def open(self, session: Session) -> None:
        """Store a login."""
        ...

    def by_digest(self, token_digest: bytes) -> Session | None:
        """The login of this token, whether it still stands or not."""
        ...

    def of(self, staff_id: UUID) -> list[Session]:
        """All logins of an account, the one used last first."""
        ...

    def seen(self, session_id: UUID, *, at: datetime) -> None:
        """Store when a login was used."""
        ...

    def close(self, token_digest: bytes) -> None:
        """End a login."""
        ...

    def close_all(self, staff_id: UUID, *, but: UUID | None = None) -> int:
        """End the logins of an account, except perhaps one; returns how many."""
        ...
