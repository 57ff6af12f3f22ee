"""``ttp linkage``: share a project's secret, submit, link, fetch; each works beside a running server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person
from ttp.cli.stages import stages

if TYPE_CHECKING:
    from ttp.core.tasks import TaskKind


@click.group()
def linkage() -> None:
    """Linkage between centers: secret, submission, run, project pseudonyms."""


@linkage.group()
def secret() -> None:
    """The linkage secret of a project."""


@secret.command()
@click.argument("project")
@click.option("--anew", is_flag=True, help="Draw the next version; all sites submit again.")
@as_person
@click.pass_context
def send(ctx: click.Context, *, project: str, anew: bool, account: str | None) -> None:
    """Draw the secret of PROJECT if need be, send it to every other site, announce it where it is linked."""
    from ttp.connecting import connect
    from ttp.services.projects.send_linkage_secret import send_linkage_secret

    center = center_of(ctx)
    actor = acting(center, account)
    with stages() as progress:
        sent = send_linkage_secret(
            center, connect(center), actor, project_name=project, anew=anew, progress=progress
        )
    rows = [(site, error or "taken in") for site, error in sent.sites.items()]
    print_columns(("site", "secret"), rows)
    print_columns(("linking center", "version"), [(sent.linker, sent.announced or "announced")])
    if any(sent.sites.values()) or sent.announced:
        ctx.exit(1)


@secret.command("rotate")
@click.argument("project")
@as_person
@click.pass_context
def rotate(ctx: click.Context, *, project: str, account: str | None) -> None:
    """Draw the next secret of PROJECT and send it; all sites submit again before the next run."""
    ctx.invoke(send, project=project, anew=True, account=account)


@linkage.command()
@click.argument("project")
@as_person
@click.pass_context
def submit(ctx: click.Context, *, project: str, account: str | None) -> None:
    """Encode and submit the patients that PROJECT may use."""
    from ttp.core.tasks import TaskKind

    _print(_run(ctx, TaskKind.SUBMISSION, project, account))


@linkage.command()
@click.argument("project")
@as_person
@click.pass_context
def run(ctx: click.Context, *, project: str, account: str | None) -> None:
    """Link what the sites submitted to PROJECT."""
    from ttp.core.tasks import TaskKind

    _print(_run(ctx, TaskKind.LINKAGE_RUN, project, account))


@linkage.command()
@click.argument("project")
@click.option(
    "--secondaries", type=click.IntRange(0, 100), default=0, help="Further pseudonyms of each."
)
@as_person
@click.pass_context
def fetch(ctx: click.Context, *, project: str, secondaries: int, account: str | None) -> None:
    """Fetch the project pseudonyms of what this site submitted to PROJECT."""
    from ttp.connecting import connect
    from ttp.services.projects.fetch_project_pseudonyms import fetch_project_pseudonyms

    center = center_of(ctx)
    actor = acting(center, account)
    with stages() as progress:
        counts = fetch_project_pseudonyms(
            center,
            connect(center),
            actor,
            project_name=project,
            secondaries=secondaries,
            progress=progress,
        )
    _print(counts)


@linkage.command()
@click.argument("project")
@click.pass_context
def tasks(ctx: click.Context, *, project: str) -> None:
    """List submissions, runs and fetches of PROJECT, the newest first."""
    center = center_of(ctx)
    known = center.work.run(lambda tx: tx.tasks.of_project(project), write=False)
    print_columns(
        ("task", "state", "requested", "by", "stage", "done"),
        [
            (
                one.kind.value,
                one.error or one.state.value,
                f"{one.requested_at:%Y-%m-%d %H:%M}",
                one.requested_by,
                one.stage,
                f"{one.done}/{one.total}",
            )
            for one in known
        ],
    )


def _run(
    ctx: click.Context, kind: TaskKind, project: str, account: str | None
) -> Mapping[str, int]:
    from ttp.connecting import connect
    from ttp.services.work.run_task import do_task

    center = center_of(ctx)
    actor = acting(center, account)
    with stages() as progress:
        return do_task(
            center, connect(center), actor, kind=kind, project_name=project, progress=progress
        )


def _print(counts: Mapping[str, int]) -> None:
    print_columns(("what", "count"), [(name, f"{value:,}") for name, value in counts.items()])
