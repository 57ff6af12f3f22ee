"""Sheets: custodians are named on the command line; what goes into their envelopes is shown once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ttp.making_root import Custodians, Sheet

HandOut = Callable[[tuple["Sheet", ...]], None]


def quorum_options(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options ``--threshold``, ``--custodian`` and ``--shares-dir`` of a command that deals shares."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.option(
                "--shares-dir",
                type=click.Path(file_okay=False, path_type=Path),
                help="Write the sheets into this folder (mode 0600) instead of printing them.",
            ),
            click.option(
                "--custodian",
                multiple=True,
                required=required,
                metavar="NAME",
                help="A custodian who gets a share; once for each of them.",
            ),
            click.option(
                "--threshold",
                type=click.IntRange(2, 31),
                required=required,
                help="How many custodians open together.",
            ),
        ):
            command = option(command)
        return command

    return decorate


def custodians_of(threshold: int | None, names: tuple[str, ...]) -> Custodians | None:
    """The custodians named, None if none were."""
    from ttp.making_root import Custodians

    if threshold is None and not names:
        return None
    if threshold is None or not names:
        raise click.UsageError("A quorum needs --threshold and every --custodian.")
    return Custodians(threshold, names)


@contextmanager
def emptied(folder: Path | None) -> Iterator[HandOut]:
    """How sheets are handed out: printed, or written to a folder that is empty or new.

    Raises:
        click.UsageError: before anything is dealt, if something lies in the folder.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise click.UsageError(f"{folder} is not empty; sheets need a folder of their own.")
    yield lambda sheets: _hand_out(sheets, folder)


def _hand_out(sheets: tuple[Sheet, ...], folder: Path | None) -> None:
    from ttp.making_root import write_private

    for number, sheet in enumerate(sheets, start=1):
        if folder is None:
            click.echo(f"{sheet.text}\n\n{'- ' * 36}\n")
        else:
            write_private(folder / f"share-{number}.txt", sheet.text.encode() + b"\n")
    if sheets and folder is not None:
        click.echo(
            f"{len(sheets)} sheets are in {folder}: print them and destroy the files.", err=True
        )
