"""Progress: a bar on standard error, only where somebody watches; never in a pipe or a log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class Rate(ProgressColumn):
    """How many of something a second, as far as known."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: Task) -> Text:
        """The rate as text; empty before anything was done."""
        speed = task.finished_speed or task.speed
        return Text(f"{in_short(speed)} {self._unit}/s" if speed else "")


def in_short(count: float) -> str:
    """A large number in three digits: 950, 12.3 k, 1.40 G."""
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if count >= size:
            return f"{count / size:#.3g}{letter}".replace(". ", " ")
    return f"{count:.0f}"


@contextmanager
def bar(label: str, unit: str | None = None) -> Iterator[Callable[[int, int], None]]:
    """A callback (done, in all) that moves a bar; it does nothing off a terminal.

    With a ``unit`` the bar shows how many of it are done a second; it always shows the time left.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        *([Rate(unit)] if unit else []),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
