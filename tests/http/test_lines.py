"""Batches as lines: the same answers in the same order as by JSON, with the same refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import bearer, make_center, make_domain, make_http, make_key
from ttp.core.center import Center
from ttp.core.pseudonyms import MAXIMAL_ITEMS
from ttp.http import idempotency
from ttp.http.lines import NDJSON

PATH = "/api/v1/domains/diz"


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    folder: Path = tmp_path_factory.mktemp("lines")
    center = make_center(folder)
    make_domain(center, "diz", deletable=True, accepts_foreign=True)
    return center


@pytest.fixture(scope="module")
def http(center: Center) -> FlaskClient:
    return make_http(center)


@pytest.fixture(scope="module")
def key(center: Center) -> str:
    return make_key(center, "diz")


def send(
    http: FlaskClient,
    key: str,
    action: str,
    lines: list[Any],
    *,
    accept: str = NDJSON,
    **headers: str,
) -> TestResponse:
    body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    given = {**bearer(key), "Accept": accept, **headers}
    return http.post(f"{PATH}/{action}", data=body.encode(), content_type=NDJSON, headers=given)


def read(response: TestResponse) -> list[Any]:
    assert response.mimetype == NDJSON, response.text[:300]
    return [json.loads(line) for line in response.text.splitlines()]


def test_lines_are_answered_by_lines_in_the_order_asked(http: FlaskClient, key: str) -> None:
    originals = [f"ö{number % 700}" for number in range(2_500)] + ["", "\u2028 inside"]
    answers = read(send(http, key, "pseudonyms", [{}, *originals]))
    by_json = http.post(
        f"{PATH}/pseudonyms", json={"originals": originals}, headers=bearer(key)
    ).get_json()["results"]
    assert [one.get("pseudonym") for one in answers] == [one.get("pseudonym") for one in by_json]
    assert answers[-2]["error"]["code"] == "invalid-original"


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_lines_are_answered_by_json_where_json_is_accepted(
    http: FlaskClient, key: str, accept: str
) -> None:
    answered = send(http, key, "pseudonyms", [{}, "x"], accept=accept)
    assert answered.get_json()["results"][0]["pseudonym"]


def test_the_first_line_holds_the_options(http: FlaskClient, key: str) -> None:
    (missing,) = read(send(http, key, "pseudonyms", [{"create": False}, "never seen"]))
    assert missing["error"]["code"] == "unknown-original"
    refused = send(http, key, "pseudonyms", [{"atomic": True}, "a", ""])
    assert (refused.status_code, refused.get_json()["code"]) == (422, "atomic-batch-refused")


def test_every_list_comes_as_lines(http: FlaskClient, key: str) -> None:
    brought = read(
        send(http, key, "import", [{}, ["a", "A-1"], {"original": "b", "pseudonym": "B"}])
    )
    assert [one["created"] for one in brought] == [True, True]
    judged = read(send(http, key, "validate", [{"exists": True}, "A-1", " "]))
    assert [one.get("state") for one in judged] == ["active", None]
    opened = read(send(http, key, "resolve", [{"reason": "a test"}, "A-1", "B"]))
    assert opened == [{"originals": ["a"]}, {"originals": ["b"]}]
    ended = read(send(http, key, "anonymize", [{}, "a"])) + read(
        send(http, key, "delete", [{}, "b"])
    )
    assert ended == [{"pseudonyms": ["A-1"]}, {"pseudonyms": ["B"]}]


BAD = {
    "nothing": (b"", "malformed-body"),
    "a first line that is no object": (b'"x"\n', "malformed-body"),
    "a line that is not JSON": (b"{}\n'x'\n", "malformed-body"),
    "bytes that are not UTF-8": (b'{}\n"\xff"\n', "malformed-body"),
    "an option nobody knows": (b'{"colour": 1}\n"x"\n', "invalid-field"),
    "the list among the options": (b'{"originals": []}\n"x"\n', "invalid-field"),
    "more lines than items": (b"{}\n" + b"1\n" * (MAXIMAL_ITEMS + 1), "too-many-items"),
}


@pytest.mark.parametrize(("body", "code"), BAD.values(), ids=BAD)
def test_lines_that_are_none_are_refused(
    http: FlaskClient, key: str, body: bytes, code: str
) -> None:
    answered = http.post(f"{PATH}/pseudonyms", data=body, content_type=NDJSON, headers=bearer(key))
    assert answered.get_json()["code"] == code


def test_a_repeat_of_lines_is_told_from_other_lines(http: FlaskClient, key: str) -> None:
    named = {"Idempotency-Key": "lines-1"}
    first = send(http, key, "pseudonyms", [{}, "p", "q"], **named)
    again = send(http, key, "pseudonyms", [{}, "p", "q"], **named)
    assert (again.headers["Idempotent-Replay"], again.data) == ("true", first.data)
    for other in ([{}, "p", "r"], [{"create": False}, "p", "q"]):
        refused = send(http, key, "pseudonyms", other, **named)
        assert refused.get_json()["code"] == "idempotency-mismatch"
    as_json = send(http, key, "pseudonyms", [{}, "p", "q"], accept="application/json", **named)
    assert as_json.get_json()["code"] == "idempotency-mismatch"


def test_an_answer_too_large_to_be_kept_is_refused_before_anything_is_done(
    http: FlaskClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "MAXIMAL_KEPT", 100)
    named = {"Idempotency-Key": "large-1"}
    refused = send(http, key, "pseudonyms", [{}, *(f"large{n}" for n in range(9))], **named)
    assert (refused.status_code, refused.get_json()["code"]) == (413, "too-many-items")
    (missing,) = read(send(http, key, "pseudonyms", [{"create": False}, "large1"]))
    assert missing["error"]["code"] == "unknown-original"


def test_an_atomic_batch_on_the_embedded_database_holds_10_000_items(
    http: FlaskClient, key: str
) -> None:
    body = {"originals": ["x"] * 10_001, "atomic": True}
    refused = http.post(f"{PATH}/pseudonyms", json=body, headers=bearer(key))
    assert (refused.status_code, refused.get_json()["code"]) == (413, "too-many-items")
    body["originals"] = ["x"] * 10_000
    assert http.post(f"{PATH}/pseudonyms", json=body, headers=bearer(key)).status_code == 200
