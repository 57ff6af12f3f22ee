"""Tables: only the cells of one column change, every other byte stays."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.client.errors import TableRefused
from ttp.client.table import (
    COLUMNS,
    LONGEST_RECORD,
    NOT_UTF8,
    NUL,
    QUOTING,
    TOO_LONG,
    BadRow,
    Record,
    Table,
)

cells = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=12
) | st.sampled_from(["007", "Müller; Jürgen", 'say "hi"', "a,b", "a\tb", "zwei\nZeilen", "", '"'])
delimiters = st.sampled_from([",", ";", "\t"])


def written(rows: list[list[str]], delimiter: str, end: str, quoting: int, bom: bool) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type] # an enum only in stubs
    writer.writerows(rows)
    return ("\ufeff" if bom else "").encode() + out.getvalue().encode()


def values(data: bytes, column: str) -> list[str]:
    table = Table(io.BytesIO(data), column)
    return [read.value for read in table.records(table.start) if isinstance(read, Record)]


@given(
    rows=st.lists(st.tuples(cells, cells, cells), max_size=8),
    delimiter=delimiters,
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    bom=st.booleans(),
)
def test_what_a_spreadsheet_wrote_is_read_as_meant_and_kept_as_written(
    rows: list[tuple[str, str, str]], delimiter: str, end: str, quoting: int, bom: bool
) -> None:
    data = written([["x", "pid", "y"], *map(list, rows)], delimiter, end, quoting, bom)
    table = Table(io.BytesIO(data), "pid")
    reads = list(table.records(table.start))
    assert [read.value for read in reads if isinstance(read, Record)] == [row[1] for row in rows]
    assert table.header + b"".join(r.unchanged() for r in reads if isinstance(r, Record)) == data


@given(
    rows=st.lists(st.tuples(cells, cells, st.text("abc\"',;é", max_size=6)), max_size=8),
    delimiter=delimiters,
)
def test_only_the_cells_of_the_column_change(
    rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    data = written([["x", "pid"], *([a, b] for a, b, _ in rows)], delimiter, "\n", 0, False)
    wanted = [["x", "pid"], *([a, c] for a, _, c in rows)]
    table = Table(io.BytesIO(data), "pid")
    reads = [read for read in table.records(table.start) if isinstance(read, Record)]
    new = b"".join(read.with_value(row[2]) for read, row in zip(reads, rows, strict=True))
    text = io.StringIO((table.header + new).decode(), newline="")
    assert list(csv.reader(text, delimiter=delimiter)) == wanted


@given(rows=st.lists(cells, min_size=1, max_size=8), at=st.integers(0, 8))
def test_reading_goes_on_anywhere(rows: list[str], at: int) -> None:
    data = written([["pid", "y"], *([row, "z"] for row in rows)], ",", "\n", 1, False)
    table = Table(io.BytesIO(data), "pid")
    reads = list(table.records(table.start))
    place = table.start if at == 0 or at > len(reads) else reads[at - 1].end
    rest = [read.value for read in table.records(place) if isinstance(read, Record)]
    assert rest == (rows if place is table.start else rows[at:])


def test_leading_zeros_and_spaces_belong_to_the_value() -> None:
    assert values(b"pid;name\n007;A\n 08 ;B\n", "pid") == ["007", " 08 "]


def test_a_file_without_a_last_line_end_stays_so() -> None:
    table = Table(io.BytesIO(b"pid\nA\nB"), "pid")
    assert [r.unchanged() for r in table.records(table.start) if isinstance(r, Record)] == [
        b"A\n",
        b"B",
    ]


def test_a_header_may_be_quoted_and_hold_the_delimiter() -> None:
    assert values(b'"Ort, Stra\xc3\x9fe",pid\n"K\xc3\xb6ln, Ring",7\n', "pid") == ["7"]


BAD_ROWS = {
    "not UTF-8": (b"M\xfcller,x", NOT_UTF8),
    "NUL": (b"a\x00b,x", NUL),
    "too few columns": (b"a", COLUMNS),
    "too many columns": (b"a,b,c", COLUMNS),
    "text after a quote": (b'"a"b,x', QUOTING),
    "quote never closed": (b'"a,x', QUOTING),
    "endless row": (b"a" * (LONGEST_RECORD + 10) + b",x", TOO_LONG),
}


@pytest.mark.parametrize("defect", BAD_ROWS)
def test_a_bad_row_is_told_by_number_and_the_next_is_read(defect: str) -> None:
    row, code = BAD_ROWS[defect]
    data = b"pid,y\ngood,1\n" + row + b"\nalso good,2\n"
    table = Table(io.BytesIO(data), "pid")
    first, bad, second = table.records(table.start)
    assert isinstance(bad, BadRow)
    assert (bad.code, bad.end.row) == (code, 3)
    assert [r.value for r in (first, second) if isinstance(r, Record)] == ["good", "also good"]


BAD_FILES = {
    "empty": b"",
    "UTF-16": "pid,y\n1,2\n".encode("utf-16"),
    "Latin-1 header": "pid;Größe\n".encode("latin-1"),
    "column missing": b"id,name\n1,Schmidt\n",
    "column twice": b"pid,pid\n1,2\n",
    "no header": b"4711,Schmidt\n",
    "NUL in the header": b"pid\x00,name\n",
}


@pytest.mark.parametrize("defect", BAD_FILES)
def test_a_file_that_cannot_be_meant_is_refused_without_its_content(defect: str) -> None:
    with pytest.raises(TableRefused) as refused:
        Table(io.BytesIO(BAD_FILES[defect]), "pid")
    assert "Schmidt" not in str(refused.value)
    assert "4711" not in str(refused.value)
