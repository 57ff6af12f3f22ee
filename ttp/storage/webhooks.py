"""Webhooks in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from ttp.core.events import Cursor, FeedKind
from ttp.core.names import LeafId
from ttp.core.webhooks import UnknownWebhook, Webhook, WebhookState
from ttp.storage.tables import webhook


class SqlWebhookStore:
    """Webhooks of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Webhook) -> None:
        """Store a new webhook."""
        made = {
            "id": new.id,
            "client": new.client,
            "url": new.url,
            "kinds": None if new.kinds is None else frozenset(kind.value for kind in new.kinds),
            "domains": new.domains,
            "secret": new.secret,
            "created_by": new.created_by,
            "created_at": new.created_at,
            "leaf": new.leaf,
        }
        self._connection.execute(insert(webhook).values(**made, **_progress(new)))

    def get(self, webhook_id: UUID) -> Webhook:
        """The webhook. Raises UnknownWebhook."""
        query = select(webhook).where(webhook.c.id == webhook_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise UnknownWebhook
        return _webhook(row)

    def all(self, client: str | None = None) -> list[Webhook]:
        """All webhooks, or those of a client, oldest first."""
        query = select(webhook).order_by(webhook.c.id)
        if client is not None:
            query = query.where(webhook.c.client == client)
        return [_webhook(row) for row in self._connection.execute(query)]

    def due(self, *, now: datetime, newest: Cursor, limit: int) -> list[Webhook]:
        """Active webhooks whose pause is over and that have not got to the newest event, longest waiting first."""
        behind = or_(
            webhook.c.position < newest.position,
            and_(webhook.c.position == newest.position, webhook.c.number < newest.number),
        )
        query = select(webhook).where(
            webhook.c.state == WebhookState.ACTIVE.value, webhook.c.next_at <= now, behind
        )
        rows = self._connection.execute(query.order_by(webhook.c.next_at).limit(limit))
        return [_webhook(row) for row in rows]

    def move(self, before: Webhook, after: Webhook) -> bool:
        """Store how far it has got, unless somebody else did meanwhile."""
        unchanged = (
            webhook.c.id == before.id,
            webhook.c.position == before.cursor.position,
            webhook.c.number == before.cursor.number,
            webhook.c.attempts == before.attempts,
            webhook.c.state == before.state.value,
        )
        moved = update(webhook).where(*unchanged).values(**_progress(after))
        return bool(self._connection.execute(moved).rowcount)

    def remove(self, webhook_id: UUID) -> None:
        """Delete the webhook. Raises UnknownWebhook."""
        gone = delete(webhook).where(webhook.c.id == webhook_id)
        if not self._connection.execute(gone).rowcount:
            raise UnknownWebhook


def _progress(one: Webhook) -> dict[str, object]:
    return {
        "state": one.state.value,
        "position": one.cursor.position,
        "number": one.cursor.number,
        "attempts": one.attempts,
        "next_at": one.next_at,
        "delivered": one.delivered,
        "delivered_at": one.delivered_at,
        "outcome": one.outcome,
    }


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        id=row.id,
        client=row.client,
        url=row.url,
        kinds=None if row.kinds is None else frozenset(map(FeedKind, row.kinds)),
        domains=row.domains,
        secret=bytes(row.secret),
        created_by=row.created_by,
        created_at=row.created_at,
        leaf=LeafId(row.leaf),
        cursor=Cursor(row.position, row.number),
        next_at=row.next_at,
        state=WebhookState(row.state),
        attempts=row.attempts,
        delivered=row.delivered,
        delivered_at=row.delivered_at,
        outcome=row.outcome,
    )
