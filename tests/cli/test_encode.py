"""``ttp encode`` writes encodings or refuses with the row; it never does half of it."""

import json
from pathlib import Path

import pytest

from linkage.encode import EncodingSet
from tests.cli.command_line import refused, ttp

HEADER = "record_id,given_name,surname,birth_date,sex,postcode,city\n"
GOOD = "1,Anna,Grünwald,1990-05-17,f,04109,Leipzig\n2,Paul,Öztürk,1985-02-28,m,,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("0123456789abcdef\n")
    (tmp_path / "nord.csv").write_text(HEADER + GOOD, encoding="utf-8")
    return tmp_path


def test_records_become_encodings_under_the_name_of_the_file(folder: Path) -> None:
    done = ttp("encode", "--secret-file", "secret", "nord.csv", "-o", "nord.enc", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    encodings = EncodingSet.load(folder / "nord.enc")
    assert (encodings.source, encodings.record_ids) == ("nord", ("1", "2"))


def test_encoding_twice_gives_the_same_bytes(folder: Path) -> None:
    for name in ("one", "two"):
        ttp("encode", "--secret-file", "secret", "nord.csv", "-o", name, cwd=folder)
    assert (folder / "one").read_bytes() == (folder / "two").read_bytes()


def test_a_trailing_newline_of_the_secret_does_not_count(folder: Path) -> None:
    (folder / "bare").write_text("0123456789abcdef")
    for secret in ("secret", "bare"):
        ttp("encode", "--secret-file", secret, "nord.csv", "-o", f"{secret}.enc", cwd=folder)
    assert (folder / "secret.enc").read_bytes() == (folder / "bare.enc").read_bytes()


def test_a_printed_schema_can_be_used(folder: Path) -> None:
    done = ttp("encode", "--print-schema", "default", cwd=folder)
    assert json.loads(done.stdout)["schema"] == 1
    (folder / "schema.json").write_text(done.stdout)
    used = ttp(
        *("encode", "--schema", "schema.json", "--secret-file", "secret"),
        *("nord.csv", "-o", "nord.enc"),
        cwd=folder,
    )
    assert used.returncode == 0, used.stderr


def test_rejects_are_listed_by_row_without_values_and_the_rest_goes_on(folder: Path) -> None:
    bad = "3,Eva,Geheim,1990-02-31,f,04109,Leipzig\n1,Ida,Doppelt,1991-01-01,f,04109,Leipzig\n"
    (folder / "nord.csv").write_text(HEADER + GOOD + bad, encoding="utf-8")
    done = ttp(
        *("encode", "--secret-file", "secret", "nord.csv", "-o", "nord.enc"),
        *("--rejects", "rejects.csv"),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert EncodingSet.load(folder / "nord.enc").record_ids == ("2",)
    listed = (folder / "rejects.csv").read_text().splitlines()
    assert listed[0] == "row,column,problem"
    assert {line.split(",")[0] for line in listed[1:]} == {"2", "4", "5"}
    assert "Geheim" not in "".join(listed) + done.stderr


BAD = {
    "impossible date": (HEADER + "1,A,B,2023-02-30,f,,\n", "row 2, birth_date"),
    "date not ISO": (HEADER + "1,A,B,30.01.2023,f,,\n", "row 2, birth_date"),
    "duplicate record ID": (HEADER + GOOD + "1,A,B,2000-01-01,f,,\n", "duplicate-record-id"),
    "no record ID": (HEADER + ",A,B,2000-01-01,f,,\n", "row 2, record_id"),
    "unknown sex": (HEADER + "1,A,B,2000-01-01,q,,\n", "row 2, sex"),
    "too few cells": (HEADER + "1,A\n", "row 2"),
    "missing column": ("record_id,given_name\n1,A\n", "lacks the column"),
    "empty file": ("", "no records"),
    "header only": (HEADER, "no records"),
    "NUL byte": (HEADER + "1,A\0,B,2000-01-01,f,,\n", "row 2, given_name"),
    "huge value": (HEADER + f"1,{'A' * 1_000_000},B,2000-01-01,f,,\n", "row 2"),
}


@pytest.mark.parametrize("defect", BAD)
def test_a_bad_file_is_refused_and_nothing_is_written(folder: Path, defect: str) -> None:
    content, sentence = BAD[defect]
    (folder / "nord.csv").write_text(content, encoding="utf-8")
    before = {path.name for path in folder.iterdir()}
    done = ttp("encode", "--secret-file", "secret", "nord.csv", "-o", "nord.enc", cwd=folder)
    assert refused(done, sentence), done.stderr
    assert {path.name for path in folder.iterdir()} == before


def test_a_refused_file_leaves_earlier_encodings_alone(folder: Path) -> None:
    (folder / "nord.enc").write_bytes(b"earlier")
    (folder / "nord.csv").write_bytes(HEADER.encode() + b"1,\xff\xfe,B,2000-01-01,f,,\n")
    done = ttp("encode", "--secret-file", "secret", "nord.csv", "-o", "nord.enc", cwd=folder)
    assert refused(done, "UTF-8")
    assert (folder / "nord.enc").read_bytes() == b"earlier"


def test_a_short_secret_and_an_unknown_schema_are_refused(folder: Path) -> None:
    (folder / "short").write_text("fifteen bytes..\n")
    short = ttp("encode", "--secret-file", "short", "nord.csv", "-o", "x", cwd=folder)
    assert refused(short, "at least 16 bytes")
    unknown = ttp(
        *("encode", "--schema", "nonsense", "--secret-file", "secret", "nord.csv", "-o", "x"),
        cwd=folder,
    )
    assert refused(unknown, "no linkage schema named")
    assert not (folder / "x").exists()


def test_every_step_that_gives_false_comfort_says_so_with_epsilon(folder: Path) -> None:
    shown = ttp("encode", "--print-schema", "default", cwd=folder)
    steps: list[dict[str, object]] = [
        {"name": "diffusion", "t": 4}, {"name": "permutation"}, {"name": "balance"},
        {"name": "fold"}, {"name": "rule-90"}, {"name": "randomized-response", "flip": 0.05},
    ]  # fmt: skip
    weak = json.loads(shown.stdout) | {"hardening": steps}
    (folder / "weak.json").write_text(json.dumps(weak), encoding="utf-8")
    asked = ["encode", "--secret-file", "secret", "--schema", "weak.json", "nord.csv", "-o", "x"]
    said = ttp(*asked, cwd=folder).stderr
    for step in steps:
        assert f"false comfort, {step['name']}: " in said
    assert "epsilon is 2.94 for one bit" in said
    assert "(up to 3,015 for a filter of 1,024 bits)" in said
