"""``ttp register``: files of patients come in, bad rows are named by number, again is always safe."""

import json
from pathlib import Path

import pytest

from tests.cli.command_line import refused, ttp

HEADER = "record_id,given_name,surname,birth_date,sex,postcode,city,pid"
GOOD = [
    "1,Anna,Lehmann,1984-03-07,f,04109,Leipzig,A1",
    "2,Otto,Quandt,1950-12-24,m,20095,Hamburg,B2",
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = ttp("--home", tmp_path / "nord", "init", "--name", "nord", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    return tmp_path / "nord"


def csv_file(home: Path, *rows: str) -> Path:
    path = home.parent / "patients.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return path


def test_a_file_is_registered_and_again_is_known(home: Path) -> None:
    file = csv_file(home, *GOOD)
    first, again = (
        ttp(
            "--home",
            home,
            "register",
            file,
            "--source",
            "kis",
            "--identifier",
            "pid=urn:pid",
            cwd=home,
        )
        for _ in range(2)
    )
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert "2 rows: 2 new, 0 rejected" in first.stdout
    assert "2 rows: 2 known, 0 rejected" in again.stdout
    assert "Lehmann" not in first.stdout + first.stderr


def test_bad_rows_are_named_by_number_and_the_others_registered(home: Path) -> None:
    bad = [
        "3,Eva,Voss,1999-02-30,,,,",
        "4,Eva,,,,,,",
        "5,A,B,1990-01-01,,,,",
        "5,C,D,1990-01-01,,,,",
    ]
    file = csv_file(home, *GOOD, *bad)
    done = ttp("--home", home, "register", file, "--source", "kis", cwd=home)
    assert done.returncode == 1
    assert "6 rows: 2 new, 4 rejected" in done.stdout
    told = done.stderr.splitlines()
    assert told[0] == "Columns not read: pid."
    assert [line.split(":")[0] for line in told[1:]] == ["row 4", "row 5", "row 6", "row 7"]
    assert "1999-02-30" not in done.stderr
    assert "Voss" not in done.stderr


def test_a_bundle_is_registered(home: Path) -> None:
    patient = {"resourceType": "Patient", "id": "1", "identifier": [{"system": "s", "value": "v"}]}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}]}
    file = home.parent / "bundle.json"
    file.write_text(json.dumps(bundle), "utf-8")
    done = ttp("--home", home, "register", file, "--source", "kis", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "1 new" in done.stdout


def test_a_file_that_is_none_is_refused_in_one_sentence(home: Path) -> None:
    empty = home.parent / "empty.csv"
    empty.write_bytes(b"")
    latin = home.parent / "latin.csv"
    latin.write_bytes((HEADER + "\n1,J\xf6rg").encode("latin-1"))
    for file, sentence in ((empty, "holds no records"), (latin, "is not UTF-8")):
        assert refused(ttp("--home", home, "register", file, "--source", "x", cwd=home), sentence)
