"""Issue API keys: a client may hold several, so that one replaces another without a gap; revoked ones end at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from keys.api_keys import digest, generate
from keys.keyring import Purpose
from ttp.core.access import ROLE_RIGHTS, Actor, Right
from ttp.core.accounts import Client
from ttp.core.api_keys import (
    KEY_LIFETIME,
    LONGEST_LIFETIME,
    ApiKey,
    NamedKey,
    Scope,
)
from ttp.core.center import Center
from ttp.core.errors import AlreadyExists, InvalidField, NotFound
from ttp.core.event_kinds import EventKind
from ttp.core.names import slug
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf

FIRST = "first"


def issue_api_key(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    client: str,
    label: str,
    expires_at: datetime | None = None,
    rights: Sequence[Right] | None = None,
    domains: Sequence[str] | None = None,
) -> tuple[str, ApiKey]:
    """Give a client one more key and return it, the only time it can be read; its other keys go on working.

    Without ``expires_at`` it ends after a year, without ``rights`` and ``domains`` it may do what the client may.

    Raises:
        NotAllowed, NotFound, AlreadyExists: and nothing is changed.
        InvalidField: the client has less than the scope, or the end lies in the past or beyond five years.
    """
    actor.require(Right.ADMINISTER)
    owner = tx.clients.by_name(client)
    if owner.revoked_at is not None:
        raise NotFound("The client has no access any more.")
    taken = {one.key.label for one in keys_of(tx, client) if one.key.revoked_at is None}
    if label in taken:
        raise AlreadyExists("The client has a key of this label.")
    scope = Scope(_rights(owner, rights), _domains(owner, domains))
    secret, key = new_key(center, tx, actor, owner, label=label, expires_at=expires_at, scope=scope)
    facts = {"client": client, "key": label, "expires": key.expires_at.date().isoformat()}
    record_leaf(center, tx, actor, Act(EventKind.CLIENT_KEY_ISSUED, facts=facts))
    return secret, key


def revoke_api_key(
    center: Center, tx: Transaction, actor: Actor, *, client: str, label: str
) -> None:
    """End one key of a client, from the next request on, in every process.

    Raises:
        NotAllowed, NotFound: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    tx.api_keys.revoke(client, label, at=center.clock.now())
    facts = {"client": client, "key": label}
    record_leaf(center, tx, actor, Act(EventKind.CLIENT_KEY_REVOKED, facts=facts))


def list_api_keys(tx: Transaction, actor: Actor, *, client: str | None = None) -> list[NamedKey]:
    """The keys of one client or of all, by client and age, ended ones too.

    Raises:
        NotAllowed: and nothing is told.
    """
    actor.require(Right.ADMINISTER)
    return keys_of(tx, client)


def keys_of(tx: Transaction, client: str | None) -> list[NamedKey]:
    """The keys of one client or of all. Rights are checked by the use case that calls this."""
    return [one for one in tx.api_keys.all() if client is None or one.client == client]


def new_key(
    center: Center,
    tx: Transaction,
    actor: Actor,
    client: Client,
    *,
    label: str = FIRST,
    expires_at: datetime | None = None,
    scope: Scope | None = None,
) -> tuple[str, ApiKey]:
    """Draw and store a key. Rights are checked, and the leaf is recorded, by the use case that calls this.

    Raises:
        InvalidName, InvalidField: and nothing is changed.
    """
    now = center.clock.now()
    end = expires_at or now + KEY_LIFETIME
    if not now < end <= now + LONGEST_LIFETIME:
        raise InvalidField("A key ends in the future, and within five years.")
    key = ApiKey(
        center.new_id(),
        client.id,
        slug(label, of="key"),
        scope or Scope(),
        now,
        actor.name,
        expires_at=end,
    )
    secret = generate()
    center.keyring.ensure(Purpose.CLIENT)
    digested = center.keyring.active(Purpose.CLIENT)
    tx.api_keys.add(key, digest=digest(digested.secret, secret), key_version=digested.version)
    return secret, key


def _rights(client: Client, wanted: Sequence[Right] | None) -> frozenset[Right] | None:
    if wanted is None:
        return None
    if not wanted or not set(wanted) <= ROLE_RIGHTS[client.role]:
        raise InvalidField("The scope of a key holds rights of the client's role only.")
    return frozenset(wanted)


def _domains(client: Client, wanted: Sequence[str] | None) -> frozenset[str] | None:
    if wanted is None:
        return None
    if not set(wanted) <= client.domains:
        raise InvalidField("The scope of a key holds domains of the client only.")
    return frozenset(wanted)
