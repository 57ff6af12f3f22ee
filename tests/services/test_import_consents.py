"""Consent statements find the identity they belong to, and follow its person; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.builders import bearer, make_center, make_domain, make_http, make_key
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.consent import ConsentStatement, Provision
from ttp.core.errors import AtomicBatchRefused, NotAllowed, TTPError
from ttp.core.identifying_data import Identifier
from ttp.core.names import PersonId
from ttp.services.consents.import_consents import BroughtStatement, UnknownPatient, import_consents
from ttp.services.persons.register_identities import register_identities

POLICY = "2.16.840.1.113883.3.1937.777.24.5.3.8"
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
SYSTEM = "https://klinik.example/pid"
RECORD: dict[str, Any] = {
    "record_id": "K-1",
    "given_name": "Änne",
    "surname": "Müller",
    "birth_date": "1950-02-01",
    "identifiers": [{"system": SYSTEM, "value": "17"}],
}
PATIENTS: dict[str, str | Identifier] = {"record ID": "K-1", "identifier": Identifier(SYSTEM, "17")}


def brought(patient: str | Identifier, **changes: Any) -> BroughtStatement:
    values: dict[str, Any] = {
        "policy": POLICY,
        "provision": Provision.PERMIT,
        "valid_from": SINCE,
        "valid_to": None,
    }
    return BroughtStatement(patient, **(values | changes))


def register(center: Center) -> PersonId:
    (registered,) = center.work.run(
        lambda tx: register_identities(center, tx, OPERATOR, source="kis", records=[RECORD])
    )
    assert not isinstance(registered, TTPError)
    assert registered.person is not None
    return registered.person


def bring(
    center: Center, *statements: BroughtStatement, atomic: bool = False, source: str = "kis"
) -> list[ConsentStatement | TTPError]:
    return center.work.run(
        lambda tx: import_consents(
            center, tx, OPERATOR, source=source, statements=statements, atomic=atomic
        )
    )


def stored(center: Center, person: PersonId) -> list[ConsentStatement]:
    with center.work.begin(write=False) as tx:
        return list(tx.consents.of([person]).get(person, ()))


@pytest.mark.parametrize("named", PATIENTS)
def test_a_statement_reaches_the_person_it_is_about(
    tmp_path: Path, database_url: str, named: str
) -> None:
    center = make_center(tmp_path, database_url)
    person = register(center)
    bring(center, brought(PATIENTS[named]))
    (statement,) = stored(center, person)
    assert (statement.policy, statement.provision) == (POLICY, Provision.PERMIT)


def test_an_unknown_patient_is_an_error_in_its_place_and_the_rest_is_recorded(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    person = register(center)
    answers = bring(center, brought("K-2"), brought("K-1"))
    assert isinstance(answers[0], UnknownPatient)
    assert isinstance(answers[1], ConsentStatement)
    assert len(stored(center, person)) == 1


def test_the_record_of_another_source_is_another_patient(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    register(center)
    assert isinstance(bring(center, brought("K-1"), source="lab")[0], UnknownPatient)


def test_an_atomic_batch_with_an_unknown_patient_changes_nothing(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    person = register(center)
    with pytest.raises(AtomicBatchRefused):
        bring(center, brought("K-1"), brought("K-2"), atomic=True)
    assert stored(center, person) == []


def test_a_period_that_ends_before_it_begins_is_refused_in_its_place(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    register(center)
    (answer,) = bring(center, brought("K-1", valid_to=datetime(2023, 1, 1, tzinfo=UTC)))
    assert isinstance(answer, TTPError)
    assert answer.code == "invalid-field"


def test_a_researcher_records_no_consent(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    actor = Actor(ActorKind.CLIENT, "r", Role.RESEARCHER)
    with pytest.raises(NotAllowed):
        center.work.run(lambda tx: import_consents(center, tx, actor, source="kis", statements=[]))


STATEMENT = {"record_id": "K-1", "policy": POLICY, "provision": "permit", "valid_from": "2024"}
REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "a patient named twice": ({"identifier": {"system": "a", "value": "b"}}, 200),
    "a patient not named": ({"record_id": None}, 200),
    "a day that does not exist": ({"valid_from": "2024-02-30"}, 200),
    "a time without zone": ({"valid_to": "2024-02-03T10:00:00"}, 200),
    "an unknown provision": ({"provision": "maybe"}, 422),
    "an unknown field": ({"note": "x"}, 422),
    "an empty policy": ({"policy": ""}, 422),
}


@pytest.mark.parametrize("defect", REFUSED)
def test_over_http_a_bad_statement_is_named_and_changes_nothing(
    tmp_path: Path, defect: str
) -> None:
    center = make_center(tmp_path)
    make_domain(center)
    key, person = make_key(center, "diz"), register(center)
    change, status = REFUSED[defect]
    body = {"source": "kis", "statements": [STATEMENT | change]}
    response = make_http(center).post("/api/v1/consents", json=body, headers=bearer(key))
    assert response.status_code == status
    if status == 200:
        assert response.get_json()["results"][0]["error"]["code"] == "invalid-field"
    assert stored(center, person) == []


def test_over_http_statements_are_recorded_to_the_last_moment_of_their_last_day(
    tmp_path: Path,
) -> None:
    center = make_center(tmp_path)
    make_domain(center)
    key, person = make_key(center, "diz"), register(center)
    body = {"source": "kis", "statements": [STATEMENT | {"valid_to": "2054-01-31"}]}
    response = make_http(center).post("/api/v1/consents", json=body, headers=bearer(key))
    assert response.json == {"results": [{"recorded": True}]}
    (statement,) = stored(center, person)
    assert statement.covers(datetime(2054, 1, 31, 23, 59, tzinfo=UTC))
    assert not statement.covers(datetime(2054, 2, 1, tzinfo=UTC))
