"""``ttp keys revoke`` and ``ttp keys statements``: what this center tells others of its keys."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of, home_of
from ttp.cli.persons import acting, as_person


@click.command()
@click.argument("purpose", type=click.Choice(("signing",)))
@as_person
@click.confirmation_option(
    prompt="Every peer stops trusting this center until two persons there pin its new key. Go on?"
)
@click.pass_context
def revoke(ctx: click.Context, *, purpose: str, account: str | None) -> None:
    """Revoke the PURPOSE key, because somebody else may have it: peers end their trust at once."""
    del purpose
    from ttp.connecting import connect
    from ttp.initializing import write_trust
    from ttp.services.log.export_audit import sequence_now
    from ttp.services.peers.announce_keys import tell_peers
    from ttp.services.peers.revoke_signing_key import revoke_signing_key

    center = center_of(ctx)
    actor = acting(center, account)
    said = revoke_signing_key(center, actor).statement
    told = tell_peers(center, connect(center))
    write_trust(home_of(ctx), center)
    sequence_now(center)
    click.echo(f"Key {said.old_key.key_id} is revoked; {told} peers know, the others will ask.")
    click.echo(f"New key: {said.new_key.key_id if said.new_key else '-'}")


@click.command()
@click.option("--peer", help="Those of this peer, as far as they were accepted.")
@click.pass_context
def statements(ctx: click.Context, *, peer: str | None) -> None:
    """List the statements by which this center's signing and transport keys follow each other."""
    center = center_of(ctx)
    known = center.work.run(lambda tx: tx.statements.of(peer or center.name), write=False)
    rows = [
        (
            said.sequence,
            said.kind.value,
            moment(said.issued * 1000),
            moment(said.overlap_until * 1000),
            said.old_key.key_id,
            said.new_key.key_id if said.new_key else (said.transport_key or b"").hex(),
        )
        for said in (one.statement for one in known)
    ]
    print_columns(("number", "kind", "issued", "old until", "old key", "new key"), rows)


def moment(milliseconds: int | None) -> str:
    """A time of the keyring (Unix milliseconds) as tables show it."""
    if milliseconds is None:
        return "-"
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M}"
