"""``ttp staff``: accounts of people who log in to the pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of, settings_of
from ttp.cli.persons import acting, as_person

if TYPE_CHECKING:
    from ttp.core.providers import Issuer

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
@as_person
@click.pass_context
def create(
    ctx: click.Context,
    *,
    name: str,
    role: str,
    display_name: str,
    language: str,
    password_file: Path | None,
    account: str | None,
) -> None:
    """Open an account for NAME; a drawn password alone is printed, and cannot be shown again.

    After the first two stewards, a steward's or auditor's account waits for a second person.
    """
    from ttp.core.access import Role
    from ttp.services.access.request_role import request_account

    center, given = center_of(ctx), _first_line(password_file)
    actor = acting(center, account)
    made = center.work.run(
        lambda tx: request_account(
            center,
            tx,
            actor,
            name=name,
            role=Role(role),
            display_name=display_name,
            language=language,
            password=given,
        )
    )
    _tell(made.password, given)
    _tell_waiting(made.approval)


@staff.command()
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@as_person
@click.pass_context
def role(ctx: click.Context, *, name: str, role: str, account: str | None) -> None:
    """Give NAME another ROLE; from or to steward or auditor it waits for a second person."""
    from ttp.core.access import Role
    from ttp.services.access.request_role import request_role

    center = center_of(ctx)
    actor = acting(center, account)
    asked = center.work.run(lambda tx: request_role(center, tx, actor, name=name, role=Role(role)))
    _tell_waiting(asked.id if asked else None)
    if asked is None:
        click.echo(f"'{name}' is {role} now.")


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
    from ttp.services.access.open_account import change_password

    center, given = center_of(ctx), _first_line(password_file)
    _tell(
        center.work.run(
            lambda tx: change_password(center, tx, OPERATOR, name=name, password=given)
        ),
        given,
    )


@staff.command()
@click.argument("name")
@as_person
@click.pass_context
def disable(ctx: click.Context, *, name: str, account: str | None) -> None:
    """End the access of NAME at once; of one of the last two stewards once a second person agrees."""
    from ttp.services.access.request_role import request_disabling

    center = center_of(ctx)
    actor = acting(center, account)
    asked = center.work.run(lambda tx: request_disabling(center, tx, actor, name=name))
    _tell_waiting(asked.id if asked else None)
    if asked is None:
        click.echo(f"'{name}' cannot log in any more.")


@staff.command()
@click.argument("name")
@click.option("--domain", "domains", multiple=True, help="Keep it to this domain; repeatable.")
@click.option("--project", "projects", multiple=True, help="Keep it to this project; repeatable.")
@as_person
@click.pass_context
def limit(
    ctx: click.Context,
    *,
    name: str,
    domains: tuple[str, ...],
    projects: tuple[str, ...],
    account: str | None,
) -> None:
    """Keep NAME to domains and projects; what is not named is not limited. Their sessions end."""
    from ttp.services.access.limit_account import limit_account

    center = center_of(ctx)
    actor = acting(center, account)
    center.work.run(
        lambda tx: limit_account(
            center, tx, actor, name=name, domains=domains or None, projects=projects or None
        )
    )
    click.echo(f"The limits of '{name}' count from the next login on.")


@staff.command("reset-second-factor")
@click.argument("name")
@as_person
@click.pass_context
def reset_second_factor(ctx: click.Context, *, name: str, account: str | None) -> None:
    """Take away the second factor of NAME, whose device is lost; their sessions end."""
    from ttp.services.access.set_second_factor import remove_second_factor

    center = center_of(ctx)
    actor = acting(center, account)
    center.work.run(lambda tx: remove_second_factor(center, tx, actor, name=name))
    click.echo(f"'{name}' logs in with the password alone until they set a new factor up.")


@staff.command()
@click.argument("name")
@click.option("--issuer", required=True, help="The name of an identity provider in the settings.")
@click.option("--subject", required=True, help="Who it is there: the value of the claim 'sub'.")
@as_person
@click.pass_context
def link(ctx: click.Context, *, name: str, issuer: str, subject: str, account: str | None) -> None:
    """Let a subject of an identity provider log in as NAME."""
    from ttp.services.access.link_account import link_account

    center, known = center_of(ctx), _issuer(ctx, issuer)
    actor = acting(center, account)
    center.work.run(lambda tx: link_account(center, tx, actor, known, name=name, subject=subject))
    click.echo(f"'{name}' can log in with '{issuer}'.")


@staff.command()
@click.argument("name")
@click.option("--issuer", required=True, help="The name of an identity provider in the settings.")
@as_person
@click.pass_context
def unlink(ctx: click.Context, *, name: str, issuer: str, account: str | None) -> None:
    """End what subjects of an identity provider may do as NAME, and their sessions."""
    from ttp.services.access.link_account import unlink_account

    center, known = center_of(ctx), _issuer(ctx, issuer)
    actor = acting(center, account)
    center.work.run(lambda tx: unlink_account(center, tx, actor, known, name=name))
    click.echo(f"'{name}' cannot log in with '{issuer}' any more.")


def _issuer(ctx: click.Context, name: str) -> Issuer:
    known = {issuer.name: issuer for issuer in settings_of(ctx).issuer}
    if name not in known:
        raise click.UsageError(f"The settings have no issuer '{name}'.")
    return known[name]


def _first_line(file: Path | None) -> str | None:
    return file.read_text("utf-8").split("\n", maxsplit=1)[0].rstrip("\r") if file else None


def _tell_waiting(approval: UUID | None) -> None:
    if approval is not None:
        click.echo(f"This waits for a second person: ttp approval approve {approval}", err=True)


def _tell(password: str, given: str | None) -> None:
    if given is None:
        click.echo(password)
        click.echo("Keep this password: it is stored as argon2id and not shown again.", err=True)
