"""``ttp init``: make a trust center in a folder and say how to go on."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import click

from ttp.cli.home import home_of
from ttp.cli.sheets import custodians_of, emptied, quorum_options


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
@click.option(
    "--custody",
    default="file:",
    show_default=True,
    help="Where the root key lives: file:, quorum: or a pkcs11: URI.",
)
@quorum_options(required=False)
@click.option(
    "--pin-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the PIN of the HSM; without it, and without a pin-source in the URI, it is asked for.",
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
    custody: str,
    threshold: int | None,
    custodian: tuple[str, ...],
    shares_dir: Path | None,
    pin_file: Path | None,
) -> None:
    """Make a trust center: settings, root key in custody, keyring, database."""
    from ttp.config import DATABASE_FILE, SETTINGS_FILE, Settings, require_usable
    from ttp.initializing import initialize

    home = home_of(ctx).absolute()
    require_usable("public_url", public_url)
    settings = Settings(
        home,
        name=name,
        role=role,
        port=port,
        public_url=public_url,
        database=os.environ.get("TTP_DATABASE", ""),
        keyring=os.environ.get("TTP_KEYRING", ""),
        four_eyes=four_eyes,
        custody=_uri(custody, home),
    )
    given = custodians_of(threshold, custodian)
    with emptied(shares_dir) as hand_out:
        secret = _secret(settings.custody_uri, passphrase_file, pin_file)
        made = initialize(settings, passphrase=secret, custodians=given)
        hand_out(made.made.sheets)
    for private in (SETTINGS_FILE, DATABASE_FILE):  # a database URL may hold a password
        if (path := settings.home / private).exists():
            path.chmod(0o600)
    if made.wrote_unlock:
        click.echo(
            f"Warning: nobody gave a passphrase, so one was drawn and written to {settings.home}/unlock."
            " Whoever reads that file can open every key. Use TTP_UNLOCK_FILE for real data.",
            err=True,
        )
    click.echo(_how_to_go_on(ctx, name, sealed=given is not None), err=given is not None)


def _uri(custody: str, home: Path) -> str:
    """The custody as settings name it: files stand in the home unless the URI says where."""
    from ttp.config import QUORUM_FILE, ROOT_FILE

    scheme, _, place = custody.partition(":")
    if scheme == "file":
        return f"file:{Path(place).absolute()}" if place else ""
    if scheme == "quorum":
        return f"quorum:{Path(place).absolute() if place else home / QUORUM_FILE}"
    if scheme == "pkcs11" and "ttp-file=" not in custody:
        joint = "&" if "?" in custody else "?"
        return f"{custody}{joint}ttp-file={quote(str(home / ROOT_FILE))}"
    return custody


def _secret(uri: str, passphrase_file: Path | None, pin_file: Path | None) -> bytes | None:
    """The passphrase or the PIN, whichever this custody needs."""
    from keys.custody.pkcs11 import HSMKey

    if not uri.startswith("pkcs11:"):
        return _passphrase(passphrase_file) if passphrase_file else None
    if pin_file is not None:
        return pin_file.read_bytes().removesuffix(b"\n")
    if HSMKey.parse(uri).pin_source is None:
        return str(click.prompt("PIN of the HSM", hide_input=True, err=True)).encode()
    return None


def _passphrase(path: Path) -> bytes:
    passphrase = path.read_bytes().removesuffix(b"\n")
    if len(passphrase) < 8:
        raise click.UsageError("The passphrase has at least 8 characters.")
    return passphrase


def _how_to_go_on(ctx: click.Context, name: str, *, sealed: bool) -> str:
    command = f"ttp --home {ctx.find_root().params['home']}"
    first = f"  {command} serve    # and let custodians enter shares: 'unseal'\n" if sealed else ""
    last = "" if sealed else f"  {command} serve\n"
    return f"""The trust center '{name}' is made. Go on with:

{first}  {command} domain create diz
  {command} staff create anna --role steward    # who logs in to the pages; a second steward approves
  {command} client create pipeline --role pipeline --domain diz
  {command} pseudonymize --domain diz --column patient_id IN.csv -o OUT.csv
{last}
Others check its audit log and releases with {home_of(ctx)}/trust.json."""
