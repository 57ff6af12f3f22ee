"""The audit log by API: an auditor can prove inclusion and growth without trusting the answers."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from keys.transparency import leaf_hash, verify_consistency, verify_inclusion, verify_note
from tests.builders import bearer, make_center, make_domain, make_http, make_key
from ttp.core.access import Role
from ttp.core.center import Center
from ttp.services.log.export_audit import sequence_now
from ttp.services.log.sequence_leaves import audit_signing_key


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


@pytest.fixture
def http(center: Center) -> FlaskClient:
    return make_http(center)


@pytest.fixture
def auditor(center: Center) -> dict[str, str]:
    return bearer(make_key(center, name="auditor", role=Role.AUDITOR))


def test_the_newest_checkpoint_is_signed_by_the_center(
    center: Center, http: FlaskClient, auditor: dict[str, str]
) -> None:
    assert http.get("/api/v1/audit/checkpoint", headers=auditor).status_code == 404
    sequence_now(center)
    told = http.get("/api/v1/audit/checkpoint", headers=auditor).get_json()
    note = verify_note(told["note"], {center.origin: audit_signing_key(center).public})
    assert note.body.splitlines()[1] == str(told["size"])


def test_every_leaf_can_be_proved_to_be_in_the_log(
    center: Center, http: FlaskClient, auditor: dict[str, str]
) -> None:
    for number in range(4):
        make_domain(center, f"d{number}")
    waiting = center.work.run(lambda tx: tx.audit.unsequenced(100), write=False)
    sequence_now(center)
    for leaf in waiting:
        url = f"/api/v1/audit/proofs/inclusion?leaf={leaf.id}"
        told = http.get(url, headers=auditor).get_json()
        checkpoint = told["checkpoint"]
        proof = [bytes.fromhex(node) for node in told["proof"]]
        root = bytes.fromhex(checkpoint["root"])
        verify_inclusion(told["position"], checkpoint["size"], leaf_hash(leaf.body), proof, root)


def test_growth_can_be_proved(center: Center, http: FlaskClient, auditor: dict[str, str]) -> None:
    sizes, roots = [], []
    for number in range(3):
        make_domain(center, f"d{number}")
        sequence_now(center)
        told = http.get("/api/v1/audit/checkpoint", headers=auditor).get_json()
        sizes.append(told["size"])
        roots.append(bytes.fromhex(told["root"]))
    url = f"/api/v1/audit/proofs/consistency?first={sizes[0]}&second={sizes[2]}"
    proof = [bytes.fromhex(n) for n in http.get(url, headers=auditor).get_json()["proof"]]
    verify_consistency(sizes[0], sizes[2], proof, roots[0], roots[2])


REFUSED = {
    "unknown leaf": ("inclusion?leaf=00000000-0000-7000-8000-000000000000", 404),
    "leaf is no name": ("inclusion?leaf=x", 422),
    "no leaf": ("inclusion", 422),
    "shrinking log": ("consistency?first=2&second=1", 422),
    "size of the future": ("consistency?first=1&second=999", 422),
    "negative size": ("consistency?first=-1&second=1", 422),
}


@pytest.mark.parametrize("defect", REFUSED)
def test_what_cannot_be_proved_is_refused(
    center: Center, http: FlaskClient, auditor: dict[str, str], defect: str
) -> None:
    sequence_now(center)
    path, status = REFUSED[defect]
    assert http.get(f"/api/v1/audit/proofs/{path}", headers=auditor).status_code == status


def test_only_auditors_read_the_log(center: Center, http: FlaskClient) -> None:
    pipeline = bearer(make_key(center))
    sequence_now(center)
    assert http.get("/api/v1/audit/checkpoint", headers=pipeline).status_code == 403
    assert http.get("/api/v1/audit/checkpoint").status_code == 401
