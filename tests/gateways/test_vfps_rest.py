"""The REST door of Vfps: its JSON, its codes, pages without originals, namespaces with slashes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import make_center, make_domain, make_http, make_key
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.errors import AlreadyExists, InvalidField
from ttp.gateways.vfps.namespaces import (
    LengthOutOfRange,
    Method,
    Namespace,
    create_namespace,
)
from ttp.gateways.vfps.statuses import Code

STEWARD = Actor(ActorKind.STAFF, "sabine", Role.STEWARD, domains=None)
URI = "https://diz.example/fhir/sid/patient-id"
CANARY = "Kanarienvogel-4711"


@dataclass(frozen=True)
class Caller:
    """A client of the REST door."""

    http: FlaskClient
    key: str

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        return self.http.open(f"/v1{path}", method=method, auth=("pipeline", self.key), **more)

    def create(self, namespace: str, original: str) -> Any:
        answer = self.ask(
            "POST", f"/namespaces/{namespace}/pseudonyms", json={"originalValue": original}
        )
        assert answer.status_code == 200, answer.text
        return (answer.get_json() or {})["pseudonym"]


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    folder: Path = tmp_path_factory.mktemp("center")
    center = make_center(folder)
    make_domain(center, "psn", aliases=(URI,))
    make_domain(center, "paged")
    make_domain(center, "multi", multi=True)
    make_domain(center, "foreign")
    return center


@pytest.fixture(scope="module")
def caller(center: Center) -> Caller:
    return Caller(make_http(center), make_key(center, "psn", "multi", "paged"))


def test_a_pseudonym_is_made_once_and_told_with_its_time(caller: Caller) -> None:
    first, again = caller.create("psn", "17"), caller.create(URI, "17")
    assert first["pseudonymValue"] == again["pseudonymValue"]
    assert first["meta"]["createdAt"].endswith("Z")
    assert again["namespace"] == URI
    assert first["originalValue"] == "17"


def test_pages_hold_every_pseudonym_once_and_no_original(caller: Caller) -> None:
    made = {caller.create("paged", f"{CANARY}-{n}")["pseudonymValue"] for n in range(30)}
    seen: list[str] = []
    token = ""
    for _ in range(10):
        query = {"page_size": "7", "page_token": token, "include_total_size": "true"}
        answer = caller.ask("GET", "/namespaces/paged/pseudonyms", query_string=query)
        page = answer.get_json() or {}
        assert CANARY not in answer.text
        assert page["totalSize"] == "30"
        seen += [one["pseudonymValue"] for one in page["pseudonyms"]]
        token = page["nextPageToken"]
        assert not any(one in token for one in made)
        if not token:
            break
    assert len(seen) == 30
    assert set(seen) == made


def test_a_page_has_twenty_five_pseudonyms_unless_asked(caller: Caller) -> None:
    page = caller.ask("GET", "/namespaces/paged/pseudonyms").get_json() or {}
    assert len(page["pseudonyms"]) == 25
    assert "totalSize" not in page


def test_namespaces_are_those_of_the_caller(caller: Caller) -> None:
    listed = caller.ask("GET", "/namespaces").get_json() or {}
    assert {one["name"] for one in listed["namespaces"]} == {"psn", "multi", "paged"}
    shown = caller.ask("GET", f"/namespaces/{URI}").get_json() or {}
    assert shown["namespace"]["name"] == URI
    assert shown["namespace"]["pseudonymLength"] == 16


NAMED = {"name": "x", "pseudonymLength": 16}
REFUSED: dict[str, tuple[str, str, dict[str, Any], int, Code]] = {
    "unknown namespace": (
        "POST",
        "/namespaces/nowhere/pseudonyms",
        {"json": {"originalValue": CANARY}},
        404,
        Code.NOT_FOUND,
    ),
    "namespace of others": (
        "POST",
        "/namespaces/foreign/pseudonyms",
        {"json": {"originalValue": CANARY}},
        403,
        Code.PERMISSION_DENIED,
    ),
    "blank original": (
        "POST",
        "/namespaces/psn/pseudonyms",
        {"json": {"originalValue": " "}},
        400,
        Code.INVALID_ARGUMENT,
    ),
    "unknown field": (
        "POST",
        "/namespaces/psn/pseudonyms",
        {"json": {"originalValue": CANARY, "count": 3}},
        400,
        Code.INVALID_ARGUMENT,
    ),
    "several pseudonyms here": (
        "POST",
        "/namespaces/multi/pseudonyms",
        {"json": {"originalValue": CANARY}},
        400,
        Code.INVALID_ARGUMENT,
    ),
    "not JSON": (
        "POST",
        "/namespaces/psn/pseudonyms",
        {"data": b"{"},
        400,
        Code.INVALID_ARGUMENT,
    ),
    "namespace by a client": (
        "POST",
        "/namespaces",
        {"json": NAMED},
        403,
        Code.PERMISSION_DENIED,
    ),
    "namespace deleted": ("DELETE", "/namespaces/psn", {}, 405, Code.UNIMPLEMENTED),
    "pseudonym in the URL": (
        "GET",
        f"/namespaces/psn/pseudonyms/{'0' * 16}",
        {},
        405,
        Code.UNIMPLEMENTED,
    ),
    "page of nobody": (
        "GET",
        "/namespaces/psn/pseudonyms",
        {"query_string": {"page_token": "AAAA"}},
        400,
        Code.INVALID_ARGUMENT,
    ),
    "nothing there": ("GET", "/elsewhere", {}, 404, Code.NOT_FOUND),
}


@pytest.mark.parametrize("defect", sorted(REFUSED))
def test_what_is_refused_is_told_by_a_code(caller: Caller, defect: str) -> None:
    method, path, more, status, code = REFUSED[defect]
    answer = caller.ask(method, path, **more)
    told = answer.get_json() or {}
    assert (answer.status_code, told["code"]) == (status, code.number)
    assert told["message"]
    assert CANARY not in answer.text


def test_nobody_is_told_how_to_log_in(caller: Caller) -> None:
    answer = caller.http.get("/v1/namespaces")
    assert (answer.status_code, (answer.get_json() or {})["code"]) == (401, 16)
    assert "Basic" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("method", "length", "characters"),
    [
        (Method.UNSPECIFIED, 16, 32),
        (Method.SECURE_RANDOM_BASE64URL_ENCODED, 32, 54),
        (Method.FULL_RANDOM_HEX_ENCODED, 32, 32),
        (Method.FULL_RANDOM_BASE62_ENCODED, 20, 20),
    ],
)
def test_a_namespace_has_pseudonyms_as_long_as_in_vfps(
    center: Center, method: Method, length: int, characters: int
) -> None:
    wanted = Namespace(
        f"https://made.example/{method}", method, length, prefix="p-", suffix="-s", description="d"
    )
    made = center.work.run(lambda tx: create_namespace(center, tx, STEWARD, wanted))
    assert (made.name, made.description, made.prefix) == (wanted.name, "d", "p-")
    told = center.work.run(lambda tx: tx.domains.get(wanted.name), write=False)
    assert told.form.total == characters + 4


def test_two_uris_that_look_alike_are_two_namespaces(center: Center) -> None:
    for name in ("https://like.example/a", "https://like.example/a/"):
        wanted = Namespace(name, length=16)
        center.work.run(lambda tx, wanted=wanted: create_namespace(center, tx, STEWARD, wanted))  # type: ignore[misc] # defaults bind the values
    with pytest.raises(AlreadyExists):
        center.work.run(
            lambda tx: create_namespace(
                center, tx, STEWARD, Namespace("https://like.example/a", length=16)
            )
        )


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Namespace("n", Method.SHA256_HEX_ENCODED, 64), InvalidField),
        (Namespace("n", Method.UUID4, 36), InvalidField),
        (Namespace("n", length=0), LengthOutOfRange),
        (Namespace("n", length=1000), LengthOutOfRange),
        (Namespace(" ", length=16), InvalidField),
    ],
)
def test_a_namespace_that_cannot_be_is_refused(
    center: Center, wanted: Namespace, error: type[Exception]
) -> None:
    with pytest.raises(error):
        center.work.run(lambda tx: create_namespace(center, tx, STEWARD, wanted))


def test_pages_are_the_same_on_every_database(tmp_path: Path, database_url: str) -> None:
    center = make_center(tmp_path, database_url)
    make_domain(center, "psn")
    caller = Caller(make_http(center), make_key(center, "psn"))
    made = {caller.create("psn", str(number))["pseudonymValue"] for number in range(5)}
    path = "/namespaces/psn/pseudonyms"
    first = caller.ask("GET", path, query_string={"page_size": "3"}).get_json() or {}
    following = {"page_token": first["nextPageToken"], "page_size": "3"}
    second = caller.ask("GET", path, query_string=following).get_json() or {}
    told = [one["pseudonymValue"] for one in (*first["pseudonyms"], *second["pseudonyms"])]
    assert len(told) == 5
    assert set(told) == made
    assert second["nextPageToken"] == ""
