"""Peers know what was witnessed: they find a center out whose home was restored too, and accept it by two persons."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from keys.transparency import verify_cosignature
from tests.builders import ManualClock, make_center, make_domain, make_http
from tests.federation.network import quick_center
from tests.federation.test_witnessing import Log
from tests.restores.backups import ANNA, BERTA, back_up, put_back
from tests.simulator import SimulatedTrustCenter, Wires, introduce, pin, send
from ttp.anchoring import ANCHOR_FILE, FileAnchor
from ttp.connecting import connect
from ttp.core.access import OPERATOR, Actor, peer_actor
from ttp.core.center import Center
from ttp.core.errors import NotAllowed, SecondPersonNeeded
from ttp.core.event_kinds import EventKind
from ttp.core.federation import FederationPath
from ttp.core.log_standing import DatabaseOutdated, LogForked, LogInDoubt
from ttp.core.names import CenterName, LeafId
from ttp.core.peer_logs import AnnouncedRestore, NoRestoreAnnounced, PeerNotWitnessed
from ttp.core.peers import PeerRefused
from ttp.core.restores import RestoreReason
from ttp.core.witnessing import CheckpointRefused
from ttp.peering.client import PeerClient
from ttp.services.log.accept_restore import accept_restore, look_at_restore
from ttp.services.log.export_audit import sequence_now
from ttp.services.log.keep_anchor import keep_anchor
from ttp.services.log.sequence_leaves import audit_signing_key
from ttp.services.peers.accept_peer_restore import accept_peer_restore, hear_restore
from ttp.services.peers.ask_peer import ask_peer
from ttp.services.peers.collect_cosignatures import collect_cosignatures
from ttp.services.peers.describe_trust import describe_trust
from ttp.services.peers.hear_witnesses import require_witnesses, watch_witnesses
from ttp.services.peers.require_witnessed import unwitnessed_peers


class Two:
    """Two centers that witness each other; nord can be put back, home and all."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.nord, self.sued = (
            replace(quick_center(folder, name, clock=self.clock), witness_hours=24)
            for name in ("nord", "sued")
        )
        if database_url:
            made = make_center(folder / "other", database_url, name="sued")
            self.sued = replace(made, clock=self.clock, witness_hours=24)
        introduce(self.nord, self.sued)
        self.wires = Wires(self.nord, self.sued)
        for center in (self.nord, self.sued):
            self.settle(center)
        self.url = f"sqlite:///{folder / 'nord' / 'ttp.db'}"
        self.backup = back_up(self.url, folder / "backup")
        self.old_anchor = (folder / "nord" / ANCHOR_FILE).read_bytes()

    def client(self, center: Center) -> PeerClient:
        """With which a center asks the other one."""
        return connect(center, transport=self.wires)

    def ask(self) -> None:
        """Nord asks sued for permissions of a project that does not exist."""
        payload = {"project": "none", "submissions": []}
        client = self.client(self.nord)
        path = FederationPath.PERMISSIONS
        ask_peer(self.nord, client, name="sued", path=path, payload=payload)

    def settle(self, center: Center) -> int:
        """A round of the worker: how many co-signatures came."""
        sequence_now(center)
        count = collect_cosignatures(center, self.client(center))
        keep_anchor(center)
        return count

    def grow(self, center: Center, *names: str) -> int:
        for name in names:
            make_domain(center, name)
        return self.settle(center)

    def restore(self, *, home: bool = False) -> None:
        """Put nord's database back, and its anchor with it if ``home``."""
        self.clock.skip(minutes=1)
        self.nord.work.close()
        put_back(self.url, self.backup)
        if home:
            (self.folder / "nord" / ANCHOR_FILE).write_bytes(self.old_anchor)
        self.restart()

    def restart(self, *, deciding: bool = False) -> Center:
        self.nord = replace(self.nord, anchor=FileAnchor(self.folder / "nord"))
        self.wires.centers["nord.example"] = self.nord
        self.wires.apps.pop("nord.example", None)
        if deciding:
            self.nord.standing.overrule()
        return self.nord

    def accept(self) -> None:
        """Nord runs with one person."""
        center = self.restart(deciding=True)
        seen = look_at_restore(center, self.client(center))
        accept_restore(center, OPERATOR, seen=seen, reason=RestoreReason.ATTACK)
        self.restart()
        self.clock.skip(seconds=30)


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


def test_a_center_restored_with_its_home_is_found_out_by_its_peers_at_the_start(two: Two) -> None:
    assert two.grow(two.nord, "after") == 1
    two.restore(home=True)
    with pytest.raises(DatabaseOutdated) as refused:
        require_witnesses(two.nord, two.client(two.nord))
    assert int(str(refused.value.facts["witnessed"])) > int(str(refused.value.facts["size"]))


