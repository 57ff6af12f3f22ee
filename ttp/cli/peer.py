"""``ttp peer``: show this center's card, propose, trust, revoke and list peers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of, home_of
from ttp.cli.persons import acting, as_person

if TYPE_CHECKING:
    from ttp.core.center import Center
    from ttp.core.names import LeafId
    from ttp.core.peer_logs import AnnouncedRestore, PeerLog


@click.group()
def peer() -> None:
    """Peers: other trust centers, trusted by two persons."""


@peer.command()
@click.pass_context
def card(ctx: click.Context) -> None:
    """Print what this center says of itself, to be given to peers."""
    from ttp.services.peers.describe_trust import describe_trust

    click.echo(json.dumps(describe_trust(center_of(ctx)), indent=2))


@peer.command()
@click.argument("source", metavar="FILE|URL")
@click.option("--no-witness", is_flag=True, help="It does not co-sign this center's checkpoints.")
@as_person
@click.pass_context
def propose(ctx: click.Context, *, source: str, no_witness: bool, account: str | None) -> None:
    """Propose the center whose card lies in FILE or is told at URL; compare its key ID on another channel."""
    from ttp.core.peers import PeerCard
    from ttp.services.peers.propose_peer import propose_peer

    center = center_of(ctx)
    read = PeerCard.read(_card(source))
    actor = acting(center, account)
    made = center.work.run(
        lambda tx: propose_peer(center, tx, actor, card=read, witness=not no_witness)
    )
    click.echo(f"{made.name} at {made.url} waits for a second person.")
    click.echo(f"Key ID: {made.key.key_id}")


@peer.command()
@click.argument("name")
@as_person
@click.pass_context
def trust(ctx: click.Context, *, name: str, account: str | None) -> None:
    """Trust the proposed center NAME, after its key ID was compared."""
    from ttp.services.peers.trust_peer import trust_peer

    center = center_of(ctx)
    actor = acting(center, account)
    made, leaf = center.work.run(lambda tx: trust_peer(center, tx, actor, name=name))
    _finish(ctx, center, leaf)
    click.echo(f"{made.name} is trusted with key {made.key.key_id}.")


@peer.command()
@click.argument("name")
@as_person
@click.pass_context
def refuse(ctx: click.Context, *, name: str, account: str | None) -> None:
    """Turn the proposed center NAME down."""
    from ttp.services.peers.trust_peer import trust_peer

    center = center_of(ctx)
    actor = acting(center, account)
    _, leaf = center.work.run(lambda tx: trust_peer(center, tx, actor, name=name, approve=False))
    _finish(ctx, center, leaf)
    click.echo(f"{name} is not trusted.")


@peer.command()
@click.argument("name")
@as_person
@click.pass_context
def revoke(ctx: click.Context, *, name: str, account: str | None) -> None:
    """End the trust in NAME and its key at once; the key is never trusted again."""
    from ttp.services.peers.trust_peer import revoke_peer

    center = center_of(ctx)
    actor = acting(center, account)
    leaf = center.work.run(lambda tx: revoke_peer(center, tx, actor, name=name))
    _finish(ctx, center, leaf)
    click.echo(f"{name} is revoked.")


@peer.command("list")
@click.pass_context
def list_peers(ctx: click.Context) -> None:
    """List all peers."""
    from ttp.services.peers.require_witnessed import peer_log, unwitnessed_peers

    center = center_of(ctx)
    with center.work.begin(write=False) as tx:
        known = [
            (one, peer_log(tx, one), tx.peer_logs.announced(one.name)) for one in tx.peers.all()
        ]
        late = unwitnessed_peers(center, tx)
    print_columns(
        ("name", "state", "witness", "its log witnessed", "url", "key"),
        [
            (
                one.name,
                one.state.value,
                "yes" if one.witness else "no",
                _log_told(log, announced, late=one.name in late),
                one.url,
                one.key.key_id,
            )
            for one, log, announced in known
        ],
    )


@peer.command("accept-restore")
@click.argument("name")
@as_person
@click.pass_context
def accept_restore(ctx: click.Context, *, name: str, account: str | None) -> None:
    """Accept that the log of NAME begins anew at the checkpoint it announced; two persons do."""
    from ttp.services.peers.accept_peer_restore import accept_peer_restore

    center = center_of(ctx)
    actor = acting(center, account)
    announced, leaf = center.work.run(lambda tx: accept_peer_restore(center, tx, actor, name=name))
    click.echo(f"{name} begins anew at {announced.size} entries, root {announced.root.hex()}.")
    if leaf is None:
        click.echo("A second person has to accept it, too, within 24 hours.")
        return
    _finish(ctx, center, leaf)
    click.echo("Accepted: its log is witnessed from there on.")


def _log_told(log: PeerLog, announced: AnnouncedRestore | None, *, late: bool) -> str:
    if announced is not None:
        return f"restore announced at {announced.size}"
    if not log.witness:
        return "too old" if late else "not yet"
    told = f"{log.cosigned_at:%Y-%m-%d %H:%M} by {log.witness}"
    return f"{told}, too old" if late else told


def _card(source: str) -> Any:
    """The JSON document in a file, or at a center's public URL.

    Raises:
        click.UsageError: it cannot be read.
    """
    try:
        if not source.startswith(("http://", "https://")):
            return json.loads(Path(source).read_text("utf-8"))
        import httpx

        answer = httpx.get(f"{source.rstrip('/')}/api/v1/trust", timeout=10, trust_env=False)
        return answer.raise_for_status().json()
    except json.JSONDecodeError as error:
        raise click.UsageError("The card is not JSON.") from error
    except Exception as error:
        if type(error).__module__.startswith("httpx"):
            raise click.UsageError("No center answers at this URL.") from error
        raise


def _finish(ctx: click.Context, center: Center, leaf: LeafId) -> None:
    """Let a checkpoint cover a grave act, by the running worker or here, and write the trust file anew."""
    from ttp.initializing import write_trust
    from ttp.services.log.sequence_leaves import await_checkpoint, sequence_waiting

    write_trust(home_of(ctx), center)
    sequence_waiting(center, holder="command line")
    await_checkpoint(center, leaf)
