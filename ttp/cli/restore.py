"""``ttp restore``: show what an older database or keyring lacks, and let two persons accept it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person

if TYPE_CHECKING:
    from ttp.core.center import Center
    from ttp.core.restores import Restored

REASONS = ("hardware", "software", "mistake", "attack", "drill")


@click.group()
def restore() -> None:
    """Restore: a center that does not serve because something older was put back."""


@restore.command()
@click.pass_context
def show(ctx: click.Context) -> None:
    """Show what contradicts the database: the home, the keyring, the peers."""
    center = center_of(ctx)
    seen = _seen(center)
    for line in _told(seen):
        click.echo(line)
    open_one = center.work.run(lambda tx: tx.restores.newest(), write=False)
    if open_one is not None and open_one.waits(digest=seen.digest, at=center.clock.now()):
        click.echo(f"{open_one.requested_by} has accepted it; a second person is missing.")


@restore.command()
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Why it was put back.")
@as_person
@click.pass_context
def accept(ctx: click.Context, *, reason: str, account: str | None) -> None:
    """Accept what 'show' shows, for good; the second person makes it so."""
    from ttp.core.restores import RestoreReason
    from ttp.services.log.accept_restore import accept_restore

    center = center_of(ctx)
    center.standing.overrule()
    seen = _seen(center)
    for line in _told(seen):
        click.echo(line)
    actor = acting(center, account)
    done = accept_restore(center, actor, seen=seen, reason=RestoreReason(reason))
    if done.accepted_at is None:
        click.echo("A second person has to accept exactly this, too, within 24 hours.")
    else:
        click.echo("Accepted. The center can be served; peers have to accept it for their part.")


def _seen(center: Center) -> Restored:
    from ttp.connecting import connect
    from ttp.services.log.accept_restore import look_at_restore

    return look_at_restore(center, connect(center))


def _told(seen: Restored) -> list[str]:
    newest = f", the newest of {seen.newest_at:%Y-%m-%d %H:%M} UTC" if seen.newest_at else ""
    lines = [f"The log of this database has {seen.size} sequenced entries{newest}."]
    lines += [f"{finding.code}: {finding.error.detail}" for finding in seen.findings]
    for known in seen.lost:
        shown = f"shown by {known.witness}" if known.witness else "kept in the home"
        lost = max(0, known.size - seen.size)
        shown += f", co-signed {known.at:%Y-%m-%d %H:%M} UTC" if known.at else ""
        lines.append(f"A checkpoint of {known.size} entries is {shown}: {lost} more than here.")
    lines += [
        f"Its key was destroyed, its rows are gone for good: {key}." for key in seen.keys_gone
    ]
    if seen.unheard:
        lines.append(
            f"Not heard, and asked again when the center serves: {', '.join(seen.unheard)}."
        )
    if not seen.findings:
        lines.append("Nothing contradicts it.")
    return lines
