"""Logs and releases stay verifiable across rotations: with the trust file of before, and with that of now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from keys.custody import RootKey, open_custody
from keys.keyring import Purpose
from keys.signatures import SigningKey, VerifyKey
from keys.succession import SignedStatement, Statement, StatementKind
from tests.builders import PASSPHRASE, make_center
from tests.core.logs import CENTER_KEY, ORIGIN, checkpoint, leaf, trust_file
from tests.federation.rotating import Rotating, rotate
from tests.simulator import SimulatedTrustCenter, Wires, introduce, pin, send
from ttp.app import create_app
from ttp.config import ROOT_FILE, Settings
from ttp.connecting import connect
from ttp.core.access import OPERATOR
from ttp.core.audit_export import header_line, leaf_line
from ttp.core.audit_trust import AuditTrust, NotTrusted
from ttp.core.audit_verifier import verify_export
from ttp.core.center import Center
from ttp.core.federation import FederationPath
from ttp.core.release_archive import ReleaseInvalid, build_archive, key_statements, read_archive
from ttp.core.trusted_keys import center_keys
from ttp.opening import open_center
from ttp.peering.client import PeerClient
from ttp.services.log.export_audit import export_audit
from ttp.services.log.sequence_leaves import audit_signing_key, sequence_waiting
from ttp.services.peers.collect_cosignatures import collect_cosignatures
from ttp.services.peers.describe_trust import describe_trust, trusted_witnesses
from ttp.services.peers.revoke_signing_key import revoke_signing_key
from ttp.services.peers.trust_peer import revoke_peer

NEW, NEWER = (SigningKey.from_secret(letter * 32) for letter in (b"n", b"m"))
START = 1_795_341_600  # of the logs made by hand


class Pair:
    """Two centers on the clock of the world, which witness each other: times in their logs do not run back."""

    def __init__(self, home: Path) -> None:
        self.nord, self.bund = (make_center(home, name=name) for name in ("nord", "bund"))
        self.centers = (self.nord, self.bund)
        introduce(*self.centers)
        self.wires = Wires(*self.centers)

    def client(self, center: Center) -> PeerClient:
        """The client with which a center asks the other."""
        return connect(center, transport=self.wires)


@pytest.fixture
def network(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def trust_of(center: Center) -> dict[str, Any]:
    witnesses = center.work.run(trusted_witnesses, write=False)
    document: dict[str, Any] = json.loads(json.dumps(describe_trust(center, witnesses)))
    return document


def exported(center: Center) -> list[bytes]:
    lines: list[bytes] = []
    export_audit(center, OPERATOR, write=lines.append)
    return lines


def witnessed(network: Pair) -> None:
    for center in network.centers:
        sequence_waiting(center, holder="test")
        collect_cosignatures(center, network.client(center))


def test_an_export_is_verified_with_the_trust_file_of_before_and_of_after(
    network: Pair,
) -> None:
    bund, before = network.bund, trust_of(network.bund)
    witnessed(network)
    for rotated in (bund, network.nord, bund):
        rotate(network, rotated)
        witnessed(network)
    for trust in (before, trust_of(bund)):
        verified = verify_export(exported(bund), trust=AuditTrust.from_document(trust))
        assert verified.signed
        assert {one.witness for one in verified.cosignatures} >= {"treuhandstelle/nord"}


def test_after_a_revocation_only_a_trust_file_from_persons_verifies(network: Pair) -> None:
    bund, before = network.bund, trust_of(network.bund)
    witnessed(network)
    revoke_signing_key(bund, OPERATOR)
    with pytest.raises(NotTrusted):
        verify_export(exported(bund), trust=AuditTrust.from_document(before))
    now = {**trust_of(bund), "witnesses_required": 0}
    assert verify_export(exported(bund), trust=AuditTrust.from_document(now)).signed


def said(
    number: int, old: SigningKey, new: SigningKey, *, until: int, revoked: bool = False
) -> SignedStatement:
    kind = StatementKind.REVOKED if revoked else StatementKind.SIGNING
    issued = min(START, until)
    return Statement("nord", number, kind, old.public, issued, until, new.public).sign(old, new)


def verify(key: SigningKey, statements: Sequence[SignedStatement], **trust: Any) -> None:
    """Verify a log of 5 leaves, the last 4 s after the start, whose newest checkpoint has this key."""
    leaves = [leaf(number) for number in range(5)]
    header = header_line(
        ORIGIN, [checkpoint(leaves, key=key)], [one.document() for one in statements]
    )
    anchor = AuditTrust.from_document({**trust_file(), **trust})
    verify_export([header, *map(leaf_line, leaves)], trust=anchor)


def test_a_log_is_signed_by_whatever_follows_from_the_pinned_key() -> None:
    chain = [
        said(1, CENTER_KEY, NEW, until=START + 60),
        said(2, NEW, NEWER, until=START + 60),
    ]
    for key in (CENTER_KEY, NEW, NEWER):
        verify(key, chain)
    with pytest.raises(NotTrusted):
        verify(NEWER, chain[1:])
    with pytest.raises(NotTrusted):
        verify(NEW, [])


def test_a_key_that_gave_way_signs_nothing_later() -> None:
    with pytest.raises(NotTrusted, match="no longer valid"):
        verify(CENTER_KEY, [said(1, CENTER_KEY, NEW, until=START + 3)])


def test_neither_a_revoked_key_nor_the_one_it_names_signs_the_newest_checkpoint() -> None:
    chain = [said(1, CENTER_KEY, NEW, until=START, revoked=True)]
    for key in (CENTER_KEY, NEW):
        with pytest.raises(NotTrusted):
            verify(key, chain)


def archive(key: SigningKey, statements: Sequence[SignedStatement]) -> bytes:
    manifest = {"center": "nord", "key_statements": [one.document() for one in statements]}
    return build_archive(manifest, b"payload", key=key)


def release_trust(key: VerifyKey, **more: Any) -> bytes:
    entry = {"origin": ORIGIN, "signing_key": key.to_jwk(), "key_id": key.key_id, **more}
    return json.dumps({"version": 1, "centers": [entry], "witnesses": []}).encode()


def test_a_release_is_verified_through_its_chain_and_by_former_keys() -> None:
    chain = [said(1, CENTER_KEY, NEW, until=START + 60)]
    data = archive(NEW, chain)
    old = release_trust(CENTER_KEY.public)
    assert read_archive(data, center_keys(old, key_statements(data))).trusted
    with pytest.raises(ReleaseInvalid):
        read_archive(data, center_keys(old))
    until = "2026-11-23T10:00:00+00:00"
    former = {"signing_key": CENTER_KEY.public.to_jwk(), "key_id": CENTER_KEY.key_id}
    for revoked in (False, True):
        entry = {**former, "until": until, "revoked": revoked}
        keys = center_keys(release_trust(NEW.public, former_keys=[entry], statements=1))
        assert (CENTER_KEY.key_id in keys) is not revoked


def test_a_revocation_takes_effect_in_every_process_at_once(
    tmp_path: Path, database_url: str
) -> None:
    """Two opened centers on one database: what one commits, the other's next request finds."""
    first = make_center(tmp_path, database_url)
    settings = Settings(
        tmp_path / "nord", name="nord", database=database_url, public_url=first.public_url
    )
    second = open_center(settings, root=_root(tmp_path / "nord"))
    peer = SimulatedTrustCenter()
    peer.clock.skip(seconds=(first.clock.now() - peer.clock.now()).total_seconds())
    pin(first, peer.card())
    doors = [create_app(center).test_client() for center in (first, second)]
    payload: dict[str, Any] = {"statements": []}

    def codes() -> list[object]:
        peer.clock.skip(seconds=(first.clock.now() - peer.clock.now()).total_seconds())
        answers = [
            send(door, peer.request(first, FederationPath.STATEMENTS, payload)) for door in doors
        ]
        return [(answer.json or {}).get("code") for answer in answers]

    first.clock.sleep(1.1)  # a key is valid from the second after it was pinned
    assert codes() == [None, None]
    first.work.run(lambda tx: revoke_peer(first, tx, OPERATOR, name="sued"))
    assert codes() == ["key-revoked", "key-revoked"]


def _root(home: Path) -> RootKey:
    return open_custody(f"file:{home / ROOT_FILE}", passphrase=PASSPHRASE)


def test_a_process_signs_with_the_new_key_as_soon_as_another_activated_it(
    network: Pair, tmp_path: Path
) -> None:
    bund = network.bund
    other = open_center(Settings(tmp_path / "bund", name="bund"), root=_root(tmp_path / "bund"))
    assert audit_signing_key(other).key_id == audit_signing_key(bund).key_id
    rotating = Rotating(network, bund, Purpose.SIGNING)
    rotating.on()
    rotating.tell()
    rotating.on()
    other.clock.sleep(0.15)
    assert audit_signing_key(other).key_id == audit_signing_key(bund).key_id
