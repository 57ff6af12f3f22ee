"""Clients run unchanged: their raw requests against a served center, read as they read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.running import made, run, served
from tests.gateways.clients import GPAS, Wire, first_part, fts_reads, string

DOMAIN = "MIRACUM"
NAMESPACE = "https://diz.example/fhir/sid/patient-id"
CANARY = "Kanarienvogel-4711"


@contextlib.contextmanager
def _center(home: Path, **environment: str) -> Iterator[tuple[Wire, Path]]:
    made(home)
    for arguments in (("psn", "--alias", DOMAIN), ("vfps", "--alias", NAMESPACE)):
        assert run(home, "domain", "create", *arguments).exit_code == 0
    client = (
        "client",
        "create",
        "etl",
        "--role",
        "pipeline",
        "--domain",
        "psn",
        "--domain",
        "vfps",
    )
    told = run(home, *client, TTP_FOUR_EYES="demo")  # nobody else is there to approve the grant
    assert told.exit_code == 0, told.output
    key = next(word for word in told.output.split() if word.startswith("ttp_"))
    with served(home, **environment) as (url, _):
        yield Wire(url, "etl", key), home.with_name(f"{home.name}.log")


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with _center(tmp_path_factory.mktemp("refusing") / "home") as (found, _):
        yield found


def test_fts_next_finds_the_operations_it_needs(wire: Wire) -> None:
    assert "pseudonymizeAllowCreate" in wire.fts_metadata(GPAS)
    assert wire.fts_metadata("/entici/fhir") == ["pseudonymize"]
    assert wire.fts_metadata("/v1/fhir") == ["create-pseudonym"]


def test_fts_next_gets_a_hundred_pseudonyms_of_one_call(wire: Wire) -> None:
    originals = [f"Salt_{number}" for number in range(100)]
    found = fts_reads(wire.fts_pseudonyms(DOMAIN, originals))
    assert list(found) == originals
    assert len(set(found.values())) == 100
    assert fts_reads(wire.fts_pseudonyms(DOMAIN, originals)) == found


@pytest.mark.parametrize(
    ("domain", "key", "status"), [("nowhere", None, 404), (DOMAIN, "ttp_" + "a" * 39, 401)]
)
def test_fts_next_is_told_why_in_an_outcome(
    wire: Wire, domain: str, key: str | None, status: int
) -> None:
    answer = Wire(wire.url, wire.name, key or wire.key).fts_pseudonyms(domain, ["1"])
    assert answer.status == status
    assert answer.json["resourceType"] == "OperationOutcome"
    assert answer.json["issue"][0]["diagnostics"]


def test_fts_next_uses_entici_and_vfps_alike(wire: Wire) -> None:
    held = {"system": NAMESPACE, "value": "17"}
    entici = wire.fhir(
        "/entici/fhir/$pseudonymize",
        {"name": "identifier", "valueIdentifier": held},
        string("resourceType", "Patient"),
    )
    vfps = wire.fhir(
        "/v1/fhir/$create-pseudonym", string("namespace", NAMESPACE), string("originalValue", "17")
    )
    (pseudonym,) = entici.json["parameter"]
    told = {one["name"]: one["valueString"] for one in vfps.json["parameter"]}
    assert pseudonym["name"] == "pseudonym"
    assert pseudonym["valueIdentifier"]["value"] == told["pseudonymValue"]


def test_fhir_pseudonymizer_after_1_10_2_reads_identifiers(wire: Wire) -> None:
    asked = (string("target", DOMAIN), string("original", "42"))
    pseudonym = first_part(wire.firely("pseudonymizeAllowCreate", *asked), "pseudonym")
    token = pseudonym["valueIdentifier"]["value"]
    back = wire.firely("dePseudonymize", string("target", DOMAIN), string("pseudonym", token))
    assert first_part(back, "original")["valueIdentifier"]["value"] == "42"


def test_fhir_pseudonymizer_of_1_10_2_reads_strings(wire: Wire) -> None:
    asked = (string("target", DOMAIN), string("original", "42"))
    token = first_part(wire.firely("pseudonymize-allow-create", *asked), "pseudonym")["valueString"]
    back = wire.firely("de-pseudonymize", string("target", DOMAIN), string("pseudonym", token))
    assert back.json["parameter"][0]["name"] == "pseudonym-result-set"
    assert first_part(back, "original")["valueString"] == "42"


def test_the_probe_of_etl_processor_is_answered_and_nothing_else_by_url(wire: Wire) -> None:
    assert wire.probe(DOMAIN).status == 200
    refused = wire.before_1_10_2("pseudonymize-allow-create", DOMAIN, "original", CANARY)
    assert (refused.status, refused.headers["allow"]) == (405, "POST")
    coding = refused.json["issue"][0]["details"]["coding"][0]
    assert coding["code"] == "identifier-in-url"


def test_namespaces_with_slashes_work_escaped_and_not(wire: Wire) -> None:
    escaped = NAMESPACE.replace("/", "%2F").replace(":", "%3A")
    told = [
        wire.send(
            "POST",
            f"/v1/namespaces/{name}/pseudonyms",
            b'{"originalValue": "to be pseudonymized"}',
            Content_Type="application/json",
        ).json["pseudonym"]
        for name in (NAMESPACE, escaped)
    ]
    assert told[0]["pseudonymValue"] == told[1]["pseudonymValue"]
    assert {one["namespace"] for one in told} == {NAMESPACE}


def test_where_urls_are_allowed_no_log_and_no_metric_holds_them(tmp_path: Path) -> None:
    with _center(tmp_path / "home", TTP_IDENTIFIERS_IN_URLS="allowed") as (wire, log):
        asked = ("pseudonymize-allow-create", DOMAIN, "original", CANARY)
        token = wire.before_1_10_2(*asked).json["parameter"][0]
        assert token["name"] == CANARY
        back = wire.before_1_10_2("de-pseudonymize", DOMAIN, "pseudonym", token["valueString"])
        assert back.json["parameter"][0] == string(token["valueString"], CANARY)
        path = f"/v1/namespaces/psn/pseudonyms/{token['valueString']}"
        assert wire.send("GET", path).json["pseudonym"]["originalValue"] == CANARY
        assert wire.before_1_10_2("de-pseudonymize", "nowhere", "pseudonym", CANARY).status == 404
        metrics = httpx.get(f"{wire.url}/metrics").text
    written = metrics + log.read_text()
    assert "gpas.pseudonymize_allow_create_by_url" in metrics
    for secret in (CANARY, token["valueString"]):
        assert secret not in written
