"""Persons over HTTP: found, read masked, changed and deleted by two; a data subject gets one document, once."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.builders import bearer, make_domain, make_http, make_key
from tests.four_eyes.office import BERT, Office, open_office
from tests.services.patients import patient
from ttp.core.access import OPERATOR, Role
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms

ANNA = patient(
    1,
    given_name="Anna",
    surname="Lehmann",
    birth_date="1984-03-07",
    identifiers=[{"system": "urn:pid", "value": "4711"}],
    contacts=[{"kind": "phone", "value": "0341 / 12 34 56"}],
)
KNOWN = {"source": "kis", "record_id": ANNA["record_id"]}


class Desk:
    """A program that keeps identities, and a center with four eyes."""

    def __init__(self, folder: Path) -> None:
        self.office: Office = open_office(folder)
        self.key = make_key(self.office.center, name="index", role=Role.REGISTRAR, resolve=False)
        self.http: FlaskClient = make_http(self.office.center)

    def post(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        response = self.http.post(f"/api/v1{path}", json=body, headers=bearer(self.key))
        assert response.status_code == status, response.text
        return response.get_json() if response.mimetype != "text/html" else response.text

    def approve(self, asked: Any) -> None:
        self.office.decide(BERT, UUID(asked["id"]))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    records = [ANNA, ANNA | {"record_id": "lab", "city": "Halle", "identifiers": []}]
    desk.post("/identities", {"source": "kis", "records": records[:1]})
    desk.post("/identities", {"source": "labor", "records": records[1:]})
    return desk


def test_persons_are_looked_up_by_record_by_identifier_and_by_id(desk: Desk) -> None:
    asked = [KNOWN, {"system": "urn:pid", "value": "4711"}, {"source": "kis", "record_id": "no"}]
    found = desk.post("/persons/lookup", {"asked": asked})["results"]
    assert [len(one["persons"]) for one in found] == [1, 1, 0]
    assert found[0] == found[1]
    (person,) = found[0]["persons"]
    assert [one["source"] for one in person["identities"]] == ["kis", "labor"]
    again = desk.post("/persons/lookup", {"asked": [{"identity": person["person"]}]})["results"]
    assert again == [found[0]]


def test_values_are_masked_unless_they_are_revealed_with_a_reason(desk: Desk) -> None:
    masked = desk.post("/persons/read", {"of": KNOWN})
    assert "Lehmann" not in str(masked)
    assert "4711" not in str(masked)
    assert "0341" not in str(masked)
    clear = desk.post("/persons/read", {"of": KNOWN, "reveal": "Rückruf"})
    assert clear["identities"][0]["source"] == "labor", "the newest speaks first"
    assert clear["identities"][1]["data"]["contacts"][0]["value"] == "0341 / 12 34 56"
    actions = [leaf["action"] for leaf in desk.office.leaves()]
    assert {"person.shown", "person.revealed"} <= set(actions)
    desk.post("/persons/read", {"of": KNOWN, "reveal": " "}, status=400)


def test_a_history_tells_everything_that_ever_was(desk: Desk) -> None:
    desk.post("/identities", {"source": "kis", "records": [ANNA | {"city": "Jena"}]})
    desk.post("/identities/deactivate", {"identities": [KNOWN], "reason": "test-record"})
    told = desk.post("/persons/history", {"of": KNOWN, "reveal": "Prüfung"})
    assert [one["data"]["fields"]["city"] for one in told["versions"]].count("Jena") == 1
    assert len(told["versions"]) == 3
    assert [one["kind"] for one in told["changes"]] == ["deactivated"]
    assert len(told["edges"]) == 1


def test_a_search_is_masked_filtered_and_paged(desk: Desk) -> None:
    fields = {"surname": "Lehmann", "given_name": "Anna", "birth_date": "1984-03-07"}
    found = desk.post("/persons/search", {"fields": fields})
    assert len(found["results"]) == 2
    assert "Lehmann" not in str(found)
    labor = desk.post("/persons/search", {"fields": fields, "source": "labor"})["results"]
    assert [one["source"] for one in labor] == ["labor"]
    first = desk.post("/persons/search", {"fields": fields, "limit": 1})
    rest = desk.post("/persons/search", {"fields": fields, "limit": 1, "offset": first["more"]})
    assert [*first["results"], *rest["results"]] == found["results"]
    assert rest["more"] is None
    assert (
        len(desk.post("/persons/search", {"system": "kis", "value": ANNA["record_id"]})["results"])
        == 1
    )


def test_the_preferred_identity_comes_first(desk: Desk) -> None:
    desk.post("/identities/prefer", {"identity": KNOWN})
    told = desk.post("/persons/read", {"of": KNOWN})
    assert [one["source"] for one in told["identities"]] == ["kis", "labor"]
    response = desk.http.get("/api/v1/persons/sources", headers=bearer(desk.key))
    assert response.get_json() == {"order": [], "sources": {"kis": 1, "labor": 1}}
    desk.post("/persons/sources", {"order": ["kis"]}, status=403)


def test_a_deletion_waits_for_another_person_and_has_a_receipt(desk: Desk) -> None:
    body = {"identities": [KNOWN], "reason": "wish", "note": "Antrag vom 3. März"}
    asked = desk.post("/identities/deletions", body)
    assert asked["state"] == "open"
    desk.post(f"/identities/deletions/{asked['id']}/receipt", status=409)
    desk.approve(asked)
    assert desk.post(f"/identities/deletions/{asked['id']}/receipt")["identities"] == 1
    assert desk.post("/persons/lookup", {"asked": [KNOWN]})["results"] == [{"persons": []}]
    desk.post("/persons/read", {"of": KNOWN}, status=404)
    stored = b"".join(desk.office.center.work.run(_envelopes, write=False))
    assert b"Lehmann" not in stored


def _envelopes(tx: Any) -> list[bytes]:
    return [leaf.body for leaf in tx.audit.unsequenced(10_000)]


def test_a_data_subject_gets_everything_once_after_two_persons_agreed(desk: Desk) -> None:
    center = desk.office.center
    make_domain(center, "pids")
    center.work.run(
        lambda tx: issue_pseudonyms(center, tx, OPERATOR, domain_name="pids", originals=["4711"])
    )
    asked = desk.post("/persons/access", {"of": KNOWN, "note": "Brief der Person"})
    path = f"/persons/access/{asked['id']}/carry-out"
    desk.post(path, status=409)
    desk.approve(asked)
    page = desk.post(path)
    desk.post(path, status=409)
    for held in ("Lehmann", "4711", "0341 / 12 34 56", "Halle", "pids", "Pseudonym mitgeteilt"):
        assert held in page, held
    assert "Anzahl: 1" in page, "the program may not look pseudonyms up"
    assert "<script" not in page
    assert "http" not in page
    leaves = str(desk.office.leaves())
    assert "subject-access.given" in leaves
    assert "Lehmann" not in leaves
    assert "Brief" not in leaves


BAD: dict[str, tuple[str, Any, int]] = {
    "a record without a name": ("/persons/lookup", {"asked": [{}]}, 404),
    "a source without a record": ("/persons/read", {"of": {"source": "kis"}}, 404),
    "a reason that does not exist": (
        "/identities/deactivate", {"identities": [KNOWN], "reason": "Lust"}, 422,
    ),
    "more than a thousand": ("/persons/lookup", {"asked": [KNOWN] * 1001}, 413),
    "a search for nothing": ("/persons/search", {}, 400),
    "a page of nothing": ("/persons/search", {"limit": 0}, 422),
}  # fmt: skip


@pytest.mark.parametrize("defect", BAD)
def test_a_bad_request_is_refused(tmp_path: Path, defect: str) -> None:
    desk = Desk(tmp_path)
    path, body, status = BAD[defect]
    desk.post("/identities", {"source": "kis", "records": [ANNA]})
    desk.post(path, body, status=status)


def test_contacts_are_checked_and_change_no_link(desk: Desk) -> None:
    bad = ANNA | {"record_id": "x", "contacts": [{"kind": "fax", "value": "1"}]}
    other = ANNA | {"contacts": [{"kind": "email", "value": "a@example.org"}]}
    answers = desk.post("/identities", {"source": "kis", "records": [bad, other]})["results"]
    assert answers[0]["error"]["code"] == "invalid-contact"
    assert answers[1]["outcome"] == "changed"
