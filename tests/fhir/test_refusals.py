"""Every refusal is an OperationOutcome with the right status, and none repeats a value."""

import base64
from typing import Any

import orjson
import pytest

from tests.builders import bearer, make_http, make_key
from tests.fhir.interface import FHIR, Caller, asked, count, identifier, reverse
from ttp.core.center import Center
from ttp.http.limits import MAXIMAL_BODY_BYTES

CANARY = "Kanarienvogel-4711"


def only(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(entries)}


CONTEXT, ORIGINAL = identifier("context", "single"), identifier("original", CANARY)

REFUSED = {
    "unknown domain": ("/$pseudonymize", asked("nowhere", CANARY), 404, "not-found"),
    "unknown original": ("/$get-pseudonym", asked("single", CANARY), 404, "not-found"),
    "unknown pseudonym": ("/$de-pseudonymize", reverse("single", "0" * 16), 404, "not-found"),
    "pseudonym of another form": (
        "/$de-pseudonymize",
        reverse("single", CANARY),
        404,
        "not-found",
    ),
    "unknown secondaries": (
        "/$pseudonymize-multiple",
        asked("multi", CANARY, count(0)),
        404,
        "not-found",
    ),
    "no deletion here": ("/$delete-pseudonym", asked("lasting", CANARY), 405, "not-supported"),
    "domain of others": ("/$pseudonymize", asked("foreign", CANARY), 403, "forbidden"),
    "no context": ("/$pseudonymize", only(ORIGINAL), 400, "invalid"),
    "no original": ("/$pseudonymize", only(CONTEXT), 400, "invalid"),
    "two originals": ("/$pseudonymize", only(CONTEXT, ORIGINAL, ORIGINAL), 400, "invalid"),
    "empty original": (
        "/$pseudonymize",
        only(CONTEXT, identifier("original", "")),
        400,
        "invalid",
    ),
    "original without value": (
        "/$pseudonymize",
        only(CONTEXT, {"name": "original", "valueIdentifier": {"system": CANARY}}),
        400,
        "invalid",
    ),
    "original with NUL": (
        "/$pseudonymize",
        only(CONTEXT, identifier("original", f"{CANARY}\x00")),
        400,
        "invalid",
    ),
    "original of 5,000 bytes": (
        "/$pseudonymize",
        only(CONTEXT, identifier("original", CANARY * 300)),
        400,
        "invalid",
    ),
    "original as a number": (
        "/$pseudonymize",
        only(CONTEXT, {"name": "original", "valueInteger": 4711}),
        400,
        "invalid",
    ),
    "original as a list": (
        "/$pseudonymize",
        only(CONTEXT, {"name": "original", "valueIdentifier": [CANARY]}),
        400,
        "invalid",
    ),
    "two values": (
        "/$pseudonymize",
        only(CONTEXT, {**ORIGINAL, "valueString": CANARY}),
        400,
        "invalid",
    ),
    "no count": ("/$pseudonymize-multiple", asked("multi", CANARY), 400, "invalid"),
    "count as a string": (
        "/$pseudonymize-multiple",
        asked("multi", CANARY, {"name": "count", "valueString": "3"}),
        400,
        "invalid",
    ),
    "count as a truth value": (
        "/$pseudonymize-multiple",
        asked("multi", CANARY, {"name": "count", "valueInteger": True}),
        400,
        "invalid",
    ),
    "negative count": (
        "/$pseudonymize-multiple",
        asked("multi", CANARY, count(-1)),
        400,
        "invalid",
    ),
    "count of a million": (
        "/$pseudonymize-multiple",
        asked("multi", CANARY, count(1_000_000)),
        400,
        "invalid",
    ),
    "another resource": (
        "/$pseudonymize",
        {"resourceType": "Patient", "name": [{"family": CANARY}]},
        422,
        "not-supported",
    ),
    "parameters as an object": (
        "/$pseudonymize",
        {"resourceType": "Parameters", "parameter": {"name": CANARY}},
        400,
        "invalid",
    ),
    "parameter without a name": ("/$pseudonymize", only({"valueString": CANARY}), 400, "invalid"),
    "unknown operation": (f"/${CANARY}", asked("single", CANARY), 404, "not-found"),
    "unknown path": (f"/Patient/{CANARY}", asked("single", CANARY), 404, "not-found"),
    "Parameters at the base": ("", asked("single", CANARY), 400, "invalid"),
    "Bundle of another type": ("", {"resourceType": "Bundle", "type": CANARY}, 400, "invalid"),
    "Bundle with entries as an object": (
        "",
        {"resourceType": "Bundle", "type": "batch", "entry": {"a": CANARY}},
        400,
        "invalid",
    ),
    "Bundle of 10,001 entries": (
        "",
        {"resourceType": "Bundle", "type": "batch", "entry": [{}] * 10_001},
        413,
        "too-costly",
    ),
}


def _is_outcome(body: Any) -> bool:
    return (body["resourceType"], body["issue"][0]["severity"]) == ("OperationOutcome", "error")


