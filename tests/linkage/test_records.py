"""Records: every defect of a file has its own clear refusal, with row numbers and without values."""

from pathlib import Path

import pytest

from linkage import schema
from linkage.errors import (
    DuplicateColumn,
    DuplicateRecordId,
    EmptyInput,
    LinkageError,
    MissingColumn,
    NotUtf8,
    RecordInvalid,
)
from linkage.records import RecordTable, RowProblem, accept, read_csv, table_of, validate
from tests.linkage.vectors import VECTORS

FILES = VECTORS / "records"
REFUSED: dict[str, tuple[type[LinkageError], list[RowProblem]]] = {
    "empty": (EmptyInput, []),
    "blank": (EmptyInput, []),
    "header_only": (EmptyInput, []),
    "latin1": (NotUtf8, []),
    "no_record_id_column": (MissingColumn, []),
    "missing_city_column": (MissingColumn, []),
    "duplicate_column": (DuplicateColumn, []),
    "nul_byte": (RecordInvalid, [RowProblem(2, "given_name", "nul-byte")]),
    "control_character": (RecordInvalid, [RowProblem(2, "given_name", "control-character")]),
    "duplicate_record_id": (
        DuplicateRecordId,
        [
            RowProblem(2, "record_id", "duplicate-record-id"),
            RowProblem(4, "record_id", "duplicate-record-id"),
        ],
    ),
    "missing_record_id": (RecordInvalid, [RowProblem(2, "record_id", "missing")]),
    "impossible_date": (RecordInvalid, [RowProblem(3, "birth_date", "date-impossible")]),
    "german_date": (RecordInvalid, [RowProblem(2, "birth_date", "date-not-iso")]),
    "date_out_of_range": (RecordInvalid, [RowProblem(2, "birth_date", "date-out-of-range")]),
    "unknown_sex": (RecordInvalid, [RowProblem(2, "sex", "sex-unknown-code")]),
    "postcode_without_digit": (RecordInvalid, [RowProblem(2, "postcode", "postcode-malformed")]),
    "column_too_few": (RecordInvalid, [RowProblem(2, "row", "wrong-number-of-columns")]),
    "column_too_many": (RecordInvalid, [RowProblem(2, "row", "wrong-number-of-columns")]),
    "unclosed_quote": (RecordInvalid, [RowProblem(2, "row", "malformed-csv")]),
    "text_after_quote": (RecordInvalid, [RowProblem(2, "row", "malformed-csv")]),
    "value_of_1001_characters": (RecordInvalid, [RowProblem(2, "given_name", "value-too-long")]),
}


def opened(name: str) -> RecordTable:
    """A file of the vectors, read and accepted."""
    return accept(read_csv(FILES / f"{name}.csv"), schema.default())


def test_bytes_that_are_no_utf8_are_named_by_their_row(tmp_path: Path) -> None:
    path = tmp_path / "nord.csv"
    path.write_bytes("record_id,city\r\n1,Bonn\r\n2,Köln\r\n".encode("latin-1"))
    with pytest.raises(NotUtf8, match=r"row 3 .*save it as UTF-8"):
        read_csv(path)


def test_every_file_of_the_vectors_is_tested() -> None:
    names = {path.stem for path in FILES.glob("*.csv") if not path.stem.startswith("good")}
    assert names == set(REFUSED)


@pytest.mark.parametrize("name", REFUSED)
def test_a_defect_is_refused(name: str) -> None:
    kind, problems = REFUSED[name]
    with pytest.raises(kind) as refusal:
        opened(name)
    assert type(refusal.value) is kind
    assert list(getattr(refusal.value, "problems", ())) == problems


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_repeats_no_value(name: str) -> None:
    with pytest.raises(LinkageError) as refusal:
        opened(name)
    for value in ("Anna", "Meier", "1980", "04109", "Leipzig", "aaaa"):
        assert value not in str(refusal.value)


@pytest.mark.parametrize("path", sorted(FILES.glob("good*.csv")), ids=lambda path: path.stem)
def test_a_good_file_is_accepted_under_its_own_name(path: Path) -> None:
    table = accept(read_csv(path), schema.default())
    assert table.source == path.stem
    assert table.record_ids[0] == "1"
    assert table.columns["surname"][0] in ("Müller", None)


def test_a_value_of_one_megabyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    header = (FILES / "header_only.csv").read_text()
    path.write_text(f"{header}1,{'a' * 2**20},B,,,,\n2,Anna,C,,,,\n")
    problems = validate(read_csv(path), schema.default())
    assert problems == [RowProblem(2, "row", "value-too-long")]


@pytest.mark.parametrize("closed", ['"', ""])
def test_every_line_behind_an_open_quote_is_named(tmp_path: Path, closed: str) -> None:
    header = (FILES / "header_only.csv").read_text()
    lines = [f"{number},Anna,Meier,,,,\n" for number in range(2, 9_002)]
    lines[3] = lines[3].replace("Anna", '"Anna')
    lines[7] = lines[7].replace("Anna", f"Anna{closed}")
    path = tmp_path / "open.csv"
    path.write_text(header + "".join(lines))
    table = read_csv(path)
    bad = {problem.row for problem in validate(table, schema.default())}
    assert set(range(5, 10)) <= bad
    assert bad | set(table.row_numbers) == set(range(2, 9_002))
    assert not bad & set(table.row_numbers)
    assert [str(row) for row in table.row_numbers] == list(table.record_ids)


def test_going_on_without_bad_rows_keeps_the_good_ones() -> None:
    table = read_csv(FILES / "impossible_date.csv")
    problems = validate(table, schema.default())
    rest = accept(table.without_rows(problem.row for problem in problems), schema.default())
    assert rest.record_ids == ("1",)
    assert list(rest.row_numbers) == [2]


def test_all_problems_are_listed_not_only_the_first() -> None:
    table = table_of(
        "a",
        [
            {"record_id": "1", "birth_date": "x", "sex": "q"},
            {"record_id": "1", "birth_date": "2000-02-30"},
        ],
    )
    columns = {name: table.columns.get(name, [None] * 2) for name in schema.default().columns}
    whole = RecordTable("a", table.record_ids, columns)
    assert [str(problem) for problem in validate(whole, schema.default())] == [
        "row 2, birth_date: date-not-iso",
        "row 2, record_id: duplicate-record-id",
        "row 2, sex: sex-unknown-code",
        "row 3, birth_date: date-impossible",
        "row 3, record_id: duplicate-record-id",
    ]


def test_a_table_without_any_record_is_refused() -> None:
    columns: dict[str, list[str | None]] = {name: [] for name in schema.default().columns}
    with pytest.raises(EmptyInput):
        validate(RecordTable("a", (), columns), schema.default())


def test_records_come_back_as_they_went_in() -> None:
    rows = [{"record_id": "1", "surname": "Müller", "city": None}]
    assert list(table_of("a", rows).records()) == [{"surname": "Müller", "city": None}]
