"""Log in with a provider: the browser is sent there and comes back with a code; only its own login is finished.

What must hold, in this order: 1. the login began in this browser, less than ten minutes ago, at this provider; 2. the
answer carries its state and, where the provider names itself, that name (RFC 9207); 3. the provider exchanges the
code for an ID token (PKCE, RFC 7636); 4. the token is signed, for us, fresh, and has our nonce; 5. its subject has an
account that is not disabled; 6. the provider gives it a role, where it gives roles.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys.digests import sha256
from keys.errors import KeysError, TokenRejected
from keys.issued_tokens import read_label, verify_id_token
from keys.keyring import Purpose
from keys.passwords import hash_password
from keys.randomness import equal, random_token
from keys.seal import binding, key_version_of, open_envelope, seal
from ttp.core.access import SYSTEM, Role
from ttp.core.accounts import Staff
from ttp.core.center import Center
from ttp.core.errors import AlreadyExists, InvalidName
from ttp.core.event_kinds import EventKind
from ttp.core.logins import ADDRESS_FAILURES, Opened
from ttp.core.names import StaffName, slug
from ttp.core.ports import Transaction
from ttp.core.providers import (
    ATTEMPT_LIFETIME,
    LONGEST_SUBJECT,
    AccountLink,
    Attempt,
    Issuer,
    Provider,
    ProviderAnswer,
    ProviderRefusal,
    ProviderSession,
    ProviderUnreachable,
    claim_at,
)
from ttp.services.access.open_session import open_session, token_digest
from ttp.services.log.record_leaf import Act, record_leaf


class _Refused(Exception):
    """The login comes to nothing; ``reason`` is for the page, ``cause`` more exactly for the leaf."""

    def __init__(self, reason: ProviderRefusal, cause: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause or reason.value


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and what it keeps meanwhile, readable to this center alone."""

    url: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A session that a provider's answer opened, and where the person wanted to go."""

    opened: Opened
    target: str


def begin_login(center: Center, provider: Provider, *, target: str, redirect: str) -> Begun:
    """Draw what the answer will be checked against. ``redirect`` is this provider's own way back.

    Raises:
        ProviderUnreachable: it does not say where to send the browser.
    """
    expires = center.clock.now() + ATTEMPT_LIFETIME
    attempt = Attempt(
        issuer=provider.issuer.url,
        state=random_token(),
        nonce=random_token(),
        verifier=random_token(),
        target=target,
        expires=int(expires.timestamp()),
    )
    return Begun(provider.authorization_url(attempt, redirect=redirect), _seal(center, attempt))


def finish_login(
    center: Center,
    provider: Provider,
    *,
    sealed: str,
    answer: ProviderAnswer,
    redirect: str,
    address: str,
) -> Finished | ProviderRefusal:
    """Open a session if everything above holds; every refusal leaves a leaf and counts for the address.

    No transaction may be open.
    """
    if center.work.run(lambda tx: _is_blocked(center, tx, address), write=False):
        return ProviderRefusal.TOO_MANY
    try:
        attempt = _own_attempt(center, provider, sealed, answer)
        claims = _claims(center, provider, attempt, answer.code, redirect)
        opened = center.work.run(lambda tx: _enter(center, tx, provider.issuer, claims))
    except _Refused as refused:
        _record_refusal(center, provider.issuer, refused.cause, address)
        return refused.reason
    except ProviderUnreachable:
        _record_refusal(center, provider.issuer, ProviderRefusal.UNREACHABLE.value, address)
        return ProviderRefusal.UNREACHABLE
    return Finished(opened, attempt.target)


def _own_attempt(
    center: Center, provider: Provider, sealed: str, answer: ProviderAnswer
) -> Attempt:
    attempt = _open(center, sealed)
    if attempt is None or not attempt.stands(at=center.clock.now()):
        raise _Refused(ProviderRefusal.EXPIRED)
    if attempt.issuer != provider.issuer.url:
        raise _Refused(ProviderRefusal.EXPIRED, "other-issuer")
    if not equal(attempt.state.encode(), answer.state.encode(errors="replace")):
        raise _Refused(ProviderRefusal.EXPIRED, "state")
    if answer.issuer is None and provider.states_itself():
        raise _Refused(ProviderRefusal.DISBELIEVED, "issuer-missing")
    if answer.issuer not in {None, provider.issuer.url}:
        raise _Refused(ProviderRefusal.DISBELIEVED, "other-issuer")
    if answer.error or not answer.code:
        raise _Refused(ProviderRefusal.DECLINED)
    return attempt


def _claims(
    center: Center, provider: Provider, attempt: Attempt, code: str, redirect: str
) -> Mapping[str, Any]:
    token = provider.redeem(code, verifier=attempt.verifier, redirect=redirect)
    if not token:
        raise _Refused(ProviderRefusal.DISBELIEVED, "code")
    try:
        return verify_id_token(
            token,
            provider.keys(read_label(token).key_id),
            issuer=provider.issuer.url,
            client_id=provider.issuer.client_id,
            nonce=attempt.nonce,
            now=center.clock.now(),
        )
    except TokenRejected as error:
        raise _Refused(ProviderRefusal.DISBELIEVED, error.reason.value) from error


