"""Parquet: columns of text as they are; a number where text is expected has lost what made it exact."""

from pathlib import Path
from typing import Any

from linkage.columns import Coded
from linkage.errors import ColumnNotText, DuplicateColumn, MissingColumn, TableUnreadable
from linkage.plain_csv import coded


def read_columns(path: Path, name: str) -> tuple[list[str], dict[str, Coded]]:
    """Record IDs and the other columns of a file, names in lower case.

    Text and dates are read, and whole numbers as record IDs; dates become YYYY-MM-DD.

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
        table = parquet.read_table(path)
    except (OSError, pa.ArrowException):
        raise TableUnreadable(name, "it is not a whole Parquet file") from None
    names = [column.strip().lower() for column in table.column_names]
    repeated = [place + 1 for place, column in enumerate(names) if column in names[:place]]
    if repeated:
        raise DuplicateColumn(name, repeated)
    if "record_id" not in names:
        raise MissingColumn(name, ["record_id"])
    try:
        texts = {
            column: _text(pa, values, name, column)
            for column, values in zip(names, table.columns, strict=True)
        }
    except pa.ArrowInvalid:
        raise TableUnreadable(name, "it holds text that is not UTF-8") from None
    ids = [value or "" for value in texts.pop("record_id").to_pylist()]
    return ids, {column: coded(values) for column, values in texts.items()}


def _text(arrow: Any, values: Any, source: str, column: str) -> Any:
    kind, types = values.type, arrow.types
    if types.is_dictionary(kind):
        return _text(arrow, values.cast(kind.value_type), source, column)
    whole = types.is_integer(kind) and column == "record_id"
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind)
    if not (text or whole or types.is_date32(kind)):
        raise ColumnNotText(source, column)
    values.validate(full=True)
    return values.cast(arrow.string())
