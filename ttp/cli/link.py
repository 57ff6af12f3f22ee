"""``ttp link``: encodings (or records in clear) of two and more sources in, links and clusters out."""

from collections.abc import Sequence
from pathlib import Path

import click

from linkage import clear, records
from linkage.encode import EncodingSet
from linkage.evaluate import read_truth
from linkage.pipeline import link, link_clear
from linkage.records import RecordTable
from linkage.refusals import DuplicateSource, TooFewSources
from linkage.result import LinkResult
from ttp.cli import output
from ttp.cli.progress import bar

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


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
@click.option("--clear", "in_clear", is_flag=True, help="The files are CSV files in clear.")
@click.option(
    "--threshold",
    type=float,
    help="Score from which pairs match; without it the program chooses one and says how.",
)
@click.option("--truth", type=_FILE, help="CSV of true pairs, to report precision and recall.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "numba", "numpy"]),
    default="auto",
    show_default=True,
    help="What compares; the result is the same.",
)
def command(
    inputs: Sequence[Path],
    folder: Path,
    in_clear: bool,
    threshold: float | None,
    truth: Path | None,
    engine: str,
) -> None:
    """Link encoded files made by ``ttp encode``; a source is named after its file."""
    _check_names(inputs)
    known = read_truth(truth) if truth is not None else None
    if in_clear:
        tables = [_table(path) for path in inputs]
        with bar("Comparing") as progress:
            found = link_clear(
                tables, threshold=threshold, engine=engine, progress=progress, truth=known
            )
    else:
        sets = [EncodingSet.load(path).renamed(path.stem) for path in inputs]
        with bar("Comparing") as progress:
            found = link(sets, threshold=threshold, engine=engine, progress=progress, truth=known)
    _write(folder, found)


def _check_names(inputs: Sequence[Path]) -> None:
    """Refuse before anything is read what could not be told apart afterwards."""
    names = [path.stem for path in inputs]
    if len(names) < 2:
        raise TooFewSources
    for place, name in enumerate(names):
        if name in names[:place]:
            raise DuplicateSource(name)


def _table(path: Path) -> RecordTable:
    return records.accept(records.read_csv(path), clear.internal_schema())


def _write(folder: Path, found: LinkResult) -> None:
    output.write_all(
        folder,
        {
            "links.csv": found.links_csv(),
            "clusters.csv": found.clusters_csv(),
            "report.json": found.report_json(),
        },
    )
    count = f"{len(found.links)} matches, {len(found.possible)} possible matches"
    click.echo(f"{count}, {len(found.clusters)} clusters: see {folder}", err=True)
