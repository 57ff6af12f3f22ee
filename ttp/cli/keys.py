"""``ttp keys``: list, rotate, back up and destroy keys; no key is ever shown."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of
from ttp.cli.key_statements import moment, revoke, statements
from ttp.cli.persons import acting, as_person

if TYPE_CHECKING:
    from ttp.core.rotation import Rotation

PURPOSES = ("index", "seal", "match", "audit", "client", "session", "signing", "transport")
ANNOUNCED = ("signing", "transport")


@click.group()
def keys() -> None:
    """Keys: versions of every purpose, domain and population; their rotation and destruction."""


@keys.command("list")
@click.option("--scope", help="Only those of this domain or 'population:NAME'.")
@click.pass_context
def list_keys(ctx: click.Context, *, scope: str | None) -> None:
    """List all key versions with their states."""
    infos = center_of(ctx).keyring.all_versions()
    rows = [
        (
            info.domain or "-",
            info.purpose.value,
            info.version,
            info.state.value,
            moment(info.created_ms),
            moment(info.destroyed_ms),
        )
        for info in infos
        if scope is None or info.domain == scope
    ]
    print_columns(("scope", "purpose", "version", "state", "made", "destroyed"), sorted(rows))


@keys.command()
@click.argument("purpose", type=click.Choice(PURPOSES))
@click.argument("scope", default="")
@click.option("--here", is_flag=True, help="Do it in this process instead of the worker.")
@as_person
@click.pass_context
def rotate(
    ctx: click.Context, *, purpose: str, scope: str, here: bool, account: str | None
) -> None:
    """Rotate the PURPOSE key of SCOPE (a domain, 'population:NAME', or nothing) while the center serves.

    The worker announces a new signing or transport key to the peers, which takes up to a day.
    """
    from keys.keyring import Purpose
    from ttp.cli.progress import bar
    from ttp.services.custody.rotate_keys import request_rotation, run_rotation

    if here and purpose in ANNOUNCED:
        raise click.UsageError("Peers have to learn of this key: leave it to the worker.")
    center = center_of(ctx)
    actor = acting(center, account)
    asked = center.work.run(
        lambda tx: request_rotation(center, tx, actor, purpose=Purpose(purpose), scope=scope)
    )
    click.echo(f"Rotation {asked.id} begins.")
    if here:
        with bar(f"{purpose} {scope}") as told:
            done = run_rotation(
                center,
                rotation_id=asked.id,
                holder=f"{os.uname().nodename}:{os.getpid()}"[:63],
                progress=lambda one: told(one.done, one.total),
            )
        _print_rotations([done])


@keys.command()
@click.pass_context
def status(ctx: click.Context) -> None:
    """Show all rotations, newest first."""
    from ttp.core.access import OPERATOR
    from ttp.services.custody.rotate_keys import list_rotations

    center = center_of(ctx)
    _print_rotations(center.work.run(lambda tx: list_rotations(tx, OPERATOR), write=False))


@keys.command()
@click.argument("rotation", type=click.UUID)
@as_person
@click.pass_context
def pause(ctx: click.Context, *, rotation: UUID, account: str | None) -> None:
    """Halt ROTATION behind its present block; requests are answered as before."""
    from ttp.services.custody.rotate_keys import pause_rotation

    center = center_of(ctx)
    actor = acting(center, account)
    done = center.work.run(lambda tx: pause_rotation(center, tx, actor, rotation_id=rotation))
    _print_rotations([done])


@keys.command()
@click.argument("rotation", type=click.UUID)
@as_person
@click.pass_context
def resume(ctx: click.Context, *, rotation: UUID, account: str | None) -> None:
    """Let the paused ROTATION go on."""
    from ttp.services.custody.rotate_keys import resume_rotation

    center = center_of(ctx)
    actor = acting(center, account)
    done = center.work.run(lambda tx: resume_rotation(center, tx, actor, rotation_id=rotation))
    _print_rotations([done])


@keys.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_person
@click.pass_context
def backup(ctx: click.Context, *, file: Path, account: str | None) -> None:
    """Write a sealed copy of the keyring to FILE and record that it exists. Keep it apart from the database's."""
    from keys.durable import create_durably
    from ttp.services.custody.back_up_keyring import back_up_keyring

    if file.exists():
        raise click.UsageError(f"{file} exists already.")
    center = center_of(ctx)
    actor = acting(center, account)
    made, content = center.work.run(lambda tx: back_up_keyring(center, tx, actor))
    create_durably(file, content)
    click.echo(f"Backup {made.id} of generation {made.generation}: {file}")


