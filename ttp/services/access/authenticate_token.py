"""Authenticate tokens: an access token of a provider is the person or the client of ours that it stands for.

A token gives nothing beyond what the account or client may do here; revoking these ends it at once, whatever the
token says of its own end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from keys.errors import TokenRejected
from keys.issued_tokens import read_label, verify_access_token
from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import NotAuthenticated, NotFound
from ttp.core.ports import Transaction
from ttp.core.providers import Issuer, Provider, Providers


def is_token(credential: str) -> bool:
    """Whether this has the form of a signed token, which no API key has."""
    return credential.count(".") == 2


def authenticate_token(center: Center, providers: Providers, *, token: str) -> Actor:
    """Who sends this token. No transaction may be open.

    Raises:
        NotAuthenticated: nobody who has access; why is not told.
        ProviderUnreachable: the provider's keys are not known, so that nothing can be said.
    """
    try:
        label = read_label(token)
        provider = _of(providers, label.issuer)
        claims = verify_access_token(
            token,
            provider.keys(label.key_id),
            issuer=provider.issuer.url,
            audience=provider.issuer.audience,
            now=center.clock.now(),
        )
    except TokenRejected:
        raise NotAuthenticated from None
    return center.work.run(lambda tx: _actor(tx, provider.issuer, claims), write=False)


def _of(providers: Providers, url: str) -> Provider:
    """The provider of this issuer. One without an audience for access tokens issues none to us."""
    for one in providers.values():
        if one.issuer.url == url and one.issuer.audience:
            return one
    raise NotAuthenticated


def _actor(tx: Transaction, issuer: Issuer, claims: Mapping[str, Any]) -> Actor:
    """A subject with an account is that person, whatever program the token was made for; else a client."""
    account = tx.providers.account_of(issuer.url, str(claims["sub"]))
    if account is None:
        return _client(tx, issuer.client_in(claims))
    staff, role = tx.staff.by_id(account), issuer.role_in(claims)
    if staff is None or (issuer.roles and role is None):
        raise NotAuthenticated
    return staff.actor() if role is None else replace(staff.actor(), role=role)


def _client(tx: Transaction, name: str | None) -> Actor:
    if name is None:
        raise NotAuthenticated
    try:
        client = tx.clients.by_name(name)
    except NotFound:
        raise NotAuthenticated from None
    if client.revoked_at is not None:
        raise NotAuthenticated
    return client.actor()
