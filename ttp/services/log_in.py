"""Log in and out: a correct password opens a session of twelve hours; every login and every failure leaves a leaf."""

from __future__ import annotations

from functools import cache

from keys.digests import sha256
from keys.passwords import hash_password, password_matches
from keys.randomness import random_token
from ttp.core.access import SYSTEM, Session, Staff
from ttp.core.center import Center
from ttp.core.errors import NotAuthenticated
from ttp.core.event_kinds import EventKind
from ttp.core.logins import (
    ACCOUNT_FAILURES,
    ADDRESS_FAILURES,
    MAXIMAL_PASSWORD,
    SESSION_LIFETIME,
    LoginRefusal,
    Opened,
    SignedIn,
)
from ttp.core.ports import Transaction
from ttp.services.record_leaf import Act, record_leaf


def log_in(center: Center, *, name: str, password: str, address: str) -> Opened | LoginRefusal:
    """Open a session if the password is right and neither account nor address has failed too often.

    Takes as long for accounts that do not exist. The hash is computed between two transactions, because it
    costs some ten milliseconds in which nothing may be locked.
    """
    staff, blocked = center.work.run(lambda tx: _look(center, tx, name, address), write=False)
    if blocked:
        return LoginRefusal.TOO_MANY
    stored = staff.password_hash if staff else _unknown_account()
    fits = len(password) <= MAXIMAL_PASSWORD and password_matches(password, stored)
    if staff is None or not fits:
        center.work.run(lambda tx: _fail(center, tx, staff, address))
        return LoginRefusal.WRONG
    return center.work.run(lambda tx: _open(center, tx, staff))


def log_out(center: Center, tx: Transaction, signed_in: SignedIn, *, token: str) -> None:
    """End the session of this token."""
    tx.staff.close_session(_digest(token))
    record_leaf(center, tx, signed_in.actor, Act(EventKind.SESSION_CLOSED))


def signed_in(center: Center, tx: Transaction, *, token: str) -> SignedIn:
    """The person whose session this token opened.

    Raises:
        NotAuthenticated: no such session, it has expired, or the account was disabled.
    """
    session = tx.staff.session(_digest(token), at=center.clock.now())
    staff = tx.staff.by_id(session.staff_id) if session else None
    if session is None or staff is None:
        raise NotAuthenticated("Please log in.")
    return SignedIn(staff, staff.actor(), session.csrf)


def _look(center: Center, tx: Transaction, name: str, address: str) -> tuple[Staff | None, bool]:
    staff, now = tx.staff.by_name(name), center.clock.now()
    limits = {_address(address): ADDRESS_FAILURES}
    if staff is not None:
        limits[_account(staff)] = ACCOUNT_FAILURES
    found = [(tx.logins.failures(subject), limit) for subject, limit in limits.items()]
    return staff, any(failures and failures.block(limit, now=now) for failures, limit in found)


def _open(center: Center, tx: Transaction, staff: Staff) -> Opened:
    now, token = center.clock.now(), random_token()
    tx.logins.clear(_account(staff))
    tx.logins.forget(now=now)
    tx.staff.open_session(Session(_digest(token), staff.id, random_token(), now + SESSION_LIFETIME))
    record_leaf(center, tx, staff.actor(), Act(EventKind.SESSION_OPENED))
    return Opened(token, staff)


def _fail(center: Center, tx: Transaction, staff: Staff | None, address: str) -> None:
    """A name that is no account's is not recorded: people type passwords into the wrong field."""
    tx.logins.count_failure(_address(address), now=center.clock.now())
    if staff is not None:
        tx.logins.count_failure(_account(staff), now=center.clock.now())
    facts = {"account": staff.name if staff else "unknown"}
    record_leaf(center, tx, SYSTEM, Act(EventKind.SESSION_REFUSED, facts=facts))


def _account(staff: Staff) -> str:
    return f"account:{staff.name}"


def _address(address: str) -> str:
    return f"address:{address[:64]}"


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="replace"))


@cache
def _unknown_account() -> str:
    return hash_password(random_token())
