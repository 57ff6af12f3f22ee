"""Columns: how lists are printed: aligned text with a heading, one row a line, so that other programs can read them."""

from __future__ import annotations

from collections.abc import Sequence

import click


def print_columns(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print the rows under their heading on standard output."""
    table = [[str(cell) for cell in row] for row in (heading, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())
