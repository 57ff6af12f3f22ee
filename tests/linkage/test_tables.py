"""Tables from files: the fast reader reads what the careful one would, or leaves the file to it."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from linkage import records, schema
from linkage.columns import Coded
from linkage.encode import Encoder
from linkage.errors import (
    ColumnNotText,
    DuplicateColumn,
    EmptyInput,
    LinkageError,
    MissingColumn,
    TableUnreadable,
)
from linkage.plain_csv import read_plain
from linkage.records import LONGEST_VALUE, accept, read_csv, read_parquet, read_table
from tests.linkage.patients import Record, table
from tests.linkage.vectors import VECTORS

CELLS = st.text(alphabet=" aäßÆ01,;\"'\t\n\r\u2028\x85\x00\x7f", max_size=4) | st.sampled_from(
    ["007", "", "NULL", "nan", "1e3", "true", "2000-01-31", " Müller "]
)
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6)


def written(rows: list[tuple[str, str]], *, quoting: bool, end: str) -> bytes:
    """A file of these rows; without quoting it may be any nonsense."""
    text = io.StringIO()
    if quoting:
        writer = csv.writer(text, lineterminator=end)
        writer.writerow(["record_id", "city", "surname"])
        writer.writerows((number, *row) for number, row in enumerate(rows))
    else:
        text.write(f"record_id,city,surname{end}")
        text.writelines(f"{number},{row[0]},{row[1]}{end}" for number, row in enumerate(rows))
    return text.getvalue().encode()


@given(ROWS, st.booleans(), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_the_fast_reader_reads_what_the_careful_one_does_or_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str]],
    quoting: bool,
    end: str,
    marked: bool,
) -> None:
    raw = b"\xef\xbb\xbf" * marked + written(rows, quoting=quoting, end=end)
    fast = read_plain(raw, longest=LONGEST_VALUE)
    path = tmp_path_factory.mktemp("tables") / "a.csv"
    path.write_bytes(raw)
    if fast is not None:
        careful = read_csv(path)
        assert careful.problems == ()
        assert tuple(fast.record_ids) == careful.record_ids
        assert list(careful.row_numbers) == list(range(2, len(careful) + 2))
        assert fast.columns == careful.columns


@pytest.mark.parametrize(
    "path", sorted(VECTORS.joinpath("records").glob("*.csv")), ids=lambda p: p.stem
)
def test_the_fast_reader_leaves_every_defect_of_a_file_to_the_careful_one(path: Path) -> None:
    fast = read_plain(path.read_bytes(), longest=LONGEST_VALUE)
    if fast is not None:
        careful = read_csv(path)
        assert (fast.columns, tuple(fast.record_ids)) == (careful.columns, careful.record_ids)
        assert careful.problems == ()


def test_a_large_plain_file_is_read_exactly(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    rows = [
        (str(number), "Köln" if number % 3 else "", f"0{number % 7}") for number in range(99_999)
    ]
    lines = "\r\n".join(";".join(row) for row in rows)
    path.write_text(f"record_id;City ; postcode\r\n{lines}\r\n", newline="")
    assert path.stat().st_size > records.LARGE_FILE
    found = read_csv(path)
    assert found.record_ids == tuple(row[0] for row in rows)
    assert isinstance(found.columns["city"], Coded)
    assert list(found.columns["city"]) == [row[1] or None for row in rows]
    assert list(found.columns["postcode"]) == [row[2] for row in rows]


def in_parquet(folder: Path, columns: dict[str, Any]) -> Path:
    path = folder / "a.parquet"
    parquet.write_table(pa.table(columns), path)
    return path


def test_parquet_gives_text_dates_and_missing_values_as_they_are(tmp_path: Path) -> None:
    names = pa.array(["Müller", None, ""]).dictionary_encode()
    columns = {
        "record_id": [7, 8, 9],
        "Surname": names,
        "birth_date": [date(1980, 3, 4), None, date(1850, 1, 1)],
        "postcode": ["04109", "", None],
        "city": pa.nulls(3),
    }
    found = read_table(in_parquet(tmp_path, columns))
    assert found.record_ids == ("7", "8", "9")
    assert found.source == "a"
    assert found.columns == {
        "surname": ["Müller", None, None],
        "birth_date": ["1980-03-04", None, "1850-01-01"],
        "postcode": ["04109", None, None],
        "city": [None, None, None],
    }


def test_days_that_a_data_frame_made_points_in_time_are_days(tmp_path: Path) -> None:
    days = pa.array([date(1931, 3, 4), None, date(1850, 1, 1)]).cast(pa.timestamp("ns"))
    found = read_table(in_parquet(tmp_path, {"record_id": ["1", "2", "3"], "birth_date": days}))
    assert found.columns == {"birth_date": ["1931-03-04", None, "1850-01-01"]}


def test_what_nobody_looks_at_may_hold_anything(tmp_path: Path) -> None:
    columns = {"record_id": ["1"], " Surname": ["Kurz"], "age": [7], "seen": [["a"]]}
    found = read_table(in_parquet(tmp_path, columns), wanted={"surname", "city"})
    assert found.columns == {"surname": ["Kurz"]}


def not_text(octets: bytes) -> Any:
    """A column of text whose only value is no UTF-8."""
    held = pa.array([octets], pa.binary()).buffers()
    return pa.Array.from_buffers(pa.string(), 1, held)


BAD_PARQUET: dict[str, tuple[dict[str, Any], type[LinkageError]]] = {
    "a postcode that was made a number": (
        {"record_id": ["1"], "postcode": [4109]},
        ColumnNotText,
    ),
    "a column of lists": ({"record_id": ["1"], "surname": [["a"]]}, ColumnNotText),
    "a point in time for a day": (
        {"record_id": ["1", "2"], "birth_date": pa.array([0, 3600], pa.timestamp("s"))},
        ColumnNotText,
    ),
    "a midnight somewhere": (
        {"record_id": ["1"], "birth_date": pa.array([0], pa.timestamp("s", "UTC"))},
        ColumnNotText,
    ),
    "no record IDs": ({"surname": ["a"]}, MissingColumn),
    "no records": ({"record_id": pa.array([], pa.string())}, EmptyInput),
    "a name that is no UTF-8": (
        {"record_id": ["1"], "surname": not_text(b"M\xfc")},
        TableUnreadable,
    ),
    "an ID that is no UTF-8": ({"record_id": not_text(b"\xed\xa0\x80")}, TableUnreadable),
    "a column twice": ({"record_id": ["1"], "city": ["a"], "City": ["b"]}, DuplicateColumn),
}


@pytest.mark.parametrize("defect", BAD_PARQUET)
def test_a_defect_of_a_parquet_file_is_refused(defect: str, tmp_path: Path) -> None:
    columns, kind = BAD_PARQUET[defect]
    with pytest.raises(kind):
        read_parquet(in_parquet(tmp_path, columns))


@pytest.mark.parametrize("length", [0, 3, 100, -1])
def test_a_parquet_file_that_was_cut_is_refused(length: int, tmp_path: Path) -> None:
    path = in_parquet(tmp_path, {"record_id": ["1"], "surname": ["a"]})
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(TableUnreadable):
        read_parquet(path)


@given(st.lists(st.sampled_from([None, "a", "b", ""])), st.data())
def test_a_coded_column_reads_like_a_list(values: list[str | None], data: st.DataObject) -> None:
    coded = Coded.of(values)
    assert coded == values
    assert len(coded) == len(values)
    assert [coded[place] for place in range(len(values))] == values
    start = data.draw(st.integers(0, len(values)))
    assert coded[start:] == values[start:]
    places = data.draw(st.permutations(range(len(values))))
    assert coded.take(places) == [values[place] for place in places]


def test_a_bad_value_in_a_row_that_was_left_out_does_no_harm() -> None:
    chosen = schema.load("salted")
    good: Record = {"given_name": "Anna", "surname": "B", "birth_date": "1980-01-01", "sex": "f"}
    rows = [good | {"postcode": "04109", "city": "C"}, good | {"postcode": "x", "city": "C"}]
    whole = table(rows)
    rest = whole.without_rows(problem.row for problem in records.validate(whole, chosen))
    assert len(Encoder(chosen, secret=b"x" * 16).encode(accept(rest, chosen))) == 1
