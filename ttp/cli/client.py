"""``ttp client``: admit, list and revoke programs that call the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of

if TYPE_CHECKING:
    from ttp.core.center import Center

ROLES = ("pipeline", "site", "researcher", "auditor")


@click.group()
def client() -> None:
    """Clients: programs that call the API with a key."""


@client.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--domain", "domains", multiple=True, help="Domain it may use; repeatable.")
@click.option("--no-resolve", is_flag=True, help="A pipeline without the grant to resolve.")
@click.pass_context
def create(
    ctx: click.Context, *, name: str, role: str, domains: tuple[str, ...], no_resolve: bool
) -> None:
    """Admit the client NAME; its API key alone is printed, and cannot be shown again."""
    from ttp.core.access import OPERATOR, Role
    from ttp.services.admit_client import admit_client

    center = center_of(ctx)
    key = center.work.run(
        lambda tx: admit_client(
            center,
            tx,
            OPERATOR,
            name=name,
            role=Role(role),
            domains=domains,
            resolve=not no_resolve,
        )
    )
    click.echo(key)
    click.echo("Keep this key: it is stored as a digest only and not shown again.", err=True)
    _tell_waiting(center, name)


@client.command("list")
@click.pass_context
def list_clients(ctx: click.Context) -> None:
    """List all clients."""
    with center_of(ctx).work.begin(write=False) as tx:
        clients = tx.clients.all()
    rows = [
        (
            each.name,
            each.role.value,
            ",".join(sorted(each.domains)) or "-",
            f"{each.created_at:%Y-%m-%d}",
            f"revoked {each.revoked_at:%Y-%m-%d}" if each.revoked_at else "active",
        )
        for each in clients
    ]
    print_columns(("name", "role", "domains", "since", "state"), rows)


@client.command()
@click.argument("name")
@click.pass_context
def revoke(ctx: click.Context, *, name: str) -> None:
    """End the access of the client NAME from its next request on."""
    from ttp.core.access import OPERATOR
    from ttp.services.admit_client import revoke_client

    center = center_of(ctx)
    center.work.run(lambda tx: revoke_client(center, tx, OPERATOR, name=name))
    click.echo(f"The client '{name}' has no access any more.")


def _tell_waiting(center: Center, name: str) -> None:
    from ttp.services.request_grant import grants_waiting

    for one in center.work.run(lambda tx: grants_waiting(tx, client=name), write=False):
        domain = one.subject["domain"]
        click.echo(
            f"Resolving in '{domain}' waits for a second person: ttp approval approve {one.id}",
            err=True,
        )
