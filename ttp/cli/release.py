"""``ttp release``: verify and open a release anywhere; ask for and approve one at the linking center."""

from __future__ import annotations

from pathlib import Path

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
INVALID, ONLY_CONSISTENT = 1, 3


@click.group()
def release() -> None:
    """Releases: hand-overs of a project's linked IDs to one researcher."""


@release.command()
@click.argument("file", type=_FILE)
@click.option("--trust", type=_FILE, help="The trust file of the center that released.")
@click.pass_context
def verify(ctx: click.Context, *, file: Path, trust: Path | None) -> None:
    """Check that FILE is whole, unaltered and signed by a center of the trust file.

    Ends with 0 when it is; with 1, saying why, when it is not; without a trust file with 3, for then anybody
    may have signed it.
    """
    from ttp.core.release_archive import ReleaseInvalid, key_statements, read_archive
    from ttp.core.trusted_keys import center_keys

    try:
        data = file.read_bytes()
        trusted = center_keys(trust.read_bytes(), key_statements(data)) if trust else {}
        archive = read_archive(data, trusted)
    except ReleaseInvalid as error:
        click.echo(f"INVALID: {error.detail}", err=True)
        ctx.exit(INVALID)
    click.echo(_summary(archive.manifest))
    if not archive.trusted:
        click.echo("Whole, but signed by nobody known: give --trust FILE to be sure.", err=True)
        ctx.exit(ONLY_CONSISTENT)
    click.echo(f"Valid: signed by {archive.manifest.get('center')} with key {archive.signed_by}.")


@release.command("open")
@click.argument("file", type=_FILE)
@click.option("-i", "--identity", type=_FILE, required=True, help="Your age or SSH private key.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="CSV."
)
@click.option("--trust", type=_FILE, help="Also check the signature against this trust file.")
def open_release(*, file: Path, identity: Path, output: Path, trust: Path | None) -> None:
    """Decrypt the IDs in FILE with your private key into a CSV file."""
    from keys.recipients import decrypt_age
    from ttp.cli.output import replacing
    from ttp.core.release_archive import key_statements, read_archive
    from ttp.core.trusted_keys import center_keys

    data = file.read_bytes()
    trusted = center_keys(trust.read_bytes(), key_statements(data)) if trust else {}
    archive = read_archive(data, trusted)
    rows = decrypt_age(_key_in(identity.read_text("utf-8")), archive.payload)
    with replacing(output) as temporary:
        temporary.write_bytes(rows)
    click.echo(f"{max(0, rows.count(bytes([10])) - 1)} rows written to {output}.", err=True)


@release.command()
@click.argument("project")
@click.option("--recipient", help="The researcher's public key: age1… or ssh-…")
@click.option("--recipient-file", type=_FILE, help="A file that holds it, such as id_ed25519.pub.")
@click.option("--researcher", help="The client or account that may download it.")
@as_person
@click.pass_context
def request(
    ctx: click.Context,
    *,
    project: str,
    recipient: str | None,
    recipient_file: Path | None,
    researcher: str | None,
    account: str | None,
) -> None:
    """Ask for a release of PROJECT to a researcher's key; a second person approves it."""
    from ttp.services.releases.request_release import request_release

    if (recipient is None) == (recipient_file is None):
        raise click.UsageError("Give the recipient by --recipient or by --recipient-file.")
    key = recipient if recipient is not None else _text(recipient_file)
    center = center_of(ctx)
    actor = acting(center, account)
    made = center.work.run(
        lambda tx: request_release(
            center, tx, actor, project_name=project, recipient=key, researcher=researcher
        )
    )
    click.echo(f"Release {made.version} of {project} waits for a second person.", err=True)
    click.echo(made.version)


@release.command()
@click.argument("project")
@click.argument("version", type=click.IntRange(min=1))
@as_person
@click.pass_context
def approve(ctx: click.Context, *, project: str, version: int, account: str | None) -> None:
    """Approve release VERSION of PROJECT: sites say who withdrew, then it is encrypted and signed."""
    from ttp.connecting import connect
    from ttp.services.releases.approve_release import approve_release

    center = center_of(ctx)
    actor = acting(center, account)
    peers = connect(center)
    made = approve_release(center, peers, actor, project_name=project, version=version)
    click.echo(f"Release {version} of {project} holds {made.persons} persons.")


@release.command("list")
@click.argument("project", required=False)
@click.pass_context
def list_releases(ctx: click.Context, *, project: str | None) -> None:
    """List releases, of PROJECT or of all."""
    with center_of(ctx).work.begin(write=False) as tx:
        releases = tx.releases.all(project)
    rows = [
        (each.project, each.version, each.state.value, each.persons, each.researcher or "-")
        for each in releases
    ]
    print_columns(("project", "version", "state", "persons", "for"), rows)


def _summary(manifest: object) -> str:
    import json

    return json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True)


def _key_in(text: str) -> str:
    """The identity in a key file; age-keygen writes comments before it."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return "\n".join(lines)


def _text(file: Path | None) -> str:
    return file.read_text("utf-8").strip() if file else ""
