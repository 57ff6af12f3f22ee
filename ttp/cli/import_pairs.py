"""``ttp import``: bring pseudonyms that another system issued, in batches; again is always safe."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ttp.cli.pairs import FORMATS, PairRow, read_pairs
from ttp.cli.pseudonym_desks import at_a_desk, desk_of

if TYPE_CHECKING:
    from ttp.cli.pseudonym_desks import Desk

AT_ONCE = 10_000


@click.group("import")
def bring() -> None:
    """Bring what another system issued."""


@bring.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--domain", required=True, help="The domain that takes the pairs over.")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--from", "source", help="Of a gPAS export with several domains: the one to take.")
@click.option("--rejects", type=click.Path(path_type=Path), help="List the bad rows here, as CSV.")
@at_a_desk
@click.pass_context
def pairs(
    ctx: click.Context,
    *,
    file: Path,
    domain: str,
    kind: str,
    source: str | None,
    rejects: Path | None,
    url: str | None,
    key_file: Path | None,
) -> None:
    """Take over the pairs (original, pseudonym) of FILE, 10,000 in a transaction.

    Bad rows are named by number and code, never by value, and end the command with 1; all others are taken over.
    After an interruption the same command goes on behind the last whole batch, which FILE.resume remembers.
    """
    desk = desk_of(ctx, url, key_file)
    work = _Work(file, domain, kind, source)
    begun = work.resumed()
    counts: Counter[str] = Counter()
    started, processor = time.monotonic(), time.process_time()
    with _Rejects(rejects, going_on=begun > 0) as reject, work.progress() as moved:
        for batch in _batches(islice(work.rows(), begun, None)):
            for row, code in _imported(desk, domain, batch):
                counts[code] += 1
                if code not in {"new", "known"}:
                    reject(row.number, code)
            begun += len(batch)
            work.remember(begun)
            moved(begun)
    work.forget()
    _report(counts, time.monotonic() - started, time.process_time() - processor)
    ctx.exit(1 if counts.keys() - {"new", "known"} else 0)


class _Work:
    """A file that is imported, and how far it is."""

    def __init__(self, file: Path, domain: str, kind: str, source: str | None) -> None:
        self._file, self._kind, self._source = file, kind, source
        found = file.stat()
        self._of = f"{domain} {kind} {source} {found.st_size} {found.st_mtime_ns}"
        self._resume = file.with_name(f"{file.name}.resume")

    def rows(self) -> Iterator[PairRow]:
        """All rows of the file."""
        return read_pairs(self._file, self._kind, domain=self._source)

    def resumed(self) -> int:
        """How many rows an interrupted run of the same work has done."""
        if not self._resume.exists():
            return 0
        of, _, done = self._resume.read_text("utf-8").rpartition("\n")
        return int(done) if of == self._of and done.isdecimal() else 0

    def remember(self, done: int) -> None:
        """Note how many rows are done, all at once."""
        from ttp.cli.output import write

        write(self._resume, lambda path: path.write_text(f"{self._of}\n{done}", "utf-8"))

    def forget(self) -> None:
        """The work is done."""
        self._resume.unlink(missing_ok=True)

    def progress(self) -> Any:
        """A line on standard error, where somebody watches, with rows and rate."""
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn

        console = Console(stderr=True)
        columns = (
            SpinnerColumn(),
            TextColumn("{task.completed:,} rows  {task.fields[rate]:,.0f}/s"),
        )
        return _Moving(
            Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        )


class _Moving:
    """A progress that is told how many rows are done."""

    def __init__(self, progress: Any) -> None:
        self._progress = progress

    def __enter__(self) -> Callable[[int], None]:
        self._progress.start()
        started = time.monotonic()
        task = self._progress.add_task("", total=None, rate=0.0)

        def moved(done: int) -> None:
            rate = done / max(time.monotonic() - started, 1e-6)
            self._progress.update(task, completed=done, rate=rate)

        return moved

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


class _Rejects:
    """Where bad rows go: a CSV file, or standard error."""

    def __init__(self, path: Path | None, *, going_on: bool) -> None:
        self._path, self._mode = path, "a" if going_on else "w"
        self._stream: Any = None

    def __enter__(self) -> Callable[[int, str], None]:
        if self._path is None:
            return lambda row, code: click.echo(f"row {row}: {code}", err=True)
        from keys.private_files import make_private

        self._stream = make_private(self._path).open(self._mode, encoding="utf-8")
        if self._mode == "w":
            self._stream.write("row,code\n")
        return lambda row, code: self._stream.write(f"{row},{code}\n")

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()


def _batches(rows: Iterable[PairRow]) -> Iterator[list[PairRow]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, AT_ONCE)):
        yield batch


def _imported(desk: Desk, domain: str, batch: Sequence[PairRow]) -> Iterator[tuple[PairRow, str]]:
    """Each row, and ``new``, ``known`` or the code of what is wrong with it."""
    good = [row for row in batch if not row.problem]
    answers = desk.bring(domain, [(row.original, row.pseudonym) for row in good])
    for row in batch:
        if row.problem:
            yield row, row.problem
    for row, (_, word) in zip(good, answers, strict=True):
        yield row, word


def _report(counts: Counter[str], seconds: float, processor: float) -> None:
    rows = counts.total()
    told = ", ".join(f"{counts[code]:,} {code}" for code in sorted(counts)) or "nothing"
    speed = f"{rows / max(seconds, 1e-6):,.0f} rows/s, {processor:,.1f} s of processor"
    click.echo(f"{rows:,} rows: {told}; {speed}")
