"""Parquet: string columns are exchanged, every other column keeps its type and values; needs the extra ``parquet``.

A Parquet file has its index at its end and cannot be cut; so new values are first written aside, column by column
for some rows a line, and the file is assembled from them and the source in one pass. Leading zeros survive
because only text is taken: a column of numbers has lost them already and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from keys.private_files import make_private, put_in_place
from ttp.client.errors import TableRefused
from ttp.client.files.cutting import ROWS, VALUES
from ttp.client.files.parquet_rows import ParquetBlock
from ttp.client.files.units import Batch, Block, Place

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

    def batches(self, start: Place, rows: int = ROWS) -> Iterator[Batch]:
        """The rows after a place; row 1 is the first."""
        batch: list[Block] = []
        counted = 0
        for block in self._blocks(start.row, rows):
            batch.append(block)
            counted += block.rows
            if counted >= rows or counted * len(self._columns) >= VALUES:
                yield batch
                batch, counted = [], 0
        if batch:
            yield batch

    def assemble(self, part: Path, target: Path) -> None:
        """Put the new values into a copy of the source; the target takes its place in full or not at all."""
        temporary = target.with_name(f"{target.name}.assembling")
        try:
            with part.open("rb") as lines:
                self._assemble(lines, make_private(temporary))
            put_in_place(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)

    def _assemble(self, lines: Iterable[bytes], target: Path) -> None:
        schema = self._schema()
        source = _Rows(self._arrow, self._file)
        waiting, held = [], 0
        with self._parquet.ParquetWriter(target, schema, compression=self._compression()) as out:
            for line in lines:
                waiting.append(self._replaced(source, orjson.loads(line), schema))
                held += waiting[-1].num_rows
                if held >= GROUP_ROWS:
                    out.write_table(self._arrow.concat_tables(waiting))
                    waiting, held = [], 0
            if held:
                out.write_table(self._arrow.concat_tables(waiting))

    def _replaced(self, source: _Rows, part: Sequence[Any], schema: Any) -> Any:
        """The kept rows of a part with their new values."""
        rows, left_out, columns = part
        table = source.take(rows)
        if left_out:
            gone = frozenset(left_out)
            table = table.take(self._arrow.array([n for n in range(rows) if n not in gone]))
        arrays = list(table.columns)
        for name, values in zip(self._columns, columns, strict=True):
            at = schema.get_field_index(name)
            arrays[at] = self._arrow.array(values, schema.field(at).type)
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

    def _blocks(self, after: int, rows: int) -> Iterator[ParquetBlock]:
        """The rows after so many; a block ends at ``rows``, and where the library ends one."""
        first = 0
        metadata = self._file.metadata
        for group in range(metadata.num_row_groups):
            count = metadata.row_group(group).num_rows
            if first + count > after:
                yield from self._of_group(group, max(after, first), first, rows)
            first += count

    def _of_group(self, group: int, row: int, first: int, rows: int) -> Iterator[ParquetBlock]:
        names = list(self._columns)
        for batch in self._file.iter_batches(READ_ROWS, row_groups=[group], columns=names):
            last = first + batch.num_rows
            while row < last:
                part = batch.slice(row - first, rows)
                values = [part.column(name).to_pylist() for name in names]
                yield ParquetBlock(list(self._columns.items()), values, row)
                row += part.num_rows
            first = last

    def _require_text(self, names: list[str], name: str) -> None:
        if names.count(name) != 1:
            raise TableRefused(f"The file has no column '{name}', or has it twice.")
        types, kind = self._arrow.types, self._file.schema_arrow.field(name).type
        kind = kind.value_type if types.is_dictionary(kind) else kind
        if not (types.is_string(kind) or types.is_large_string(kind)):
            raise TableRefused(
                f"The column '{name}' is {kind}, no text; numbers have lost their leading zeros: write it as text."
            )


class _Rows:
    """The rows of a file, so many at a time."""

    def __init__(self, arrow: Any, file: Any) -> None:
        self._arrow = arrow
        self._batches = file.iter_batches(batch_size=READ_ROWS)
        self._left: Any = None

    def take(self, count: int) -> Any:
        """The next so many rows."""
        parts = []
        while count:
            if self._left is None or not self._left.num_rows:
                self._left = next(self._batches)
            parts.append(self._left.slice(0, count))
            self._left = self._left.slice(parts[-1].num_rows)
            count -= parts[-1].num_rows
        return self._arrow.Table.from_batches(parts)


def _libraries() -> tuple[Any, Any]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - 165 MB that only this format needs
        import pyarrow.parquet as pq  # noqa: PLC0415 - the same
    except ImportError:
        raise TableRefused(
            "Parquet needs pyarrow: pip install 'treuhandstelle[parquet]'."
        ) from None
    return pa, pq
