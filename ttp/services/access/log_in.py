"""Log in: a correct password, and a code where the account has a second factor; every failure leaves a leaf."""

from __future__ import annotations

from functools import cache

from keys.passwords import hash_password, password_matches
from keys.randomness import random_token
from ttp.core.access import SYSTEM
from ttp.core.accounts import Staff
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.logins import (
    ACCOUNT_FAILURES,
    ADDRESS_FAILURES,
    MAXIMAL_PASSWORD,
    LoginRefusal,
    Opened,
    SignedIn,
)
from ttp.core.ports import Transaction
from ttp.services.access.open_account import acceptable_password
from ttp.services.access.open_session import open_session
from ttp.services.access.set_second_factor import factor_fits
from ttp.services.log.record_leaf import Act, record_leaf


def log_in(
    center: Center, *, name: str, password: str, address: str, code: str = ""
) -> Opened | LoginRefusal:
    """Open a session if password and code are right and neither account nor address has failed too often.

    Takes as long for accounts that do not exist, and says of a failure neither what was wrong nor whether a code
    is needed. The hash is computed between two transactions, because it costs some ten milliseconds in which
    nothing may be locked.
    """
    staff, blocked = center.work.run(lambda tx: _look(center, tx, name, address), write=False)
    if blocked:
        return LoginRefusal.TOO_MANY
    if not _is_password(staff, password) or staff is None:
        center.work.run(lambda tx: _fail(center, tx, staff, address))
        return LoginRefusal.WRONG
    opened = center.work.run(lambda tx: _open(center, tx, staff, code))
    if opened is None:
        center.work.run(lambda tx: _fail(center, tx, staff, address))
        return LoginRefusal.WRONG
    return opened


def needs_code(tx: Transaction, name: str) -> bool:
    """Whether this account has a second factor; for the operator's own prompt, never told to others."""
    staff = tx.staff.by_name(name)
    factor = tx.second_factors.of(staff.id) if staff else None
    return factor is not None and factor.confirmed_at is not None


def change_own_password(
    center: Center, found: SignedIn, *, old: str, new: str, address: str
) -> Opened | LoginRefusal:
    """Exchange the person's own password; all sessions end, and the new one goes on.

    A wrong old password counts as a failed login. No transaction may be open.

    Raises:
        InvalidField: the new password is too short or too long.
    """
    staff, blocked = center.work.run(
        lambda tx: _look(center, tx, found.staff.name, address), write=False
    )
    if blocked or staff is None:
        return LoginRefusal.TOO_MANY
    if not _is_password(staff, old):
        center.work.run(lambda tx: _fail(center, tx, staff, address))
        return LoginRefusal.WRONG
    hashed = hash_password(acceptable_password(new))
    return center.work.run(lambda tx: _exchange(center, tx, found, hashed))


def _look(center: Center, tx: Transaction, name: str, address: str) -> tuple[Staff | None, bool]:
    staff, now = tx.staff.by_name(name), center.clock.now()
    limits = {_address(address): ADDRESS_FAILURES}
    if staff is not None:
        limits[_account(staff)] = ACCOUNT_FAILURES
    found = [(tx.logins.failures(subject), limit) for subject, limit in limits.items()]
    return staff, any(failures and failures.block(limit, now=now) for failures, limit in found)


def _is_password(staff: Staff | None, password: str) -> bool:
    stored = staff.password_hash if staff else _unknown_account()
    return len(password) <= MAXIMAL_PASSWORD and password_matches(password, stored)


def _open(center: Center, tx: Transaction, staff: Staff, code: str) -> Opened | None:
    """The account is read again: it may have been disabled while the hash was computed."""
    present = tx.staff.by_id(staff.id)
    if present is None or present.password_hash != staff.password_hash:
        return None
    if not factor_fits(center, tx, present, code):
        return None
    tx.logins.clear(_account(present))
    return open_session(center, tx, present, facts={"way": "password"})


def _exchange(center: Center, tx: Transaction, found: SignedIn, hashed: str) -> Opened:
    tx.staff.set_password(found.staff.name, hashed)
    facts = {"account": found.staff.name}
    record_leaf(center, tx, found.actor, Act(EventKind.ACCOUNT_PASSWORD_CHANGED, facts=facts))
    return open_session(center, tx, found.staff, facts={"way": "password"})


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


@cache
def _unknown_account() -> str:
    return hash_password(random_token())
