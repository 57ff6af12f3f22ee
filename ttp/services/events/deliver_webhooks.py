"""Deliver webhooks: each event in order and at least once; what fails is tried again, ever more rarely, for a week.

The place in the feed moves only after the receiver answered: whoever is killed in between sends the same message with
the same ID again. No transaction is held while something is sent.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from keys.webhooks import webhook_headers
from ttp.core.access import SYSTEM, Actor, Right
from ttp.core.center import Center
from ttp.core.errors import NotFound
from ttp.core.event_kinds import EventKind
from ttp.core.events import Cursor, Event, Interest
from ttp.core.ports import Transaction
from ttp.core.webhooks import (
    MOST_ATTEMPTS,
    Outcome,
    Webhook,
    WebhookSender,
    WebhookState,
    pause_after,
)
from ttp.services.events.manage_webhooks import find_webhook, open_secret
from ttp.services.log.record_leaf import Act, record_leaf

LEASE = "webhooks"
LEASE_SECONDS = 120
AT_ONCE = 8
EVENTS_A_TURN = 50
SECONDS_A_TURN = 15.0


def deliver_webhooks(center: Center, sender: WebhookSender, *, holder: str) -> int:
    """Deliver what is due, several webhooks at once and each in order; returns how many messages were tried.

    One worker at a time does so, by a lease; if it lost the lease while it waited, a message may be sent twice.
    """
    due = center.work.run(lambda tx: _due(center, tx), write=False)
    if not due or not center.work.run(lambda tx: _take_lease(center, tx, holder)):
        return 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        return sum(pool.map(lambda one: _turn(center, sender, one), due))


def try_webhook(
    center: Center, sender: WebhookSender, actor: Actor, *, webhook_id: UUID
) -> Outcome:
    """Send one message of the kind ``test`` now, without a place in the feed.

    Raises:
        NotAllowed, UnknownWebhook.
    """
    found = center.work.run(lambda tx: find_webhook(tx, actor, webhook_id), write=False)
    now = center.clock.now().isoformat(timespec="milliseconds")
    message_id = str(center.new_id())
    outcome = _send(
        center, sender, found, message_id, {"id": message_id, "at": now, "kind": "test", "data": {}}
    )
    facts = {"webhook": str(found.id), "outcome": outcome.reason}
    act = Act(EventKind.WEBHOOK_TESTED, facts=facts)
    center.work.run(lambda tx: record_leaf(center, tx, actor, act))
    return outcome


def _due(center: Center, tx: Transaction) -> list[Webhook]:
    return tx.webhooks.due(now=center.clock.now(), newest=tx.events.newest(), limit=AT_ONCE)


def _take_lease(center: Center, tx: Transaction, holder: str) -> bool:
    now = center.clock.now()
    return tx.audit.take_lease(LEASE, holder, now=now, seconds=LEASE_SECONDS)


def _turn(center: Center, sender: WebhookSender, webhook: Webhook) -> int:
    """Deliver some events of one webhook; ends at the first that fails."""
    end = center.clock.monotonic() + SECONDS_A_TURN
    events, last = center.work.run(lambda tx: _next(tx, webhook), write=False)
    tried = 0
    for event in events:
        tried += 1
        outcome = _send(center, sender, webhook, str(event.id), event.envelope())
        moved = _after(center, webhook, event.cursor, outcome)
        if not _store(center, webhook, moved) or not outcome.delivered:
            return tried
        webhook = moved
        if center.clock.monotonic() >= end:
            return tried
    if len(events) < EVENTS_A_TURN and last > webhook.cursor:
        _store(center, webhook, replace(webhook, cursor=last))  # the rest is nothing of interest
    return tried


def _next(tx: Transaction, webhook: Webhook) -> tuple[list[Event], Cursor]:
    """The next events that the client may see now, and the newest of all before they were looked for."""
    last = tx.events.newest()
    try:
        client = tx.clients.by_name(webhook.client)
    except NotFound:
        return [], last
    actor = client.actor()
    if client.revoked_at is not None or not actor.may(Right.READ_EVENTS):
        return [], last
    interest = Interest.of(actor, kinds=webhook.kinds, domains=webhook.domains)
    return tx.events.after(webhook.cursor, interest, limit=EVENTS_A_TURN), last


def _send(
    center: Center,
    sender: WebhookSender,
    webhook: Webhook,
    message_id: str,
    message: dict[str, Any],
) -> Outcome:
    body = orjson.dumps(message)
    headers = webhook_headers(
        open_secret(center, webhook),
        message_id=message_id,
        timestamp=int(center.clock.now().timestamp()),
        body=body,
    )
    return sender.send(webhook.url, body, {"content-type": "application/json", **headers})


def _after(center: Center, webhook: Webhook, cursor: Cursor, outcome: Outcome) -> Webhook:
    """The webhook after a try."""
    now = center.clock.now()
    if outcome.delivered:
        return replace(
            webhook,
            cursor=cursor,
            attempts=0,
            next_at=now,
            delivered=webhook.delivered + 1,
            delivered_at=now,
            outcome=outcome.reason,
        )
    attempts = webhook.attempts + 1
    dead = outcome.gone or attempts >= MOST_ATTEMPTS
    return replace(
        webhook,
        state=WebhookState.DEAD if dead else WebhookState.ACTIVE,
        attempts=attempts,
        next_at=now + pause_after(attempts),
        outcome=outcome.reason,
    )


def _store(center: Center, before: Webhook, after: Webhook) -> bool:
    def store(tx: Transaction) -> bool:
        moved = tx.webhooks.move(before, after)
        if moved and after.state is WebhookState.DEAD:
            facts = {
                "webhook": str(after.id),
                "client": after.client,
                "outcome": after.outcome or "",
            }
            record_leaf(center, tx, SYSTEM, Act(EventKind.WEBHOOK_DIED, facts=facts))
        return moved

    return center.work.run(store)
