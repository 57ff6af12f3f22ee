"""Witnesses co-sign a log that only grew, remember what they signed, and notice every other history."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.transparency import (
    Checkpoint,
    consistency_proof,
    leaf_hash,
    new_nodes,
    root_of,
    sign_note,
    verify_cosignature,
)
from tests.builders import ManualClock, make_center, make_domain
from tests.federation.network import quick_center
from tests.simulator import SimulatedTrustCenter, Wires, introduce, pin
from ttp.connecting import connect
from ttp.core.access import peer_actor
from ttp.core.center import Center
from ttp.core.names import CenterName
from ttp.core.witnessing import (
    CheckpointMalformed,
    CheckpointRefused,
    ConsistencyRefused,
    WitnessConflict,
)
from ttp.services.log.sequence_leaves import audit_signing_key, sequence_leaves
from ttp.services.peers.collect_cosignatures import collect_cosignatures
from ttp.services.peers.witness_checkpoint import witness_checkpoint


class Log:
    """The log of a simulated center: its leaves, and checkpoints and proofs of any size."""

    def __init__(self, peer: SimulatedTrustCenter, leaves: int = 40, mark: str = "") -> None:
        self.peer = peer
        self.hashes = [leaf_hash(f"{mark}{number}".encode()) for number in range(leaves)]
        self.nodes: dict[tuple[int, int], bytes] = {}
        for level, index, digest in new_nodes(0, self.hashes, lambda *place: self.nodes[place]):
            self.nodes[level, index] = digest

    def note(self, size: int) -> str:
        """A signed checkpoint."""
        origin = f"treuhandstelle/{self.peer.name}"
        checkpoint = Checkpoint(origin, size, root_of(self.hashes[:size]))
        return sign_note(checkpoint.body(), origin, self.peer.key)

    def proof(self, old: int, new: int) -> list[bytes]:
        """That the tree of ``new`` leaves begins with that of ``old``."""
        return consistency_proof(old, new, lambda *place: self.nodes[place])


class Scene:
    """A witness and a log."""

    def __init__(self, home: Path, database_url: str = "") -> None:
        self.witness = (
            make_center(home, database_url)
            if database_url
            else quick_center(home, clock=ManualClock())
        )
        self.peer = SimulatedTrustCenter()
        pin(self.witness, self.peer.card())
        self.log = Log(self.peer)

    def offer(self, old: int, new: int, log: Log | None = None, **more: object) -> str:
        """Offer a checkpoint; ``more`` replaces what is sent."""
        log = log or self.log
        sent = {"old_size": old, "proof": log.proof(old, new), "note": log.note(new), **more}
        actor = peer_actor(CenterName(self.peer.name))
        return self.witness.work.run(
            lambda tx: witness_checkpoint(self.witness, tx, actor, **sent)  # type: ignore[arg-type] # spoiled on purpose
        )


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_growing_log_is_cosigned(tmp_path: Path, database_url: str) -> None:
    scene = Scene(tmp_path, database_url)
    key = audit_signing_key(scene.witness).public
    for old, new in [(0, 3), (3, 3), (3, 17), (17, 40)]:
        line = scene.offer(old, new)
        assert verify_cosignature(scene.log.note(new) + line, scene.witness.origin, key)
    last = scene.witness.work.run(lambda tx: tx.witnessing.last("treuhandstelle/sued"))
    assert last is not None
    assert (last.size, last.root) == (40, root_of(scene.log.hashes))


def test_an_old_size_other_than_the_last_one_conflicts_and_names_it(scene: Scene) -> None:
    scene.offer(0, 8)
    for old in (0, 7, 9):
        with pytest.raises(WitnessConflict) as refused:
            scene.offer(old, 20)
        assert refused.value.facts["size"] == 8


def test_a_second_history_is_never_cosigned(scene: Scene) -> None:
    scene.offer(0, 8)
    other = Log(scene.peer, mark="rewritten")
    with pytest.raises(WitnessConflict):
        scene.offer(8, 8, other)
    with pytest.raises(ConsistencyRefused):
        scene.offer(8, 20, other)
    with pytest.raises(WitnessConflict):
        scene.offer(0, 6)  # truncated


@given(wrong=st.integers(0, 3), entry=st.integers(0, 31))
@settings(max_examples=10)
def test_a_proof_with_a_changed_hash_is_refused(
    tmp_path_factory: pytest.TempPathFactory, wrong: int, entry: int
) -> None:
    scene = Scene(tmp_path_factory.mktemp("witness"))
    scene.offer(0, 5)
    proof = scene.log.proof(5, 23)
    place = wrong % len(proof)
    proof[place] = (
        proof[place][:entry] + bytes([proof[place][entry] ^ 1]) + proof[place][entry + 1 :]
    )
    with pytest.raises(ConsistencyRefused):
        scene.offer(5, 23, proof=proof)


def test_only_the_logs_own_key_speaks_for_it(scene: Scene) -> None:
    forged = Log(SimulatedTrustCenter("sued"))
    with pytest.raises(CheckpointRefused):
        scene.offer(0, 5, forged)
    with pytest.raises(CheckpointRefused):
        scene.offer(0, 5, note=Log(SimulatedTrustCenter("west")).note(5))


def test_malformed_offers_are_refused(scene: Scene) -> None:
    for more in ({"note": "nonsense"}, {"old_size": 9}, {"proof": [bytes(32)] * 64}):
        with pytest.raises(CheckpointMalformed):
            scene.offer(0, 5, **more)


def test_of_racing_offers_from_one_size_one_is_cosigned(tmp_path: Path, database_url: str) -> None:
    scene = Scene(tmp_path, database_url)
    scene.offer(0, 4)
    start, outcomes = threading.Barrier(6), list[str]()

    def race(size: int) -> None:
        start.wait()
        try:
            scene.offer(4, size)
        except WitnessConflict as refused:
            outcomes.append(refused.code)
        else:
            outcomes.append("co-signed")

    threads = [threading.Thread(target=race, args=(size,)) for size in range(10, 16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["co-signed", *["witness-conflict"] * 5]


class Two:
    """Two real centers that witness each other."""

    def __init__(self, home: Path) -> None:
        self.clock = ManualClock()
        self.nord, self.sued = (
            quick_center(home, name, clock=self.clock) for name in ("nord", "sued")
        )
        introduce(self.nord, self.sued)
        self.client = connect(self.nord, transport=Wires(self.nord, self.sued))

    def grow(self, center: Center, name: str) -> int:
        """Let a log grow; its new size."""
        make_domain(center, name)
        center.work.run(lambda tx: sequence_leaves(center, tx, holder="test"))
        checkpoint = center.work.run(lambda tx: tx.audit.latest_checkpoint())
        assert checkpoint is not None
        return checkpoint.size


def test_cosignatures_come_back_and_are_kept_with_the_checkpoint(tmp_path: Path) -> None:
    two = Two(tmp_path)
    key = audit_signing_key(two.sued).public
    for name in ("one", "two"):
        size = two.grow(two.nord, name)
        assert collect_cosignatures(two.nord, two.client) == 1
        checkpoint = two.nord.work.run(lambda tx, size=size: tx.audit.checkpoint(size))  # type: ignore[misc] # a default binds the value
        assert checkpoint is not None
        assert verify_cosignature(checkpoint.note, two.sued.origin, key)
    assert collect_cosignatures(two.nord, two.client) == 0


def test_a_log_that_forgot_what_was_cosigned_learns_it_from_the_witness(tmp_path: Path) -> None:
    two = Two(tmp_path)
    size = two.grow(two.nord, "one")
    collect_cosignatures(two.nord, two.client)
    two.nord.work.run(lambda tx: tx.witnessing.put_cosigned_size("sued", 0, at=two.clock.now()))
    assert two.grow(two.nord, "two") > size
    assert collect_cosignatures(two.nord, two.client) == 1


def test_a_witness_that_knows_more_than_there_is_does_not_cosign_a_restored_log(
    tmp_path: Path,
) -> None:
    two = Two(tmp_path)
    two.grow(two.nord, "one")
    collect_cosignatures(two.nord, two.client)
    ahead = two.nord.work.run(lambda tx: tx.audit.latest_checkpoint())
    assert ahead is not None
    two.sued.work.run(
        lambda tx: tx.witnessing.advance(
            replace(tx.witnessing.all()[0], size=ahead.size + 100), from_size=ahead.size
        )
    )
    two.grow(two.nord, "two")
    assert collect_cosignatures(two.nord, two.client) == 0


def test_an_unreachable_witness_stops_nobody(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.grow(two.nord, "one")
    assert collect_cosignatures(two.nord, connect(two.nord, transport=Wires(two.nord))) == 0
