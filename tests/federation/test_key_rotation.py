"""Keys of centers change while they work together: announced, followed, caught up with, revoked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from keys.keyring import KeyState, Purpose
from keys.signatures import SigningKey
from keys.succession import SignedStatement, Statement, StatementKind
from tests.builders import make_center, make_http
from tests.federation.network import Network
from tests.federation.rotating import Rotating, known, rotate
from tests.simulator import SimulatedTrustCenter, pin, send
from ttp.core.access import OPERATOR, SYSTEM
from ttp.core.center import Center
from ttp.core.federation import FederationPath
from ttp.core.key_statements import GRACE, OVERLAP, KeyStatementRefused
from ttp.core.peers import KeyWasRevoked, PeerAnswerRejected, PeerCard, PeerRefused, PeerState
from ttp.core.rotation import NotRotatable, RotationState, Step
from ttp.services.custody.rotate_keys import request_rotation
from ttp.services.log.sequence_leaves import audit_signing_key, sequence_waiting
from ttp.services.peers.accept_statements import accept_statements, fetch_statements
from ttp.services.peers.announce_keys import tell_peers
from ttp.services.peers.collect_cosignatures import collect_cosignatures
from ttp.services.peers.describe_trust import describe_trust
from ttp.services.peers.revoke_signing_key import revoke_signing_key
from ttp.services.peers.trust_peer import revoke_peer


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network.ready(tmp_path)


def ask(network: Network, asking: Center, asked: str) -> dict[str, Any]:
    """A request that any trusted peer answers, whatever else it thinks of the asking center."""
    peer = asking.work.run(lambda tx: tx.peers.get(asked), write=False)
    own = asking.work.run(lambda tx: tx.statements.of(asking.name), write=False)
    payload = {"statements": [one.document() for one in own]}
    return network.client(asking).ask(peer, FederationPath.STATEMENTS, payload)


def test_a_new_key_signs_only_when_every_peer_knows_it_and_no_request_fails(
    network: Network,
) -> None:
    bund = network.bund
    before = audit_signing_key(bund).key_id
    rotating = Rotating(network, bund, Purpose.SIGNING)
    assert rotating.on() is Step.ANNOUNCE
    ask(network, bund, "nord")
    network.wires.cut.add("sued.example")
    assert rotating.tell() == 1
    assert rotating.on() is Step.ANNOUNCE
    assert audit_signing_key(bund).key_id == before
    ask(network, bund, "nord")
    network.wires.cut.clear()
    assert rotating.tell() == 1
    assert rotating.tell() == 0
    assert rotating.on() is Step.DONE
    assert audit_signing_key(bund).key_id != before
    for site in network.sites.values():
        assert known(site, "bund") == audit_signing_key(bund).key_id
        ask(network, bund, site.name)


def test_the_old_key_is_not_accepted_once_the_overlap_is_over(network: Network) -> None:
    bund, nord = network.bund, network.sites["nord"]
    old = audit_signing_key(bund)
    rotate(network, bund)
    payload: dict[str, Any] = {"statements": []}
    peer = bund.work.run(lambda tx: tx.peers.get("nord"), write=False)
    client = network.client(bund)
    client.ask(peer, FederationPath.STATEMENTS, payload, key=old)
    network.clock.skip(seconds=(OVERLAP + GRACE).total_seconds() + 1)
    with pytest.raises(PeerRefused) as refused:
        client.ask(peer, FederationPath.STATEMENTS, payload, key=old)
    assert refused.value.facts["peer_code"] == "key-retired"
    assert nord.work.run(
        lambda tx: [key.key_id for key in tx.peers.accepted_keys("bund", at=nord.clock.now())]
    ) == [audit_signing_key(bund).key_id]


def test_a_peer_that_was_away_during_several_rotations_fetches_the_chain(network: Network) -> None:
    bund, sued = network.bund, network.sites["sued"]
    network.wires.cut.add("sued.example")
    for _ in range(3):
        rotating = Rotating(network, bund, Purpose.SIGNING)
        rotating.on()
        rotating.tell()
        network.clock.skip(seconds=OVERLAP.total_seconds())
        assert rotating.on() is Step.DONE
    network.wires.cut.clear()
    with pytest.raises(PeerAnswerRejected) as rejected:
        ask(network, sued, "bund")
    assert rejected.value.facts["reason"] == "unknown-key"
    assert fetch_statements(sued, network.client(sued)) == 1
    assert known(sued, "bund") == audit_signing_key(bund).key_id
    ask(network, bund, "sued")


def test_secrets_sealed_to_the_old_transport_key_open_until_it_is_destroyed(
    network: Network,
) -> None:
    nord, sued = network.sites["nord"], network.sites["sued"]
    rotating = Rotating(network, sued, Purpose.TRANSPORT)
    assert rotating.on() is Step.EXPIRE
    old = nord.work.run(lambda tx: tx.peers.get("sued"), write=False).transport_key
    assert network.share_secret().sites == {"sued": None}
    rotating.tell()
    new = nord.work.run(lambda tx: tx.peers.get("sued"), write=False).transport_key
    assert new != old
    assert describe_trust(sued)["centers"][0]["transport_key"] == new.hex()
    assert network.share_secret().sites == {"sued": None}
    network.clock.skip(seconds=(OVERLAP + GRACE).total_seconds() + 1)
    assert rotating.on() is Step.DONE
    states = [info.state for info in sued.keyring.versions(Purpose.TRANSPORT)]
    assert states == [KeyState.DESTROYED, KeyState.ACTIVE]


def test_witnesses_and_logs_go_on_across_rotations_of_either(network: Network) -> None:
    bund, nord = network.bund, network.sites["nord"]
    for rotated in (nord, bund):
        rotating = Rotating(network, rotated, Purpose.SIGNING)
        rotating.on()
        rotating.tell()
        for center in (bund, nord):
            sequence_waiting(center, holder="test")
            assert collect_cosignatures(center, network.client(center))
        assert rotating.on() is Step.DONE
        for center in (bund, nord):
            sequence_waiting(center, holder="test")
            collect_cosignatures(center, network.client(center))


def test_a_revoked_key_is_trusted_nowhere_and_its_successor_only_when_pinned(
    network: Network,
) -> None:
    bund, nord, sued = network.bund, network.sites["nord"], network.sites["sued"]
    old = audit_signing_key(bund)
    network.wires.cut.add("sued.example")
    revoke_signing_key(bund, OPERATOR)
    assert tell_peers(bund, network.client(bund)) == 1
    network.wires.cut.clear()
    assert fetch_statements(sued, network.client(sued)) == 1
    for site in (nord, sued):
        peer = site.work.run(lambda tx: tx.peers.get("bund"), write=False)
        assert peer.state is PeerState.REVOKED
        with pytest.raises(PeerRefused) as refused:
            ask(network, bund, site.name)
        assert refused.value.facts["peer_code"] == "unknown-key"
    pin(nord, describe_trust(bund))
    ask(network, bund, "nord")
    tell_peers(bund, network.client(bund))
    assert known(nord, "bund") == audit_signing_key(bund).key_id != old.key_id
    with pytest.raises(KeyWasRevoked):
        pin(nord, {**describe_trust(bund)["centers"][0], **_of(old)})
    rotate_again = Rotating(network, bund, Purpose.SIGNING)
    rotate_again.on()
    rotate_again.tell()
    (*_, announced) = bund.work.run(lambda tx: tx.statements.of("bund"), write=False)
    assert announced.statement.new_key is not None
    assert known(nord, "bund") == announced.statement.new_key.key_id


def test_revoking_during_an_announcement_makes_nothing_that_was_announced_trusted(
    network: Network,
) -> None:
    bund, nord = network.bund, network.sites["nord"]
    rotating = Rotating(network, bund, Purpose.SIGNING)
    rotating.on()
    rotating.tell()
    announced = known(nord, "bund")
    revoke_signing_key(bund, OPERATOR)
    assert tell_peers(bund, network.client(bund)) == 2
    assert nord.work.run(lambda tx: tx.peers.get("bund")).state is PeerState.REVOKED
    assert audit_signing_key(bund).key_id != announced
    done = bund.work.run(lambda tx: tx.rotations.get(rotating.id), write=False)
    assert (done.state, done.error) == (RotationState.DONE, "key-compromised")
    former = describe_trust(bund)["centers"][0]["former_keys"]
    assert {(one["key_id"], one["revoked"]) for one in former} >= {(announced, True)}


def _of(key: SigningKey) -> dict[str, Any]:
    return {"signing_key": key.public.to_jwk(), "key_id": key.key_id}


Make = Callable[[SimulatedTrustCenter], list[SignedStatement]]


def _said(peer: SimulatedTrustCenter, number: int, old: SigningKey, new: SigningKey) -> Statement:
    now = int(peer.clock.now().timestamp())
    kind = StatementKind.SIGNING
    return Statement(peer.name, number, kind, old.public, now, now + 3600, new.public)


def _follow(peer: SimulatedTrustCenter, *news: SigningKey) -> list[SignedStatement]:
    keys = [peer.key, *news]
    return [
        _said(peer, number, old, new).sign(old, new)
        for number, (old, new) in enumerate(zip(keys, news, strict=False), start=1)
    ]


def _forged(peer: SimulatedTrustCenter) -> list[SignedStatement]:
    new, thief = SigningKey.generate(), SigningKey.generate()
    genuine = _follow(peer, new)[0]
    return [
        SignedStatement(genuine.statement, thief.sign(genuine.statement.message()), genuine.by_new)
    ]


SCENARIOS: dict[str, tuple[Make, str | None]] = {
    "rotation works: signed by the old key and the new one": (
        lambda peer: _follow(peer, SigningKey.generate()),
        None,
    ),
    "several rotations at once work": (
        lambda peer: _follow(peer, *(SigningKey.generate() for _ in range(3))),
        None,
    ),
    "rotation fails: statement not signed by the old key": (_forged, "not-by-old-key"),
    "rotation fails: a statement is missing": (
        lambda peer: _follow(peer, SigningKey.generate(), SigningKey.generate())[1:],
        "gap",
    ),
    "rotation fails: the statement is of another center": (
        lambda peer: _follow(SimulatedTrustCenter("ost", key=peer.key), SigningKey.generate()),
        "other-center",
    ),
    "rotation fails: the second of two does not hold": (
        lambda peer: [
            *_follow(peer, new := SigningKey.generate()),
            *_follow(SimulatedTrustCenter(peer.name, key=new), SigningKey.generate(), peer.key)[1:],
        ],
        "not-by-old-key",
    ),
}


@pytest.fixture
def http(center: Center) -> FlaskClient:
    return make_http(center)


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_becomes_of_a_peers_statements(
    scenario: str, center: Center, http: FlaskClient
) -> None:
    peer = SimulatedTrustCenter(clock=_now(center))
    pin(center, peer.card())
    make, reason = SCENARIOS[scenario]
    statements = make(peer)
    payload = {"statements": [one.document() for one in statements]}
    request = peer.request(center, FederationPath.STATEMENTS, payload)
    answer = send(http, request)
    peer.verify(center, request, answer)
    if reason is None:
        assert answer.json == {"sequence": len(statements)}
        assert known(center, "sued") == statements[-1].statement.new_key.key_id  # type: ignore[union-attr] # see above
        repeated = peer.request(center, FederationPath.STATEMENTS, payload)
        assert send(http, repeated).json == {"sequence": len(statements)}
    else:
        assert (answer.status_code, (answer.json or {})["reason"]) == (400, reason)
        assert known(center, "sued") == peer.key.key_id


def test_another_statement_under_a_number_that_was_used_is_refused(center: Center) -> None:
    peer = SimulatedTrustCenter(clock=_now(center))
    pin(center, peer.card())
    accept(center, _follow(peer, SigningKey.generate()))
    with pytest.raises(KeyStatementRefused) as refused:
        accept(center, _follow(peer, SigningKey.generate()))
    assert refused.value.facts["reason"] == "forked"


def test_a_statement_of_a_revoked_peer_is_not_believed(center: Center) -> None:
    peer = SimulatedTrustCenter(clock=_now(center))
    pin(center, peer.card())
    center.work.run(lambda tx: revoke_peer(center, tx, OPERATOR, name="sued"))
    with pytest.raises(Exception, match="peer-not-trusted"):
        accept(center, _follow(peer, SigningKey.generate()))


def test_a_card_says_which_statements_its_keys_account_for(center: Center) -> None:
    peer, new = SimulatedTrustCenter(clock=_now(center)), SigningKey.generate()
    first, second = _follow(peer, new, SigningKey.generate())
    pin(center, {**peer.card(), **_of(new), "statements": 1})
    assert accept(center, [first, second]) == 2
    with pytest.raises(Exception, match="invalid-field"):
        PeerCard.read({**peer.card(), "statements": -1})


def test_shared_and_deterministic_keys_are_not_rotated_here(center: Center) -> None:
    for purpose in (Purpose.LINKAGE, Purpose.TOKEN):
        with center.work.begin() as tx, pytest.raises(NotRotatable):
            request_rotation(center, tx, OPERATOR, purpose=purpose)


def accept(center: Center, statements: list[SignedStatement]) -> int:
    documents = [one.document() for one in statements]
    return center.work.run(
        lambda tx: accept_statements(center, tx, SYSTEM, name="sued", documents=documents)
    )


def _now(center: Center) -> Any:
    return center.clock
