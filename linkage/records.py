"""Records: tables of identifying data in clear, in memory only.

Refused by row number, never by value.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NewType, Protocol

from linkage.columns import Coded
from linkage.errors import (
    DuplicateColumn,
    DuplicateRecordId,
    EmptyInput,
    MissingColumn,
    NotUtf8,
    RecordInvalid,
)
from linkage.evaluate import delimiter_of
from linkage.normalize import Unreadable
from linkage.parquet_tables import read_columns
from linkage.plain_csv import read_plain
from linkage.readable import Reading, reading_of
from linkage.schema import LinkageSchema

RecordId = NewType("RecordId", str)
"""A source's own name for a record; unique within its source."""

LONGEST_VALUE = 1000
"""Characters; no name, place or identifier is longer."""
LARGE_FILE = 1 << 20
"""Bytes from which loading the fast parser pays; it reads what the careful one would."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, order=True)
class RowProblem:
    """What is wrong in one row: its number (the header is row 1), the column and a reason code."""

    row: int
    column: str
    code: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.code}"


@dataclass(frozen=True, slots=True)
class RecordTable:
    """Records of one source, by column; `None` is missing. All columns are as long as `record_ids`.

    `rows` numbers the records as in the file they came from (the header is row 1). `problems` are
    those found while reading; their rows may be absent from the table.
    """

    source: str
    record_ids: tuple[RecordId, ...]
    columns: Mapping[str, Sequence[str | None]]
    rows: Sequence[int] = ()
    problems: tuple[RowProblem, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.record_ids)

    @property
    def row_numbers(self) -> Sequence[int]:
        """Row number of each record; counted from 2 when the table came from no file."""
        return self.rows or range(2, len(self) + 2)

    def records(self) -> Iterator[dict[str, str | None]]:
        """Each record as a mapping from column to value, in order."""
        names = list(self.columns)
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))

    def without_rows(self, rows: Iterable[int]) -> "RecordTable":
        """The table less some rows (numbers as in `row_numbers`), its problems settled."""
        out = frozenset(rows)
        keep = [place for place, row in enumerate(self.row_numbers) if row not in out]
        return RecordTable(
            source=self.source,
            record_ids=tuple(self.record_ids[place] for place in keep),
            columns={name: Coded.of(values).take(keep) for name, values in self.columns.items()},
            rows=[self.row_numbers[place] for place in keep],
        )


def table_of(source: str, records: Iterable[Mapping[str, str | None]]) -> RecordTable:
    """A table from records with a `record_id` each; columns are the union of their keys."""
    listed = list(records)
    names = dict.fromkeys(name for record in listed for name in record if name != "record_id")
    return RecordTable(
        source=source,
        record_ids=tuple(RecordId(record.get("record_id") or "") for record in listed),
        columns={name: [record.get(name) or None for record in listed] for name in names},
    )


def read_csv(path: Path, *, source: str | None = None) -> RecordTable:
    """Read a CSV file (RFC 4180, UTF-8 with or without byte order mark, comma or semicolon).

    `source` defaults to the file's name without extension. Bad rows do not stop the reading: they
    are left out and listed in `problems`, for `validate` to report.

    Raises:
        NotUtf8, EmptyInput, DuplicateColumn, MissingColumn (`record_id`): the file as a
            whole is unusable.
    """
    name = source or path.stem
    raw = path.read_bytes()
    plain = read_plain(raw, longest=LONGEST_VALUE) if len(raw) >= LARGE_FILE else None
    if plain is not None:
        return RecordTable(name, tuple(map(RecordId, plain.record_ids)), plain.columns)
    text = _decode(raw, name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    header = _header(reader, name)
    rows, values, problems = _read_rows(reader, header)
    if not rows and not problems:
        raise EmptyInput(name)
    columns = dict(zip(header, map(list, zip(*values, strict=True)), strict=True)) if rows else {}
    ids = columns.pop("record_id", [])
    return RecordTable(
        source=name,
        record_ids=tuple(RecordId(identifier or "") for identifier in ids),
        columns=columns or {column: [] for column in header if column != "record_id"},
        rows=rows,
        problems=tuple(problems),
    )


def read_parquet(
    path: Path, *, source: str | None = None, wanted: Collection[str] | None = None
) -> RecordTable:
    """Read a Parquet file; `source` defaults to its name without extension; `wanted` as in `read_table`.

    Raises:
        TableUnreadable, EmptyInput, DuplicateColumn, MissingColumn (`record_id`), ColumnNotText:
            the file as a whole is unusable.
    """
    name = source or path.stem
    ids, columns = read_columns(path, name, wanted)
    if not ids:
        raise EmptyInput(name)
    return RecordTable(name, tuple(map(RecordId, ids)), columns)


def read_table(
    path: Path, *, source: str | None = None, wanted: Collection[str] | None = None
) -> RecordTable:
    """Read a file of records: Parquet if its name ends so, else CSV.

    `wanted` are the columns somebody will look at: of Parquet no others are read, whatever they hold.
    """
    if path.suffix.lower() == ".parquet":
        return read_parquet(path, source=source, wanted=wanted)
    return read_csv(path, source=source)


def _decode(raw: bytes, name: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise NotUtf8(name, error.start, row=row) from None
    if not text.strip():
        raise EmptyInput(name)
    return text


def _header(reader: "_Rows", name: str) -> list[str]:
    try:
        header = [column.strip().lower() for column in next(reader)]
    except csv.Error:
        header = []
    repeated = [
        place + 1 for place, column in enumerate(header) if column and column in header[:place]
    ]
    if repeated:
        raise DuplicateColumn(name, repeated)
    if "record_id" not in header:
        raise MissingColumn(name, ["record_id"])
    return header


class _Rows(Protocol):
    """A reader of CSV, which counts the lines it took."""

    @property
    def line_num(self) -> int: ...
    def __next__(self) -> list[str]: ...


def _read_rows(
    reader: _Rows, header: list[str]
) -> tuple[list[int], list[list[str | None]], list[RowProblem]]:
    """Rows are lines: no value may hold a line break, and lines behind an open quote are lost one by one."""
    rows: list[int] = []
    values: list[list[str | None]] = []
    problems: list[RowProblem] = []
    while True:
        row, code = reader.line_num + 1, "control-character"
        cells: list[str] | None = None
        try:
            cells = next(reader)
        except StopIteration:
            return rows, values, problems
        except csv.Error as error:
            code = "value-too-long" if "field limit" in str(error) else "malformed-csv"
            problems.append(RowProblem(row, "row", code))
        problems += [RowProblem(at, "row", code) for at in range(row + 1, reader.line_num + 1)]
        if not cells:
            continue
        found = list(_cell_problems(row, cells, header))
        if found:
            problems.extend(found)
        else:
            rows.append(row)
            values.append([cell or None for cell in cells])


def _cell_problems(row: int, cells: list[str], header: list[str]) -> Iterator[RowProblem]:
    """What is wrong with the bytes of a row, before any meaning."""
    if len(cells) != len(header):
        yield RowProblem(row, "row", "wrong-number-of-columns")
        return
    for column, cell in zip(header, cells, strict=True):
        if code := _text_problem(cell):
            yield RowProblem(row, column, code)


def _text_problem(value: str) -> str | None:
    if len(value) > LONGEST_VALUE:
        return "value-too-long"
    if _CONTROL.search(value):
        return "nul-byte" if "\0" in value else "control-character"
    return None


def validate(table: RecordTable, schema: LinkageSchema) -> list[RowProblem]:
    """Everything wrong with a table under a schema, by row: all problems, not only the first.

    Raises:
        EmptyInput: no record and no problem at all.
        MissingColumn: a column the schema's filters read is not there.
    """
    missing = [column for column in schema.required_columns if column not in table.columns]
    if missing:
        raise MissingColumn(table.source, missing)
    if not len(table) and not table.problems:
        raise EmptyInput(table.source)
    problems = [*table.problems, *_id_problems(table)]
    for column in schema.columns:
        if column in table.columns:
            coded = Coded.of(table.columns[column])
            problems += _column_problems(table, column, coded, reading_of(schema, column))
    return sorted(problems)


def _column_problems(
    table: RecordTable, column: str, coded: Coded, reading: Reading
) -> Iterator[RowProblem]:
    """What is wrong with a column, each distinct value read once; what was read is kept with it."""
    learned = coded.learned.setdefault(reading, {})
    bad: dict[int, str] = {}
    for code, value in enumerate(coded.values):
        if problem := _text_problem(value or ""):
            bad[code] = problem
            continue
        try:
            learned[code] = reading(value)
        except Unreadable as error:
            bad[code] = error.code
    if bad:
        for row in coded.rows_of(list(bad)).tolist():
            yield RowProblem(table.row_numbers[row], column, bad[int(coded.codes[row])])


def _id_problems(table: RecordTable) -> Iterator[RowProblem]:
    """Every record needs an ID of its own; all bearers of a repeated ID are named."""
    whole = "".join(table.record_ids)
    sound = (
        not _CONTROL.search(whole) and max(map(len, table.record_ids), default=0) <= LONGEST_VALUE
    )
    if sound and len(set(table.record_ids)) == len(table) and all(map(str.strip, table.record_ids)):
        return
    counts = Counter(table.record_ids)
    for row, identifier in zip(table.row_numbers, table.record_ids, strict=True):
        if not identifier.strip():
            yield RowProblem(row, "record_id", "missing")
        elif counts[identifier] > 1:
            yield RowProblem(row, "record_id", "duplicate-record-id")
        elif code := _text_problem(identifier):
            yield RowProblem(row, "record_id", code)


def accept(table: RecordTable, schema: LinkageSchema) -> RecordTable:
    """The table itself when nothing is wrong with it.

    Raises:
        DuplicateRecordId: the only kind of problem is repeated record IDs.
        RecordInvalid: some row is bad; `problems` lists all.
        EmptyInput, MissingColumn: as in `validate`.
    """
    problems = validate(table, schema)
    if problems and all(problem.code == "duplicate-record-id" for problem in problems):
        raise DuplicateRecordId(table.source, problems)
    if problems:
        raise RecordInvalid(table.source, problems)
    return table
