"""Parquet: string columns are exchanged, every other column keeps its type and values; needs the extra ``parquet``.

A Parquet file has its index at its end and cannot be cut; so new values are first written aside, one line a kept
row, and the file is assembled from them and the source in one pass. Leading zeros survive because only text is
taken: a column of numbers has lost them already and is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from ttp.client.errors import TableRefused
from ttp.client.files.units import Asked, BadUnit, Place, Unit

READ_ROWS = 20_000
GROUP_ROWS = 100_000


class ParquetFile:
    """A Parquet file and the columns of it that are meant, each with its domain."""

    def __init__(self, path: Path, columns: Mapping[str, str]) -> None:
        """Read the schema.

        Raises:
            TableRefused: pyarrow is missing, the file is no Parquet, or a column is missing or no text.
        """
        self._arrow, self._parquet = _libraries()
        try:
            self._file = self._parquet.ParquetFile(path, pre_buffer=False)
        except self._arrow.ArrowException:
            raise TableRefused("The file is not Parquet.") from None
        self._columns = dict(columns)
        self.size = int(self._file.metadata.num_rows)
        names = self._file.schema_arrow.names
        for name in columns:
            self._require_text(names, name)

    def units(self, start: Place) -> Iterator[Unit | BadUnit]:
        """The rows after a place; row 1 is the first."""
        row = start.row
        for values in self._values(start.row):
            row += 1
            there = [
                (number, name, value)
                for number, (name, value) in enumerate(zip(self._columns, values, strict=True))
                if value
            ]
            asked = tuple(Asked(name, self._columns[name], value) for _, name, value in there)
            places = [number for number, _, _ in there]
            yield Unit(Place(row, row), asked, partial(_line, row, values, places))

    def assemble(self, part: Path, target: Path) -> None:
        """Put the new values into a copy of the source; the target takes its place in full or not at all."""
        temporary = target.with_name(f"{target.name}.assembling")
        try:
            with part.open("rb") as lines:
                self._assemble(lines, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def _assemble(self, lines: Iterator[bytes], target: Path) -> None:
        schema = self._schema()
        kept = map(orjson.loads, lines)
        waiting = next(kept, None)
        first = 1
        with self._parquet.ParquetWriter(target, schema, compression=self._compression()) as out:
            for batch in self._file.iter_batches(batch_size=GROUP_ROWS):
                rows = []
                while waiting is not None and waiting[0] < first + batch.num_rows:
                    rows.append(waiting)
                    waiting = next(kept, None)
                if rows:
                    out.write_table(self._replaced(batch, rows, first, schema))
                first += batch.num_rows

    def _replaced(self, batch: Any, rows: Sequence[Any], first: int, schema: Any) -> Any:
        """The kept rows of a batch with their new values."""
        if len(rows) < batch.num_rows:
            batch = batch.take(self._arrow.array([row[0] - first for row in rows]))
        arrays = list(batch.columns)
        for number, name in enumerate(self._columns, 1):
            at = schema.get_field_index(name)
            arrays[at] = self._arrow.array([row[number] for row in rows], schema.field(at).type)
        return self._arrow.Table.from_arrays(arrays, schema=schema)

    def _schema(self) -> Any:
        schema = self._file.schema_arrow
        for name in self._columns:
            at = schema.get_field_index(name)
            if self._arrow.types.is_dictionary(schema.field(at).type):
                plain = schema.field(at).with_type(self._arrow.string())
                schema = schema.set(at, plain)
        return schema

    def _compression(self) -> str:
        known = {"SNAPPY", "ZSTD", "GZIP", "BROTLI", "LZ4"}
        if not self._file.metadata.num_row_groups:
            return "zstd"
        codec = str(self._file.metadata.row_group(0).column(0).compression)
        return codec.lower() if codec in known else "none"

    def _values(self, after: int) -> Iterator[list[str | None]]:
        """The values of the columns, row by row, after so many rows."""
        names, first = list(self._columns), 0
        metadata = self._file.metadata
        for group in range(metadata.num_row_groups):
            count = metadata.row_group(group).num_rows
            if first + count > after:
                skip = max(0, after - first)
                yield from self._of_group(group, names, skip)
            first += count

    def _of_group(self, group: int, names: list[str], skip: int) -> Iterator[list[str | None]]:
        for batch in self._file.iter_batches(READ_ROWS, row_groups=[group], columns=names):
            if skip >= batch.num_rows:
                skip -= batch.num_rows
                continue
            columns = [batch.column(name).to_pylist() for name in names]
            for values in list(zip(*columns, strict=True))[skip:]:
                yield list(values)
            skip = 0

    def _require_text(self, names: list[str], name: str) -> None:
        if names.count(name) != 1:
            raise TableRefused(f"The file has no column '{name}', or has it twice.")
        types, kind = self._arrow.types, self._file.schema_arrow.field(name).type
        kind = kind.value_type if types.is_dictionary(kind) else kind
        if not (types.is_string(kind) or types.is_large_string(kind)):
            raise TableRefused(
                f"The column '{name}' is {kind}, no text; numbers have lost their leading zeros: write it as text."
            )


def _line(
    row: int, values: Sequence[str | None], places: Sequence[int], new: Sequence[str]
) -> bytes:
    """A kept row: its number and the values of the columns."""
    written = list(values)
    for at, value in zip(places, new, strict=True):
        written[at] = value
    return orjson.dumps([row, *written], option=orjson.OPT_APPEND_NEWLINE)


def _libraries() -> tuple[Any, Any]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - 165 MB that only this format needs
        import pyarrow.parquet as pq  # noqa: PLC0415 - the same
    except ImportError:
        raise TableRefused(
            "Parquet needs pyarrow: pip install 'treuhandstelle[parquet]'."
        ) from None
    return pa, pq