def _enter(center: Center, tx: Transaction, issuer: Issuer, claims: Mapping[str, Any]) -> Opened:
    """The account of the claims' subject with the role they give it, and a session for it."""
    role = issuer.role_in(claims)
    if issuer.roles and role is None:
        raise _Refused(ProviderRefusal.NO_ROLE)
    staff = _account(center, tx, issuer, claims, role)
    if role is not None and role is not staff.role:
        staff = _with_role(center, tx, issuer, staff, role)
    facts = {"way": "issuer", "issuer": issuer.name}
    opened = open_session(center, tx, staff, vouched=True, facts=facts)
    _note_session(center, tx, issuer, claims, opened)
    return opened


def _account(
    center: Center, tx: Transaction, issuer: Issuer, claims: Mapping[str, Any], role: Role | None
) -> Staff:
    subject = str(claims["sub"])
    account = tx.providers.account_of(issuer.url, subject)
    staff = tx.staff.by_id(account) if account else None
    if staff is not None:
        return staff
    if account is not None:
        raise _Refused(ProviderRefusal.NO_ACCOUNT, "disabled")
    if not issuer.opens_accounts or role is None:
        raise _Refused(ProviderRefusal.NO_ACCOUNT)
    return _new_account(center, tx, issuer, claims, role)


def _new_account(
    center: Center, tx: Transaction, issuer: Issuer, claims: Mapping[str, Any], role: Role
) -> Staff:
    """An account without a password that anybody knows; a name that is taken is never taken over."""
    subject = str(claims["sub"])
    try:
        name = StaffName(slug(claim_at(claims, issuer.name_claim), of="person"))
        shown = str(claims.get("name") or name)
        staff = Staff(
            center.new_id(),
            name,
            role,
            shown if shown.isprintable() and len(shown) <= 200 else name,
            hash_password(random_token()),
            center.language,
            None,
        )
        tx.staff.add(staff)
    except (InvalidName, AlreadyExists) as error:
        raise _Refused(ProviderRefusal.NO_ACCOUNT, "name") from error
    if len(subject) > LONGEST_SUBJECT:
        raise _Refused(ProviderRefusal.DISBELIEVED, "subject")
    tx.providers.link(AccountLink(issuer.url, subject, staff.id, center.clock.now()))
    facts = {"account": staff.name, "role": role.value, "issuer": issuer.name}
    record_leaf(center, tx, SYSTEM, Act(EventKind.ACCOUNT_OPENED, facts=facts))
    return staff


def _with_role(center: Center, tx: Transaction, issuer: Issuer, staff: Staff, role: Role) -> Staff:
    tx.providers.set_role(staff.id, role)
    facts = {
        "account": staff.name,
        "from": staff.role.value,
        "to": role.value,
        "issuer": issuer.name,
    }
    record_leaf(center, tx, SYSTEM, Act(EventKind.ACCOUNT_ROLE_CHANGED, facts=facts))
    found = tx.staff.by_id(staff.id)
    if found is None:
        raise _Refused(ProviderRefusal.NO_ACCOUNT, "disabled")
    return found


def _note_session(
    center: Center, tx: Transaction, issuer: Issuer, claims: Mapping[str, Any], opened: Opened
) -> None:
    now, sid = center.clock.now(), claims.get("sid")
    session = ProviderSession(
        token_digest(opened.token),
        issuer.url,
        opened.staff.id,
        sha256(sid.encode()) if isinstance(sid, str) else None,
        now + center.sessions.absolute,
    )
    tx.providers.note_session(session, now=now)


def _record_refusal(center: Center, issuer: Issuer, cause: str, address: str) -> None:
    facts = {"way": "issuer", "issuer": issuer.name, "reason": cause}
    act = Act(EventKind.SESSION_REFUSED, facts=facts)

    def fail(tx: Transaction) -> None:
        tx.logins.count_failure(_subject(address), now=center.clock.now())
        record_leaf(center, tx, SYSTEM, act)

    center.work.run(fail)


def _is_blocked(center: Center, tx: Transaction, address: str) -> bool:
    failures = tx.logins.failures(_subject(address))
    return failures is not None and failures.block(ADDRESS_FAILURES, now=center.clock.now())


def _subject(address: str) -> str:
    """The address as wrong passwords are counted for it: both ways in share one limit."""
    return f"address:{address[:64]}"


def _seal(center: Center, attempt: Attempt) -> str:
    center.keyring.ensure(Purpose.SESSION)
    key = center.keyring.active(Purpose.SESSION)
    sealed = seal(key.secret, attempt.to_bytes(), key_version=key.version, bound_to=_BOUND)
    return base64.urlsafe_b64encode(sealed).decode()


def _open(center: Center, sealed: str) -> Attempt | None:
    try:
        envelope = base64.urlsafe_b64decode(sealed.encode())
        key = center.keyring.at(Purpose.SESSION, "", key_version_of(envelope))
        return Attempt.from_bytes(open_envelope(key.secret, envelope, bound_to=_BOUND))
    except (binascii.Error, ValueError, KeysError):
        return None


_BOUND = binding("browser", "attempt", "", b"")
