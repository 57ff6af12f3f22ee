"""``ttp demo``: three trust centers on this machine do the main job from end to end."""

from __future__ import annotations

from pathlib import Path

import click

PATIENTS = 10_000


@click.command()
@click.option(
    "--patients",
    type=click.IntRange(50, 100_000),
    default=PATIENTS,
    show_default=True,
    help="Per hospital.",
)
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".run/demo"),
    show_default=True,
    help="Where the centers live; made anew.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65533),
    default=8101,
    show_default=True,
    help="The first of three.",
)
@click.option("--once", is_flag=True, help="On free ports; end when all is done.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures as JSON."
)
def demo(*, patients: int, directory: Path, port: int, once: bool, report: Path | None) -> None:
    """Register made-up patients, link them across centers, review, release and verify.

    The centers stay up until Ctrl-C, for you to look around.
    """
    from rich.console import Console

    from ttp.demo.run import Plan, run

    plan = Plan(directory.absolute(), patients, once, port, report)
    try:
        run(plan, Console())
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
