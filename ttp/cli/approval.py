"""``ttp approval``: list, show, approve, refuse and withdraw what needs a second person."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person

if TYPE_CHECKING:
    from ttp.core.approvals import Approval

STATES = ("open", "approved", "carried-out", "refused", "withdrawn", "expired")
COMMENTS = (
    "danger",
    "law",
    "wish",
    "finding",
    "disproportionate",
    "wrong-person",
    "no-reason",
    "other",
)
_COMMENT = click.option(
    "--comment", type=click.Choice(COMMENTS), help="Why, as a code; reviews need one."
)


@click.group()
def approval() -> None:
    """Approvals: what one person asks for and another one agrees to."""


@approval.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those that stand so.")
@click.option("--kind", help="Only this kind, such as re-identification.")
@click.option("--requested-by", help="Only what this person or client asked for.")
@click.option("--before", type=click.UUID, help="The last one of the page before.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.pass_context
def list_requests(
    ctx: click.Context,
    *,
    state: str | None,
    kind: str | None,
    requested_by: str | None,
    before: UUID | None,
    limit: int,
) -> None:
    """List requests, newest first."""
    from ttp.core.access import OPERATOR
    from ttp.core.approvals import ApprovalFilter, ApprovalKind, ApprovalState
    from ttp.services.approvals.read_approvals import list_approvals

    if kind is not None and kind not in set(ApprovalKind):
        raise click.UsageError(f"A kind is one of: {', '.join(sorted(ApprovalKind))}.")
    wanted = ApprovalFilter(
        ApprovalState(state) if state else None,
        ApprovalKind(kind) if kind else None,
        requested_by,
        before=before,
    )
    with center_of(ctx).work.begin(write=False) as tx:
        page = list_approvals(tx, OPERATOR, wanted, limit=limit)
    print_columns(
        ("id", "kind", "state", "asked by", "until", "about"),
        [_row(one) for one in page.approvals],
    )
    if page.before:
        click.echo(f"More: --before {page.before}", err=True)


@approval.command()
@click.argument("approval_id", metavar="ID", type=click.UUID)
@click.pass_context
def show(ctx: click.Context, *, approval_id: UUID) -> None:
    """Show the request ID: what would happen, who asked and why."""
    from ttp.core.access import OPERATOR
    from ttp.services.approvals.read_approvals import show_approval

    center = center_of(ctx)
    found, kept = center.work.run(
        lambda tx: show_approval(center, tx, OPERATOR, approval_id=approval_id), write=False
    )
    facts = {
        "id": found.id,
        "kind": found.kind.value,
        "state": found.state.value,
        **found.subject,
        "asked by": f"{found.requested_by}, {found.requested_at:%Y-%m-%d %H:%M}",
        "until": _until(found),
        "decided by": found.decided_by or "-",
        "comment": found.comment.value if found.comment else "-",
        **kept,
    }
    print_columns(("what", ""), list(facts.items()))


@approval.command()
@click.argument("approval_id", metavar="ID", type=click.UUID)
@_COMMENT
@as_person
@click.pass_context
def approve(
    ctx: click.Context, *, approval_id: UUID, comment: str | None, account: str | None
) -> None:
    """Agree to the request ID, as another person than the one who asked."""
    _decide(ctx, approval_id, account, comment, agree=True)


@approval.command()
@click.argument("approval_id", metavar="ID", type=click.UUID)
@_COMMENT
@as_person
@click.pass_context
def refuse(
    ctx: click.Context, *, approval_id: UUID, comment: str | None, account: str | None
) -> None:
    """Turn the request ID down."""
    _decide(ctx, approval_id, account, comment, agree=False)


@approval.command()
@click.argument("approval_id", metavar="ID", type=click.UUID)
@as_person
@click.pass_context
def withdraw(ctx: click.Context, *, approval_id: UUID, account: str | None) -> None:
    """Take back your own request ID."""
    from ttp.services.approvals.decide_approval import withdraw_approval

    center = center_of(ctx)
    done = withdraw_approval(center, acting(center, account), approval_id=approval_id)
    click.echo(f"{done.kind.value}: {done.state.value}")


def _decide(
    ctx: click.Context, approval_id: UUID, account: str | None, comment: str | None, *, agree: bool
) -> None:
    from ttp.connecting import connect
    from ttp.core.approvals import Comment
    from ttp.services.approvals.decide_approval import decide_approval

    center = center_of(ctx)
    decided = decide_approval(
        center,
        connect(center),
        acting(center, account),
        approval_id=approval_id,
        approve=agree,
        comment=Comment(comment) if comment else None,
    )
    click.echo(f"{decided.kind.value}: {decided.state.value}")


def _row(one: Approval) -> tuple[object, ...]:
    about = " ".join(f"{name}={value}" for name, value in one.subject.items())
    return (one.id, one.kind.value, one.state.value, one.requested_by, _until(one), about)


def _until(one: Approval) -> str:
    return f"{one.expires_at:%Y-%m-%d %H:%M}" if one.expires_at else "-"
