"""``ttp migrate``: bring the database of a home to the form this program needs."""

from __future__ import annotations

import click

from ttp.cli.home import require_database_file, settings_of


@click.command()
@click.pass_context
def migrate(ctx: click.Context) -> None:
    """Bring the database up to date; repeating it changes nothing."""
    from ttp.storage.migrate import is_current, upgrade

    settings = settings_of(ctx)
    require_database_file(settings)
    if is_current(settings.database_url):
        click.echo("The database is up to date.")
        return
    upgrade(settings.database_url)
    click.echo("The database is now up to date.")
