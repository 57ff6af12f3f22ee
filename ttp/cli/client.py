"""``ttp client``: admit, list and revoke programs that call the API, their keys and their grants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of

if TYPE_CHECKING:
    from ttp.core.center import Center

ROLES = ("pipeline", "site", "researcher", "auditor")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def client() -> None:
    """Clients: programs that call the API with a key."""


@client.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--domain", "domains", multiple=True, help="Domain it may use; repeatable.")
@click.option("--project", "projects", multiple=True, help="Limit it to this project; repeatable.")
@click.option("--no-resolve", is_flag=True, help="A pipeline without the grant to resolve.")
@click.option("--expires", type=_DAY, help="Last day of its first key; a year if left out.")
@click.pass_context
def create(
    ctx: click.Context,
    *,
    name: str,
    role: str,
    domains: tuple[str, ...],
    projects: tuple[str, ...],
    no_resolve: bool,
    expires: datetime | None,
) -> None:
    """Admit the client NAME; its first API key alone is printed, and cannot be shown again."""
    from ttp.core.access import OPERATOR, Role
    from ttp.services.access.admit_client import admit_client

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
            projects=projects or None,
            expires_at=_end(expires),
        )
    )
    _tell(key)
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
            "any" if each.projects is None else ",".join(sorted(each.projects)) or "-",
            f"{each.created_at:%Y-%m-%d}",
            f"revoked {each.revoked_at:%Y-%m-%d}" if each.revoked_at else "active",
        )
        for each in clients
    ]
    print_columns(("name", "role", "domains", "projects", "since", "state"), rows)


@client.command()
@click.argument("name")
@click.pass_context
def revoke(ctx: click.Context, *, name: str) -> None:
    """End the access of the client NAME from its next request on."""
    from ttp.core.access import OPERATOR
    from ttp.services.access.admit_client import revoke_client

    center = center_of(ctx)
    center.work.run(lambda tx: revoke_client(center, tx, OPERATOR, name=name))
    click.echo(f"The client '{name}' has no access any more.")


@client.group()
def key() -> None:
    """Keys: a client may hold several, so that one replaces another without a gap."""


@key.command()
@click.argument("name")
@click.option("--label", required=True, help="What the key is called in lists.")
@click.option("--expires", type=_DAY, help="Last day of the key; a year if left out.")
@click.option("--right", "rights", multiple=True, help="Only this right; repeatable.")
@click.option("--domain", "domains", multiple=True, help="Only in this domain; repeatable.")
@click.pass_context
def issue(
    ctx: click.Context,
    *,
    name: str,
    label: str,
    expires: datetime | None,
    rights: tuple[str, ...],
    domains: tuple[str, ...],
) -> None:
    """Give the client NAME one more key, which alone is printed; its other keys go on working."""
    from ttp.core.access import OPERATOR, Right
    from ttp.services.access.issue_api_key import issue_api_key

    unknown = set(rights) - set(Right)
    if unknown:
        raise click.BadParameter(f"There is no right {', '.join(sorted(unknown))}.")
    center = center_of(ctx)
    secret, _ = center.work.run(
        lambda tx: issue_api_key(
            center,
            tx,
            OPERATOR,
            client=name,
            label=label,
            expires_at=_end(expires),
            rights=[Right(right) for right in rights] or None,
            domains=domains or None,
        )
    )
    _tell(secret)


@key.command("list")
@click.argument("name", required=False)
@click.pass_context
def list_keys(ctx: click.Context, *, name: str | None) -> None:
    """List the keys of the client NAME, or of all."""
    from ttp.core.access import OPERATOR
    from ttp.services.access.issue_api_key import list_api_keys

    center = center_of(ctx)
    now = center.clock.now()
    with center.work.begin(write=False) as tx:
        found = list_api_keys(tx, OPERATOR, client=name)
    rows = [
        (
            each.client,
            each.key.label,
            _scope(each.key.scope.rights),
            _scope(each.key.scope.domains),
            each.key.last_used.isoformat() if each.key.last_used else "never",
            each.key.created_by,
            f"{each.key.expires_at:%Y-%m-%d}",
            each.key.state(at=now),
        )
        for each in found
    ]
    headings = ("client", "key", "rights", "domains", "last used", "by", "expires", "state")
    print_columns(headings, rows)


@key.command("revoke")
@click.argument("name")
@click.argument("label")
@click.pass_context
def revoke_key(ctx: click.Context, *, name: str, label: str) -> None:
    """End the key LABEL of the client NAME from its next request on."""
    from ttp.core.access import OPERATOR
    from ttp.services.access.issue_api_key import revoke_api_key

    center = center_of(ctx)
    center.work.run(lambda tx: revoke_api_key(center, tx, OPERATOR, client=name, label=label))
    click.echo(f"The key '{label}' of '{name}' opens nothing any more.")


@client.group()
def grant() -> None:
    """Grants: standing permissions to resolve, with a budget a day."""


@grant.command("list")
@click.pass_context
def list_grants(ctx: click.Context) -> None:
    """List all grants with what was used of them today."""
    from ttp.core.access import OPERATOR
    from ttp.services.access.end_grant import list_grants as listed

    center = center_of(ctx)
    now = center.clock.now()
    with center.work.begin(write=False) as tx:
        found = listed(center, tx, OPERATOR)
    rows = [
        (
            str(each.grant.id),
            each.client,
            each.domain,
            f"{each.used}/{each.grant.daily_budget}",
            ",".join(each.grant.approved_by),
            f"{each.grant.expires_at:%Y-%m-%d}",
            "stands" if now < each.grant.expires_at else "ended",
        )
        for each in found
    ]
    print_columns(("id", "client", "domain", "today", "by", "expires", "state"), rows)


@grant.command("revoke")
@click.argument("grant_id", type=click.UUID, metavar="ID")
@click.pass_context
def revoke_grant(ctx: click.Context, *, grant_id: UUID) -> None:
    """Let the grant ID end now."""
    from ttp.core.access import OPERATOR
    from ttp.services.access.end_grant import end_grant

    center = center_of(ctx)
    ended = center.work.run(lambda tx: end_grant(center, tx, OPERATOR, grant_id=grant_id))
    click.echo(f"'{ended.client}' may not resolve in '{ended.domain}' by this grant any more.")


def _end(last_day: datetime | None) -> datetime | None:
    """The end of a day in UTC."""
    return last_day.replace(tzinfo=UTC) + timedelta(days=1) if last_day else None


def _scope(names: frozenset[str] | None) -> str:
    return "all" if names is None else ",".join(sorted(names))


def _tell(secret: str) -> None:
    click.echo(secret)
    click.echo("Keep this key: it is stored as a digest only and not shown again.", err=True)


def _tell_waiting(center: Center, name: str) -> None:
    from ttp.services.access.request_grant import grants_waiting

    for one in center.work.run(lambda tx: grants_waiting(tx, client=name), write=False):
        domain = one.subject["domain"]
        click.echo(
            f"Resolving in '{domain}' waits for a second person: ttp approval approve {one.id}",
            err=True,
        )
