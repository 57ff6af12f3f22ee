"""A body that cannot be read is refused before anything is looked at, with what to mend; its bytes are not repeated."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from tests.builders import bearer, make_center, make_domain, make_http, make_key
from ttp.core.access import OPERATOR
from ttp.core.desk import MOST_MEMBERS
from ttp.pages.case_forms import case_filter

JSON = "application/json"
UNREADABLE = {
    "plain text": ("text/plain", b'{"originals": ["a"]}', 415, "unsupported-media-type"),
    "the form curl sends without a type": (
        "application/x-www-form-urlencoded",
        b'{"originals": ["a"]}',
        415,
        "unsupported-media-type",
    ),
    "XML": ("application/xml", b"<originals/>", 415, "unsupported-media-type"),
    "an end that is missing": (JSON, b'{"originals": ["a"', 400, "malformed-body"),
    "bytes that are not UTF-8": (JSON, b'{"originals": ["\xff"]}', 400, "malformed-body"),
    "a list in place of an object": (JSON, b'["a"]', 422, "invalid-field"),
    "a string in place of an object": (JSON, b'"a"', 422, "invalid-field"),
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, str]:
    center = make_center(tmp_path_factory.mktemp("bodies"))
    make_domain(center, "diz")
    return make_http(center), make_key(center, "diz")


@pytest.mark.parametrize("defect", UNREADABLE)
def test_an_unreadable_body_is_refused_with_what_to_mend(
    asked: tuple[FlaskClient, str], defect: str
) -> None:
    http, key = asked
    kind, body, status, code = UNREADABLE[defect]
    answer = http.post(
        "/api/v1/domains/diz/pseudonyms", data=body, content_type=kind, headers=bearer(key)
    )
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.get_json()["detail"]


@pytest.mark.parametrize("kind", [JSON, "application/json; charset=utf-8", "application/foo+json"])
def test_json_is_read_by_any_name_of_it(asked: tuple[FlaskClient, str], kind: str) -> None:
    http, key = asked
    answer = http.post(
        "/api/v1/domains/diz/pseudonyms",
        data=b'{"originals": ["a"]}',
        content_type=kind,
        headers=bearer(key),
    )
    assert answer.status_code == 200


def test_a_number_larger_than_any_case_is_refused_or_cut(asked: tuple[FlaskClient, str]) -> None:
    http, key = asked
    answer = http.get(f"/api/v1/cases?least_members={10**30}", headers=bearer(key))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid-field")
    now = datetime(2026, 1, 31, tzinfo=UTC)
    given = MultiDict({"members": str(10**30), "days": str(-(10**30))})
    chosen = case_filter(given, me=OPERATOR, now=now)
    assert (chosen.least_members, chosen.created_before) == (MOST_MEMBERS, now)
