"""Engines: what compares, from the options ``--engine``, ``--scheduler`` and ``--tiles``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from linkage.kernel.cluster import on_cluster
from linkage.kernel.engine import Engine, select
from linkage.kernel.stored import StoredEngine

P = ParamSpec("P")
R = TypeVar("R")


def engine_options(command: Callable[P, R]) -> Callable[P, R]:
    """The options ``engine``, ``scheduler`` and ``tiles`` of a command that compares all with all."""
    options = (
        click.option(
            "--engine",
            type=click.Choice(["auto", "numba", "numpy"]),
            default="auto",
            show_default=True,
            help="What compares; the result is the same.",
        ),
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            help="Compare on the workers of a Dask scheduler (tcp://host:8786); extra `dask`.",
        ),
        click.option(
            "--tiles",
            metavar="FOLDER",
            type=click.Path(file_okay=False, path_type=Path),
            help="Keep what is compared here; the same command goes on there after an interruption.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def engine_of(engine: str, scheduler: str | None, tiles: Path | None, *, in_clear: bool) -> Engine:
    """The engine that the options ask for.

    Records in clear are compared by encodings under a known key, which never leave this machine.

    Raises:
        click.UsageError: a scheduler for records in clear.
        ClusterMissing: the extra is not installed.
    """
    if scheduler is not None and in_clear:
        raise click.UsageError("Records in clear are not sent to other machines: encode them.")
    chosen: Engine = on_cluster(scheduler, engine=engine) if scheduler else select(engine)
    return chosen if tiles is None else StoredEngine(chosen, tiles)
