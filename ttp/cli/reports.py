"""Reports: figures of a linkage as JSON or as one HTML page that opens offline, by the file's name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import click

from linkage.evaluate import NamedPair
from linkage.quality import page, report
from linkage.quality.estimate import Estimate
from linkage.result import LinkResult
from ttp.cli import output

P = ParamSpec("P")
R = TypeVar("R")

_WRITERS: Final = {".json": report.as_json, ".html": page.as_html}


def _checked(
    _ctx: click.Context, _parameter: click.Parameter, paths: Sequence[Path]
) -> Sequence[Path]:
    """Refuse before hours of work what could not be written after them."""
    for path in paths:
        if path.suffix not in _WRITERS:
            raise click.BadParameter("a report is named .html or .json")
        if not path.parent.is_dir():
            raise click.BadParameter(f"there is no directory {path.parent}")
    return paths


def report_option(command: Callable[P, R]) -> Callable[P, R]:
    """The option ``--report FILE.html|FILE.json``, several times; a parameter ``reports``."""
    return click.option(
        "--report",
        "reports",
        metavar="FILE.html|FILE.json",
        multiple=True,
        type=click.Path(dir_okay=False, path_type=Path),
        callback=_checked,
        help="Figures, scores and thresholds; shows no record IDs. May be given twice.",
    )(command)


def require_room(
    folder: Path,
    reports: Sequence[Path],
    tables: Sequence[str],
    kind: str,
    *,
    read: Sequence[Path | None],
) -> None:
    """Refuse before hours of work a folder or reports that could not be written after them, or must not be.

    Raises:
        click.UsageError, OSError: as `output.require_targets`.
    """
    files = [f"{name}.{kind}" for name in tables] + ["report.json"]
    output.require_targets([*(folder / name for name in files), *reports], read=read, made=folder)


def write_reports(
    paths: Sequence[Path],
    found: LinkResult,
    *,
    truth: Collection[NamedPair] | None = None,
    estimate: Estimate | None = None,
    shown: int = report.SHOWN,
) -> None:
    """Write every report asked for; ``shown`` pairs nearest to the threshold are explained."""
    if not paths:
        return
    document = report.describe(found, truth=truth, estimate=estimate, shown=shown)
    for path in paths:
        text = _WRITERS[path.suffix](document)
        output.write(path, partial(Path.write_text, data=text, encoding="utf-8"))