def test_what_is_missing_is_told_with_the_time_at_which_it_was_witnessed(two: Two) -> None:
    two.clock.skip(hours=1)
    two.grow(two.nord, "after")
    at = two.clock.now()
    two.restore()
    center = two.restart(deciding=True)
    seen = look_at_restore(center, two.client(center))
    assert [(known.witness, known.at) for known in seen.lost] == [("", at), ("sued", at)]


def test_a_center_whose_peers_were_away_at_the_start_stops_writing_once_they_answer(
    two: Two,
) -> None:
    two.grow(two.nord, "after")
    two.restore(home=True)
    two.wires.cut.add("sued.example")
    require_witnesses(two.nord, two.client(two.nord))
    make_domain(two.nord, "meanwhile")
    sequence_now(two.nord)
    two.wires.cut.clear()
    assert watch_witnesses(two.nord, two.client(two.nord)) == 1
    assert watch_witnesses(two.nord, two.client(two.nord)) == 0
    two.clock.skip(seconds=2)
    with pytest.raises(LogInDoubt):
        make_domain(two.nord, "refused")
    ready = make_http(two.nord).get("/readyz").get_json()
    assert ready["status"] in {"read-only: database-outdated", "read-only: log-forked"}


def test_a_peer_cannot_bring_doubt_with_what_we_did_not_sign(two: Two) -> None:
    forged = SimulatedTrustCenter("nord")
    note = Log(forged, leaves=200).note(200)
    with two.sued.work.begin() as tx:
        last = tx.witnessing.last(two.nord.origin)
        assert last is not None
        tx.witnessing.replace(replace(last, size=200, note=note))
    require_witnesses(two.nord, two.client(two.nord))
    assert watch_witnesses(two.nord, two.client(two.nord)) == 0


class TestAtTheWitness:
    def test_a_restored_log_is_witnessed_again_only_after_two_persons_there_accepted(
        self, tmp_path: Path, database_url: str
    ) -> None:
        two = Two(tmp_path, database_url)
        sued = two.sued = replace(two.sued, alone=False)
        two.wires.centers["sued.example"] = sued
        two.grow(two.nord, "one", "two")
        two.restore()
        two.accept()
        assert two.grow(two.nord, "three", "four", "five", "six", "seven") == 0
        assert _announced(sued) is not None
        with pytest.raises(NotAllowed):
            _accept(sued, OPERATOR)
        _, leaf = _accept(sued, ANNA)
        assert leaf is None
        with pytest.raises(SecondPersonNeeded):
            _accept(sued, ANNA)
        assert two.grow(two.nord, "eight") == 0
        _, leaf = _accept(sued, BERTA)
        assert leaf is not None
        assert _announced(sued) is None
        assert two.grow(two.nord, "nine") == 1
        checkpoint = two.nord.work.run(lambda tx: tx.audit.latest_checkpoint(), write=False)
        assert checkpoint is not None
        assert verify_cosignature(checkpoint.note, sued.origin, audit_signing_key(sued).public)
        require_witnesses(two.nord, two.client(two.nord))
        assert [
            _count(two.nord, EventKind.CENTER_RESTORED),
            _count(sued, EventKind.PEER_RESTORE_ANNOUNCED),
            _count(sued, EventKind.PEER_RESTORE_REQUESTED),
            _count(sued, EventKind.PEER_RESTORE_ACCEPTED),
        ] == [1, 1, 1, 1]

    def test_without_an_accepted_restore_nothing_is_announced(self, two: Two) -> None:
        two.grow(two.nord, "after")
        two.restore(home=True)
        two.grow(two.nord, "one", "two", "three", "four")
        assert _announced(two.sued) is None
        with pytest.raises(NoRestoreAnnounced):
            _accept(two.sued, OPERATOR)

    def test_only_the_peers_own_checkpoint_can_be_announced(self, two: Two) -> None:
        actor = peer_actor(CenterName("nord"))
        other = two.sued.work.run(lambda tx: tx.audit.latest_checkpoint(), write=False)
        assert other is not None
        with pytest.raises(CheckpointRefused):
            two.sued.work.run(lambda tx: hear_restore(two.sued, tx, actor, note=other.note))


def test_requests_signed_before_a_restore_are_refused_and_later_ones_answered(two: Two) -> None:
    west = SimulatedTrustCenter("west", clock=two.clock)
    pin(two.nord, west.card())
    two.settle(two.nord)
    two.backup = back_up(two.url, two.folder / "later")
    early = west.request(two.nord, FederationPath.LATEST, {})
    assert send(make_http(two.nord), early).status_code == 200
    two.grow(two.nord, "after")
    two.nord.work.close()
    put_back(two.url, two.backup)
    center = two.restart(deciding=True)
    accept_restore(
        center,
        OPERATOR,
        seen=look_at_restore(center, two.client(center)),
        reason=RestoreReason.MISTAKE,
    )
    http = make_http(two.restart())
    refused = send(http, early)
    assert (refused.status_code, refused.get_json()["code"]) == (401, "before-restore")
    two.clock.skip(seconds=10)
    ahead = west.request(two.nord, FederationPath.LATEST, {})
    assert send(http, ahead).get_json()["code"] == "before-restore"
    two.clock.skip(seconds=1)
    assert send(http, west.request(two.nord, FederationPath.LATEST, {})).status_code == 200


