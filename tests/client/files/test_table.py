"""Tables: only the cells of one column change, every other byte stays."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.client.errors import TableRefused
from ttp.client.files.ndjson import NOT_UTF8
from ttp.client.files.table import COLUMNS, LONGEST_RECORD, NUL, QUOTING, TOO_LONG, Table
from ttp.client.files.units import START, BadUnit, Unfit, Unit

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
    return [asked.value for unit in rows_of(data, column) for asked in unit.asked]


def rows_of(data: bytes, column: str) -> list[Unit]:
    units = Table(io.BytesIO(data), {column: "d"}).units(START)
    return [unit for unit in units if isinstance(unit, Unit)][1:]


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
    assert values(data, "pid") == [row[1] for row in rows if row[1]]
    units = list(Table(io.BytesIO(data), {"pid": "d"}).units(START))
    same = [u.written([a.value for a in u.asked]) for u in units if isinstance(u, Unit)]
    assert b"".join(same) == data


@given(
    rows=st.lists(st.tuples(cells, cells, st.text("abc\"',;é", max_size=6)), max_size=8),
    delimiter=delimiters,
)
def test_only_the_cells_of_the_column_change(
    rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    data = written([["x", "pid"], *([a, b] for a, b, _ in rows)], delimiter, "\n", 0, False)
    wanted = [["x", "pid"], *([a, c if b else ""] for a, b, c in rows)]
    units = list(Table(io.BytesIO(data), {"pid": "d"}).units(START))
    new = b"".join(
        unit.written([row[2]] if unit.asked else [])
        for unit, row in zip(units, [("", "", ""), *rows], strict=True)
        if isinstance(unit, Unit)
    )
    assert list(csv.reader(io.StringIO(new.decode(), newline=""), delimiter=delimiter)) == wanted


@given(rows=st.lists(cells.filter(bool), min_size=1, max_size=8), at=st.integers(0, 8))
def test_reading_goes_on_anywhere(rows: list[str], at: int) -> None:
    data = written([["pid", "y"], *([row, "z"] for row in rows)], ",", "\n", 1, False)
    units = list(Table(io.BytesIO(data), {"pid": "d"}).units(START))
    at = min(at, len(rows))
    rest = Table(io.BytesIO(data), {"pid": "d"}).units(units[at].end)
    assert [a.value for u in rest if isinstance(u, Unit) for a in u.asked] == rows[at:]


def test_leading_zeros_and_spaces_belong_to_the_value() -> None:
    assert values(b"pid;name\n007;A\n 08 ;B\n", "pid") == ["007", " 08 "]


def test_a_file_without_a_last_line_end_stays_so() -> None:
    assert [row.written(["x"]) for row in rows_of(b"pid\nA\nB", "pid")] == [b"x\n", b"x"]


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
    _, first, bad, second = Table(io.BytesIO(data), {"pid": "d"}).units(START)
    assert isinstance(bad, BadUnit)
    assert (bad.code, bad.end.row) == (code, 3)
    good = [unit for unit in (first, second) if isinstance(unit, Unit)]
    assert [unit.asked[0].value for unit in good] == ["good", "also good"]


def test_several_columns_are_exchanged_each_in_its_domain() -> None:
    data = b'case;pid;x\n"1";007;a\n;008;b\n'
    units = list(Table(io.BytesIO(data), {"pid": "p", "case": "c"}).units(START))
    asked = [[(a.domain, a.value) for a in u.asked] for u in units if isinstance(u, Unit)]
    assert asked == [[], [("p", "007"), ("c", "1")], [("p", "008")]]
    new = [u.written([a.domain + a.value for a in u.asked]) for u in units if isinstance(u, Unit)]
    assert b"".join(new) == b'case;pid;x\n"c1";p007;a\n;p008;b\n'


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_other_encodings_are_kept(encoding: str) -> None:
    data = "pid;Größe\nMüller;ß\n".encode(encoding)
    units = list(Table(io.BytesIO(data), {"pid": "d"}, encoding=encoding).units(START))
    same = [u.written([a.value for a in u.asked]) for u in units if isinstance(u, Unit)]
    assert b"".join(same) == data
    assert isinstance(units[1], Unit)
    with pytest.raises(Unfit):
        units[1].written(["漢"])


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
        Table(io.BytesIO(BAD_FILES[defect]), {"pid": "d"})
    assert "Schmidt" not in str(refused.value)
    assert "4711" not in str(refused.value)
