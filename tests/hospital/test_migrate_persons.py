"""Persons of E-PIX and Mainzelliste: they stay as they were, every ID is kept, and the comparison tells the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders import make_center
from tests.cli.running import made, run
from tests.hospital.saying import identities, person_count
from tests.services.patients import make_again, patient, persons, recomputed, registered
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.identifying_data import Identifier
from ttp.core.persons import LOCAL
from ttp.services.persons.compare_persons import compare_persons
from ttp.services.persons.find_identities import bearers_of
from ttp.services.persons.import_persons import BroughtPerson, import_persons
from ttp.wire.other_masters import EPIX_BLOOM_FILTER, EPIX_MPI

TWIN = {"given_name": "Änne", "surname": "Müller", "birth_date": "1950-02-01", "city": "Mainz"}


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def take_over(center: Center, *brought: list[dict[str, Any]]) -> list[list[str]]:
    found = center.work.run(
        lambda tx: import_persons(
            center, tx, OPERATOR, source="epix", system="epix",
            persons=[BroughtPerson(tuple(records)) for records in brought],
        )
    )  # fmt: skip
    return [
        [one.code if isinstance(one, TTPError) else one.outcome.value for one in records]
        for records in found
    ]


def test_persons_stay_as_they_were_whatever_the_model_says(center: Center) -> None:
    alike = [TWIN | {"record_id": f"a{number}", "postcode": "55116"} for number in range(2)]
    strangers = [patient(number) for number in (1, 2)]
    assert take_over(center, alike[:1], alike[1:], strangers) == [["new"], ["new"], ["new", "new"]]
    one, other = identities(center, "a0", "a1", source="epix")
    first, second = identities(center, "r1", "r2", source="epix")
    found = persons(center, [one, other, first, second])
    assert len(set(found)) == 3
    assert found[2] == found[3]
    assert take_over(center, alike[:1], strangers) == [["known"], ["known", "known"]]
    assert recomputed(center)[0] == recomputed(center)[1]


def test_later_registrations_find_persons_that_were_taken_over(center: Center) -> None:
    take_over(center, [patient(1)], [patient(2)])
    (found,) = registered(center, patient(1), source="kis")
    assert found.outcome.value == "linked"
    assert person_count(center) == 2


def test_a_bad_record_does_not_keep_its_person_out(center: Center) -> None:
    assert take_over(center, [patient(1), {"record_id": "x"}, patient(2)]) == [
        ["new", "record-incomplete", "new"]
    ]
    assert person_count(center) == 1


def test_the_comparison_tells_what_the_model_would_have_done(center: Center) -> None:
    alike = [TWIN | {"record_id": f"a{number}", "postcode": "55116"} for number in range(2)]
    take_over(center, alike[:1], alike[1:], [patient(1), patient(2)])
    found = center.work.run(lambda tx: compare_persons(center, tx, OPERATOR, source="epix"))
    ends = identities(center, "a0", "a1", source="epix")
    (stranger,) = identities(center, "r1", source="epix")
    assert found.joined == (tuple(sorted(ends)),)
    assert (found.records, found.persons, found.asked) == (4, 3, ())
    assert found.split == (persons(center, [stranger])[0],)


def epix_bundle() -> dict[str, Any]:
    patients = [
        {
            "resourceType": "Patient",
            "id": name,
            "name": [{"family": family, "given": ["Änne"]}],
            "birthDate": "1950-02-01",
            "identifier": [
                {"system": "https://kis.example/pid", "value": name},
                {"system": EPIX_BLOOM_FILTER, "value": "A" * 500},
            ],
        }
        for name, family in (("i1", "Schmidt"), ("i2", "Müller"))
    ]
    links = [
        {"target": {"reference": "Patient/i1"}, "assurance": "level1"},
        {"target": {"reference": "Patient/i2"}, "assurance": "level4"},
    ]
    person = {
        "resourceType": "Person",
        "identifier": [{"system": EPIX_MPI, "value": "1001000000015"}],
        "link": links,
    }
    alone = {"resourceType": "Person", "link": [{"target": {"reference": "Patient/none"}}]}
    entries = [{"resource": one} for one in (person, *patients, alone)]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def bearers(home: Path, *identifiers: Identifier) -> list[int]:
    center = make_again(home, "")
    with center.work.begin(write=False) as tx:
        found = bearers_of(center, tx, population=LOCAL, identifiers=identifiers)
    return [len(found.get(one, ())) for one in identifiers]


def test_epix_persons_keep_their_mpi_ids_and_local_identifiers(tmp_path: Path) -> None:
    home = made(tmp_path / "nord")
    file, report = tmp_path / "persons.json", tmp_path / "report.html"
    file.write_text(json.dumps(epix_bundle()), "utf-8")
    done = run(home, "migrate-persons", "epix", file)
    assert done.exit_code == 1
    assert done.stdout == "2 persons: records 2 new, 1 rejected\n"
    again = run(home, "migrate-persons", "epix", file)
    assert again.stdout == "2 persons: records 2 known, 1 rejected\n"
    compared = run(home, "migrate-persons", "compare", "--source", "epix", "-o", report)
    assert compared.stdout.startswith("records: 2, persons: 1, joined: 0")
    assert "ller" not in report.read_text("utf-8")
    mpi = Identifier(EPIX_MPI, "1001000000015")
    assert bearers(home, mpi, Identifier("https://kis.example/pid", "i1")) == [2, 1]


def test_mainzelliste_patients_keep_all_their_ids(tmp_path: Path) -> None:
    home = made(tmp_path / "nord")
    answer, table = tmp_path / "patients.json", tmp_path / "more.csv"
    fields = {
        "vorname": "Änne", "nachname": "Müller", "geburtstag": "1", "geburtsmonat": "02",
        "geburtsjahr": "1950", "plz": "55116", "ort": "Mainz",
    }  # fmt: skip
    ids = [{"idType": "pid", "idString": "0003Y0WZ"}, {"idType": "lab", "idString": "7"}]
    answer.write_text(json.dumps([{"fields": fields, "ids": ids}, {"ids": ids}]), "utf-8")
    table.write_text(
        "pid;vorname;nachname;geburtsjahr;geburtsmonat;geburtstag\nX1;Otto;Quandt;1971;6;15\n"
    )
    rejects = tmp_path / "rejects.csv"
    options = ["--id-type", "pid", "--id-type", "lab=https://lab.example"]
    done = run(
        home, "migrate-persons", "mainzelliste", answer, table, *options, "--rejects", rejects
    )
    assert done.stdout == "3 persons: records 2 new, 1 rejected\n"
    assert rejects.read_text().splitlines()[1].startswith("2,invalid-record,")
    pid, lab = (
        Identifier("urn:mainzelliste:pid", "0003Y0WZ"),
        Identifier("https://lab.example", "7"),
    )
    assert bearers(home, pid, lab) == [1, 1]


def test_an_interrupted_migration_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, table = made(tmp_path / "nord"), tmp_path / "all.csv"
    rows = [f"X{number};Otto;Quandt;1971;6;{number}" for number in range(1, 5)]
    head = "pid;vorname;nachname;geburtsjahr;geburtsmonat;geburtstag"
    table.write_text("\n".join([head, *rows]))
    monkeypatch.setattr("ttp.cli.migrate_persons.AT_ONCE", 1)
    monkeypatch.setattr("ttp.cli.register_progress._EVERY", 0.0)
    asked: list[int] = []

    def interrupted(*given: Any, **named: Any) -> Any:
        asked.append(len(named["persons"]))
        if len(asked) == 3:
            raise KeyboardInterrupt
        return import_persons(*given, **named)

    monkeypatch.setattr("ttp.services.persons.import_persons.import_persons", interrupted)
    assert run(home, "migrate-persons", "mainzelliste", table).exit_code != 0
    done = run(home, "migrate-persons", "mainzelliste", table)
    assert done.stdout == "4 persons: records 4 new, 0 rejected\n"
    assert len(asked) == 5
    again = run(home, "migrate-persons", "mainzelliste", table)
    assert again.stdout == "4 persons: records 4 known, 0 rejected\n"
