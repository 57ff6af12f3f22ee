"""Tables: what a command found, as CSV or as Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Final

from linkage.errors import TableUnreadable

FORMATS: Final = ("csv", "parquet")


def written(tables: Mapping[str, str], kind: str) -> dict[str, str | bytes]:
    """Files by name from tables in CSV (with a header) by name; ``kind`` is one of `FORMATS`.

    Raises:
        TableUnreadable: the extra that writes Parquet is not installed.
    """
    if kind == "csv":
        return {f"{name}.csv": text for name, text in tables.items()}
    return {f"{name}.parquet": _parquet(name, text) for name, text in tables.items()}


def _parquet(name: str, text: str) -> bytes:
    """A table as Parquet: scores and cluster numbers as numbers, everything else as text."""
    try:
        import pyarrow as pa  # optional, and half a second of import
        from pyarrow import parquet
    except ImportError:
        raise TableUnreadable(name, "writing Parquet needs the extra `parquet`") from None
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    types = {"score": pa.float64(), "cluster": pa.int64()}
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    arrays = {
        column: pa.array(map(_READ.get(column, str), values), types.get(column, pa.string()))
        for column, values in zip(header, columns, strict=True)
    }
    sink = io.BytesIO()
    parquet.write_table(pa.table(arrays), sink)
    return sink.getvalue()


_READ: Final = {"score": float, "cluster": int}
