"""Manage webhooks: clients have their own, who administers all; the secret is shown once and kept sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from keys.keyring import Purpose
from keys.seal import binding, key_version_of, open_envelope, seal
from keys.webhooks import new_webhook_secret
from ttp.core.access import Actor, ActorKind, Right
from ttp.core.center import Center
from ttp.core.errors import InvalidField, Unavailable
from ttp.core.event_kinds import EventKind
from ttp.core.events import FeedKind
from ttp.core.ports import Transaction
from ttp.core.webhooks import (
    MOST_OF_A_CLIENT,
    TooManyWebhooks,
    UnknownWebhook,
    Webhook,
    WebhookState,
    checked_url,
)
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf

_TRIES = 5


def add_webhook(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    url: str,
    client: str | None = None,
    kinds: frozenset[FeedKind] | None = None,
    domains: Sequence[str] | None = None,
) -> tuple[Webhook, str]:
    """Have events from now on sent for a client, by default the caller; returns the secret too, this once.

    Raises:
        NotAllowed, NotFound, InvalidField, UnknownDomain, TooManyWebhooks: and nothing is changed.
    """
    owner = _owner(tx, actor, client)
    for name in domains or ():
        owner.require(Right.READ_EVENTS, tx.domains.get(name).name)
    if len(tx.webhooks.all(owner.name)) >= MOST_OF_A_CLIENT:
        raise TooManyWebhooks
    secret, webhook_id, now = new_webhook_secret(), center.new_id(), center.clock.now()
    leaf = new_leaf_id(center)
    new = Webhook(
        id=webhook_id,
        client=owner.name,
        url=checked_url(url),
        kinds=kinds,
        domains=frozenset(tx.domains.get(name).name for name in domains) if domains else None,
        secret=_sealed(center, webhook_id, secret),
        created_by=actor.name,
        created_at=now,
        leaf=leaf,
        cursor=tx.events.newest(),
        next_at=now,
    )
    tx.webhooks.add(new)
    _record(center, tx, actor, EventKind.WEBHOOK_ADDED, new)
    return new, secret


def list_webhooks(tx: Transaction, actor: Actor) -> list[Webhook]:
    """The caller's webhooks; all of them to who administers.

    Raises:
        NotAllowed: neither may be seen.
    """
    if actor.may(Right.ADMINISTER):
        return tx.webhooks.all()
    actor.require(Right.READ_EVENTS)
    return tx.webhooks.all(actor.name)


def find_webhook(tx: Transaction, actor: Actor, webhook_id: UUID) -> Webhook:
    """A webhook that the actor may change.

    Raises:
        NotAllowed, UnknownWebhook.
    """
    if not actor.may(Right.ADMINISTER):
        actor.require(Right.READ_EVENTS)
    found = tx.webhooks.get(webhook_id)
    if not actor.may(Right.ADMINISTER) and found.client != actor.name:
        raise UnknownWebhook
    return found


def remove_webhook(center: Center, tx: Transaction, actor: Actor, *, webhook_id: UUID) -> None:
    """Send nothing more, and forget the webhook with its secret.

    Raises:
        NotAllowed, UnknownWebhook.
    """
    found = find_webhook(tx, actor, webhook_id)
    tx.webhooks.remove(found.id)
    _record(center, tx, actor, EventKind.WEBHOOK_REMOVED, found)


def resume_webhook(center: Center, tx: Transaction, actor: Actor, *, webhook_id: UUID) -> Webhook:
    """Go on at the event that could not be delivered, at once.

    Raises:
        NotAllowed, UnknownWebhook.
    """
    now = center.clock.now()
    resumed = _led(
        tx, actor, webhook_id, state=WebhookState.ACTIVE, attempts=0, next_at=now, outcome=None
    )
    _record(center, tx, actor, EventKind.WEBHOOK_RESUMED, resumed)
    return resumed


def pause_webhook(center: Center, tx: Transaction, actor: Actor, *, webhook_id: UUID) -> Webhook:
    """Send nothing until it is resumed; events wait. A message on its way may still arrive.

    Raises:
        NotAllowed, UnknownWebhook.
    """
    paused = _led(tx, actor, webhook_id, state=WebhookState.PAUSED)
    _record(center, tx, actor, EventKind.WEBHOOK_PAUSED, paused)
    return paused


def open_secret(center: Center, webhook: Webhook) -> str:
    """The secret with which the webhook's messages are signed."""
    key = center.keyring.at(Purpose.SESSION, "", key_version_of(webhook.secret))
    return open_envelope(key.secret, webhook.secret, bound_to=_bound(webhook.id)).decode()


def _led(tx: Transaction, actor: Actor, webhook_id: UUID, **changes: Any) -> Webhook:
    """The webhook with these changes, also if a worker delivers for it meanwhile."""
    for _ in range(_TRIES):
        found = find_webhook(tx, actor, webhook_id)
        changed = replace(found, **changes)
        if tx.webhooks.move(found, changed):
            return changed
    raise Unavailable("The webhook is being delivered to; try again.")


def _owner(tx: Transaction, actor: Actor, client: str | None) -> Actor:
    """For whom events are sent: the caller, or a client named by who administers."""
    if client is None or (actor.kind is ActorKind.CLIENT and client == actor.name):
        if actor.kind is not ActorKind.CLIENT:
            raise InvalidField("Name the client whose events are to be sent.")
        actor.require(Right.READ_EVENTS)
        return actor
    actor.require(Right.ADMINISTER)
    found = tx.clients.by_name(client).actor()
    found.require(Right.READ_EVENTS)
    return found


def _sealed(center: Center, webhook_id: UUID, secret: str) -> bytes:
    center.keyring.ensure(Purpose.SESSION)
    key = center.keyring.active(Purpose.SESSION)
    return seal(key.secret, secret.encode(), key_version=key.version, bound_to=_bound(webhook_id))


def _bound(webhook_id: UUID) -> bytes:
    return binding("webhook", "secret", "", webhook_id.bytes)


def _record(
    center: Center, tx: Transaction, actor: Actor, kind: EventKind, webhook: Webhook
) -> None:
    facts = {"webhook": str(webhook.id), "client": webhook.client, "url": webhook.url[:200]}
    leaf = webhook.leaf if kind is EventKind.WEBHOOK_ADDED else None
    record_leaf(center, tx, actor, Act(kind, facts=facts), leaf_id=leaf)
