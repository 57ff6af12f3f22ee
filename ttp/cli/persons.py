"""Persons at the command line: what needs a second person is done in the name of an account, with its password."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttp.core.access import Actor
    from ttp.core.center import Center

Command = TypeVar("Command", bound="Callable[..., object]")

ADDRESS = "command line"


def as_person(command: Command) -> Command:
    """Give a command the option ``--as``: the account in whose name it acts; the operator's own name else."""
    return click.option(
        "--as",
        "account",
        metavar="ACCOUNT",
        help="Act as this account; its password comes from TTP_PASSWORD or a prompt.",
    )(command)


def acting(center: Center, account: str | None) -> Actor:
    """The actor of a command: the operator, or the person who proves to own the account.

    Raises:
        NotAuthenticated: the password is wrong, or it was wrong too often.
    """
    from ttp.core.access import OPERATOR
    from ttp.core.errors import NotAuthenticated
    from ttp.core.logins import LoginRefusal, SignedIn
    from ttp.services.log_in import log_in, log_out

    if account is None:
        return OPERATOR
    password = os.environ.get("TTP_PASSWORD") or click.prompt(
        f"Password of {account}", hide_input=True, err=True
    )
    opened = log_in(center, name=account, password=password, address=ADDRESS)
    if isinstance(opened, LoginRefusal):
        raise NotAuthenticated("The account and password do not fit, or failed too often.")
    actor = opened.staff.actor()
    signed_in = SignedIn(opened.staff, actor, "")
    center.work.run(lambda tx: log_out(center, tx, signed_in, token=opened.token))
    return actor
