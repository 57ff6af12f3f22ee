"""Open and end sessions: rows that the next request in every process sees; a new login always has a new token."""

from __future__ import annotations

from collections.abc import Mapping

from keys.digests import sha256
from keys.randomness import random_token
from ttp.core.accounts import Staff
from ttp.core.center import Center
from ttp.core.errors import NotAuthenticated
from ttp.core.event_kinds import EventKind
from ttp.core.logins import Opened, SignedIn
from ttp.core.ports import Transaction
from ttp.core.second_factors import NEEDS_SECOND_FACTOR
from ttp.core.sessions import Session
from ttp.services.log.record_leaf import Act, record_leaf


def open_session(
    center: Center,
    tx: Transaction,
    staff: Staff,
    *,
    vouched: bool = False,
    facts: Mapping[str, str] | None = None,
) -> Opened:
    """Open a session for a person who has shown who they are; ``facts`` say how, in the leaf.

    ``vouched``: another place, such as an identity provider, answers for the second factor.
    """
    now, token = center.clock.now(), random_token()
    session = Session(
        center.new_id(),
        token_digest(token),
        staff.id,
        random_token(),
        now,
        now,
        now + center.sessions.absolute,
        vouched=vouched,
    )
    tx.logins.forget(now=now)
    tx.sessions.open(session)
    record_leaf(center, tx, staff.actor(), Act(EventKind.SESSION_OPENED, facts=facts))
    return Opened(token, staff)


def signed_in(center: Center, tx: Transaction, *, token: str) -> SignedIn:
    """The person whose session this token opened.

    Raises:
        NotAuthenticated: no such session, it ended unused or by its age, or the account was disabled.
    """
    now = center.clock.now()
    session = tx.sessions.by_digest(token_digest(token))
    if session is None or not session.stands(center.sessions, at=now):
        raise NotAuthenticated("Please log in.")
    staff = tx.staff.by_id(session.staff_id)
    if staff is None:
        raise NotAuthenticated("Please log in.")
    return SignedIn(
        staff,
        staff.actor(),
        session.csrf,
        session.id,
        is_due=session.is_due(at=now),
        lacks_factor=not session.vouched and lacks_factor(center, tx, staff),
    )


def lacks_factor(center: Center, tx: Transaction, staff: Staff) -> bool:
    """Whether the center requires a second factor of this person who has none."""
    if not center.second_factor or staff.role not in NEEDS_SECOND_FACTOR:
        return False
    factor = tx.second_factors.of(staff.id)
    return factor is None or factor.confirmed_at is None


def note_use(center: Center, tx: Transaction, found: SignedIn) -> None:
    """Store that the session is in use; asked for at most once a minute (``SignedIn.is_due``)."""
    if found.session is not None:
        tx.sessions.seen(found.session, at=center.clock.now())


def log_out(center: Center, tx: Transaction, found: SignedIn, *, token: str) -> None:
    """End the session of this token."""
    tx.sessions.close(token_digest(token))
    record_leaf(center, tx, found.actor, Act(EventKind.SESSION_CLOSED))


def list_sessions(center: Center, tx: Transaction, found: SignedIn) -> list[Session]:
    """The person's own sessions that stand, the one used last first."""
    now = center.clock.now()
    return [one for one in tx.sessions.of(found.staff.id) if one.stands(center.sessions, at=now)]


def end_other_sessions(center: Center, tx: Transaction, found: SignedIn) -> int:
    """End all of the person's sessions but the present one; returns how many."""
    ended = tx.sessions.close_all(found.staff.id, but=found.session)
    act = Act(EventKind.SESSION_OTHERS_CLOSED, counts={"sessions": ended})
    record_leaf(center, tx, found.actor, act)
    return ended


def token_digest(token: str) -> bytes:
    """The digest (32 bytes) under which the session of a token is stored."""
    return sha256(token.encode(errors="replace"))
