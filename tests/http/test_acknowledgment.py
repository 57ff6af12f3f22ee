"""Every answer names the leaves of what was recorded for it, and nothing else."""

from pathlib import Path

import pytest

from tests.builders import bearer, make_center, make_domain, make_http, make_key
from ttp.core.center import Center
from ttp.http.acknowledgment import HEADER
from ttp.services.log.find_leaf import WAITING, find_leaf

PATH = "/api/v1/domains/diz"


@pytest.fixture
def center(tmp_path: Path) -> Center:
    center = make_center(tmp_path)
    make_domain(center, "diz")
    make_domain(center, "other")
    return center


@pytest.fixture
def key(center: Center) -> str:
    return make_key(center, "diz", "other")


def _waits(center: Center, digest: str) -> bool:
    found = center.work.run(lambda tx: find_leaf(tx, bytes.fromhex(digest)), write=False)
    return found == WAITING


def test_the_leaf_of_an_acknowledgment_is_in_the_log(center: Center, key: str) -> None:
    http = make_http(center)
    answered = http.post(f"{PATH}/pseudonyms", json={"originals": ["x"]}, headers=bearer(key))
    (digest,) = answered.headers[HEADER].split(", ")
    assert _waits(center, digest)


def test_an_act_with_two_leaves_names_both(center: Center, key: str) -> None:
    http = make_http(center)
    token = http.post(
        f"{PATH}/pseudonyms", json={"originals": ["x"]}, headers=bearer(key)
    ).get_json()["results"][0]["pseudonym"]
    body = {"pseudonyms": [token], "into": "other"}
    answered = http.post(f"{PATH}/translate", json=body, headers=bearer(key))
    digests = answered.headers[HEADER].split(", ")
    assert len(set(digests)) == 2
    assert all(_waits(center, digest) for digest in digests)


def test_a_repeat_names_the_leaves_of_the_first_answer(center: Center, key: str) -> None:
    http = make_http(center)
    headers = {**bearer(key), "Idempotency-Key": "k"}
    first, again = (
        http.post(f"{PATH}/pseudonyms", json={"originals": ["x"]}, headers=headers)
        for _ in range(2)
    )
    assert again.headers["Idempotent-Replay"] == "true"
    assert first.headers[HEADER] == again.headers[HEADER]


def test_what_was_refused_or_recorded_nothing_names_no_leaf(center: Center, key: str) -> None:
    http = make_http(center)
    body = {"originals": ["x", ""], "atomic": True}
    refused = http.post(f"{PATH}/pseudonyms", json=body, headers=bearer(key))
    assert refused.status_code == 422
    form = http.post(f"{PATH}/validate", json={"pseudonyms": ["x"]}, headers=bearer(key))
    assert form.status_code == 200
    unknown = http.post(f"{PATH}/pseudonyms", json={"originals": ["x"]})
    assert unknown.status_code == 401
    assert not any(HEADER in one.headers for one in (refused, form, unknown, http.get("/livez")))
