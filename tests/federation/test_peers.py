"""Peers are pinned by two persons, revoked by one, and a revoked key never comes back."""

from pathlib import Path

import pytest

from tests.builders import make_center
from tests.simulator import SimulatedTrustCenter, pin
from ttp.connecting import connect
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.approvals import ApprovalClosed
from ttp.core.errors import AlreadyExists, InvalidField, NotAllowed, SecondPersonNeeded
from ttp.core.peers import KeyWasRevoked, PeerCard, PeerState
from ttp.services.approvals.decide_approval import decide_approval
from ttp.services.peers.describe_trust import describe_trust
from ttp.services.peers.propose_peer import propose_peer
from ttp.services.peers.trust_peer import revoke_peer, trust_peer

ANNA = Actor(ActorKind.STAFF, "anna", Role.STEWARD, domains=None)
BERND = Actor(ActorKind.STAFF, "bernd", Role.STEWARD, domains=None)
CLERK = Actor(ActorKind.STAFF, "clara", Role.CLERK, domains=None)


def test_the_person_who_proposes_a_peer_cannot_trust_it(tmp_path: Path, database_url: str) -> None:
    center = make_center(tmp_path, database_url, alone=False)
    card = PeerCard.read(SimulatedTrustCenter().card())
    center.work.run(lambda tx: propose_peer(center, tx, ANNA, card=card))
    with pytest.raises(SecondPersonNeeded):
        center.work.run(lambda tx: trust_peer(center, tx, ANNA, name="sued"))
    assert center.work.run(lambda tx: tx.peers.by_key(card.key.key_id)) is None
    peer, _ = center.work.run(lambda tx: trust_peer(center, tx, BERND, name="sued"))
    assert (peer.state, peer.decided_by) == (PeerState.TRUSTED, "bernd")
    assert center.work.run(lambda tx: tx.peers.by_key(card.key.key_id)) is not None


def test_who_agreed_to_one_key_does_not_trust_the_one_that_took_its_place(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url, alone=False)
    compared = PeerCard.read(SimulatedTrustCenter().card())
    other = PeerCard.read(SimulatedTrustCenter().card())
    shown = center.work.run(lambda tx: propose_peer(center, tx, ANNA, card=compared)).approval
    present = center.work.run(lambda tx: propose_peer(center, tx, ANNA, card=other)).approval
    with pytest.raises(ApprovalClosed):
        decide_approval(center, connect(center), BERND, approval_id=shown, approve=True)
    with pytest.raises(ApprovalClosed):
        decide_approval(center, connect(center), BERND, approval_id=shown, approve=False)
    peer = center.work.run(lambda tx: tx.peers.get("sued"))
    assert (peer.state, peer.approval) == (PeerState.PROPOSED, present)
    assert [one.id for one in center.work.run(lambda tx: tx.approvals.open())] == [present]


def test_clerks_neither_propose_nor_trust(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    card = PeerCard.read(SimulatedTrustCenter().card())
    with pytest.raises(NotAllowed):
        center.work.run(lambda tx: propose_peer(center, tx, CLERK, card=card))
    center.work.run(lambda tx: propose_peer(center, tx, OPERATOR, card=card))
    with pytest.raises(NotAllowed):
        center.work.run(lambda tx: trust_peer(center, tx, CLERK, name="sued"))


def test_a_revoked_key_is_never_trusted_again_but_a_new_one_may_be(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    peer = SimulatedTrustCenter()
    pin(center, peer.card())
    center.work.run(lambda tx: revoke_peer(center, tx, OPERATOR, name="sued"))
    pinned = center.work.run(lambda tx: tx.peers.by_key(peer.key.key_id))
    assert pinned is not None
    assert pinned.revoked
    with pytest.raises(KeyWasRevoked):
        pin(center, peer.card())
    pin(center, SimulatedTrustCenter().card())
    assert center.work.run(lambda tx: tx.peers.get("sued")).state is PeerState.TRUSTED


def test_a_refused_proposal_may_be_made_again(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    card = PeerCard.read(SimulatedTrustCenter().card())
    center.work.run(lambda tx: propose_peer(center, tx, OPERATOR, card=card))
    refused, _ = center.work.run(
        lambda tx: trust_peer(center, tx, OPERATOR, name="sued", approve=False)
    )
    assert refused.state is PeerState.REFUSED
    assert center.work.run(lambda tx: tx.approvals.open()) == []
    center.work.run(lambda tx: propose_peer(center, tx, OPERATOR, card=card))


def test_a_key_belongs_to_one_center_only(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    peer = SimulatedTrustCenter()
    pin(center, peer.card())
    with pytest.raises(AlreadyExists):
        pin(center, SimulatedTrustCenter("ost", key=peer.key).card())
    with pytest.raises(AlreadyExists):
        pin(center, SimulatedTrustCenter("sued").card())


def test_a_center_is_not_its_own_peer(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    with pytest.raises(InvalidField):
        pin(center, describe_trust(center))


@pytest.mark.parametrize(
    ("defect", "change"),
    [
        ("key ID of another key", {"key_id": SimulatedTrustCenter().key.key_id}),
        ("no signing key", {"signing_key": None}),
        ("private key", {"signing_key": {"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"}}),
        ("transport key too short", {"transport_key": "00"}),
        ("transport key no hex", {"transport_key": "zz"}),
        ("relative URL", {"url": "sued.example"}),
        ("URL with credentials", {"url": "https://user@sued.example"}),
        ("URL with a query", {"url": "https://sued.example/?a=b"}),
        ("other scheme", {"url": "ftp://sued.example"}),
        ("name with a blank", {"name": "süd haus"}),
        ("no name", {"name": None}),
    ],
)
def test_a_card_that_contradicts_itself_is_refused(defect: str, change: dict[str, object]) -> None:
    with pytest.raises((InvalidField, Exception)) as refused:
        PeerCard.read({**SimulatedTrustCenter().card(), **change})
    assert getattr(refused.value, "code", "") in {"invalid-field", "invalid-name"}, defect


def test_a_trust_file_of_one_center_is_a_card(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    card = PeerCard.read(describe_trust(center))
    assert (card.name, card.url) == (center.name, center.public_url)
    with pytest.raises(InvalidField):
        PeerCard.read({"version": 1, "centers": []})
