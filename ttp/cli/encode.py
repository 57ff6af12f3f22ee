"""``ttp encode``: identifying data in, encodings out; the data never leave the machine in clear."""

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from linkage import records
from linkage.attack.comfort import comforts_of
from linkage.encode import Encoder, read_secret
from linkage.encode.used_alone import used_alone
from linkage.encode.used_tokens import UsedTokens
from linkage.records import RecordTable, RowProblem
from linkage.schema import LinkageSchema
from ttp.cli import output
from ttp.cli.progress import bar
from ttp.cli.schemas import schema_named

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)


def _print_schema(ctx: click.Context, _parameter: click.Parameter, name: str | None) -> None:
    if name is None or ctx.resilient_parsing:
        return
    click.echo(json.dumps(schema_named(name).document, indent=2))
    ctx.exit()


@click.command()
@click.argument("table", metavar="IN.csv|IN.parquet", type=_FILE)
@click.option("-o", "--output", "target", metavar="OUT", type=_NEW, required=True)
@click.option(
    "--schema",
    "schema_name",
    default="default",
    show_default=True,
    metavar="SCHEMA",
    help="The name of a shipped schema or import profile, or a JSON file (also one of clkhash).",
)
@click.option(
    "--secret-file",
    type=_FILE,
    required=True,
    help="The linkage secret, at least 16 bytes; one trailing newline is ignored.",
)
@click.option(
    "--project", default="", help="Keeps encodings of different uses of one secret apart."
)
@click.option(
    "--used-tokens",
    "memory",
    metavar="FILE",
    type=_NEW,
    help="Remembers over deliveries which record holds which token of thinned views; "
    "by default a file beside the secret, named after it, the input and the schema's use.",
)
@click.option(
    "--rejects",
    metavar="FILE",
    type=_NEW,
    help="Go on without bad rows and list them here (row, column, problem; no values).",
)
@click.option(
    "--print-schema",
    metavar="NAME",
    callback=_print_schema,
    expose_value=False,
    is_eager=True,
    help="Print a linkage schema as JSON and stop.",
)
def command(
    table: Path,
    target: Path,
    schema_name: str,
    secret_file: Path,
    project: str,
    memory: Path | None,
    rejects: Path | None,
) -> None:
    """Encode the records of a file (columns record_id and those of the schema).

    Exit code 0: done, also with rejects; 1: another run uses the memory of tokens; 2: refused. Nothing is written then.
    """
    read = (table, secret_file, Path(schema_name))
    output.require_targets((target, rejects, memory), read=read)
    chosen = schema_named(schema_name)
    encoder = Encoder(chosen, secret=read_secret(secret_file), project=project)
    memory = _memory(encoder, memory, beside=secret_file, source=table.stem)
    with _alone(memory):
        _encode(encoder, table, target, memory, rejects)


@contextmanager
def _alone(memory: Path | None) -> Iterator[None]:
    """Nobody else uses the memory meanwhile: two runs that read the same would lose what one of them used."""
    with ExitStack() as held:
        if memory is not None:
            try:
                held.enter_context(used_alone(memory))
            except BlockingIOError:
                raise click.ClickException(
                    f"Another run uses {memory} meanwhile; run this one again."
                ) from None
        yield


def _encode(
    encoder: Encoder, table: Path, target: Path, memory: Path | None, rejects: Path | None
) -> None:
    chosen = encoder.schema
    used = None if memory is None else _used(encoder, memory)
    read = records.read_table(table, wanted=chosen.columns)
    problems: Sequence[RowProblem] = ()
    if rejects is not None:
        read, problems = _without_bad_rows(read, chosen)
    accepted = records.accept(read, chosen)
    with bar(f"Encoding {accepted.source}", "records") as progress:
        encodings = encoder.encode(accepted, progress=progress, used=used)
    with ExitStack() as files:  # the last is put in place first: the memory before what used it
        encodings.save(files.enter_context(output.replacing(target)))
        if rejects is not None:
            listed = files.enter_context(output.replacing(rejects))
            listed.write_text(_listed(problems), encoding="utf-8")
        if used is not None and memory is not None:
            files.enter_context(output.replacing(memory)).write_bytes(used.to_bytes())
    if memory is not None:
        click.echo(f"used tokens in {memory}; the next delivery has to find them", err=True)
    left_out = f", {len({p.row for p in problems})} rows left out" if rejects is not None else ""
    click.echo(f"{len(encodings)} records encoded{left_out}; schema {chosen.fingerprint}", err=True)
    for comfort in comforts_of(encodings):
        click.echo(f"false comfort, {comfort}", err=True)


def _memory(encoder: Encoder, asked: Path | None, *, beside: Path, source: str) -> Path | None:
    """Where used tokens are remembered: always where views are thinned, and only there."""
    thins = any(view.thinned for view in encoder.schema.salted)
    if asked is not None and not thins:
        raise click.UsageError("The schema thins no view: --used-tokens has nothing to remember.")
    own = beside.with_name(f"{beside.name}.{source}.{encoder.commitment[:12]}.used")
    chosen = asked or (own if thins else None)
    return None if chosen is None else Path(os.path.realpath(chosen))


def _used(encoder: Encoder, memory: Path) -> UsedTokens:
    """What earlier deliveries used; empty at the first."""
    return UsedTokens.load(memory) if memory.exists() else encoder.used_tokens()


def _without_bad_rows(
    table: RecordTable, chosen: LinkageSchema
) -> tuple[RecordTable, Sequence[RowProblem]]:
    problems = records.validate(table, chosen)
    return table.without_rows({problem.row for problem in problems}), problems


def _listed(problems: Sequence[RowProblem]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "column", "problem"])
    writer.writerows([problem.row, problem.column, problem.code] for problem in problems)
    return text.getvalue()
