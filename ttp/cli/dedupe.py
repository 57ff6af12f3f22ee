"""``ttp dedupe``: one source in, encoded or in clear; pairs and groups of records of one person out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from linkage.deduplicate import deduplicate, deduplicate_clear
from linkage.encode import EncodingSet
from linkage.evaluate import NamedPair, read_truth
from linkage.kernel.engine import Engine
from linkage.quality.scored_pairs import candidates_csv
from linkage.result import LinkResult
from ttp.cli import output
from ttp.cli.engines import engine_of, engine_options
from ttp.cli.link import table_in_clear, worked
from ttp.cli.progress import bar
from ttp.cli.reports import report_option, require_room, write_reports
from ttp.cli.tables import FORMATS, written

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Gets pairs.csv, groups.csv and report.json.",
)
@click.option("--clear", "in_clear", is_flag=True, help="The file is CSV or Parquet in clear.")
@click.option("--threshold", type=float, help="Score from which two records are one person.")
@click.option("--truth", type=_FILE, help="CSV of true pairs, to report precision and recall.")
@click.option(
    "--candidates",
    is_flag=True,
    help="Write candidates too, every pair that was judged, for ttp evaluate.",
)
@click.option("--format", "kind", type=click.Choice(FORMATS), default="csv", show_default=True)
@report_option
@engine_options
def command(
    *,
    file: Path,
    folder: Path,
    in_clear: bool,
    threshold: float | None,
    truth: Path | None,
    candidates: bool,
    kind: str,
    reports: Sequence[Path],
    engine: str,
    scheduler: str | None,
    tiles: Path | None,
) -> None:
    """Find the records of FILE that are one person; encoded by ``ttp encode``, or in clear.

    Exit code 0: done; 2: refused, nothing is written.
    """
    names = ("pairs", "groups", *(("candidates",) if candidates else ()))
    require_room(folder, reports, names, kind, read=(file, truth))
    known = None if truth is None else read_truth(truth)
    chosen = engine_of(engine, scheduler, tiles, in_clear=in_clear)
    found = _found(file, threshold, known, chosen, in_clear=in_clear)
    tables = {"pairs": found.links_csv(), "groups": found.clusters_csv()}
    if candidates:
        tables["candidates"] = candidates_csv(found)
    output.write_all(folder, written(tables, kind) | {"report.json": found.report_json()})
    write_reports(reports, found, truth=known)
    _tell(folder, found)


def _found(
    file: Path,
    threshold: float | None,
    truth: set[NamedPair] | None,
    engine: Engine,
    *,
    in_clear: bool,
) -> LinkResult:
    if in_clear:
        table = table_in_clear(file)
        with bar("Comparing", "pairs") as progress:
            return deduplicate_clear(
                table, threshold=threshold, engine=engine, progress=progress, truth=truth
            )
    encodings = EncodingSet.load(file).renamed(file.stem)
    with bar("Comparing", "pairs") as progress:
        return deduplicate(
            encodings, threshold=threshold, engine=engine, progress=progress, truth=truth
        )


def _tell(folder: Path, found: LinkResult) -> None:
    count = f"{len(found.links)} pairs, {len(found.possible)} possible pairs"
    groups = found.report["groups_of_several"]
    click.echo(f"{count}, {groups} groups of several records: see {folder}", err=True)
    click.echo(worked(found), err=True)
