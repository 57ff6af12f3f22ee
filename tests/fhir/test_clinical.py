"""A trust center sees no medical data: resources of patients are refused, and nothing of them is kept or logged."""

import logging
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.builders import bearer
from tests.fhir.interface import FHIR, Caller, asked, bundle
from ttp.core.center import Center

CANARY = "Kanarienvogel-0815"
PATIENT = {"resourceType": "Patient", "name": [{"family": CANARY}]}
OBSERVATION = {"resourceType": "Observation", "valueString": CANARY}


def fresh() -> str:
    return f"MRN-{uuid.uuid4().hex}"


def holding(resource: Any) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": resource}]}


REFUSED: dict[str, tuple[str, Any]] = {
    "a Patient for Parameters": ("/$pseudonymize", PATIENT),
    "a Patient whose type comes last": ("/$pseudonymize", {"id": "1", **PATIENT}),
    "an Observation at the base": ("", OBSERVATION),
    "a collection of resources": (
        "",
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}]},
    ),
    "a resource in a parameter": ("/$pseudonymize", holding(OBSERVATION)),
    "a Bundle in a parameter": ("/$pseudonymize", holding({"resourceType": "Bundle"})),
    "a resource in a part of a part": (
        "/$get-pseudonym",
        {
            "resourceType": "Parameters",
            "parameter": [{"part": [{"part": [{"resource": PATIENT}]}]}],
        },
    ),
    "a transaction with a Patient": (
        "",
        bundle("transaction", ("Patient", PATIENT), ("$pseudonymize", asked("single", CANARY))),
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_a_clinical_resource_is_refused_with_its_code(
    caller: Caller, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    path, body = REFUSED[sentence]
    with caplog.at_level(logging.DEBUG):
        answer = caller.post(path, body)
    (issue,) = answer.get_json()["issue"]
    assert answer.status_code == 422
    assert issue["details"]["coding"][0]["code"] == "clinical-resource"
    assert "trust center" in issue["diagnostics"]
    assert CANARY not in answer.text + caplog.text


def test_in_a_batch_only_the_clinical_entry_is_refused(caller: Caller) -> None:
    assert [
        status[:3]
        for status in caller.statuses(
            "batch",
            ("Patient", PATIENT),
            ("$pseudonymize", asked("single", fresh())),
            ("$pseudonymize", OBSERVATION),
            ("$pseudonymize", holding(PATIENT)),
        )
    ] == ["422", "201", "422", "422"]


def test_in_a_transaction_it_undoes_everything(caller: Caller) -> None:
    original = fresh()
    body = bundle("transaction", ("$pseudonymize", asked("single", original)), ("Patient", PATIENT))
    answer = caller.post("", body)
    assert answer.get_json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert caller.post("/$get-pseudonym", asked("single", original)).status_code == 404


def test_nothing_of_a_clinical_resource_is_stored(
    center: Center, caller: Caller, tmp_path: Path
) -> None:
    answer = caller.post("", bundle("batch", ("Patient", PATIENT)), **{"Idempotency-Key": fresh()})
    assert answer.status_code == 200
    stored = [file.read_bytes() for file in center_files(center)]
    assert stored
    assert not any(CANARY.encode() in one for one in stored)


def center_files(center: Center) -> list[Path]:
    """All files of the center's database."""
    home = Path(str(center.work._engine.url.database)).parent  # type: ignore[attr-defined] # a test looks inside
    return [file for file in home.rglob("*") if file.is_file()]


def test_a_huge_binary_is_refused_before_it_is_parsed(caller: Caller) -> None:
    huge = b'{"resourceType": "Binary", "data": "' + b"A" * 20_000_000
    begun = time.process_time()
    answer = caller.http.post("/fhir", data=huge, content_type=FHIR, headers=bearer(caller.key))
    assert answer.status_code == 422  # although it is cut off: nobody looked
    assert time.process_time() - begun < 1
