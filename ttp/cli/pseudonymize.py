"""``ttp pseudonymize`` and ``ttp resolve``: exchange values in a file, through a center here or over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ttp.cli.exchanges import Direction, api_key, home_goes_before_url, local, remote
from ttp.cli.formats import NAMES, Meant, columns_of, format_of
from ttp.cli.rewriting_progress import progress_bar, summary

if TYPE_CHECKING:
    from ttp.client.files.batches import Exchange
    from ttp.client.files.resuming import Done, Rewriting
    from ttp.client.files.units import Format

INTERRUPTED = 130
_PIPE = Path("-")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, allow_dash=True, path_type=Path)


class _Rules(click.Path):
    """A file of rules, or the name of one that comes with the program."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The file; one that is there goes before a name."""
        from ttp.client.fhir.rules import shipped_rules

        named = None if Path(value).exists() else shipped_rules(str(value))
        return named or super().convert(value, param, ctx)


@dataclass(frozen=True, slots=True)
class Options:
    """What both commands are told."""

    source: Path
    output: Path
    domain: str | None
    column: tuple[str, ...]
    rules: Path | None
    format: str | None
    encoding: str
    url: str | None
    key_file: Path | None
    connections: int
    rejects: Path | None
    rejects_with_values: bool
    dry_run: bool


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument(
        "source", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
    ),
    click.option("-o", "--output", type=_NEW, required=True, help="New file; - is a pipe."),
    click.option("--domain", help="Domain of the columns that name none."),
    click.option(
        "--column",
        multiple=True,
        metavar="COLUMN[=DOMAIN]",
        help="Column, or selector in NDJSON; again for more.",
    ),
    click.option(
        "--rules",
        type=_Rules(exists=True, dir_okay=False, path_type=Path),
        help="FHIR: what is exchanged (TOML or JSON), or 'mii'.",
    ),
    click.option("--format", type=click.Choice(NAMES), help="If the file's name does not say it."),
    click.option(
        "--encoding",
        type=click.Choice(["utf-8", "latin-1", "cp1252"]),
        default="utf-8",
        show_default=True,
        help="Of CSV files.",
    ),
    click.option(
        "--url", "--center", "url", envvar="TTP_URL", help="URL of the center; else the home."
    ),
    click.option("--key-file", type=_FILE, help="File with the API key."),
    click.option(
        "--connections",
        type=click.IntRange(1, 32),
        default=4,
        show_default=True,
        help="Requests at once.",
    ),
    click.option(
        "--rejects", type=click.Path(path_type=Path), help="Go on without bad rows; list them here."
    ),
    click.option("--rejects-with-values", is_flag=True, help="List the values that were refused."),
    click.option("--dry-run", is_flag=True, help="Count what would be asked; ask nothing."),
)


def _file_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@_file_options
@click.option("--no-create", is_flag=True, help="Only look up; unknown values are bad rows.")
@click.option(
    "--records",
    metavar="SOURCE",
    help="Values are record IDs of this source; domains are of persons.",
)
@click.option("--resolve", "backward", is_flag=True, help="The same as 'ttp resolve'.")
@click.option("--reason", help="With --resolve: why.")
@click.pass_context
def pseudonymize(
    ctx: click.Context,
    /,
    *,
    no_create: bool,
    records: str | None,
    backward: bool,
    reason: str | None,
    **given: Any,
) -> None:
    """Write SOURCE (CSV, Parquet, NDJSON, FHIR) anew with values exchanged for pseudonyms.

    Every other byte stays as it is. After an interruption the same command goes on where it was.
    The API key comes from --key-file or TTP_KEY.
    """
    if backward and records is not None:
        raise click.UsageError("Records of persons are not resolved in files.")
    _run(ctx, Options(**given), Direction(backward, not no_create, reason, records))


@click.command()
@_file_options
@click.option("--reason", help="Why; over HTTP the grant's purpose if left out.")
@click.pass_context
def resolve(ctx: click.Context, /, *, reason: str | None, **given: Any) -> None:
    """Write SOURCE anew with pseudonyms exchanged for originals: what 'ttp pseudonymize' did, undone."""
    _run(ctx, Options(**given), Direction(backward=True, reason=reason))


def _run(ctx: click.Context, options: Options, direction: Direction) -> None:
    columns = columns_of(options.column, options.domain)
    if bool(columns) == bool(options.rules):
        raise click.UsageError("Say what is exchanged: --column COLUMN=DOMAIN, or --rules FILE.")
    kind = format_of(options.source, options.format, ruled=options.rules is not None)
    meant = Meant(
        options.source, kind, columns, options.rules, options.encoding, direction.backward
    )
    if options.dry_run:
        _count(meant)
        return
    url = None if home_goes_before_url(ctx) else options.url
    source = meant.open()
    if url:
        key = api_key(options.key_file)
        exchange = remote(url, key, direction, connections=options.connections)
    else:
        exchange = local(ctx, direction)
    at_once = options.connections if url else 1
    started = time.monotonic()
    where = url or ctx.find_root().obj.home
    of = "" if direction.records is None else f" records of {direction.records}"
    purpose = f"{where} {direction.create}{of} {meant.purpose}"
    done = _rewritten(ctx, options, source, exchange, purpose, at_once)
    seconds = time.monotonic() - started
    click.echo(summary(done, seconds, resolved=direction.backward), err=True)


def _rewritten(
    ctx: click.Context,
    options: Options,
    source: Format,
    exchange: Exchange,
    purpose: str,
    at_once: int,
) -> Done:
    from ttp.client.files.resuming import Rewriting
    from ttp.client.files.rewriting import rewrite

    if _PIPE in {options.source, options.output}:
        return _poured(options, source, exchange, at_once)
    work = Rewriting(
        options.source, options.output, purpose, options.rejects, options.rejects_with_values
    )
    try:
        with progress_bar(options.source.name) as progress:
            return rewrite(work, source, exchange, progress=progress, at_once=at_once)
    except KeyboardInterrupt:
        _say_kept(work)
        ctx.exit(INTERRUPTED)
    except Exception:
        _say_kept(work)
        raise


def _poured(options: Options, source: Format, exchange: Exchange, at_once: int) -> Done:
    """Where a pipe is on one side, nothing can be gone on with; a new file is still there in full or not at all."""
    import contextlib
    import sys

    from keys.private_files import make_private
    from ttp.cli.output import replacing
    from ttp.client.files.rewriting import pour

    if options.format == "parquet" or options.source.suffix == ".parquet":
        raise click.UsageError("Parquet is written to a file, not to standard output.")
    with contextlib.ExitStack() as stack:
        target = sys.stdout.buffer
        if options.output != _PIPE:
            target = stack.enter_context(stack.enter_context(replacing(options.output)).open("wb"))
        rejects = options.rejects and stack.enter_context(make_private(options.rejects).open("wb"))
        return pour(
            target,
            source,
            exchange,
            rejects=rejects or None,
            reject_values=options.rejects_with_values,
            at_once=at_once,
        )


def _count(meant: Meant) -> None:
    """Say what would be asked."""
    from ttp.client.files.rewriting import survey

    with progress_bar(meant.source.name) as progress:
        found = survey(meant.open(), progress=progress)
    click.echo(f"{found.rows:,} rows, {found.bad_count:,} of them bad")
    for domain, count in sorted(found.values.items()):
        click.echo(f"{domain}: {count:,} values")
    for row, code in found.bad:
        click.echo(f"row {row}: {code}")


def _say_kept(work: Rewriting) -> None:
    if work.resume.exists():
        click.echo(
            "ttp: Interrupted. What is done is kept; the same command goes on from there.", err=True
        )
