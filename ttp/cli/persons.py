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
        help="Act as this account; its password comes from TTP_PASSWORD (and TTP_CODE) or a prompt.",
    )(command)


def acting(center: Center, account: str | None) -> Actor:
    """The actor of a command: the operator, or the person who proves to own the account.

    Raises:
        NotAuthenticated: the password or the code is wrong, or was wrong too often.
        SecondFactorMissing: the account has to set up a second factor first, on its page.
    """
    from ttp.core.access import OPERATOR
    from ttp.core.errors import NotAuthenticated
    from ttp.core.logins import LoginRefusal, SignedIn
    from ttp.core.second_factors import SecondFactorMissing
    from ttp.services.access.log_in import log_in, needs_code
    from ttp.services.access.open_session import lacks_factor, log_out

    if account is None:
        return OPERATOR
    password = os.environ.get("TTP_PASSWORD") or click.prompt(
        f"Password of {account}", hide_input=True, err=True
    )
    code = os.environ.get("TTP_CODE", "")
    if not code and center.work.run(lambda tx: needs_code(tx, account), write=False):
        code = click.prompt("Code of the second factor", err=True)
    opened = log_in(center, name=account, password=password, address=ADDRESS, code=code)
    if isinstance(opened, LoginRefusal):
        raise NotAuthenticated("The account and password do not fit, or failed too often.")
    staff, actor = opened.staff, opened.staff.actor()
    signed_in = SignedIn(staff, actor, "")
    center.work.run(lambda tx: log_out(center, tx, signed_in, token=opened.token))
    if center.work.run(lambda tx: lacks_factor(center, tx, staff), write=False):
        raise SecondFactorMissing
    return actor
