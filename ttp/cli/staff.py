"""``ttp staff``: accounts of people who log in to the pages."""

from __future__ import annotations

from pathlib import Path

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of

ROLES = ("clerk", "steward", "auditor", "researcher")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def staff() -> None:
    """Staff: people with an account."""


@staff.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--display-name", default="", help="The name that pages show.")
@click.option("--language", type=click.Choice(("de", "en")), default="de", show_default=True)
@click.option("--password-file", type=_FILE, help="Take the password from a file's first line.")
@click.pass_context
def create(
    ctx: click.Context,
    *,
    name: str,
    role: str,
    display_name: str,
    language: str,
    password_file: Path | None,
) -> None:
    """Open an account for NAME; a drawn password alone is printed, and cannot be shown again."""
    from ttp.core.access import OPERATOR, Role
    from ttp.services.open_account import open_account

    center, given = center_of(ctx), _first_line(password_file)
    password = center.work.run(
        lambda tx: open_account(
            center,
            tx,
            OPERATOR,
            name=name,
            role=Role(role),
            display_name=display_name,
            language=language,
            password=given,
        )
    )
    _tell(password, given)


@staff.command("list")
@click.pass_context
def list_staff(ctx: click.Context) -> None:
    """List all accounts."""
    with center_of(ctx).work.begin(write=False) as tx:
        accounts = tx.staff.all()
    rows = [
        (
            each.name,
            each.role.value,
            each.display_name,
            f"disabled {each.disabled_at:%Y-%m-%d}" if each.disabled_at else "active",
        )
        for each in accounts
    ]
    print_columns(("name", "role", "shown as", "state"), rows)


@staff.command()
@click.argument("name")
@click.option("--password-file", type=_FILE, help="Take the password from a file's first line.")
@click.pass_context
def password(ctx: click.Context, *, name: str, password_file: Path | None) -> None:
    """Give NAME a new password and end their sessions; a drawn password alone is printed."""
    from ttp.core.access import OPERATOR
    from ttp.services.open_account import change_password

    center, given = center_of(ctx), _first_line(password_file)
    _tell(
        center.work.run(
            lambda tx: change_password(center, tx, OPERATOR, name=name, password=given)
        ),
        given,
    )


@staff.command()
@click.argument("name")
@click.pass_context
def disable(ctx: click.Context, *, name: str) -> None:
    """End the access of NAME at once; what they did stays in the audit log."""
    from ttp.core.access import OPERATOR
    from ttp.services.open_account import disable_account

    center = center_of(ctx)
    center.work.run(lambda tx: disable_account(center, tx, OPERATOR, name=name))
    click.echo(f"'{name}' cannot log in any more.")


def _first_line(file: Path | None) -> str | None:
    return file.read_text("utf-8").split("\n", maxsplit=1)[0].rstrip("\r") if file else None


def _tell(password: str, given: str | None) -> None:
    if given is None:
        click.echo(password)
        click.echo("Keep this password: it is stored as argon2id and not shown again.", err=True)
