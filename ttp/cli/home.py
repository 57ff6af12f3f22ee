"""The home a command works on, and its center."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ttp.cli import CommandLine
    from ttp.config import Settings
    from ttp.core.center import Center


def home_of(ctx: click.Context) -> Path:
    """The directory given by ``--home`` or ``TTP_HOME``.

    Raises:
        click.UsageError: neither is given.
    """
    line: CommandLine = ctx.find_root().obj
    return line.require_home()


def settings_of(ctx: click.Context) -> Settings:
    """The settings of the home.

    Raises:
        SettingsInvalid: there is no center in it, or a setting cannot be used.
    """
    from ttp.config import load_settings

    return load_settings(home_of(ctx))


def center_of(ctx: click.Context) -> Center:
    """The center of the home, unlocked; its database is as this program needs it.

    Raises:
        SettingsInvalid, Sealed, CannotUnseal, KeyringDamaged, Unavailable: it cannot be opened.
        KeysDoNotFit, KeyringOutdated, KeyringNotShared: what it would write, others could not read.
    """
    from ttp.keeping_keyring import require_keyring_fits
    from ttp.opening import open_center

    settings = settings_of(ctx)
    check_database(settings)
    center = open_center(settings)
    require_keyring_fits(settings, center)
    return center


def check_database(settings: Settings) -> None:
    """Pass if the database is there and of the present form.

    Raises:
        Unavailable: otherwise; an embedded database that is gone is not made anew.
    """
    from ttp.core.errors import Unavailable
    from ttp.storage.migrate import is_current

    require_database_file(settings)
    if not is_current(settings.database_url):
        raise Unavailable(
            "The database has not the form this program needs; run 'ttp migrate' first."
        )


def require_database_file(settings: Settings) -> None:
    """Pass if the embedded database, if this home has one, is there.

    Raises:
        Unavailable: it is gone; an empty one in its place would answer wrongly.
    """
    from ttp.config import DATABASE_FILE
    from ttp.core.errors import Unavailable

    if not settings.database and not (settings.home / DATABASE_FILE).exists():
        raise Unavailable(f"The database of this home is gone: {DATABASE_FILE} is missing.")
