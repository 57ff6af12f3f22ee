"""Scored pairs: what a linkage judged, as a file that can be evaluated later and elsewhere.

A pair is there once. Refused by row number, never by value.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.classify import Outcome
from linkage.evaluate import NamedPair, delimiter_of, pair
from linkage.explain import Workings
from linkage.refusals import PairsInvalid
from linkage.result import LINK_COLUMNS, LinkResult

NAMES: Final = LINK_COLUMNS[:4]
LABELS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("yes", "y", "true", "1", "match", "ja", "j"), True),
    **dict.fromkeys(("no", "n", "false", "0", "non-match", "nein"), False),
}
"""What a person may write in the column `match`; nothing means not looked at yet."""


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """Pairs by number: ``names``; ``score`` (n), None where the file has none; ``accepted`` (n): links."""

    names: tuple[NamedPair, ...]
    score: NDArray[np.float64] | None
    accepted: NDArray[np.bool_]

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.names)

    @property
    def links(self) -> list[NamedPair]:
        """The pairs that were taken for one person."""
        return [self.names[row] for row in np.flatnonzero(self.accepted).tolist()]

    @property
    def threshold(self) -> float:
        """The lowest score of a link; of all pairs when there is none."""
        assert self.score is not None  # noqa: S101 - callers ask for scores first
        return float(min(self.score[self.accepted], default=max(self.score, default=0.0)))


def read_pairs(path: Path) -> ScoredPairs:
    """The pairs of a Parquet or CSV file (comma or semicolon) of ``ttp link`` or ``ttp dedupe``, or one made like it.

    Columns source_a, record_a, source_b, record_b; score, if there is one; outcome, if there is
    one: then `match` alone counts as a link, else every pair does.

    Raises:
        PairsInvalid: not UTF-8, a column is missing, a row is cut off, repeated or no pair.
    """
    rows = _rows(path, NAMES)
    names = [_name(row, number, path) for number, row in rows]
    _no_repeats(names, [number for number, _ in rows], path)
    with_score = bool(rows) and "score" in rows[0][1]
    score = [_score(row, number, path) for number, row in rows] if with_score else None
    accepted = [_accepted(row, number, path) for number, row in rows]
    return ScoredPairs(
        tuple(names),
        None if score is None else np.array(score, dtype=np.float64),
        np.array(accepted, dtype=np.bool_),
    )


def read_labels(path: Path, pairs: ScoredPairs) -> dict[int, bool]:
    """What a person decided, by number of the pair; the column is `match`, `LABELS` its words.

    Raises:
        PairsInvalid: as `read_pairs`; a word that is none; a pair that is not among ``pairs``.
    """
    rows = _rows(path, (*NAMES, "match"))
    names = [_name(row, number, path) for number, row in rows]
    _no_repeats(names, [number for number, _ in rows], path)
    place = {name: row for row, name in enumerate(pairs.names)}
    labels: dict[int, bool] = {}
    for name, (number, row) in zip(names, rows, strict=True):
        word = row["match"].strip().lower()
        if name not in place:
            raise PairsInvalid(path.name, f"row {number} is no pair of the evaluated file")
        if word and word not in LABELS:
            raise PairsInvalid(path.name, f"row {number} says neither yes nor no")
        if word:
            labels[place[name]] = LABELS[word]
    return labels


def to_review_csv(pairs: ScoredPairs, chosen: Sequence[int]) -> str:
    """Pairs for a person to look at, as CSV; without scores, in an order that tells nothing."""
    rows = sorted((*first, *second, "") for first, second in (pairs.names[row] for row in chosen))
    return _csv((*NAMES, "match"), rows)


def candidates_csv(found: LinkResult) -> str:
    """Every pair that was judged, with its score and outcome, best first in every two sources."""
    taken = {
        (one.source_a, str(one.record_a), one.source_b, str(one.record_b)): str(one.outcome)
        for one in (*found.possible, *found.links)
    }
    rows = (
        (*name, f"{score:.6f}", taken.get(name, str(Outcome.NON_MATCH)))
        for item in (*found.workings, *found.inside)
        for name, score in _judged(item)
    )
    return _csv(LINK_COLUMNS, rows)


def as_result(pairs: ScoredPairs, report: Mapping[str, object]) -> LinkResult:
    """The pairs as a result that `linkage.quality.report` describes; ``report`` are its figures."""
    score = pairs.score if pairs.score is not None else pairs.accepted.astype(np.float64)
    groups: dict[tuple[str, str], list[int]] = {}
    for row, (first, second) in enumerate(pairs.names):
        groups.setdefault((first[0], second[0]), []).append(row)
    made = tuple(_workings(pairs, score, of, np.array(rows)) for of, rows in groups.items())
    return LinkResult((), (), {}, report, made)


def _workings(
    pairs: ScoredPairs, score: NDArray[np.float64], of: tuple[str, str], rows: NDArray[np.int64]
) -> Workings:
    names = [pairs.names[row] for row in rows.tolist()]
    numbers = np.arange(len(rows), dtype=np.int32)
    return Workings(
        sources=of,
        ids_a=[first[1] for first, _ in names],
        ids_b=[second[1] for _, second in names],
        rows_a=numbers,
        rows_b=numbers,
        score=score[rows],
        links=pairs.accepted[rows],
        columns=("score",),
        base=0.0,
        levels=None,
        parts=lambda places: score[rows][places][:, None],
    )


def _judged(item: Workings) -> Iterator[tuple[tuple[str, str, str, str], float]]:
    order = np.lexsort((item.rows_b, item.rows_a, -item.score))
    columns = item.rows_a[order].tolist(), item.rows_b[order].tolist(), item.score[order].tolist()
    first, second = item.sources
    for a, b, score in zip(*columns, strict=True):
        yield (first, item.ids_a[a], second, item.ids_b[b]), score


def _rows(path: Path, needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Rows as texts with their numbers; the header is row 1."""
    read = _parquet(path) if path.suffix.lower() == ".parquet" else _text(path)
    reader = csv.reader(io.StringIO(read, newline=""), delimiter=delimiter_of(read), strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        header = next(reader, [])
        if not set(needed) <= set(header):
            raise PairsInvalid(path.name, f"it needs the columns {', '.join(needed)}")
        for number, cells in enumerate(reader, start=2):
            if not any(cells):  # spreadsheets leave rows of delimiters behind
                continue
            if len(cells) != len(header):
                raise PairsInvalid(path.name, f"row {number} is cut off or too long")
            rows.append((number, dict(zip(header, cells, strict=True))))
    except csv.Error:
        raise PairsInvalid(path.name, f"row {reader.line_num} is no CSV") from None
    return rows


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PairsInvalid(path.name, "it is not UTF-8") from None


def _parquet(path: Path) -> str:
    """A Parquet file as CSV."""
    try:
        import pyarrow as pa  # noqa: PLC0415  # optional, and half a second of import
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise PairsInvalid(path.name, "reading Parquet needs the extra `parquet`") from None
    try:
        table = parquet.read_table(path)
    except (OSError, pa.ArrowException):
        raise PairsInvalid(path.name, "it is not a whole Parquet file") from None
    try:
        columns = [column.to_pylist() for column in table.columns]
    except UnicodeDecodeError:
        raise PairsInvalid(path.name, "it holds text that is not UTF-8") from None
    return _csv(table.column_names, zip(*columns, strict=True))


def _name(row: Mapping[str, str], number: int, path: Path) -> NamedPair:
    values = [row[column] for column in NAMES]
    if not all(values):
        raise PairsInvalid(path.name, f"row {number} lacks a value")
    first, second = (values[0], values[1]), (values[2], values[3])
    if first == second:
        raise PairsInvalid(path.name, f"row {number} pairs a record with itself")
    return pair(first, second)


def _no_repeats(names: Sequence[NamedPair], numbers: Sequence[int], path: Path) -> None:
    seen: set[NamedPair] = set()
    for name, number in zip(names, numbers, strict=True):
        if name in seen:
            raise PairsInvalid(path.name, f"row {number} repeats a pair")
        seen.add(name)


def _score(row: Mapping[str, str], number: int, path: Path) -> float:
    try:
        score = float(row["score"])
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise PairsInvalid(path.name, f"row {number} has a score that is no number")
    return score


def _accepted(row: Mapping[str, str], number: int, path: Path) -> bool:
    outcome = row.get("outcome", "match")
    if outcome not in set(Outcome):
        raise PairsInvalid(path.name, f"row {number} has an unknown outcome")
    return outcome == Outcome.MATCH


def _csv(columns: Sequence[str], rows: Collection[Sequence[object]] | Iterator[object]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)  # type: ignore[arg-type]  # rows of cells, whatever holds them
    return text.getvalue()