class TestWitnessedWithinADay:
    def test_a_peer_is_dealt_with_for_a_day_after_the_last_cosignature(self, two: Two) -> None:
        two.clock.skip(hours=23)
        with pytest.raises(PeerRefused):  # asked, and there is no such project
            two.ask()
        two.clock.skip(hours=1, seconds=1)
        with pytest.raises(PeerNotWitnessed):
            two.ask()
        assert two.nord.work.run(lambda tx: unwitnessed_peers(two.nord, tx)) == ["sued"]
        ready = make_http(two.nord).get("/readyz").get_json()
        assert ready["peers_not_witnessed"] == ["sued"]
        two.settle(two.sued)
        with pytest.raises(PeerRefused):
            two.ask()

    def test_a_peer_that_nobody_witnesses_is_answered_only_what_helps_it(self, two: Two) -> None:
        west = SimulatedTrustCenter("west", clock=two.clock)
        pin(two.nord, west.card())
        http = make_http(two.nord)
        asked = {"project": "none", "submissions": []}
        permitted = send(http, west.request(two.nord, FederationPath.PERMISSIONS, asked))
        assert permitted.get_json()["code"] == "unknown-project"
        two.clock.skip(hours=24, seconds=1)
        late = send(http, west.request(two.nord, FederationPath.PERMISSIONS, asked))
        assert (late.status_code, late.get_json()["code"]) == (403, "peer-not-witnessed")
        assert send(http, west.request(two.nord, FederationPath.LATEST, {})).status_code == 200

    def test_a_log_that_rests_is_shown_again_and_stays_witnessed(self, two: Two) -> None:
        for _ in range(9):
            two.clock.skip(hours=6)
            assert two.settle(two.sued) == 1
        assert two.nord.work.run(lambda tx: unwitnessed_peers(two.nord, tx)) == []
        checkpoint = two.sued.work.run(lambda tx: tx.audit.latest_checkpoint(), write=False)
        assert checkpoint is not None
        assert checkpoint.note.count("\n— ") == 2

    def test_another_trusted_peers_cosignature_counts_too(self, two: Two) -> None:
        """West does not let nord witness its log, but sued, and shows nord what sued co-signed."""
        west = quick_center(two.folder, "west", clock=two.clock)
        for one, other in ((west, two.sued), (west, two.nord)):
            pin(one, _card(other), witness=other is two.sued)
            pin(other, _card(west), witness=False)
        two.wires.centers["west.example"] = west
        two.clock.skip(hours=25)
        two.settle(two.sued)
        assert two.nord.work.run(lambda tx: unwitnessed_peers(two.nord, tx)) == ["west"]
        assert two.settle(west) == 1
        watch_witnesses(two.nord, two.client(two.nord))
        assert two.nord.work.run(lambda tx: unwitnessed_peers(two.nord, tx)) == []

    def test_the_setting_zero_asks_for_no_witness(self, two: Two) -> None:
        nord = replace(two.nord, witness_hours=0)
        two.clock.skip(days=400)
        assert nord.work.run(lambda tx: unwitnessed_peers(nord, tx)) == []


def test_the_anchor_is_what_was_cosigned_where_there_are_witnesses(two: Two) -> None:
    anchor = two.folder / "nord" / ANCHOR_FILE
    two.wires.cut.add("sued.example")
    before = anchor.read_bytes()
    two.grow(two.nord, "alone")
    assert anchor.read_bytes() == before
    two.wires.cut.clear()
    two.settle(two.nord)
    key = audit_signing_key(two.sued).public
    assert verify_cosignature(anchor.read_text(), two.sued.origin, key)


def test_a_database_that_forked_from_what_was_witnessed_is_not_healed_by_growing(two: Two) -> None:
    two.grow(two.nord, "after")
    shutil.copy(two.folder / "nord" / ANCHOR_FILE, two.folder / "kept")
    two.restore(home=True)
    two.wires.cut.add("sued.example")
    two.grow(two.nord, "x", "y", "z", "w")
    two.wires.cut.clear()
    with pytest.raises(LogForked):
        require_witnesses(two.nord, two.client(two.nord))


def _card(center: Center) -> dict[str, object]:
    return describe_trust(center)


def _announced(center: Center) -> object:
    return center.work.run(lambda tx: tx.peer_logs.announced("nord"))


def _accept(center: Center, actor: Actor) -> tuple[AnnouncedRestore, LeafId | None]:
    return center.work.run(lambda tx: accept_peer_restore(center, tx, actor, name="nord"))


def _count(center: Center, kind: EventKind) -> int:
    sequence_now(center)
    with center.work.begin(write=False) as tx:
        leaves = list(tx.audit.leaves(0, tx.audit.size()))
    return sum(f'"action":"{kind}"'.encode() in leaf.body for leaf in leaves)
