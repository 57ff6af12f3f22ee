"""Submissions: only well-formed encodings of a site of the project, made with the one secret, are kept, once."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keys.keyring import Purpose
from keys.randomness import random_secret
from linkage import schema as linkage_schema
from tests.federation.network import PROJECT, Network
from ttp.core.access import OPERATOR, peer_actor
from ttp.core.canaries import CANARIES, CanaryMismatch, differing
from ttp.core.errors import NotAllowed, TTPError
from ttp.core.federation import MAXIMAL_BODY_BYTES, WrongRole
from ttp.core.linkage_secrets import NoLinkageSecret, keyring_domain
from ttp.core.names import CenterName
from ttp.core.peers import PeerRefused
from ttp.core.projects import ProjectNotActive
from ttp.core.submissions import (
    EncodedRecord,
    SchemaDiffers,
    StoredEncoding,
    SubmissionRejected,
    chunks,
)
from ttp.services.peers.trust_peer import revoke_peer
from ttp.services.persons.register_identities import register_identities
from ttp.services.projects.encode_patients import ProjectEncoder
from ttp.services.projects.hold_linkage_secret import newest_secret
from ttp.services.projects.receive_submissions import Batch, receive_submissions
from ttp.services.projects.submit_encodings import submit_encodings


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network.ready(tmp_path)


def batch_of(network: Network, site: str, *names: str, **otherwise: Any) -> Batch:
    """A well-formed request of a site about made-up patients of these names, unless spoiled."""
    center = network.sites[site]
    project = center.work.run(lambda tx: tx.projects.get(PROJECT), write=False)
    secret = center.work.run(lambda tx: newest_secret(tx, project), write=False)
    encoder = ProjectEncoder(center, project, secret)
    rows = {name: {**CANARIES[0], "given_name": name} for name in names}
    batch = Batch(
        project=PROJECT,
        schema_fingerprint=project.terms.schema_fingerprint,
        secret_version=secret.version,
        commitment=secret.commitment,
        canaries=encoder.canary_digests(),
        records=[record.document() for record in encoder.encode(rows)],
    )
    return replace(batch, **otherwise)


def receive(network: Network, batch: Batch, site: str = "nord") -> dict[str, int]:
    """Let the linking center receive a request."""
    actor = peer_actor(CenterName(site))
    return network.bund.work.run(
        lambda tx: receive_submissions(network.bund, tx, actor, batch=batch)
    )


def test_patients_arrive_as_encoded_identities_of_the_projects_population(
    tmp_path: Path, database_url: str
) -> None:
    network = Network(tmp_path, database_url)
    network.approve()
    network.share_secret()
    network.populate(30)
    counts = network.submit("nord")
    assert counts["new"] == counts["patients"] > 0
    assert network.submit("sued")["new"] > 0
    with network.bund.work.begin(write=False) as tx:
        rows = list(tx.identities.all_versions("project:cardio"))  # type: ignore[arg-type] # a name
    assert {row.source for row in rows} == {"nord", "sued"}
    assert {row.kind.value for row in rows} == {"encoded"}


def test_submitting_again_changes_nothing(network: Network) -> None:
    network.populate(30)
    first = network.submit("nord")
    again = network.submit("nord")
    assert again == {**first, "new": 0, "known": first["new"]}


def test_a_changed_record_becomes_a_new_version_under_the_same_pseudonym(network: Network) -> None:
    row = {"record_id": "1", "given_name": "Anna", "surname": "Kanarie", "birth_date": "1958-04-01"}
    network.register("nord", [row])
    assert network.submit("nord")["new"] == 1
    network.register("nord", [{**row, "postcode": "17489", "city": "Greifswald"}])
    counts = network.submit("nord")
    assert (counts["new"], counts["changed"]) == (0, 1)


def test_a_patient_with_nothing_to_encode_stays_at_the_site(network: Network) -> None:
    identifier = {"system": "urn:mrn", "value": "4711"}
    nord = network.sites["nord"]
    nord.work.run(
        lambda tx: register_identities(
            nord, tx, OPERATOR, source="nord", records=[{"identifiers": [identifier]}]
        )
    )
    assert network.submit("nord") == {"patients": 1, "empty": 1, "new": 0, "changed": 0, "known": 0}


def test_nothing_is_submitted_without_a_secret(tmp_path: Path) -> None:
    network = Network.ready(tmp_path, secret=False)
    with pytest.raises(NoLinkageSecret):
        network.submit("nord")
    assert network.wires.sent == []


def test_a_federated_center_does_not_submit_and_a_local_one_does_not_receive(
    network: Network,
) -> None:
    client, actor = network.client(network.bund), peer_actor(CenterName("nord"))
    with pytest.raises(WrongRole):
        submit_encodings(network.bund, client, OPERATOR, project_name=PROJECT)
    sued = network.sites["sued"]
    batch = batch_of(network, "nord", "Anna")
    with pytest.raises(WrongRole):
        sued.work.run(lambda tx: receive_submissions(sued, tx, actor, batch=batch))


@pytest.mark.parametrize("version", [0, 2**31, 2**63])
def test_a_version_that_no_database_holds_is_refused(network: Network, version: int) -> None:
    batch = batch_of(network, "nord", "Anna", secret_version=version)
    with pytest.raises(SubmissionRejected):
        receive(network, batch)


def test_a_site_that_encodes_with_another_secret_is_refused(network: Network) -> None:
    network.populate(20)
    network.submit("nord")
    domain = keyring_domain(PROJECT)
    sued = network.sites["sued"]
    sued.keyring.import_secret(Purpose.LINKAGE, domain, random_secret())
    wrong = sued.keyring.active(Purpose.LINKAGE, domain)
    described = sued.work.run(lambda tx: tx.secrets.newest(PROJECT), write=False)
    assert described is not None
    project = sued.work.run(lambda tx: tx.projects.get(PROJECT), write=False)
    other = ProjectEncoder(sued, project, replace(described, key_version=wrong.version))
    batch = batch_of(network, "nord", "Anna", canaries=other.canary_digests())
    with pytest.raises(CanaryMismatch) as refused:
        receive(network, batch, "sued")
    assert refused.value.facts == {"canaries_differing": 16, "compared_with": "nord"}


def test_one_differing_canary_tells_of_another_normalization(network: Network) -> None:
    good = batch_of(network, "nord", "Anna")
    receive(network, good)
    spoiled = bytearray(good.canaries)
    spoiled[20] ^= 1
    with pytest.raises(CanaryMismatch) as refused:
        receive(network, replace(good, canaries=bytes(spoiled)))
    assert refused.value.facts["canaries_differing"] == 1


def test_canaries_are_16_and_no_two_encode_alike(network: Network) -> None:
    digests = batch_of(network, "nord").canaries
    assert len({digests[at : at + 16] for at in range(0, len(digests), 16)}) == len(CANARIES) == 16
    assert differing(digests, digests) == 0
    assert differing(digests, b"") == 16


def _first(batch: Batch, **change: Any) -> Batch:
    record = {**dict(batch.records[0]), **change}  # type: ignore[call-overload] # a mapping here
    return replace(batch, records=[record, *batch.records[1:]])


def _filter(data: bytes) -> dict[str, str]:
    return {"record": base64.b64encode(data).decode()}


SPOILED: dict[str, dict[str, Any]] = {
    "filter-length": {"filters": _filter(bytes(64))},
    "filter-density": {"filters": _filter(b"\xff" * 128)},
    "filter-names": {"filters": {"other": ""}},
    "empty": {"filters": _filter(bytes(128))},
    "token-names": {"exact": {}},
    "token-form": {"exact": {"kvnr": "12"}},
    "pseudonym": {"pseudonym": ""},
    "fields": {"surname": "Kanarie"},
}


@pytest.mark.parametrize("reason", SPOILED)
def test_a_record_that_is_no_honest_encoding_refuses_the_whole_request(
    reason: str, network: Network
) -> None:
    batch = batch_of(network, "nord", "Anna", "Berta")
    with pytest.raises(SubmissionRejected) as refused:
        receive(network, _first(batch, **SPOILED[reason]))
    assert refused.value.facts == {"position": 0, "reason": reason}
    assert receive(network, batch)["new"] == 2


def test_one_pseudonym_twice_in_a_request_is_refused(network: Network) -> None:
    batch = batch_of(network, "nord", "Anna")
    with pytest.raises(SubmissionRejected) as refused:
        receive(network, replace(batch, records=[*batch.records, *batch.records]))
    assert refused.value.facts["reason"] == "duplicate"


def test_two_sites_may_use_the_same_pseudonym(network: Network) -> None:
    batch = batch_of(network, "nord", "Anna")
    assert receive(network, batch, "nord")["new"] == receive(network, batch, "sued")["new"] == 1


def test_who_may_not_submit(network: Network) -> None:
    batch = batch_of(network, "nord", "Anna")
    with pytest.raises(NotAllowed):
        receive(network, batch, "west")
    with pytest.raises(SchemaDiffers):
        receive(network, replace(batch, schema_fingerprint="sha256:0"))
    with pytest.raises(TTPError, match="unknown-project"):
        receive(network, replace(batch, project="other"))
    network.clock.skip(days=366)
    with pytest.raises(ProjectNotActive):
        receive(network, batch)


def test_an_outage_in_the_middle_is_cured_by_submitting_again(network: Network) -> None:
    network.populate(10)
    network.wires.cut.add("bund.example")
    with pytest.raises(TTPError, match="peer-unreachable"):
        network.submit("nord")
    network.wires.cut.clear()
    assert network.submit("nord")["new"] == network.submit("nord")["known"]


def test_a_peer_that_does_not_trust_the_site_says_so(network: Network) -> None:
    network.populate(5)
    network.bund.work.run(lambda tx: revoke_peer(network.bund, tx, OPERATOR, name="nord"))
    with pytest.raises(PeerRefused) as refused:
        network.submit("nord")
    assert refused.value.facts["peer_code"] == "key-revoked"


def test_chunks_fit_into_a_request_and_lose_nothing() -> None:
    bits = bytes(range(256)) * 8
    records = [EncodedRecord(f"p{number}", {"record": bits}, {"kvnr": 7}) for number in range(5000)]
    cut = chunks(records)
    assert [one["pseudonym"] for part in cut for one in part] == [one.pseudonym for one in records]
    assert all(len(part) <= 2000 for part in cut)
    assert max(sum(len(str(one)) for one in part) for part in cut) < MAXIMAL_BODY_BYTES


def test_stored_encodings_come_back_as_they_were() -> None:
    record = EncodedRecord("p1", {"record": bytes(range(128))}, {"kvnr": 2**64 - 1})
    assert StoredEncoding.read(record.content(version=3)) == StoredEncoding(record, 3)
    assert linkage_schema.default().filters == {"record": 1024}