@pytest.mark.parametrize("sentence", REFUSED)
def test_a_bad_request_is_refused_by_its_own_issue(caller: Caller, sentence: str) -> None:
    path, body, status, code = REFUSED[sentence]
    answer = caller.post(path, body)
    assert answer.status_code == status
    assert answer.mimetype == FHIR
    assert _is_outcome(answer.get_json())
    assert answer.get_json()["issue"][0]["code"] == code
    assert CANARY not in answer.text


BODIES = {
    "not JSON": b"<Parameters/>",
    "empty": b"",
    "a list": b"[]",
    "not UTF-8": '{"resourceType": "Müll"}'.encode("latin-1"),
    "cut off": b'{"resourceType": "Parameters", "parameter": [',
    "NaN": b'{"resourceType": NaN}',
    "half a surrogate": b'{"resourceType": "\\ud800"}',
    "very deep": b"[" * 20_000,
}


@pytest.mark.parametrize("defect", BODIES)
def test_a_body_that_is_no_resource_is_refused(caller: Caller, defect: str) -> None:
    answer = caller.http.post(
        "/fhir/$pseudonymize",
        data=BODIES[defect],
        content_type=FHIR,
        headers=bearer(caller.key),
    )
    assert answer.status_code == 400
    assert _is_outcome(answer.get_json())


def test_a_body_above_the_limit_is_refused_before_it_is_read(caller: Caller) -> None:
    answer = caller.http.post(
        "/fhir/$pseudonymize",
        data=b" " * (MAXIMAL_BODY_BYTES + 1),
        content_type=FHIR,
        headers=bearer(caller.key),
    )
    assert answer.status_code == 413
    assert _is_outcome(answer.get_json())


@pytest.mark.parametrize(
    "content_type",
    ["application/fhir+turtle", "text/plain", "application/json; charset=latin-1", None],
)
def test_other_formats_are_refused_in_both_directions(
    caller: Caller, content_type: str | None
) -> None:
    body = orjson.dumps(asked("single", "x"))
    inward = caller.http.post(
        "/fhir/$pseudonymize", data=body, content_type=content_type, headers=bearer(caller.key)
    )
    assert inward.status_code == 415
    assert _is_outcome(inward.get_json())
    accept = "text/turtle, application/fhir+xml;q=0, text/html;q=0.8"
    outward = caller.http.get("/fhir/metadata", headers={"Accept": accept})
    assert outward.status_code == 406
    assert _is_outcome(outward.get_json())


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/fhir+json; fhirVersion=4.0",
        "text/html, application/*;q=0.1",
        "application/json",
    ],
)
def test_every_way_to_ask_for_json_is_understood(caller: Caller, accept: str) -> None:
    assert caller.http.get("/fhir/metadata", headers={"Accept": accept}).status_code == 200
    xml = {"Accept": "application/fhir+xml"}
    for wanted in ("json", "application/fhir%2Bjson", "application/fhir+json"):
        assert caller.http.get(f"/fhir/metadata?_format={wanted}", headers=xml).status_code == 200


@pytest.mark.parametrize("path", ["", "/", "/$pseudonymize", "/$de-pseudonymize"])
def test_other_methods_are_refused_and_post_is_named(caller: Caller, path: str) -> None:
    answer = caller.http.get(f"/fhir{path}", headers=bearer(caller.key))
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert _is_outcome(answer.get_json())


def test_without_credentials_both_ways_to_give_them_are_offered(caller: Caller) -> None:
    for headers in ({}, bearer("ttp_" + "a" * 32), {"Authorization": "Basic !"}):
        answer = caller.http.post("/fhir/$pseudonymize", json={}, headers=headers)
        assert answer.status_code == 401
        assert "Basic" in answer.headers["WWW-Authenticate"]
        assert "Bearer" in answer.headers["WWW-Authenticate"]
        assert answer.get_json()["issue"][0]["code"] == "login"


def test_existing_clients_come_with_http_basic(center: Center, caller: Caller) -> None:
    for name, status in (("pipeline", 200), ("somebody", 401)):
        token = base64.b64encode(f"{name}:{caller.key}".encode()).decode()
        answer = caller.http.post(
            "/fhir/$pseudonymize",
            json=asked("single", "by basic"),
            headers={"Authorization": f"Basic {token}"},
        )
        assert answer.status_code == status


def test_resolving_needs_a_grant(center: Center, caller: Caller) -> None:
    key = make_key(center, "single", name="writer", resolve=False)
    writer = Caller(make_http(center), key)
    answer = writer.post("/$de-pseudonymize", reverse("single", "0" * 16))
    assert answer.status_code == 403
    assert answer.get_json()["issue"][0]["details"]["coding"][0]["code"] == "no-grant"


def test_an_unexpected_error_tells_only_its_correlation(
    center: Center, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_args: object, **_more: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("ttp.fhir.door.issue_jointly", breaks)
    answer = caller.post("/$pseudonymize", asked("single", CANARY))
    assert answer.status_code == 500
    assert answer.get_json()["issue"][0]["diagnostics"].startswith("Internal error, correlation ")
    assert CANARY not in answer.text
