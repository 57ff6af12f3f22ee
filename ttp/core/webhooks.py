"""Webhooks: a client has events sent to a URL, one after the other, each until its receiver says that it has it.

Of a webhook only its place in the feed is kept: the event behind it is the one being delivered. A message keeps its
ID however often it is sent, so that receivers know what they have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from keys.randomness import random_below
from ttp.core.errors import BadRequest, Conflict, NotFound
from ttp.core.events import Cursor, FeedKind
from ttp.core.names import LeafId

MOST_OF_A_CLIENT = 20
MOST_ATTEMPTS = 20
FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 86_400
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class UnknownWebhook(NotFound):
    """No webhook has this ID, or it is another client's."""

    code = "unknown-webhook"


class TooManyWebhooks(Conflict):
    """A client has at most 20 webhooks."""

    code = "too-many-webhooks"


class InvalidWebhookUrl(BadRequest):
    """A webhook's URL begins with https://, or http:// for this machine, and holds no credentials."""

    code = "invalid-webhook-url"


class WebhookState(StrEnum):
    """Whether events are sent."""

    ACTIVE = "active"
    PAUSED = "paused"  # somebody wants nothing to be sent for now; the place in the feed stays
    DEAD = "dead"  # the receiver failed 20 times, for about a week, or said that it is gone


class Targets(StrEnum):
    """Which addresses may be sent to, whatever name stands in the URL."""

    PUBLIC = "public"  # of the internet only
    PRIVATE = "private"  # also those of private networks and of this machine
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription and how far it has got. ``kinds``, ``domains`` None: all that the client may see."""

    id: UUID
    client: str
    url: str
    kinds: frozenset[FeedKind] | None
    domains: frozenset[str] | None
    secret: bytes
    created_by: str
    created_at: datetime
    leaf: LeafId
    cursor: Cursor
    next_at: datetime
    state: WebhookState = WebhookState.ACTIVE
    attempts: int = 0
    delivered: int = 0
    delivered_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try ended: ``delivered``, or a word why not; ``gone``: the receiver wants nothing more (410)."""

    delivered: bool
    reason: str
    gone: bool = False


class WebhookSender(Protocol):
    """The way to receivers."""

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """One try, in bounded time; never raises for what a receiver or the network does."""
        ...


class WebhookStore(Protocol):
    """Where webhooks are kept."""

    def add(self, webhook: Webhook) -> None:
        """Store a new webhook."""
        ...

    def get(self, webhook_id: UUID) -> Webhook:
        """The webhook. Raises UnknownWebhook."""
        ...

    def all(self, client: str | None = None) -> list[Webhook]:
        """All webhooks, or those of a client, oldest first."""
        ...

    def due(self, *, now: datetime, newest: Cursor, limit: int) -> list[Webhook]:
        """Active webhooks whose pause is over and that have not got to the newest event, longest waiting first."""
        ...

    def move(self, before: Webhook, after: Webhook) -> bool:
        """Store how far it has got, unless somebody else did meanwhile."""
        ...

    def remove(self, webhook_id: UUID) -> None:
        """Delete the webhook. Raises UnknownWebhook."""
        ...


def checked_url(text: str) -> str:
    """The URL, if events may be sent there: HTTPS, or plain HTTP to this machine; no credentials, no fragment.

    Raises:
        InvalidWebhookUrl: otherwise.
    """
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    local = parts.scheme == "http" and host in _LOOPBACK
    plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= 2_000
    if not host or not plain or parts.username is not None or parts.fragment or "@" in parts.netloc:
        raise InvalidWebhookUrl(
            "A webhook's URL has a host, and neither credentials nor a fragment."
        )
    if parts.scheme != "https" and not local:
        raise InvalidWebhookUrl
    return text


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failed tries: 5 s, doubled each time up to a day, less up to a quarter."""
    seconds = min(FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), LONGEST_PAUSE_SECONDS)
    return timedelta(milliseconds=seconds * 1000 - random_below(seconds * 250))
