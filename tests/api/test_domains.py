"""Domains over JSON: made, listed, led and counted by who administers, seen by who works in them."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.builders import bearer, make_center, make_domain, make_http, make_key
from ttp.core.center import Center


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path)
    make_domain(made, "diz", aliases=("https://example.org/diz",))
    make_domain(made, "other")
    return made


@pytest.fixture
def http(center: Center) -> FlaskClient:
    return make_http(center)


def test_a_client_sees_its_own_domains_only(center: Center, http: FlaskClient) -> None:
    headers = bearer(make_key(center, "diz"))
    listed = http.get("/api/v1/domains", headers=headers).get_json()
    assert [(one["name"], one["half_full"]) for one in listed["domains"]] == [("diz", False)]
    shown = http.get("/api/v1/domains/diz", headers=headers).get_json()
    assert shown["aliases"] == ["https://example.org/diz"]
    assert http.get("/api/v1/domains/other", headers=headers).status_code == 403
    assert http.get("/api/v1/domains/none", headers=headers).status_code == 404


def test_statistics_count_what_became_of_pseudonyms(center: Center, http: FlaskClient) -> None:
    headers = bearer(make_key(center, "diz"))
    path = "/api/v1/domains/diz"
    http.post(f"{path}/pseudonyms", json={"originals": ["1", "2"]}, headers=headers)
    http.post(f"{path}/anonymize", json={"originals": ["1"]}, headers=headers)
    counted = http.get(f"{path}/statistics", headers=headers).get_json()
    assert {name: counted[name] for name in ("issued", "active", "anonymized", "deleted")} == {
        "issued": 2,
        "active": 1,
        "anonymized": 1,
        "deleted": 0,
    }


def test_a_pipeline_does_not_lead_domains(center: Center, http: FlaskClient) -> None:
    headers = bearer(make_key(center, "diz"))
    for path, body in (("", {"name": "mine"}), ("/diz/freeze", None), ("/diz/change", {})):
        answer = http.post(f"/api/v1/domains{path}", json=body, headers=headers)
        assert answer.get_json()["code"] == "not-allowed", path
