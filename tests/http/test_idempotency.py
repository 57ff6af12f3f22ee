"""A request with an Idempotency-Key has one effect and one answer, however often and how close it is repeated."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from keys.digests import sha256
from keys.keyring import Purpose
from tests.builders import bearer, make_center, make_domain, make_http, make_key
from ttp.app import create_app
from ttp.core.center import Center

PATH = "/api/v1/domains/multi/pseudonyms"
BODY = {"originals": ["x"], "count": 1}


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    center = make_center(tmp_path, database_url)
    make_domain(center, "multi", multi=True)
    return center


@pytest.fixture
def key(center: Center) -> str:
    return make_key(center, "multi")


def post(
    http: FlaskClient, key: str, name: str, body: object = BODY, path: str = PATH
) -> TestResponse:
    return http.post(path, json=body, headers={**bearer(key), "Idempotency-Key": name})


def existing(http: FlaskClient, key: str) -> list[str]:
    body = {"originals": ["x"], "count": 0}
    result = http.post(PATH, json=body, headers=bearer(key)).get_json()["results"][0]
    return list(result.get("pseudonyms", []))


def test_a_repeat_is_answered_with_the_same_bytes_and_done_once(center: Center, key: str) -> None:
    http = make_http(center)
    first, again = post(http, key, "k"), post(http, key, "k")
    assert first.status_code == again.status_code == 200
    assert first.data == again.data
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert len(existing(http, key)) == 1


def test_the_same_key_for_another_request_is_refused(center: Center, key: str) -> None:
    http = make_http(center)
    post(http, key, "k")
    other = post(http, key, "k", {**BODY, "count": 2})
    elsewhere = post(http, key, "k", {"pseudonyms": []}, "/api/v1/domains/multi/resolve")
    for refused in (other, elsewhere):
        assert refused.status_code == 422
        assert refused.get_json()["code"] == "idempotency-mismatch"
    assert len(existing(http, key)) == 1


def test_a_key_belongs_to_its_client(center: Center, key: str) -> None:
    http = make_http(center)
    second = make_key(center, "multi", name="second")
    assert post(http, key, "k").data != post(http, second, "k").data
    assert len(existing(http, key)) == 2


def test_a_refused_request_does_not_use_up_its_key(center: Center, key: str) -> None:
    http = make_http(center)
    refused = post(http, key, "k", {"originals": [""], "count": 1, "atomic": True})
    assert refused.status_code == 422
    assert post(http, key, "k").status_code == 200


@pytest.mark.parametrize("name", ["", "x" * 201, "zwei\tWörter"])
def test_keys_have_a_form(center: Center, key: str, name: str) -> None:
    assert post(make_http(center), key, name.encode().decode("latin-1")).status_code == 422


def test_the_kept_answer_is_not_in_clear(center: Center, key: str) -> None:
    made = post(make_http(center), key, "k").get_json()["results"][0]["pseudonyms"][0]
    kept = center.work.run(
        lambda tx: tx.connection.exec_driver_sql("SELECT sealed FROM idempotency").scalar_one(),  # type: ignore[attr-defined] # the SQL transaction
        write=False,
    )
    assert made.encode() not in bytes(kept)


def test_who_has_the_database_cannot_try_requests_against_the_digest(
    center: Center, key: str
) -> None:
    sent = b'{"originals":["x"],"count":1}'
    headers = {**bearer(key), "Idempotency-Key": "k", "Content-Type": "application/json"}
    assert make_http(center).post(PATH, data=sent, headers=headers).status_code == 200
    kept = center.work.run(
        lambda tx: tx.connection.exec_driver_sql("SELECT digest FROM idempotency").scalar_one(),  # type: ignore[attr-defined] # the SQL transaction
        write=False,
    )
    tried = f"POST {PATH}\n".encode() + sent
    assert sha256(tried)[:16] != bytes(kept)[:16]


def test_a_repeat_is_known_again_after_the_key_was_rotated(center: Center, key: str) -> None:
    http = make_http(center)
    first = post(http, key, "k")
    center.keyring.rotate(Purpose.SESSION)
    assert post(http, key, "k").data == first.data
    assert post(http, key, "k", {**BODY, "count": 2}).status_code == 422


def test_racing_repeats_have_one_effect_and_one_answer(center: Center, key: str) -> None:
    app = create_app(center)
    answers: list[TestResponse] = []
    start = threading.Barrier(6)

    def ask() -> None:
        start.wait()
        answers.append(post(app.test_client(), key, "k"))

    _together([ask] * 6)
    told = {answer.data for answer in answers if answer.status_code == 200}
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len(told) == 1
    assert len(existing(app.test_client(), key)) == 1


def _together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_client_is_never_answered_what_another_one_was(center: Center) -> None:
    http = make_http(center)
    alike = "client-with-a-name-so-long-that-its-beginning-is-as-another-s"
    first, second = (make_key(center, "multi", name=f"{alike[:61]}{end}") for end in "ab")
    answers = [post(http, key, "k").get_json()["results"] for key in (first, second)]
    assert answers[0] != answers[1]
    assert post(http, make_key(center, name=f"{alike[:61]}c"), "k").status_code == 403
