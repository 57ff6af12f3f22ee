"""``ttp link``: encodings (or records in clear) of two and more sources in, links and clusters out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from linkage import clear, records
from linkage.decide.selftrain import ScorerKind
from linkage.encode import EncodingSet
from linkage.evaluate import NamedPair, read_truth
from linkage.kernel import Progress
from linkage.kernel.engine import Engine
from linkage.pipeline import link, link_clear
from linkage.quality.scored_pairs import candidates_csv
from linkage.records import RecordTable
from linkage.refusals import DuplicateSource, TooFewSources
from linkage.result import LinkResult
from ttp.cli import output
from ttp.cli.engines import engine_of, engine_options
from ttp.cli.progress import bar, in_short
from ttp.cli.reports import report_option, require_room, write_reports
from ttp.cli.tables import FORMATS, written

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What links: threshold and scorer asked for, truth to report, engine, sources with duplicates."""

    threshold: float | None
    scorer: ScorerKind | None
    truth: set[NamedPair] | None
    engine: Engine
    duplicates: Sequence[str]


@click.command()
@click.argument("inputs", metavar="FILE_A FILE_B [FILE_C …]", nargs=-1, type=_FILE, required=True)
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Gets links.csv, clusters.csv and report.json.",
)
@click.option("--clear", "in_clear", is_flag=True, help="The files are CSV or Parquet in clear.")
@click.option(
    "--threshold",
    type=float,
    help="Score from which pairs match; without it the program chooses one and says how.",
)
@click.option(
    "--scorer",
    type=click.Choice([str(kind) for kind in ScorerKind]),
    help="What judges; without it what suits the layout. One filter a record is judged by Dice.",
)
@click.option(
    "--duplicates",
    metavar="SOURCE",
    multiple=True,
    help="A source that may hold a person several times; merged into the clusters. Repeatable.",
)
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
    inputs: Sequence[Path],
    *,
    folder: Path,
    in_clear: bool,
    threshold: float | None,
    scorer: str | None,
    duplicates: Sequence[str],
    truth: Path | None,
    candidates: bool,
    kind: str,
    reports: Sequence[Path],
    engine: str,
    scheduler: str | None,
    tiles: Path | None,
) -> None:
    """Link encoded files made by ``ttp encode``; a source is named after its file.

    Exit code 0: done; 2: refused, nothing is written.
    """
    _check_names(inputs)
    names = ("links", "clusters", *(("candidates",) if candidates else ()))
    require_room(folder, reports, names, kind, read=(*inputs, truth))
    asked = _Asked(
        threshold,
        None if scorer is None else ScorerKind(scorer),
        None if truth is None else read_truth(truth),
        engine_of(engine, scheduler, tiles, in_clear=in_clear),
        duplicates,
    )
    found = _linked(inputs, asked, in_clear=in_clear)
    tables = {"links": found.links_csv(), "clusters": found.clusters_csv()}
    if candidates:
        tables["candidates"] = candidates_csv(found)
    output.write_all(folder, written(tables, kind) | {"report.json": found.report_json()})
    write_reports(reports, found, truth=asked.truth)
    _tell(folder, found)


def _linked(inputs: Sequence[Path], asked: _Asked, *, in_clear: bool) -> LinkResult:
    if in_clear:
        tables = [table_in_clear(path) for path in inputs]
        with bar("Comparing", "pairs") as progress:
            return link_clear(
                tables,
                threshold=asked.threshold,
                engine=asked.engine,
                progress=progress,
                truth=asked.truth,
                scorer=asked.scorer,
                duplicates=asked.duplicates,
            )
    sets = [EncodingSet.load(path).renamed(path.stem) for path in inputs]
    with bar("Comparing", "pairs") as progress:
        return _link_sets(sets, asked, progress)


def _link_sets(sets: Sequence[EncodingSet], asked: _Asked, progress: Progress) -> LinkResult:
    return link(
        sets,
        threshold=asked.threshold,
        engine=asked.engine,
        progress=progress,
        truth=asked.truth,
        scorer=asked.scorer,
        duplicates=asked.duplicates,
    )


def _check_names(inputs: Sequence[Path]) -> None:
    """Refuse before anything is read what could not be told apart afterwards."""
    names = [path.stem for path in inputs]
    if len(names) < 2:
        raise TooFewSources
    for place, name in enumerate(names):
        if name in names[:place]:
            raise DuplicateSource(name)


def table_in_clear(path: Path) -> RecordTable:
    """A file of records in clear, checked.

    Raises:
        LinkageError: what cannot be used, by row and never by value.
    """
    schema = clear.internal_schema()
    return records.accept(records.read_table(path, wanted=schema.columns), schema)


def _tell(folder: Path, found: LinkResult) -> None:
    count = f"{len(found.links)} matches, {len(found.possible)} possible matches"
    click.echo(f"{count}, {len(found.clusters)} clusters: see {folder}", err=True)
    click.echo(worked(found), err=True)


def worked(found: LinkResult) -> str:
    """How much was compared, how fast and by which engine, in one line."""
    compared, seconds = found.report["pairs_compared"], found.report["seconds"]
    if not isinstance(compared, int) or not isinstance(seconds, float):
        return ""
    rate = in_short(compared / max(seconds, 0.001))
    engine, scorer = found.report["engine"], found.report["scorer"]
    return (
        f"{compared:,} pairs in {seconds:.1f} s ({rate} pairs/s), engine {engine}, scorer {scorer}"
    )
