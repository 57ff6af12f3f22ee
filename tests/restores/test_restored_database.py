"""A database that is not the newest one is neither served nor written to until two persons have accepted it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.signatures import SigningKey
from keys.transparency import Checkpoint, root_at, sign_note
from tests.builders import ManualClock, make_domain
from tests.restores.backups import ANNA, BERTA, CLERK, Scene
from tests.simulator import Wires
from ttp.anchoring import ANCHOR_FILE
from ttp.connecting import connect
from ttp.core.access import OPERATOR, Actor
from ttp.core.errors import NotAllowed, SecondPersonNeeded
from ttp.core.event_kinds import EventKind
from ttp.core.log_standing import (
    AnchorInvalid,
    AnchorMissing,
    DatabaseOutdated,
    Known,
    LogForked,
    LogInDoubt,
)
from ttp.core.restores import NothingToAccept, Restore, Restored, RestoreReason
from ttp.services.custody.fit_keys import require_fit
from ttp.services.log.accept_restore import accept_restore, look_at_restore
from ttp.services.log.export_audit import sequence_now
from ttp.services.log.judge_log import contradiction
from ttp.services.log.keep_anchor import keep_anchor
from ttp.services.log.record_leaf import Act, record_leaf


def fits(scene: Scene) -> None:
    center = scene.restart()
    center.work.run(lambda tx: require_fit(center, tx), write=False)


def look(scene: Scene) -> Restored:
    center = scene.deciding()
    return look_at_restore(center, connect(center, transport=Wires()))


def accept(scene: Scene, actor: Actor) -> Restore:
    seen = look(scene)
    return accept_restore(scene.center, actor, seen=seen, reason=RestoreReason.DRILL)


def actions(scene: Scene, start: int) -> list[str]:
    with scene.center.work.begin(write=False) as tx:
        leaves = list(tx.audit.leaves(start, scene.size()))
    return [
        kind for leaf in leaves for kind in EventKind if f'"action":"{kind}"'.encode() in leaf.body
    ]


def _restored(scene: Scene) -> None:
    scene.restore()


def _restored_and_grown_past(scene: Scene) -> None:
    """As somebody would who keeps the anchor from being looked at while another history is written."""
    scene.restore()
    anchor = scene.home / ANCHOR_FILE
    kept = anchor.read_bytes()
    scene.deciding()
    for number in range(3):
        make_domain(scene.center, f"other{number}")
    sequence_now(scene.center)
    anchor.write_bytes(kept)


def _anchor_gone(scene: Scene) -> None:
    (scene.home / ANCHOR_FILE).unlink()


def _anchor_garbled(scene: Scene) -> None:
    (scene.home / ANCHOR_FILE).write_bytes(b"\xff\x00 nothing of the kind")


def _anchor_of_a_stranger(scene: Scene) -> None:
    origin = scene.center.origin
    body = Checkpoint(origin, 1, bytes(32)).body()
    (scene.home / ANCHOR_FILE).write_text(sign_note(body, origin, SigningKey.generate()))


def _anchor_empty(scene: Scene) -> None:
    (scene.home / ANCHOR_FILE).write_bytes(b"")


REFUSED: dict[str, tuple[Callable[[Scene], None], type[LogInDoubt]]] = {
    "an older database": (_restored, DatabaseOutdated),
    "another history, grown past the anchor": (_restored_and_grown_past, LogForked),
    "an anchor that is gone": (_anchor_gone, AnchorMissing),
    "an anchor that is no note": (_anchor_garbled, AnchorInvalid),
    "an anchor that a stranger signed": (_anchor_of_a_stranger, AnchorInvalid),
    "an empty anchor": (_anchor_empty, AnchorInvalid),
}


@pytest.mark.parametrize("defect", REFUSED)
def test_it_is_refused_and_written_to_until_two_persons_accept(
    tmp_path: Path, database_url: str, defect: str
) -> None:
    harm, error = REFUSED[defect]
    scene = Scene(tmp_path, database_url)
    scene.grow("after")
    harm(scene)
    size = scene.size()
    for actor in (ANNA, BERTA):
        with pytest.raises(error):
            fits(scene)
        with pytest.raises(error):
            make_domain(scene.restart(), "more")
        done = accept(scene, actor)
    assert (done.requested_by, done.accepted_by) == ("anna", "berta")
    assert [one for one in actions(scene, size) if one.startswith(("restore", "center"))] == [
        "restore.requested",
        "center.restored",
    ]
    fits(scene)
    scene.grow("later")
    fits(scene)


def test_a_newer_database_and_the_same_one_are_served(tmp_path: Path, database_url: str) -> None:
    scene = Scene(tmp_path, database_url)
    fits(scene)
    make_domain(scene.center, "after")
    sequence_now(scene.center)
    fits(scene)
    with pytest.raises(NothingToAccept):
        accept(scene, ANNA)


def test_a_home_that_never_had_an_anchor_is_served_and_gets_one(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    (scene.home / ANCHOR_FILE).unlink()
    with scene.center.work.begin() as tx:
        tx.standing._put(anchored_at=None)  # type: ignore[attr-defined] # as before the migration
    fits(scene)
    assert scene.settle() == 1
    assert (scene.home / ANCHOR_FILE).exists()


class TestTwoPersons:
    @pytest.fixture
    def scene(self, tmp_path: Path) -> Scene:
        scene = Scene(tmp_path)
        scene.grow("after")
        scene.restore()
        return scene

    def test_one_person_is_not_enough_however_often(self, scene: Scene) -> None:
        accept(scene, ANNA)
        with pytest.raises(SecondPersonNeeded):
            accept(scene, ANNA)
        with pytest.raises(DatabaseOutdated):
            fits(scene)

    @pytest.mark.parametrize("actor", [CLERK, OPERATOR], ids=["clerk", "operator"])
    def test_neither_clerks_nor_the_operator_accept(self, scene: Scene, actor: Actor) -> None:
        with pytest.raises(NotAllowed):
            accept(scene, actor)

    def test_in_the_demonstration_one_person_is(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path / "alone", alone=True)
        scene.grow("after")
        scene.restore()
        assert accept(scene, OPERATOR).accepted_by == "operator"
        fits(scene)

    def test_the_second_person_accepts_what_the_first_one_saw_or_becomes_the_first(
        self, scene: Scene
    ) -> None:
        first = accept(scene, ANNA)
        scene.deciding()
        make_domain(scene.center, "changed")
        sequence_now(scene.center)
        second = accept(scene, BERTA)
        assert (second.requested_by, second.accepted_at) == ("berta", None)
        assert second.id != first.id

    def test_an_acceptance_waits_for_a_day(self, scene: Scene) -> None:
        clock = ManualClock(scene.center.clock.now())
        scene.center = replace(scene.center, clock=clock)
        accept(scene, ANNA)
        clock.skip(hours=24)
        assert accept(scene, BERTA).accepted_at is None

    def test_the_log_says_what_was_lost(self, scene: Scene) -> None:
        lost = look(scene).lost[0]
        accept(scene, ANNA)
        done = accept(scene, BERTA)
        assert (done.size, done.lost_size) == (scene.small, lost.size)
        with scene.center.work.begin(write=False) as tx:
            leaves = list(tx.audit.leaves(scene.small, scene.size()))
        (leaf,) = [one for one in leaves if b'"center.restored"' in one.body]
        assert f'"lost_1":"{lost.size} {lost.root.hex()}"'.encode() in leaf.body
        assert b'"requested_by":"anna"' in leaf.body

    def test_what_was_given_up_is_refused_when_it_comes_back_as_the_anchor_only_once(
        self, scene: Scene
    ) -> None:
        """Killed between the commit and the new anchor, the center starts and moves the anchor on."""
        given_up = (scene.home / ANCHOR_FILE).read_bytes()
        accept(scene, ANNA)
        accept(scene, BERTA)
        (scene.home / ANCHOR_FILE).write_bytes(given_up)
        fits(scene)
        assert keep_anchor(scene.restart()) == 1
        fits(scene)

    def test_a_second_restore_needs_two_persons_again(self, scene: Scene) -> None:
        accept(scene, ANNA)
        accept(scene, BERTA)
        scene.restore()
        with pytest.raises(DatabaseOutdated):
            fits(scene)


class TestWhileServing:
    def test_an_older_database_under_a_running_center_stops_all_writing(
        self, tmp_path: Path
    ) -> None:
        scene = Scene(tmp_path)
        scene.grow("after")
        running = scene.center
        scene.restore()
        assert keep_anchor(running) == 0
        clock = ManualClock(running.clock.now() + timedelta(seconds=2))
        for center in (replace(running, clock=clock), scene.center):
            with pytest.raises(LogInDoubt):
                make_domain(center, "refused")
        scene.deciding().work.run(
            lambda tx: record_leaf(scene.center, tx, ANNA, Act(EventKind.RESTORE_REQUESTED))
        )
        before = scene.size()
        sequence_now(scene.center)
        assert scene.size() == before
        accept(scene, ANNA)
        accept(scene, BERTA)
        make_domain(scene.restart(), "again")

    def test_a_running_process_writes_an_anchor_that_vanished_anew(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        (scene.home / ANCHOR_FILE).unlink()
        make_domain(scene.center, "after")
        assert scene.settle() == 1
        fits(scene)


@given(size=st.integers(0, 12), other=st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_log_contradicts_exactly_the_checkpoints_it_does_not_hold(
    tmp_path_factory: pytest.TempPathFactory, size: int, other: bool
) -> None:
    scene = _grown(tmp_path_factory)
    with scene.center.work.begin(write=False) as tx:
        holds = size <= tx.audit.size()
        root = root_at(size, tx.audit.node) if holds and not other else bytes(32)
        found = contradiction(tx, Known(size, root))
        expected = None if holds and not other else (LogForked if holds else DatabaseOutdated)
    assert (type(found.error) if found else None) is expected


_SCENES: list[Scene] = []


def _grown(factory: pytest.TempPathFactory) -> Scene:
    if not _SCENES:
        _SCENES.append(Scene(factory.mktemp("grown")))
        for number in range(4):
            _SCENES[0].grow(f"domain{number}")
    return _SCENES[0]
