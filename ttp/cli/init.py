"""``ttp init``: make a trust center in a folder and say how to go on."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ttp.cli.home import home_of


@click.command()
@click.option("--name", default="center", show_default=True, help="Name in logs and signatures.")
@click.option(
    "--role",
    type=click.Choice(["local", "federated", "embedded"]),
    default="embedded",
    show_default=True,
    help="Identities of one hospital, linkage across hospitals, or both.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--public-url", default="", help="URL under which others reach this center.")
@click.option(
    "--four-eyes",
    type=click.Choice(["required", "demo"]),
    default="required",
    show_default=True,
    help="'demo' lets one person approve their own requests; shown on every page.",
)
@click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="TTP_UNLOCK_FILE",
    help="File with the passphrase that seals the root key (or TTP_UNLOCK_FILE).",
)
@click.pass_context
def init(
    ctx: click.Context,
    *,
    name: str,
    role: str,
    port: int,
    public_url: str,
    four_eyes: str,
    passphrase_file: Path | None,
) -> None:
    """Make a trust center: settings, sealed root key, keyring, database."""
    from ttp.config import SETTINGS_FILE, Settings
    from ttp.initializing import initialize

    settings = Settings(
        home_of(ctx).absolute(),
        name=name,
        role=role,
        port=port,
        public_url=public_url,
        database=os.environ.get("TTP_DATABASE", ""),
        four_eyes=four_eyes,
    )
    passphrase = _passphrase(passphrase_file) if passphrase_file else None
    made = initialize(settings, passphrase=passphrase)
    (settings.home / SETTINGS_FILE).chmod(0o600)  # a database URL may hold a password
    if made.wrote_unlock:
        click.echo(
            f"Warning: nobody gave a passphrase, so one was drawn and written to {settings.home}/unlock."
            " Whoever reads that file can open every key. Use TTP_UNLOCK_FILE for real data.",
            err=True,
        )
    click.echo(_how_to_go_on(ctx, name))


def _passphrase(path: Path) -> bytes:
    passphrase = path.read_bytes().removesuffix(b"\n")
    if len(passphrase) < 8:
        raise click.UsageError("The passphrase has at least 8 characters.")
    return passphrase


def _how_to_go_on(ctx: click.Context, name: str) -> str:
    command = f"ttp --home {ctx.find_root().params['home']}"
    return f"""The trust center '{name}' is made. Go on with:

  {command} domain create diz
  {command} client create pipeline --role pipeline --domain diz
  {command} pseudonymize --domain diz --column patient_id IN.csv -o OUT.csv
  {command} serve

Others check its audit log and releases with {home_of(ctx)}/trust.json."""
