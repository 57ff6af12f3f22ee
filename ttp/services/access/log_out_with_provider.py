"""Log out with a provider: sessions it opened end when it says so, and a person who leaves may leave there too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keys.digests import sha256
from keys.errors import TokenRejected
from keys.issued_tokens import read_label, verify_logout_token
from ttp.core.access import SYSTEM
from ttp.core.center import Center
from ttp.core.errors import BadRequest
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.providers import Issuer, Provider, Providers
from ttp.services.access.open_session import token_digest
from ttp.services.log.record_leaf import Act, record_leaf


class LogoutRefused(BadRequest):
    """The logout token is not one of an identity provider of this center."""

    code = "logout-refused"


def provider_of_session(tx: Transaction, providers: Providers, *, token: str) -> Provider | None:
    """The provider that opened the session of this token, None if a password did."""
    session = tx.providers.session(token_digest(token))
    known = (one for one in providers.values() if session and one.issuer.url == session.issuer)
    return next(known, None)


def end_sessions(center: Center, providers: Providers, *, token: str) -> int:
    """End the sessions that a logout token names; returns how many. No transaction may be open.

    Telling it twice ends nothing twice, so that tokens need not be remembered.

    Raises:
        LogoutRefused: the token does not hold; why is not told.
        ProviderUnreachable: the provider's keys are not known.
    """
    try:
        label = read_label(token)
        provider = next((p for p in providers.values() if p.issuer.url == label.issuer), None)
        if provider is None:
            raise LogoutRefused
        claims = verify_logout_token(
            token,
            provider.keys(label.key_id),
            issuer=provider.issuer.url,
            client_id=provider.issuer.client_id,
            now=center.clock.now(),
        )
    except TokenRejected:
        raise LogoutRefused from None
    return center.work.run(lambda tx: _end(center, tx, provider.issuer, claims))


def _end(center: Center, tx: Transaction, issuer: Issuer, claims: Mapping[str, Any]) -> int:
    sid, subject = claims.get("sid"), claims.get("sub")
    digest = sha256(sid.encode()) if isinstance(sid, str) and sid else None
    account = tx.providers.account_of(issuer.url, subject) if isinstance(subject, str) else None
    sessions = tx.providers.sessions_of(issuer.url, sid_digest=digest, staff_id=account)
    for session in sessions:
        tx.sessions.close(session.token_digest)
    facts, counts = {"issuer": issuer.name}, {"sessions": len(sessions)}
    act = Act(EventKind.SESSION_ENDED_BY_PROVIDER, facts=facts, counts=counts)
    record_leaf(center, tx, SYSTEM, act)
    return len(sessions)