@keys.command()
@click.pass_context
def backups(ctx: click.Context) -> None:
    """List the copies of the keyring and which of them are disposed of."""
    with center_of(ctx).work.begin(write=False) as tx:
        known = tx.destructions.backups()
    rows = [
        (
            one.id,
            one.generation,
            f"{one.made_at:%Y-%m-%d %H:%M}",
            one.made_by,
            one.disposed_by or "-",
        )
        for one in known
    ]
    print_columns(("backup", "generation", "made", "by", "disposed by"), rows)


@keys.command("confirm-disposal")
@click.argument("backup", type=click.UUID)
@as_person
@click.pass_context
def confirm(ctx: click.Context, *, backup: UUID, account: str | None) -> None:
    """Confirm that every medium with the copy BACKUP was disposed of."""
    from ttp.services.custody.confirm_disposal import confirm_disposal

    center = center_of(ctx)
    actor = acting(center, account)
    center.work.run(lambda tx: confirm_disposal(center, tx, actor, backup_id=backup))
    click.echo(f"Backup {backup} is disposed of.")


@keys.command()
@click.argument("scope")
@click.option("--purpose", type=click.Choice(PURPOSES), help="One key only, with --version.")
@click.option("--version", type=int, help="Its retired version, to which no row refers.")
@as_person
@click.pass_context
def destroy(
    ctx: click.Context, *, scope: str, purpose: str | None, version: int | None, account: str | None
) -> None:
    """Ask for the destruction of all keys of the domain SCOPE ('-' for the center), or of one version."""
    from keys.keyring import Purpose
    from ttp.services.custody.destroy_keys import request_destruction

    center = center_of(ctx)
    actor = acting(center, account)
    asked = center.work.run(
        lambda tx: request_destruction(
            center,
            tx,
            actor,
            scope="" if scope == "-" else scope,
            purpose=Purpose(purpose) if purpose else None,
            version=version,
        )
    )
    click.echo(f"Destruction {asked.id} waits for a second person: ttp keys approve {asked.id}")


@keys.command()
@click.argument("destruction", type=click.UUID)
@as_person
@click.pass_context
def approve(ctx: click.Context, *, destruction: UUID, account: str | None) -> None:
    """Approve DESTRUCTION: the keys are gone for good. Prints the receipt."""
    from ttp.services.custody.destroy_keys import approve_destruction

    center = center_of(ctx)
    actor = acting(center, account)
    approve_destruction(center, actor, destruction_id=destruction)
    _print_receipt(ctx, destruction)


@keys.command()
@click.argument("destruction", type=click.UUID)
@as_person
@click.pass_context
def refuse(ctx: click.Context, *, destruction: UUID, account: str | None) -> None:
    """Turn DESTRUCTION down."""
    from ttp.services.custody.destroy_keys import refuse_destruction

    center = center_of(ctx)
    actor = acting(center, account)
    center.work.run(lambda tx: refuse_destruction(center, tx, actor, destruction_id=destruction))
    click.echo(f"Destruction {destruction} is refused.")


@keys.command()
@click.argument("destruction", type=click.UUID)
@click.pass_context
def receipt(ctx: click.Context, *, destruction: UUID) -> None:
    """Print the signed receipt of DESTRUCTION as it stands now."""
    _print_receipt(ctx, destruction)


def _print_receipt(ctx: click.Context, destruction: UUID) -> None:
    from ttp.core.access import OPERATOR
    from ttp.services.pseudonyms.issue_receipt import issue_receipt

    center = center_of(ctx)
    told = center.work.run(
        lambda tx: issue_receipt(center, tx, OPERATOR, destruction_id=destruction), write=False
    )
    click.echo(json.dumps(told, indent=2))


def _print_rotations(rotations: list[Rotation]) -> None:
    rows = [
        (
            one.id,
            one.purpose.value,
            one.scope or "-",
            f"{one.old_version or '?'}→{one.new_version or '?'}",
            one.state.value,
            one.step.value,
            f"{one.done}/{one.total}",
            one.error or "-",
        )
        for one in rotations
    ]
    heading = ("rotation", "purpose", "scope", "versions", "state", "step", "rows", "error")
    print_columns(heading, rows)


keys.add_command(revoke)
keys.add_command(statements)
