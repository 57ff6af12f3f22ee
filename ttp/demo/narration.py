"""Narration: every step has a number, a bar and its seconds; where nobody watches, one line per step suffices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed


@dataclass(slots=True)
class Step:
    """A running step: its progress, and what it says of itself when it is done."""

    progress: Progress
    task: int
    said: list[str] = field(default_factory=list)

    def expect(self, total: int) -> None:
        """Say how many things there are to do, beyond what was said before."""
        known = self.progress.tasks[self.task].total or 0
        self.progress.update(self.progress.tasks[self.task].id, total=known + total)

    def advance(self, amount: int = 1) -> None:
        """Say that some of them are done; any thread may."""
        self.progress.advance(self.progress.tasks[self.task].id, amount)

    def follow(self) -> Callable[[str, int, int], None]:
        """A callback (stage, done, total) for work that reports its own stages one after the other."""
        reached: dict[str, int] = {}

        def moved(stage: str, done: int, total: int) -> None:
            if stage not in reached:
                reached[stage] = 0
                self.expect(total)
            self.advance(done - reached[stage])
            reached[stage] = done

        return moved

    def say(self, sentence: str) -> None:
        """Add a sentence to what is shown when the step is done."""
        self.said.append(sentence)


class Narrator:
    """Shows steps one after the other and remembers how long each took, in seconds."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: dict[str, float] = {}
        self.stage = ""
        self._lock = threading.Lock()

    @contextmanager
    def step(self, name: str, title: str) -> Iterator[Step]:
        """Run one step under a bar; ``name`` is its key in the report."""
        started, self.stage = time.monotonic(), name
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            Elapsed(),
        )
        hidden = not self.console.is_terminal
        with Progress(*columns, console=self.console, transient=True, disable=hidden) as progress:
            step = Step(progress, progress.add_task(title, total=None))
            yield step
        self.seconds[name] = round(time.monotonic() - started, 2)
        self._done(title, self.seconds[name], step.said)

    def _done(self, title: str, seconds: float, said: list[str]) -> None:
        with self._lock:
            self.console.print(f"[green]✓[/] {title}  [dim]{seconds:.1f} s[/]")
            for sentence in said:
                self.console.print(f"    {sentence}", highlight=False, soft_wrap=True)
