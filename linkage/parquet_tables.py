"""Parquet: columns of text as they are; a number where text is expected has lost what made it exact."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from linkage.columns import Coded
from linkage.errors import ColumnNotText, DuplicateColumn, MissingColumn, TableUnreadable
from linkage.plain_csv import coded


def read_columns(
    path: Path, name: str, wanted: Collection[str] | None = None
) -> tuple[list[str], dict[str, Coded]]:
    """Record IDs and the other columns of a file, names in lower case; only those `wanted`, if said.

    Text and dates are read, and whole numbers as record IDs; dates become YYYY-MM-DD. A column of
    points in time without a zone, all of them midnight, holds dates: so they leave data frames.

    Raises:
        TableUnreadable: no Parquet file, damaged, or no reader installed.
        DuplicateColumn, MissingColumn (`record_id`): the header cannot be used.
        ColumnNotText: a column of numbers (a postcode would have lost its leading zeros) or lists.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415  # optional, and half a second of import
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise TableUnreadable(name, "reading Parquet needs the extra `parquet`") from None
    try:
        columns = _chosen(parquet.read_schema(path).names, name, wanted)
        table = parquet.read_table(path, columns=None if wanted is None else list(columns.values()))
    except (OSError, pa.ArrowException):
        raise TableUnreadable(name, "it is not a whole Parquet file") from None
    try:
        texts = {column: _text(pa, table[of], name, column) for column, of in columns.items()}
    except pa.ArrowInvalid:
        raise TableUnreadable(name, "it holds text that is not UTF-8") from None
    ids = [value or "" for value in texts.pop("record_id").to_pylist()]
    return ids, {column: coded(values) for column, values in texts.items()}


def _chosen(names: list[str], name: str, wanted: Collection[str] | None) -> dict[str, str]:
    """What is read: columns as they are called here, and in the file."""
    called = [column.strip().lower() for column in names]
    repeated = [place + 1 for place, column in enumerate(called) if column in called[:place]]
    if repeated:
        raise DuplicateColumn(name, repeated)
    if "record_id" not in called:
        raise MissingColumn(name, ["record_id"])
    read = called if wanted is None else {"record_id", *wanted}
    return {column: of for column, of in zip(called, names, strict=True) if column in read}


def _text(arrow: Any, values: Any, source: str, column: str) -> Any:
    kind, types = values.type, arrow.types
    if types.is_dictionary(kind):
        return _text(arrow, values.cast(kind.value_type), source, column)
    whole = types.is_integer(kind) and column == "record_id"
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    if types.is_timestamp(kind) and kind.tz is None:
        days = values.cast(arrow.date32(), safe=False)
        if not days.cast(kind, safe=False).equals(values):  # some have a time of day
            raise ColumnNotText(source, column)
        values = days
    elif not (text or whole or types.is_null(kind) or types.is_date32(kind)):
        raise ColumnNotText(source, column)
    values.validate(full=True)
    return values.cast(arrow.string())
