"""``ttp pseudonymize``: exchange one column of a CSV file, through a center here or over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ttp.cli.home import center_of

if TYPE_CHECKING:
    from ttp.client.answers import Failed
    from ttp.client.rewriting import Done, Exchange, Exchanged


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--domain", required=True, help="Domain of the pseudonyms.")
@click.option("--column", required=True, help="Column to exchange.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="New file.",
)
@click.option("--url", envvar="TTP_URL", help="URL of the center; without it the home is used.")
@click.option(
    "--key-file", type=click.Path(exists=True, path_type=Path), help="File with the API key."
)
@click.option(
    "--rejects", type=click.Path(path_type=Path), help="Go on without bad rows; list them here."
)
@click.option("--no-create", is_flag=True, help="Only look up; unknown values are bad rows.")
@click.option("--resolve", is_flag=True, help="The other way: pseudonyms back to originals.")
@click.option("--reason", help="Why the pseudonyms are resolved.")
@click.pass_context
def pseudonymize(
    ctx: click.Context,
    *,
    source: Path,
    domain: str,
    column: str,
    output: Path,
    url: str | None,
    key_file: Path | None,
    rejects: Path | None,
    no_create: bool,
    resolve: bool,
    reason: str | None,
) -> None:
    """Write SOURCE anew with the values of one column exchanged for pseudonyms.

    Every other byte stays as it is. After an interruption the same command goes on where it was.
    The API key comes from --key-file or TTP_KEY.
    """
    from ttp.client.rewriting import Rewriting, rewrite_column

    url = None if _home_goes_before_url(ctx) else url
    exchange = (_remote if url else _local)(
        ctx, url, key_file, domain, create=not no_create, resolve=resolve, reason=reason
    )
    purpose = f"{url or ctx.find_root().obj.home} {domain} {resolve} {no_create}"
    work = Rewriting(source, output, column, purpose, rejects)
    started = time.monotonic()
    with _progress(source.name) as progress:
        done = rewrite_column(work, exchange, progress=progress)
    click.echo(_summary(done, time.monotonic() - started, resolved=resolve), err=True)


def _home_goes_before_url(ctx: click.Context) -> bool:
    """Whether ``--home`` was said, and the URL only stands in the environment."""
    said = click.core.ParameterSource.COMMANDLINE
    home = ctx.find_root().get_parameter_source("home")
    return home is said and ctx.get_parameter_source("url") is not said


def _local(
    ctx: click.Context, _url: str | None, _key: Path | None, domain: str, **how: Any
) -> Exchange:
    from ttp.core.access import OPERATOR
    from ttp.services.issue_pseudonyms import issue_pseudonyms
    from ttp.services.resolve_pseudonyms import resolve_pseudonyms

    center = center_of(ctx)
    if how["resolve"]:
        return lambda values: [
            _of_service(item)
            for item in center.work.run(
                lambda tx: resolve_pseudonyms(
                    center,
                    tx,
                    OPERATOR,
                    domain_name=domain,
                    pseudonyms=values,
                    reason=how["reason"],
                )
            )
        ]
    return lambda values: [
        _of_service(item)
        for item in center.work.run(
            lambda tx: issue_pseudonyms(
                center, tx, OPERATOR, domain_name=domain, originals=values, create=how["create"]
            )
        )
    ]


def _of_service(item: Any) -> Exchanged | Failed:
    from ttp.client.answers import Failed
    from ttp.client.rewriting import Exchanged
    from ttp.core.errors import TTPError

    if isinstance(item, TTPError):
        return Failed(item.code, item.detail)
    return (
        Exchanged(item[0]) if isinstance(item, tuple) else Exchanged(item.pseudonym, item.created)
    )


def _remote(
    _ctx: click.Context, url: str | None, key_file: Path | None, domain: str, **how: Any
) -> Exchange:
    from ttp.client import Treuhandstelle

    center = Treuhandstelle(str(url), api_key(key_file))
    if how["resolve"]:
        return lambda values: [
            _of_client(item) for item in center.resolve(domain, values, reason=how["reason"])
        ]
    return lambda values: [
        _of_client(item) for item in center.pseudonyms(domain, values, create=how["create"])
    ]


def _of_client(item: Any) -> Exchanged | Failed:
    from ttp.client.answers import Failed, Resolved
    from ttp.client.rewriting import Exchanged

    if isinstance(item, Failed):
        return item
    if isinstance(item, Resolved):
        return Exchanged(item.originals[0])
    return Exchanged(item.pseudonym, item.created)


def api_key(path: Path | None) -> str:
    """The API key of a file, or of ``TTP_KEY``.

    Raises:
        click.UsageError: there is none.
    """
    import os

    text = path.read_text("utf-8") if path else os.environ.get("TTP_KEY", "")
    if not text.strip():
        raise click.UsageError("Give the API key: --key-file FILE, or the variable TTP_KEY.")
    return text.strip()


@contextmanager
def _progress(name: str) -> Iterator[Callable[[Done, int], None]]:
    """A bar on standard error with rows per second, where somebody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _size: None
        return
    started = time.monotonic()
    columns: Sequence[Any] = (
        TextColumn(name),
        BarColumn(),
        TextColumn(
            "{task.percentage:>3.0f} %  {task.fields[rows]:,} rows  {task.fields[speed]:,.0f}/s"
        ),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=None, rows=0, speed=0.0)

        def move(done: Done, size: int) -> None:
            speed = (done.row - 1) / max(time.monotonic() - started, 1e-6)
            bar.update(task, completed=done.offset, total=size, rows=done.row - 1, speed=speed)

        yield move


def _summary(done: Done, seconds: float, *, resolved: bool) -> str:
    rows = done.exchanged + done.empty + done.rejected
    known = f"{done.exchanged - done.created:,} {'resolved' if resolved else 'known'}"
    parts = [known] if resolved else [f"{done.created:,} new", known]
    parts += [f"{done.empty:,} empty"] if done.empty else []
    parts += [f"{done.rejected:,} rejected"] if done.rejected else []
    return f"{rows:,} rows: {', '.join(parts)}; {rows / max(seconds, 1e-6):,.0f} rows/s"
