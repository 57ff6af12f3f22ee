"""The operations of gPAS: order kept, errors in their place, whole requests refused by the status that gPAS has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.builders import make_center, make_domain, make_http, make_key
from tests.gateways.clients import GPAS, SYSTEM, string
from ttp.core.center import Center

FHIR = "application/fhir+json"
XML = "application/fhir+xml"
CANARY = "Kanarienvogel-4711"


@dataclass(frozen=True)
class Caller:
    """A client of the gPAS door, with HTTP Basic as name and key."""

    http: FlaskClient
    key: str

    def post(self, operation: str, *entries: dict[str, Any], **headers: str) -> TestResponse:
        body = orjson.dumps({"resourceType": "Parameters", "parameter": list(entries)})
        return self.raw(operation, body, **headers)

    def raw(self, operation: str, body: bytes, kind: str = FHIR, **headers: str) -> TestResponse:
        return self.http.post(
            f"{GPAS}/${operation}",
            data=body,
            content_type=kind,
            auth=("pipeline", self.key),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    def values(self, operation: str, domain: str, name: str, *values: str) -> list[Any]:
        """The parameters of the answer."""
        answer = self.post(operation, string("target", domain), *(string(name, v) for v in values))
        assert answer.status_code == 200, answer.text
        return list((answer.get_json() or {})["parameter"])


def part(parameter: Any, name: str) -> str:
    """The value of a part, and that Identifiers name their system."""
    (held,) = [one for one in parameter["part"] if one["name"] == name]
    if "valueCoding" in held:
        return str(held["valueCoding"]["code"])
    assert held["valueIdentifier"]["system"] == SYSTEM
    return str(held["valueIdentifier"]["value"])


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    folder: Path = tmp_path_factory.mktemp("center")
    center = make_center(folder)
    make_domain(center, "psn", aliases=("MIRACUM",))
    make_domain(center, "multi", multi=True)
    make_domain(center, "deletable", deletable=True)
    make_domain(center, "tiny", alphabet="ab", length=1)
    make_domain(center, "foreign")
    return center


@pytest.fixture(scope="module")
def caller(center: Center) -> Caller:
    key = make_key(center, "psn", "multi", "deletable", "tiny")
    return Caller(make_http(center), key)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(originals=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=20))
def test_answers_keep_the_order_duplicates_included(caller: Caller, originals: list[str]) -> None:
    told = caller.values("pseudonymizeAllowCreate", "MIRACUM", "original", *originals)
    assert [part(one, "original") for one in told] == originals
    tokens = [part(one, "pseudonym") for one in told]
    assert len(set(tokens)) == len(set(originals))
    back = caller.values("dePseudonymize", "MIRACUM", "pseudonym", *tokens)
    assert [part(one, "original") for one in back] == originals
    assert {one["name"] for one in back} == {"original"}
    assert {part(one, "target") for one in told} == {"MIRACUM"}


def test_unknown_values_are_errors_in_their_place(caller: Caller) -> None:
    caller.values("pseudonymizeAllowCreate", "psn", "original", "known")
    told = caller.values("pseudonymize", "psn", "original", "unknown", "known")
    assert [one["name"] for one in told] == ["error", "pseudonym"]
    assert part(told[0], "original") == "unknown"
    assert part(told[0], "error-code") == "not-found"
    (back,) = caller.values("dePseudonymize", "psn", "pseudonym", "0" * 16)
    assert (back["name"], part(back, "error-code")) == ("error", "not-found")
    assert part(back, "pseudonym") == "0" * 16


def test_what_is_deleted_or_anonymized_is_told_for_each(caller: Caller) -> None:
    caller.values("pseudonymizeAllowCreate", "deletable", "original", "1", "2")
    ended = caller.values("deletePseudonyms", "deletable", "original", "1", "3")
    assert [part(one, "result-code") for one in ended] == ["MSG_DELETED", "not-found"]
    ended = caller.values("anonymizeOriginals", "deletable", "original", "2", "2x")
    assert [part(one, "result-code") for one in ended] == ["MSG_UPDATED", "not-found"]
    assert {one["name"] for one in ended} == {"successStatus"}
    (gone,) = caller.values("pseudonymize", "deletable", "original", "2")
    assert part(gone, "error-code") == "not-found"


def _item(name: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "part": list(parts)}


def test_secondaries_are_made_for_each_item_in_its_own_domain(caller: Caller) -> None:
    wanted = [
        _item("original", string("target", "multi"), string("value", "1"), string("count", "2")),
        _item("original", string("target", "psn"), string("value", "1"), string("count", "1")),
        _item(
            "original",
            string("target", "multi"),
            string("value", "1"),
            {"name": "count", "valueInteger": 2},
        ),
    ]
    answer = caller.post("pseudonymize-secondary", *wanted)
    told = (answer.get_json() or {})["parameter"]
    names = [one["name"] for one in told]
    assert names == [*["secondarypseudonym"] * 2, "error", *["secondarypseudonym"] * 2]
    made = {part(one, "value") for one in told if one["name"] != "error"}
    assert len(made) == 4
    assert {part(one, "original") for one in told} == {"1"}


def test_pairs_from_elsewhere_stand_or_are_errors_in_their_place(caller: Caller) -> None:
    def pair(original: str, pseudonym: str, target: str = "psn") -> dict[str, Any]:
        parts = (string("target", target), string("original", original))
        return _item("pseudonym", *parts, string("value", pseudonym))

    answer = caller.post(
        "insertValuePseudonymPairs",
        pair("brought", "0" * 16),
        pair("brought", "1" * 16),
        pair("other", "0" * 16),
        pair("third", "short"),
        pair("fourth", "2" * 16, target="nowhere"),
    )
    told = (answer.get_json() or {})["parameter"]
    codes = [part(one, "result-code") for one in told]
    assert codes[0] == "MSG_CREATED"
    assert "MSG_CREATED" not in codes[1:]
    assert codes[4] == "not-found"
    (found,) = caller.values("pseudonymize", "psn", "original", "brought")
    assert part(found, "pseudonym") == "0" * 16


TARGET, ORIGINAL = string("target", "psn"), string("original", CANARY)
REFUSED: dict[str, tuple[str, tuple[dict[str, Any], ...], int]] = {
    "unknown domain": ("pseudonymize", (string("target", "nowhere"), ORIGINAL), 404),
    "domain of others": ("pseudonymize", (string("target", "foreign"), ORIGINAL), 403),
    "no target": ("pseudonymizeAllowCreate", (ORIGINAL,), 400),
    "two targets": ("pseudonymizeAllowCreate", (TARGET, TARGET, ORIGINAL), 400),
    "no original": ("pseudonymizeAllowCreate", (TARGET,), 400),
    "empty original": ("pseudonymizeAllowCreate", (TARGET, string("original", "")), 400),
    "original as a number": (
        "pseudonymizeAllowCreate",
        (TARGET, {"name": "original", "valueInteger": 4711}),
        400,
    ),
    "several pseudonyms here": ("pseudonymize", (string("target", "multi"), ORIGINAL), 400),
    "no deletion here": ("deletePseudonyms", (TARGET, ORIGINAL), 500),
    "item without parts": ("pseudonymize-secondary", (ORIGINAL,), 400),
    "count in words": (
        "pseudonymize-secondary",
        (_item("original", TARGET, string("value", CANARY), string("count", "two")),),
        400,
    ),
    "pair without its pseudonym": (
        "insertValuePseudonymPairs",
        (_item("pseudonym", TARGET, ORIGINAL),),
        400,
    ),
}


@pytest.mark.parametrize("defect", sorted(REFUSED))
def test_a_whole_request_is_refused_with_an_outcome(caller: Caller, defect: str) -> None:
    operation, entries, status = REFUSED[defect]
    answer = caller.post(operation, *entries)
    assert answer.status_code == status
    outcome = answer.get_json() or {}
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["diagnostics"]
    assert CANARY not in answer.text


BODIES = {
    "not JSON": (b"{", FHIR, 400),
    "another resource": (b'{"resourceType": "Patient"}', FHIR, 400),
    "a list": (b"[]", FHIR, 400),
    "another format": (b"a=b", "application/x-www-form-urlencoded", 415),
    "no body": (b"", FHIR, 400),
}


@pytest.mark.parametrize("defect", sorted(BODIES))
def test_a_body_that_is_no_parameters_is_refused(caller: Caller, defect: str) -> None:
    body, kind, status = BODIES[defect]
    answer = caller.raw("pseudonymize", body, kind)
    assert (answer.status_code, answer.mimetype) == (status, FHIR)


def test_nobody_is_told_how_to_log_in(caller: Caller) -> None:
    answer = caller.http.post(f"{GPAS}/$pseudonymize", json={})
    assert answer.status_code == 401
    assert "Basic" in answer.headers["WWW-Authenticate"]


def test_what_does_not_exist_is_told_in_fhir(caller: Caller) -> None:
    for method, path, status in (
        ("GET", "/$nothing", 404),
        ("DELETE", "/$pseudonymize", 405),
        ("POST", "/metadata", 405),
        ("GET", "/", 404),
    ):
        answer = caller.http.open(f"{GPAS}{path}", method=method)
        assert (answer.status_code, answer.mimetype) == (status, FHIR), path


def test_a_full_domain_is_told_for_the_items_that_found_no_place(caller: Caller) -> None:
    told = caller.values("pseudonymizeAllowCreate", "tiny", "original", "1", "2", "3")
    assert sorted(one["name"] for one in told) == ["error", "pseudonym", "pseudonym"]


def test_xml_is_read_and_written(caller: Caller) -> None:
    body = (
        b'<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="target"/>'
        b'<valueString value="psn"/></parameter><parameter><name value="original"/>'
        b'<valueString value="M&#252;ller"/></parameter></Parameters>'
    )
    answer = caller.raw("pseudonymizeAllowCreate", body, XML, Accept=XML)
    assert (answer.status_code, answer.mimetype) == (200, XML)
    (told,) = caller.values("pseudonymize", "psn", "original", "Müller")
    assert part(told, "pseudonym") in answer.text
    refused = caller.raw("pseudonymize", body.replace(b"psn", b"nowhere"), XML)
    assert (refused.status_code, refused.mimetype) == (404, XML)
    assert refused.text.startswith("<?xml")


def test_a_repeated_request_gives_the_same_bytes(caller: Caller) -> None:
    entry = _item("original", string("target", "multi"), string("value", "r"), string("count", "1"))
    first = caller.post("pseudonymize-secondary", entry, Idempotency_Key="one")
    again = caller.post("pseudonymize-secondary", entry, Idempotency_Key="one")
    assert again.data == first.data
    assert caller.post("pseudonymize-secondary", entry).data != first.data


def test_thousands_of_originals_are_one_batch(tmp_path: Path, database_url: str) -> None:
    center = make_center(tmp_path, database_url)
    make_domain(center, "psn")
    caller = Caller(make_http(center), make_key(center, "psn"))
    caller.values("pseudonymizeAllowCreate", "psn", "original", "first")  # keys, last use
    statements: list[str] = []
    engine = center.work._engine  # type: ignore[attr-defined] # counts below the port
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    originals = [f"MRN-{number % 4000:05}" for number in range(5000)]
    told = caller.values("pseudonymizeAllowCreate", "psn", "original", *originals)
    assert [part(one, "original") for one in told] == originals
    assert len({part(one, "pseudonym") for one in told}) == 4000
    inserts = [text for text in statements if "INSERT INTO pseudonym " in text]
    assert len(inserts) <= 1  # PostgreSQL takes it past the statement log, in binary
    assert len(statements) < 25
