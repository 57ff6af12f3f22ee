"""Operators propose projects in the name of persons, and import consents row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import make_center
from tests.cli.command_line import refused, ttp
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.services.access.open_account import open_account
from ttp.services.persons.register_identities import register_identities

PASSWORD = "a password of some length"
PROJECT = ["--purpose", "Heart failure", "--site", "nord", "--site", "sued"]


@pytest.fixture
def center(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Center:
    made = make_center(tmp_path, name="foederiert", alone=False)
    (tmp_path / "passphrase").write_bytes(b"a passphrase for tests only")
    monkeypatch.setenv("TTP_UNLOCK_FILE", str(tmp_path / "passphrase"))
    monkeypatch.setenv("TTP_HOME", str(tmp_path / "foederiert"))
    monkeypatch.setenv("TTP_PASSWORD", PASSWORD)
    for name in ("anna", "berta"):
        made.work.run(
            lambda tx, name=name: open_account(  # type: ignore[misc] # the default binds the loop's value
                made, tx, OPERATOR, name=name, role=Role.STEWARD, password=PASSWORD
            )
        )
    return made


@pytest.mark.usefixtures("center")
def test_one_person_proposes_and_another_approves(tmp_path: Path) -> None:
    asked = ["project", "propose", "herz", *PROJECT, "--expires", "2035-12-31"]
    assert ttp(*asked, "--as", "anna", cwd=tmp_path).returncode == 0
    own = ttp("project", "approve", "herz", "--as", "anna", cwd=tmp_path)
    assert refused(own, "Four eyes")
    done = ttp("project", "approve", "herz", "--as", "berta", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "approved" in ttp("project", "list", cwd=tmp_path).stdout


@pytest.mark.usefixtures("center")
def test_a_wrong_password_acts_for_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTP_PASSWORD", "a wrong password")
    done = ttp("project", "refuse", "herz", "--as", "anna", cwd=tmp_path)
    assert refused(done, "do not fit")


def test_rows_that_name_no_patient_are_told_by_number_and_the_others_recorded(
    tmp_path: Path, center: Center
) -> None:
    record = {"record_id": "K-1", "surname": "Müller", "birth_date": "1950-02-01"}
    center.work.run(
        lambda tx: register_identities(center, tx, OPERATOR, source="kis", records=[record])
    )
    file = tmp_path / "consents.csv"
    file.write_text(
        "source,record_id,policy,provision,valid_from,valid_to\n"
        "kis,K-1,use,permit,2024-01-01,\n"
        "kis,K-2,use,permit,2024-01-01,2050-01-01\n"
        "kis,K-1,use,perhaps,2024-01-01,\n"
    )
    done = ttp("consent", "import", file, cwd=tmp_path)
    assert done.returncode == 1
    assert "1 statements recorded, 2 refused." in done.stdout
    assert "row 3: unknown-patient" in done.stderr
    assert "row 4: invalid-field" in done.stderr


@pytest.mark.usefixtures("center")
@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"source,record_id\n", "lacks the columns"), (b"source\xff\n", "UTF-8")],
    ids=["columns missing", "not UTF-8"],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "consents.csv"
    file.write_bytes(content)
    assert refused(ttp("consent", "import", file, cwd=tmp_path), sentence)
