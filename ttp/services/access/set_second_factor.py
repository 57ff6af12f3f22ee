"""Set a second factor: enrolled by its owner with a first code, needed from then on, taken away with a leaf."""

from __future__ import annotations

from dataclasses import dataclass, field

from keys.keyring import Purpose
from keys.seal import binding, key_version_of, open_envelope, seal
from keys.second_factor import (
    enrolment_uri,
    new_factor_secret,
    new_recovery_codes,
    recovery_digest,
    secret_text,
    step_of_code,
)
from ttp.core.access import Actor, Right
from ttp.core.accounts import Staff
from ttp.core.center import Center
from ttp.core.errors import Conflict, NotAllowed, NotFound
from ttp.core.event_kinds import EventKind
from ttp.core.logins import SignedIn
from ttp.core.ports import Transaction
from ttp.core.second_factors import SecondFactor, WrongCode
from ttp.services.log.record_leaf import Act, record_leaf


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a device needs: ``uri`` for a QR code, ``secret`` to be typed. Shown until the first code is entered."""

    uri: str = field(repr=False)
    secret: str = field(repr=False)


def begin_second_factor(center: Center, tx: Transaction, found: SignedIn) -> Enrolment:
    """Draw a secret for the person's device; it counts once a code of it was entered.

    Raises:
        Conflict: the account has a second factor.
    """
    _require_none(tx, found.staff)
    secret = new_factor_secret()
    tx.second_factors.put(SecondFactor(found.staff.id, _sealed(center, found.staff, secret), None))
    return _enrolment(center, found.staff, secret)


def show_enrolment(center: Center, tx: Transaction, found: SignedIn) -> Enrolment:
    """The enrolment that waits for its first code.

    Raises:
        NotFound: none was begun. Conflict: the account has a second factor.
    """
    factor = _require_none(tx, found.staff)
    if factor is None:
        raise NotFound("No second factor is being set up.")
    return _enrolment(center, found.staff, _opened(center, found.staff, factor))


def confirm_second_factor(
    center: Center, tx: Transaction, found: SignedIn, *, code: str
) -> list[str]:
    """Need the second factor from now on; returns the ten recovery codes, the only time they can be read.

    The person's other sessions end.

    Raises:
        WrongCode: the code is not the device's. NotFound, Conflict: nothing waits for a code.
    """
    factor, now = _require_none(tx, found.staff), center.clock.now()
    if factor is None:
        raise NotFound("No second factor is being set up.")
    secret = _opened(center, found.staff, factor)
    step = step_of_code(secret, code.strip(), unix_seconds=now.timestamp())
    if step is None:
        raise WrongCode
    codes = new_recovery_codes()
    digests = [recovery_digest(found.staff.id.bytes, one) for one in codes]
    tx.second_factors.confirm(found.staff.id, step=step, at=now, digests=digests)
    tx.sessions.close_all(found.staff.id, but=found.session)
    facts = {"account": found.staff.name}
    record_leaf(center, tx, found.actor, Act(EventKind.ACCOUNT_SECOND_FACTOR_SET, facts=facts))
    return codes


def remove_second_factor(center: Center, tx: Transaction, actor: Actor, *, name: str) -> None:
    """Take another person's second factor away, whose device is lost; their sessions end.

    Raises:
        NotAllowed: the actor may not, or it is their own account: who holds a session could shed the factor.
        NotFound: no such account, or it has none.
    """
    actor.require(Right.ADMINISTER)
    staff = tx.staff.by_name(name)
    if staff is None:
        raise NotFound("No account of this name is open.")
    if staff.id == actor.id:
        raise NotAllowed("Another steward takes your second factor away.")
    if not tx.second_factors.remove(staff.id):
        raise NotFound("This account has no second factor.")
    tx.sessions.close_all(staff.id)
    facts = {"account": name}
    record_leaf(center, tx, actor, Act(EventKind.ACCOUNT_SECOND_FACTOR_REMOVED, facts=facts))


def factor_fits(center: Center, tx: Transaction, staff: Staff, code: str) -> bool:
    """Whether the account needs no second factor, or this is an unused code of its device or for recovery.

    A code that fits is used up, in this transaction.
    """
    factor, now = tx.second_factors.of(staff.id), center.clock.now()
    if factor is None or factor.confirmed_at is None:
        return True
    secret = _opened(center, staff, factor)
    step = step_of_code(secret, code.strip(), unix_seconds=now.timestamp())
    if step is None:
        digest = recovery_digest(staff.id.bytes, code)
        return tx.second_factors.spend_code(staff.id, digest=digest, at=now)
    if not tx.second_factors.advance(staff.id, step=step):
        return False
    if key_version_of(factor.sealed) != center.keyring.active(Purpose.SESSION).version:
        tx.second_factors.reseal(staff.id, sealed=_sealed(center, staff, secret))
    return True


def _require_none(tx: Transaction, staff: Staff) -> SecondFactor | None:
    factor = tx.second_factors.of(staff.id)
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict("This account has a second factor.")
    return factor


def _enrolment(center: Center, staff: Staff, secret: bytes) -> Enrolment:
    uri = enrolment_uri(secret, issuer=f"Treuhandstelle {center.name}", account=staff.name)
    return Enrolment(uri, secret_text(secret))


def _sealed(center: Center, staff: Staff, secret: bytes) -> bytes:
    center.keyring.ensure(Purpose.SESSION)
    key = center.keyring.active(Purpose.SESSION)
    return seal(key.secret, secret, key_version=key.version, bound_to=_bound(staff))


def _opened(center: Center, staff: Staff, factor: SecondFactor) -> bytes:
    key = center.keyring.at(Purpose.SESSION, "", key_version_of(factor.sealed))
    return open_envelope(key.secret, factor.sealed, bound_to=_bound(staff))


def _bound(staff: Staff) -> bytes:
    return binding("second_factor", "sealed", "", staff.id.bytes)
