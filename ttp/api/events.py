"""Events over JSON: the feed of what became of pseudonyms, and webhooks that have it sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import Body, answer, problems
from ttp.core.events import MAXIMAL_PAGE, MAXIMAL_WAIT_SECONDS, Cursor, FeedKind
from ttp.core.webhooks import Webhook, WebhookState
from ttp.http.authentication import calling_actor
from ttp.http.center import read, the_center, write
from ttp.http.idempotency import answer_once
from ttp.services.events.manage_webhooks import (
    add_webhook,
    list_webhooks,
    pause_webhook,
    remove_webhook,
    resume_webhook,
)
from ttp.services.events.read_events import Page, read_events, read_kinds

api = APIBlueprint(
    "events",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="events")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 422, 429, 503),
)


class FeedQuery(BaseModel):
    """Which page of the feed."""

    after: str | None = Field(None, description="cursor of an earlier page, or an audit position")
    limit: int = Field(100, ge=1, le=MAXIMAL_PAGE)
    kinds: str | None = Field(None, description="kinds of events, separated by commas; all if out")
    domain: str | None = Field(None, description="only of this domain")
    wait: int = Field(
        0, ge=0, le=MAXIMAL_WAIT_SECONDS, description="seconds to wait while there is none"
    )


class EventModel(BaseModel):
    """The envelope of every event."""

    id: UUID
    position: int = Field(description="of the act's leaf in the audit log")
    cursor: str
    at: str
    kind: str
    domain: str
    project: str | None = None
    data: dict[str, Any] = Field(description="'items': up to 1,000 pseudonyms, as the kind says")


class FeedAnswer(BaseModel):
    """A page; ``next`` is the cursor behind it and behind what does not concern the caller, also of an empty page."""

    events: list[EventModel]
    next: str


class WebhookBody(Body):
    """Have events sent."""

    url: str = Field(description="https://, or http:// for this machine")
    kinds: list[str] | None = Field(None, description="all if left out")
    domains: list[str] | None = Field(None, description="all of the client's if left out")


class WebhookEntry(BaseModel):
    """A webhook and how far it has got."""

    id: UUID
    client: str
    url: str
    kinds: list[FeedKind] | None
    domains: list[str] | None
    state: WebhookState
    cursor: str
    attempts: int = Field(description="failed tries at the next event")
    next_at: datetime
    delivered: int
    delivered_at: datetime | None
    outcome: str | None = Field(description="of the last try")


class NewWebhook(WebhookEntry):
    """A webhook just made, with the secret that signs, which is not shown again."""

    secret: str


class WebhookList(BaseModel):
    """The webhooks of the caller, oldest first."""

    webhooks: list[WebhookEntry]


class Removed(BaseModel):
    """What is no more."""

    removed: UUID


class WebhookPath(BaseModel):
    """A webhook."""

    webhook: UUID


@api.get("/events", responses={200: FeedAnswer}, summary="The feed of events")
def feed(query: FeedQuery) -> Response:
    """Answer with the next events in the order of the audit log, of what the caller may see."""
    actor = calling_actor()
    kinds = read_kinds(query.kinds.split(",")) if query.kinds else None
    page = Page(Cursor.read(query.after), query.limit, kinds, query.domain)
    found = read_events(the_center(), actor, page, wait=query.wait)
    events = [one.envelope() for one in found.events]
    return answer({"events": events, "next": str(found.next)})


@api.get("/webhooks", responses={200: WebhookList}, summary="List webhooks")
def list_own() -> Response:
    """Answer with the caller's webhooks and how far each has got."""
    actor = calling_actor()
    return answer({"webhooks": [_told(one) for one in read(lambda tx: list_webhooks(tx, actor))]})


@api.post("/webhooks", responses={200: NewWebhook}, summary="Have events sent")
def add(body: WebhookBody) -> Response:
    """Answer with the new webhook and its secret, which is not shown again."""
    actor = calling_actor()
    kinds = read_kinds(body.kinds) if body.kinds else None

    def step(tx: Any) -> bytes:
        made, secret = add_webhook(
            the_center(), tx, actor, url=body.url, kinds=kinds, domains=body.domains
        )
        return orjson.dumps({**_told(made), "secret": secret})

    return answer_once(actor, step)


@api.delete("/webhooks/<uuid:webhook>", responses={200: Removed}, summary="End a webhook")
def remove(path: WebhookPath) -> Response:
    """Send nothing more."""
    actor = calling_actor()
    write(lambda tx: remove_webhook(the_center(), tx, actor, webhook_id=path.webhook))
    return answer({"removed": str(path.webhook)})


@api.post(
    "/webhooks/<uuid:webhook>/resume", responses={200: WebhookEntry}, summary="Go on with a webhook"
)
def resume(path: WebhookPath) -> Response:
    """Try the event that could not be delivered again, at once."""
    actor = calling_actor()
    resumed = write(lambda tx: resume_webhook(the_center(), tx, actor, webhook_id=path.webhook))
    return answer(_told(resumed))


@api.post(
    "/webhooks/<uuid:webhook>/pause", responses={200: WebhookEntry}, summary="Pause a webhook"
)
def pause(path: WebhookPath) -> Response:
    """Send nothing until it is resumed; events wait."""
    actor = calling_actor()
    paused = write(lambda tx: pause_webhook(the_center(), tx, actor, webhook_id=path.webhook))
    return answer(_told(paused))


def _told(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": str(webhook.id),
        "client": webhook.client,
        "url": webhook.url,
        "kinds": sorted(webhook.kinds) if webhook.kinds is not None else None,
        "domains": sorted(webhook.domains) if webhook.domains is not None else None,
        "state": webhook.state.value,
        "cursor": str(webhook.cursor),
        "attempts": webhook.attempts,
        "next_at": webhook.next_at.isoformat(timespec="seconds"),
        "delivered": webhook.delivered,
        "delivered_at": webhook.delivered_at and webhook.delivered_at.isoformat(timespec="seconds"),
        "outcome": webhook.outcome,
    }
