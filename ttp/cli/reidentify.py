"""``ttp re-identify``: ask for re-identification, carry out what was approved, or break the glass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person

if TYPE_CHECKING:
    from ttp.core.center import Center
    from ttp.services.pseudonyms.reidentify import Told

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PSEUDONYMS = click.argument("pseudonyms", type=_FILE)


@click.group()
def reidentify() -> None:
    """Re-identification: who stands behind pseudonyms; by two persons, or in an emergency by one."""


@reidentify.command()
@click.argument("domain")
@_PSEUDONYMS
@click.option("--purpose", required=True, help="Stands in the audit log; name no person in it.")
@click.option("--reason", required=True, help="For the person who decides; kept sealed.")
@click.option("--hours", type=click.IntRange(1, 168), default=24, show_default=True)
@as_person
@click.pass_context
def request(
    ctx: click.Context,
    *,
    domain: str,
    pseudonyms: Path,
    purpose: str,
    reason: str,
    hours: int,
    account: str | None,
) -> None:
    """Ask to learn who stands behind the pseudonyms in a file, one a line, at most 1,000."""
    from ttp.services.pseudonyms.reidentify import request_reidentification

    center = center_of(ctx)
    actor = acting(center, account)
    asked = center.work.run(
        lambda tx: request_reidentification(
            center,
            tx,
            actor,
            domain=domain,
            pseudonyms=_lines(pseudonyms),
            purpose=purpose,
            reason=reason,
            use_hours=hours,
        )
    )
    click.echo("This waits for another person: ttp approval approve ID", err=True)
    click.echo(asked.id)


@reidentify.command("carry-out")
@click.argument("approval_id", metavar="ID", type=click.UUID)
@as_person
@click.pass_context
def carry_out(ctx: click.Context, *, approval_id: UUID, account: str | None) -> None:
    """Print what stands behind the pseudonyms of the approved request ID; once."""
    from ttp.services.pseudonyms.reidentify import carry_out_reidentification

    center = center_of(ctx)
    actor = acting(center, account)
    told = center.work.run(
        lambda tx: carry_out_reidentification(center, tx, actor, approval_id=approval_id)
    )
    _print(center, told)


@reidentify.command("break-glass")
@click.argument("domain")
@_PSEUDONYMS
@click.option("--reason", required=True, help="For the person who reviews it; kept sealed.")
@as_person
@click.pass_context
def emergency(
    ctx: click.Context, *, domain: str, pseudonyms: Path, reason: str, account: str | None
) -> None:
    """In an emergency: re-identify at once, alone, at most 100; another person must review it."""
    from ttp.services.access.break_glass import break_glass

    center = center_of(ctx)
    actor = acting(center, account)
    wanted = _lines(pseudonyms)
    told = center.work.run(
        lambda tx: break_glass(center, tx, actor, domain=domain, pseudonyms=wanted, reason=reason)
    )
    _print(center, told)
    click.echo("Another person must review this within 72 hours.", err=True)


def _print(center: Center, told: Told) -> None:
    """One JSON line a pseudonym, once a checkpoint covers the leaf."""
    import json

    from ttp.core.reidentification import Revealed
    from ttp.services.pseudonyms.reidentify import cover

    cover(center, told.leaf)
    for one in told.answers:
        line = (
            {
                "pseudonym": one.pseudonym,
                "originals": list(one.originals),
                "identities": [dict(data) for data in one.identities],
            }
            if isinstance(one, Revealed)
            else {"error": one.code}
        )
        click.echo(json.dumps(line, ensure_ascii=False))


def _lines(file: Path) -> list[str]:
    return [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
