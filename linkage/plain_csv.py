"""Plain CSV: files without quotes and control characters, read by a parser that is fast and exact there.

Whatever is not plain is left to the careful reader, which knows what is wrong with it.
"""

from dataclasses import dataclass
from typing import Any

from linkage.columns import Coded

_CONTROLS = bytes(code for code in range(32) if code not in b"\r\n") + b"\x7f"
_BOM = b"\xef\xbb\xbf"
_BLANK_LINES = (b"\n\n", b"\n\r\n")


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A plain file: record IDs and the other columns, each with its own name."""

    record_ids: list[str]
    columns: dict[str, Coded]


def read_plain(raw: bytes, *, longest: int) -> PlainTable | None:
    """The columns of a file, or None when it is not plain, has a defect or no parser is installed.

    Plain: RFC 4180 without quotes, no blank line, no control character, no value of more than
    `longest` characters, as many cells in every row as in the header.
    """
    raw = raw.removeprefix(_BOM)
    header = _header(raw)
    if header is None:
        return None
    try:
        import pyarrow as pa  # noqa: PLC0415  # optional, and half a second of import
        from pyarrow import csv  # noqa: PLC0415
    except ImportError:
        return None
    names, delimiter = header
    text = {name: pa.dictionary(pa.int32(), pa.string()) for name in names}
    text["record_id"] = pa.string()
    try:
        table = csv.read_csv(
            pa.BufferReader(raw),
            read_options=csv.ReadOptions(column_names=names, skip_rows=1, block_size=1 << 23),
            parse_options=csv.ParseOptions(
                delimiter=delimiter, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(column_types=text, strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    columns = {name: coded(table[name]) for name in names if name != "record_id"}
    ids: list[str] = table["record_id"].to_pylist()
    widest = max((len(value or "") for one in columns.values() for value in one.values), default=0)
    return PlainTable(ids, columns) if ids and widest <= longest else None


def _header(raw: bytes) -> tuple[list[str], str] | None:
    """Column names and delimiter, if the bytes look plain."""
    if b'"' in raw or len(raw.translate(None, _CONTROLS)) < len(raw):
        return None
    if raw.count(b"\r") != raw.count(b"\r\n") or any(blank in raw for blank in _BLANK_LINES):
        return None
    try:
        first = raw.partition(b"\n")[0].decode()
    except UnicodeDecodeError:
        return None
    delimiter = ";" if first.count(";") > first.count(",") else ","
    names = [name.strip().lower() for name in first.split(delimiter)]
    if len(set(names)) < len(names) or "" in names or "record_id" not in names:
        return None
    return names, delimiter


def coded(column: Any) -> Coded:
    """A column of strings or of a dictionary of strings, coded; empty strings and nulls are missing."""
    import pyarrow as pa  # noqa: PLC0415  # whoever holds such a column has it

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    values: list[str | None] = [value or None for value in whole.dictionary.to_pylist()]
    codes = whole.indices
    if codes.null_count:
        codes = codes.fill_null(len(values))
        values.append(None)
    return Coded(values, codes.cast(pa.int32()).to_numpy(zero_copy_only=False))
