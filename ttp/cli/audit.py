"""``ttp audit``: export the log, verify an export offline, ask the log about one subject."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of
from ttp.cli.output import replacing

if TYPE_CHECKING:
    from ttp.core.audit_verifier import Verified
    from ttp.core.center import Center

TAMPERED = 1
NO_ANCHOR = 3
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """The audit log: export, verify, ask."""


@audit.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def export(ctx: click.Context, *, file: Path) -> None:
    """Write the whole log to FILE; it is verified without this center."""
    from ttp.core.access import OPERATOR
    from ttp.services.log.export_audit import export_audit

    center = center_of(ctx)
    with replacing(file) as temporary, temporary.open("wb") as lines:
        size = export_audit(center, OPERATOR, write=lines.write)
    click.echo(f"{size:,} leaves written to {file}.")


@audit.command()
@click.argument("file", type=_file)
@click.option("--trust", type=_file, help="Trust file: public keys of centers and witnesses.")
@click.option(
    "--previous", type=_file, help="A checkpoint kept from earlier; the log has to go on from it."
)
@click.pass_context
def verify(ctx: click.Context, *, file: Path, trust: Path | None, previous: Path | None) -> None:
    """Verify an exported log. Exit code 0: verified; 1: tampered with; 3: consistent, but without --trust unproven."""
    from ttp.core.audit_trust import AuditTrust, NotTrusted
    from ttp.core.audit_verifier import ExportTampered, verify_export

    anchor = AuditTrust.from_document(_json(trust)) if trust else None
    note = previous.read_text("utf-8") if previous else None
    try:
        with file.open("rb") as lines:
            verified = verify_export(lines, trust=anchor, previous=note)
    except (ExportTampered, NotTrusted) as error:
        click.echo(f"NOT VERIFIED: {error.detail}", err=True)
        ctx.exit(TAMPERED)
    click.echo(_sentence(verified))
    if not verified.signed:
        click.echo(
            "Only internal consistency was checked: without --trust FILE anybody could have made this log.",
            err=True,
        )
        ctx.exit(NO_ANCHOR)


@audit.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check the whole log in the database. Exit code 0: it holds; 1: somebody changed it."""
    from ttp.core.access import OPERATOR
    from ttp.services.log.check_log import check_log

    done = check_log(center_of(ctx), OPERATOR)
    if done.flaw:
        click.echo(f"CHANGED: {done.flaw}", err=True)
        ctx.exit(TAMPERED)
    click.echo(f"{done.size:,} leaves hold, and every change names a leaf that exists.")


@audit.command()
@click.option("--leaf-hash", required=True, help="The hash of an acknowledged leaf, hexadecimal.")
@click.option("--export", "file", type=_file, help="Look in this export instead of the database.")
@click.option("--trust", type=_file, help="Trust file, to verify the export with.")
@click.pass_context
def find(ctx: click.Context, *, leaf_hash: str, file: Path | None, trust: Path | None) -> None:
    """Say whether an acknowledged leaf is in the log. Exit code 0: yes; 1: no; 3: unproven."""
    digest = _digest(leaf_hash)
    place = _place_in(file, trust, digest) if file else _place(center_of(ctx), digest)
    if place is None:
        click.echo("NOT IN THE LOG: no leaf has this hash.", err=True)
        ctx.exit(TAMPERED)
    click.echo("It waits for its place." if place < 0 else f"It is leaf {place:,}.")
    if file and not trust:
        click.echo("Without --trust FILE anybody could have made this log.", err=True)
        ctx.exit(NO_ANCHOR)


@audit.command()
@click.option("--domain", help="Only acts in this domain; all domains without it.")
@click.option("--record-of", "source", help="The line names a record of this source: its person.")
@click.pass_context
def subject(ctx: click.Context, *, domain: str | None, source: str | None) -> None:
    """List what was done with one original or person, read from standard input (never from the command line)."""
    from ttp.core.access import OPERATOR
    from ttp.services.log.trace_subject import trace_person, trace_subject

    if domain and source:
        raise click.UsageError("--domain and --record-of exclude each other.")
    line = sys.stdin.readline().removesuffix("\n")
    center = center_of(ctx)
    if source:
        found = trace_person(center, OPERATOR, source=source, record_id=line)
    else:
        found = trace_subject(center, OPERATOR, original=line, domain=domain)
    rows = [
        (
            each.position,
            f"{each.at:%Y-%m-%d %H:%M:%S}",
            each.actor,
            each.action,
            each.scope or "-",
            each.purpose or "-",
        )
        for each in found
    ]
    print_columns(("leaf", "at (UTC)", "who", "what", "where", "why"), rows)


def _digest(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise click.BadParameter("not hexadecimal", param_hint="--leaf-hash") from None


def _place_in(file: Path, trust: Path | None, digest: bytes) -> int | None:
    from ttp.core.audit_trust import AuditTrust
    from ttp.core.audit_verifier import verify_export

    anchor = AuditTrust.from_document(_json(trust)) if trust else None
    with file.open("rb") as lines:
        return verify_export(lines, trust=anchor, seek=digest).found


def _place(center: Center, digest: bytes) -> int | None:
    from ttp.services.log.find_leaf import find_leaf

    return center.work.run(lambda tx: find_leaf(tx, digest), write=False)


def _json(path: Path) -> Any:
    from ttp.core.audit_trust import TrustFileInvalid

    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        raise TrustFileInvalid("The trust file is not JSON.") from None


def _sentence(verified: Verified) -> str:
    span = f"{verified.first_at:%Y-%m-%d %H:%M} to {verified.last_at:%Y-%m-%d %H:%M} UTC"
    lines = [f"{verified.origin}: {verified.size:,} leaves, {span}."]
    if verified.signed:
        lines.append("Every leaf is covered by the center's signature.")
    lines += [
        f"Witnessed by {seen.witness} up to leaf {seen.size:,} at {seen.at:%Y-%m-%d %H:%M} UTC."
        for seen in verified.cosignatures
    ]
    return "\n".join(lines)
