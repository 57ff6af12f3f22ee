"""``ttp project``: propose, approve, announce, refuse, end and list data use projects."""

from __future__ import annotations

from datetime import UTC, datetime, time

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person


@click.group()
def project() -> None:
    """Projects: approved purposes for which sites may link."""


@project.command()
@click.argument("name")
@click.option("--purpose", required=True, help="For what the data are used, in a sentence.")
@click.option("--site", "sites", multiple=True, required=True, help="A center that submits.")
@click.option("--linking-center", help="The center that links; this one if left out.")
@click.option("--secret-holder", help="The site that draws the secret; the first if left out.")
@click.option("--schema", default="default", show_default=True, help="Linkage schema.")
@click.option("--policy", "policies", multiple=True, help="Consent policy that is required.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day.")
@as_person
@click.pass_context
def propose(
    ctx: click.Context,
    *,
    name: str,
    purpose: str,
    sites: tuple[str, ...],
    linking_center: str | None,
    secret_holder: str | None,
    schema: str,
    policies: tuple[str, ...],
    expires: datetime,
    account: str | None,
) -> None:
    """Propose project NAME; a second person approves it."""
    from ttp.services.projects.propose_project import propose_project, terms_from

    center = center_of(ctx)
    terms = terms_from(
        {
            "name": name,
            "purpose": purpose,
            "sites": sites,
            "linking_center": linking_center or center.name,
            "secret_holder": secret_holder or sites[0],
            "schema": schema,
            "policies": policies,
            "expires_at": datetime.combine(expires, time.max, UTC).isoformat(),
        }
    )
    actor = acting(center, account)
    center.work.run(lambda tx: propose_project(center, tx, actor, terms))
    click.echo(f"Project {name} waits for a second person.")


@project.command()
@click.argument("name")
@as_person
@click.pass_context
def approve(ctx: click.Context, *, name: str, account: str | None) -> None:
    """Approve project NAME; its pseudonym domain is made with it."""
    from ttp.services.projects.propose_project import approve_project

    center = center_of(ctx)
    actor = acting(center, account)
    approved = center.work.run(lambda tx: approve_project(center, tx, actor, name=name))
    click.echo(f"Project {name} is approved until {approved.terms.expires_at:%Y-%m-%d}.")


@project.command()
@click.argument("name")
@as_person
@click.pass_context
def refuse(ctx: click.Context, *, name: str, account: str | None) -> None:
    """Refuse the proposed project NAME."""
    from ttp.services.projects.propose_project import refuse_project

    center = center_of(ctx)
    actor = acting(center, account)
    center.work.run(lambda tx: refuse_project(center, tx, actor, name=name))
    click.echo(f"Project {name} is refused.")


@project.command()
@click.argument("name")
@as_person
@click.pass_context
def announce(ctx: click.Context, *, name: str, account: str | None) -> None:
    """Offer the approved project NAME to its sites, whose own persons decide."""
    from ttp.connecting import connect
    from ttp.services.projects.announce_project import announce_project

    center = center_of(ctx)
    actor = acting(center, account)
    announced = announce_project(center, connect(center), actor, project_name=name)
    print_columns(
        ("site", "answer"),
        [(site, error or "taken in; waits there") for site, error in announced.items()],
    )
    ctx.exit(1 if any(announced.values()) else 0)


@project.command()
@click.argument("name")
@as_person
@click.pass_context
def end(ctx: click.Context, *, name: str, account: str | None) -> None:
    """End the approved project NAME before it expires."""
    from ttp.services.projects.propose_project import end_project

    center = center_of(ctx)
    actor = acting(center, account)
    center.work.run(lambda tx: end_project(center, tx, actor, name=name))
    click.echo(f"Project {name} has ended.")


@project.command("list")
@click.pass_context
def list_projects(ctx: click.Context) -> None:
    """List the projects this center takes part in."""
    with center_of(ctx).work.begin(write=False) as tx:
        projects = tx.projects.all()
    rows = [
        (
            each.name,
            each.state.value,
            ",".join(each.terms.sites),
            each.terms.linking_center,
            f"{each.terms.expires_at:%Y-%m-%d}",
        )
        for each in projects
    ]
    print_columns(("name", "state", "sites", "links", "until"), rows)
