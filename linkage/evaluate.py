"""Evaluate: precision, recall and F1 against a known truth, and only against one."""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.refusals import TruthInvalid

NamedRecord = tuple[str, str]
"""Source and record ID."""
NamedPair = tuple[NamedRecord, NamedRecord]
"""Two records, the smaller one first."""

_COLUMNS: Final = ("source_a", "record_a", "source_b", "record_b")


@dataclass(frozen=True, slots=True)
class Quality:
    """Pairs found and true pairs, counted; the three figures follow from the counts."""

    found: int
    true: int
    correct: int

    @property
    def precision(self) -> float:
        """Share of the pairs found that are true; 1.0 when none was found."""
        return self.correct / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that were found; 1.0 when there are none."""
        return self.correct / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall (Dice coefficient of found and true pairs)."""
        total = self.found + self.true
        return 2 * self.correct / total if total else 1.0


def pair(first: NamedRecord, second: NamedRecord) -> NamedPair:
    """An unordered pair in its one written form."""
    return (first, second) if first <= second else (second, first)


def evaluate(found: Collection[NamedPair], truth: Collection[NamedPair]) -> Quality:
    """Compare pairs found with true pairs; repeated pairs count once."""
    mine, true = set(found), set(truth)
    return Quality(len(mine), len(true), len(mine & true))


def read_truth(path: Path) -> set[NamedPair]:
    """True pairs from a CSV file (comma or semicolon) with the columns source_a, record_a, source_b, record_b.

    Raises:
        TruthInvalid: not UTF-8 or no CSV, a column is missing or empty, a row is too long or no pair;
        names the row, never a value.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TruthInvalid("it is not UTF-8") from None
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True
    )
    try:
        if not set(_COLUMNS) <= set(reader.fieldnames or ()):
            raise TruthInvalid(f"it needs the columns {', '.join(_COLUMNS)}")
        return {_pair_of(row, reader.line_num) for row in reader if _says_anything(row)}
    except csv.Error:
        raise TruthInvalid(f"line {reader.line_num} is no CSV") from None


def delimiter_of(text: str) -> str:
    """Comma or semicolon, whichever the first line of a table has more of."""
    start = text.split("\n", 1)[0]
    return ";" if start.count(";") > start.count(",") else ","


def _says_anything(row: Mapping[str | None, str | list[str] | None]) -> bool:
    """Spreadsheets leave rows of delimiters behind."""
    return any(any(value) if isinstance(value, list) else value for value in row.values())


def _pair_of(row: dict[str | None, str], number: int) -> NamedPair:
    values = [row.get(column) or "" for column in _COLUMNS]
    if not all(values):
        raise TruthInvalid(f"row {number} lacks a value")
    if None in row:
        raise TruthInvalid(f"row {number} is too long")
    first, second = (values[0], values[1]), (values[2], values[3])
    if first == second:
        raise TruthInvalid(f"row {number} pairs a record with itself")
    return pair(first, second)
