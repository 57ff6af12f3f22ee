"""``ttp webhook``: have events sent to programs, see how far they have got, and go on after a failure."""

from __future__ import annotations

from uuid import UUID

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of, settings_of


@click.group()
def webhook() -> None:
    """Webhooks: events sent to a URL, signed, in order, until they are received."""


@webhook.command()
@click.argument("client")
@click.argument("url")
@click.option("--kind", "kinds", multiple=True, help="Only events of this kind; repeatable.")
@click.option("--domain", "domains", multiple=True, help="Only of this domain; repeatable.")
@click.pass_context
def add(
    ctx: click.Context, *, client: str, url: str, kinds: tuple[str, ...], domains: tuple[str, ...]
) -> None:
    """Send what CLIENT may see to URL; prints the secret that signs, which is not shown again."""
    from ttp.core.access import OPERATOR
    from ttp.services.events.manage_webhooks import add_webhook
    from ttp.services.events.read_events import read_kinds

    center = center_of(ctx)
    made, secret = center.work.run(
        lambda tx: add_webhook(
            center,
            tx,
            OPERATOR,
            client=client,
            url=url,
            kinds=read_kinds(kinds),
            domains=domains or None,
        )
    )
    click.echo(secret)
    click.echo(f"Webhook {made.id}. Keep this secret: it is not shown again.", err=True)


@webhook.command("list")
@click.pass_context
def list_all(ctx: click.Context) -> None:
    """List all webhooks with what became of their last message."""
    from ttp.core.access import OPERATOR
    from ttp.services.events.manage_webhooks import list_webhooks

    with center_of(ctx).work.begin(write=False) as tx:
        found = list_webhooks(tx, OPERATOR)
    rows = [
        (
            str(one.id),
            one.client,
            one.url,
            one.state.value,
            str(one.delivered),
            str(one.attempts),
            one.outcome or "-",
            f"{one.next_at:%Y-%m-%d %H:%M}" if one.attempts else "-",
        )
        for one in found
    ]
    headings = ("id", "client", "url", "state", "delivered", "failed", "last", "next try")
    print_columns(headings, rows)


@webhook.command()
@click.argument("webhook_id", type=click.UUID, metavar="ID")
@click.pass_context
def remove(ctx: click.Context, *, webhook_id: UUID) -> None:
    """End the webhook ID."""
    from ttp.core.access import OPERATOR
    from ttp.services.events.manage_webhooks import remove_webhook

    center = center_of(ctx)
    center.work.run(lambda tx: remove_webhook(center, tx, OPERATOR, webhook_id=webhook_id))
    click.echo("Nothing more is sent.")


@webhook.command()
@click.argument("webhook_id", type=click.UUID, metavar="ID")
@click.pass_context
def pause(ctx: click.Context, *, webhook_id: UUID) -> None:
    """Send nothing to the webhook ID until it is resumed; events wait."""
    from ttp.core.access import OPERATOR
    from ttp.services.events.manage_webhooks import pause_webhook

    center = center_of(ctx)
    center.work.run(lambda tx: pause_webhook(center, tx, OPERATOR, webhook_id=webhook_id))
    click.echo("Nothing is sent until it is resumed.")


@webhook.command()
@click.argument("webhook_id", type=click.UUID, metavar="ID")
@click.pass_context
def resume(ctx: click.Context, *, webhook_id: UUID) -> None:
    """Go on with the webhook ID at the event that could not be delivered."""
    from ttp.core.access import OPERATOR
    from ttp.services.events.manage_webhooks import resume_webhook

    center = center_of(ctx)
    center.work.run(lambda tx: resume_webhook(center, tx, OPERATOR, webhook_id=webhook_id))
    click.echo("The next try is made at once.")


@webhook.command()
@click.argument("webhook_id", type=click.UUID, metavar="ID")
@click.pass_context
def test(ctx: click.Context, *, webhook_id: UUID) -> None:
    """Send one message of the kind 'test' to the webhook ID now."""
    from ttp.core.access import OPERATOR
    from ttp.core.webhooks import Targets
    from ttp.peering.webhooks import HttpWebhookSender
    from ttp.services.events.deliver_webhooks import try_webhook

    center = center_of(ctx)
    sender = HttpWebhookSender(Targets(settings_of(ctx).webhook_targets))
    outcome = try_webhook(center, sender, OPERATOR, webhook_id=webhook_id)
    click.echo(outcome.reason)
    if not outcome.delivered:
        ctx.exit(1)
