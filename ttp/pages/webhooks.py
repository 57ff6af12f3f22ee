"""Webhooks: what is sent where, how far each has got and why not further; add, try, pause, go on, remove."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, render_template, request, url_for

from ttp.core.access import Right
from ttp.core.errors import InvalidField
from ttp.core.events import FeedKind
from ttp.core.webhooks import Outcome, Webhook, WebhookState
from ttp.http.center import read, the_center, the_webhook_sender, write
from ttp.pages.listed import listed
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.events.deliver_webhooks import try_webhook
from ttp.services.events.manage_webhooks import (
    add_webhook,
    list_webhooks,
    pause_webhook,
    remove_webhook,
    resume_webhook,
)
from ttp.services.events.read_events import read_kinds

_ACTS = {"pause": pause_webhook, "resume": resume_webhook, "remove": remove_webhook}


@page("/webhooks", right=Right.ADMINISTER)
def webhooks() -> Response:
    """All webhooks, or those of a client or state, and a form for a new one."""
    return _shown()


@page("/webhooks", right=Right.ADMINISTER, method="POST")
def add_hook() -> Response:
    """Have a client's events sent; the secret that signs them is shown this once."""
    form, center, actor = request.form, the_center(), person().actor
    kinds, domains = form.getlist("kind"), form.getlist("domain")
    made, secret = write(
        lambda tx: add_webhook(
            center,
            tx,
            actor,
            client=form.get("client", ""),
            url=form.get("url", "").strip(),
            kinds=read_kinds(kinds) if kinds else None,
            domains=domains or None,
        )
    )
    return _shown(made=made, secret=secret)


@page("/webhooks/<uuid:webhook_id>", right=Right.ADMINISTER, method="POST")
def steer_webhook(webhook_id: UUID) -> Response:
    """Pause a webhook, go on with it, or end it for good once that was confirmed."""
    act = _ACTS.get(request.form.get("act", ""))
    if act is None:
        raise InvalidField("A webhook is paused, resumed or removed.")
    if act is remove_webhook and "sure" not in request.form:
        raise InvalidField("Confirm that the webhook shall end for good.")
    center, actor = the_center(), person().actor
    write(lambda tx: act(center, tx, actor, webhook_id=webhook_id))
    return go(url_for(".webhooks"))


@page("/webhooks/<uuid:webhook_id>/test", right=Right.ADMINISTER, method="POST")
def test_webhook(webhook_id: UUID) -> Response:
    """Send one message of the kind ``test`` now, and say how that ended."""
    center, actor, sender = the_center(), person().actor, the_webhook_sender()
    return _shown(tried=try_webhook(center, sender, actor, webhook_id=webhook_id))


def _shown(
    *, made: Webhook | None = None, secret: str | None = None, tried: Outcome | None = None
) -> Response:
    """The page; one with a secret is kept by no browser."""
    actor = person().actor
    client, state = (request.args.get(name, "").strip() for name in ("client", "state"))
    found, clients, domains, newest = read(
        lambda tx: (
            list_webhooks(tx, actor),
            [one for one in tx.clients.all() if not one.revoked_at],
            tx.domains.all(),
            tx.events.newest(),
        )
    )
    response = make_response(
        render_template(
            "webhooks.html",
            webhooks=listed("webhooks", [one for one in found if _fits(one, client, state)]),
            wanted={"client": client, "state": state},
            clients=[one.name for one in clients if one.actor().may(Right.READ_EVENTS)],
            domains=[domain.name for domain in domains],
            kinds=[kind.value for kind in FeedKind],
            states=[state.value for state in WebhookState],
            newest=newest,
            made=made,
            secret=secret,
            tried=tried,
        )
    )
    if secret:
        response.headers["Cache-Control"] = "no-store"
    return response


def _fits(one: Webhook, client: str, state: str) -> bool:
    return client in ("", one.client) and state in ("", one.state.value)
