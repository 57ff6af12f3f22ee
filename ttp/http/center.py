"""The center of the running application, its way to its peers, and its database sessions as doors use them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar, cast

from flask import Flask, current_app

from ttp.core.center import Center
from ttp.core.federation import Peers
from ttp.core.ports import Transaction, Work
from ttp.core.providers import Providers
from ttp.core.webhooks import WebhookSender
from ttp.http.acknowledgment import RememberingWork

T = TypeVar("T")

_KEY = "ttp.center"
_WORK = "ttp.work"
_PEERS = "ttp.peers"
_PROVIDERS = "ttp.providers"
_SENDER = "ttp.webhook-sender"


def attach_center(app: Flask, center: Center) -> None:
    """Make the center the one this application serves."""
    app.extensions[_WORK] = center.work
    app.extensions[_KEY] = replace(center, work=RememberingWork(center.work))


def the_center() -> Center:
    """The center this application serves."""
    return cast("Center", current_app.extensions[_KEY])


def attach_peers(app: Flask, peers: Peers) -> None:
    """Make this the way in which the application asks other centers."""
    app.extensions[_PEERS] = peers


def the_peers() -> Peers:
    """The way in which this application asks other centers."""
    return cast("Peers", current_app.extensions[_PEERS])


def attach_providers(app: Flask, providers: Providers) -> None:
    """Make these the identity providers of the application."""
    app.extensions[_PROVIDERS] = providers


def the_providers() -> Providers:
    """The identity providers of this application by name."""
    return cast("Providers", current_app.extensions[_PROVIDERS])


def attach_webhook_sender(app: Flask, sender: WebhookSender) -> None:
    """Make this the way in which the application tries webhooks."""
    app.extensions[_SENDER] = sender


def the_webhook_sender() -> WebhookSender:
    """The way in which this application tries webhooks; their events are sent by the worker."""
    return cast("WebhookSender", current_app.extensions[_SENDER])


def read(step: Callable[[Transaction], T]) -> T:
    """Run the step in a read-only transaction."""
    return the_center().work.run(step, write=False)


def write(step: Callable[[Transaction], T]) -> T:
    """Run the step in a transaction that commits with it."""
    return the_center().work.run(step)


def write_for_many(step: Callable[[Transaction], T]) -> T:
    """Like ``write``, for several requests at once: which of them names which leaf is up to the caller."""
    return cast("Work", current_app.extensions[_WORK]).run(step)
