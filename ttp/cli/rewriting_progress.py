"""How far a file is: a bar with rows, rate and remaining time where somebody watches, and one line at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ttp.client.files.resuming import Done


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[[Done, int], None]]:
    """A bar on standard error with rows per second, where somebody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _size: None
        return
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
        began = time.monotonic()
        before: list[int] = []

        def move(done: Done, size: int) -> None:
            before.append(done.rows) if not before else None
            speed = (done.rows - before[0]) / max(time.monotonic() - began, 1e-6)
            bar.update(task, completed=done.offset, total=size, rows=done.rows, speed=speed)

        yield move


def summary(done: Done, seconds: float, *, resolved: bool) -> str:
    """What was done, in one line of counts."""
    known = f"{done.exchanged - done.created:,} {'resolved' if resolved else 'known'}"
    parts = [known] if resolved else [f"{done.created:,} new", known]
    parts += [f"{done.empty:,} empty"] if done.empty else []
    parts += [f"{done.rejected:,} rejected"] if done.rejected else []
    return f"{done.rows:,} rows: {', '.join(parts)}; {done.rows / max(seconds, 1e-6):,.0f} rows/s"
