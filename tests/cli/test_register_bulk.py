"""Bulk registration: the same patients in any form, resumed after interruption, merged by links, bad rows listed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.running import made, run
from tests.services.patients import patient
from ttp.cli.register import AT_ONCE, Answer, Registrar, _register_file
from ttp.cli.register_files import open_file

COUNT = 30
FIELDS = ("record_id", "given_name", "surname", "birth_date", "postcode", "city")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("bulk") / "home")


def people(count: int = COUNT) -> list[dict[str, Any]]:
    return [{name: patient(number)[name] for name in FIELDS} for number in range(count)]


def fhir(record: dict[str, Any], *links: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": record["record_id"],
        "name": [{"family": record["surname"], "given": [record["given_name"]]}],
        "birthDate": record["birth_date"],
        "address": [{"postalCode": record["postcode"], "city": record["city"]}],
        **({"link": list(links)} if links else {}),
    }


def bundle(resources: Sequence[dict[str, Any]]) -> str:
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def as_csv(folder: Path) -> Path:
    path = folder / "patients.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(people())
    return path


def as_parquet(folder: Path) -> Path:
    path = folder / "patients.parquet"
    pq.write_table(pa.Table.from_pylist(people()), path)
    return path


def as_lines(folder: Path) -> Path:
    path = folder / "patients.ndjson"
    others = [{"resourceType": "Observation"}]
    path.write_text("\n".join(json.dumps(one) for one in [*map(fhir, people()), *others]), "utf-8")
    return path


def as_folder(folder: Path) -> Path:
    path = folder / "export"
    path.mkdir()
    half = COUNT // 2
    (path / "a.json").write_text(bundle([fhir(one) for one in people()[:half]]), "utf-8")
    (path / "b.json").write_text(bundle([fhir(one) for one in people()[half:]]), "utf-8")
    (path / "notes.md").write_text("not read")
    return path


FORMS: dict[str, Callable[[Path], Path]] = {
    "CSV": as_csv,
    "Parquet": as_parquet,
    "NDJSON": as_lines,
    "a folder of Bundles": as_folder,
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_patients_are_known_whatever_form_they_come_in(
    home: Path, tmp_path: Path, form: str
) -> None:
    run(home, "register", as_csv(tmp_path), "--source", "kis")
    done = run(home, "register", FORMS[form](tmp_path), "--source", "kis")
    assert done.exit_code == 0, done.output
    assert f"{COUNT} rows: {COUNT} known, 0 rejected" in done.stdout
    assert not list(tmp_path.rglob("*.resume"))


def test_bad_rows_of_several_files_are_listed_with_their_file(home: Path, tmp_path: Path) -> None:
    lines = tmp_path / "bad.ndjson"
    nobody = {"resourceType": "Patient", "id": "x"}
    wrong = fhir(people()[0]) | {"birthDate": "2001-02-30"}
    lines.write_text("\n".join(["{", "[]", json.dumps(nobody), json.dumps(wrong)]), "utf-8")
    rejects = tmp_path / "rejects.csv"
    files = [lines, as_csv(tmp_path)]
    done = run(home, "register", *files, "--source", "kis", "--rejects", rejects)
    assert done.exit_code == 1
    with rejects.open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["row"], row["problem"].split(":")[0]) for row in rows] == [
        ("bad.ndjson", "1", "invalid-record"),
        ("bad.ndjson", "2", "invalid-record"),
        ("bad.ndjson", "3", "record-incomplete"),
        ("bad.ndjson", "4", "impossible-date"),
    ]
    assert "2001-02-30" not in rejects.read_text() + done.output


def test_links_of_patients_join_them_across_files(home: Path, tmp_path: Path) -> None:
    one, two = ({**patient(number), "record_id": f"l{number}"} for number in (901, 902))
    link = {"type": "replaced-by", "other": {"reference": "Patient/l902"}}
    export = tmp_path / "export"
    export.mkdir()
    (export / "a.ndjson").write_text(json.dumps(fhir(one, link)), "utf-8")
    (export / "b.ndjson").write_text(json.dumps(fhir(two)), "utf-8")
    done = run(home, "register", export, "--source", "kis")
    assert done.exit_code == 0, done.output
    assert "1 merges: 1 joined" in done.stdout
    alone = tmp_path / "alone.json"
    alone.write_text(bundle([fhir(one, link), fhir(two)]), "utf-8")
    again = run(home, "register", alone, "--source", "kis")
    assert "2 known; 0 consent statements; 0 ignored; 1 merges." in again.stdout


def test_a_folder_that_holds_nothing_is_refused(home: Path, tmp_path: Path) -> None:
    done = run(home, "register", tmp_path, "--source", "kis")
    assert done.exit_code == 2


class Asked:
    """A center that notes what it is asked, and is cut off after some requests."""

    def __init__(self, requests: int) -> None:
        self.records: list[str] = []
        self._left = requests

    def register(self, records: Sequence[dict[str, Any]]) -> list[Answer]:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        self.records += [one["record_id"] for one in records]
        return [("new", "")] * len(records)

    def registrar(self) -> Registrar:
        return Registrar(self.register, lambda _: [])


def test_an_interrupted_file_goes_on_where_it_was_and_a_changed_one_begins_anew(
    tmp_path: Path,
) -> None:
    file = tmp_path / "many.ndjson"
    everybody = people(3 * AT_ONCE)
    file.write_text("\n".join(json.dumps(fhir(one)) for one in everybody), "utf-8")
    cut, rest, anew = Asked(2), Asked(9), Asked(9)
    with pytest.raises(KeyboardInterrupt):
        _register_file(file, {}, cut.registrar(), "here")
    standing, _ = _register_file(file, {}, rest.registrar(), "here")
    assert cut.records + rest.records == [one["record_id"] for one in everybody]
    assert standing.counts == {"new": len(everybody)}
    _register_file(file, {}, anew.registrar(), "elsewhere")
    assert len(anew.records) == len(everybody)


def test_what_is_no_patient_is_counted_by_its_type_and_not_repeated(tmp_path: Path) -> None:
    lines = tmp_path / "x.ndjson"
    lines.write_text('{"resourceType": "Müller, Änne"}\n{"resourceType": "Observation"}\n')
    reading = open_file(lines, {})
    assert list(reading.rows) == []
    assert reading.ignored == {"unnamed": 1, "Observation": 1}
