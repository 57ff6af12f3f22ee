"""A model of the life of keys: whatever is rotated, interrupted or destroyed, nobody is told otherwise than before."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from keys.keyring import KeyState, Purpose
from tests.rotation.station import Station
from tests.rotation.test_destruction import approve, request
from tests.scale import scaled
from ttp.core.access import OPERATOR
from ttp.core.errors import KeysDestroyed, UnknownOriginal
from ttp.core.key_destruction import KeyInUse
from ttp.core.rotation import Rotation, RotationRunning, RotationState
from ttp.services.custody.rotate_keys import pause_rotation, resume_rotation

PURPOSES = st.sampled_from([Purpose.INDEX, Purpose.SEAL])
NAMES = st.lists(st.integers(0, 30).map("n{}".format), min_size=1, max_size=6, unique=True)
STATION: list[Station] = []
"""The station of the test that runs; machines are made without arguments."""


class KeyLife(RuleBasedStateMachine):
    """One domain; ``told`` is what was ever told and not anonymized."""

    @initialize()
    def begin(self) -> None:
        self.station = STATION[0]
        self.domain = self.station.domain()
        self.told: dict[str, str] = {}
        self.ever: set[str] = set()
        self.destroyed: set[tuple[Purpose, int]] = set()
        self.alive = True

    def live(self) -> bool:
        return self.alive

    @precondition(live)
    @rule(names=NAMES)
    def issue(self, names: list[str]) -> None:
        for name, pseudonym in zip(names, self.station.ask(self.domain, names), strict=True):
            if name not in self.told:
                assert pseudonym not in self.ever
            assert self.told.setdefault(name, pseudonym) == pseudonym
            self.ever.add(pseudonym)

    @precondition(live)
    @rule(name=NAMES.map(lambda names: names[0]))
    def anonymize(self, name: str) -> None:
        if name not in self.told:
            with pytest.raises(UnknownOriginal):
                self.station.forget(self.domain, [name])
            return
        self.station.forget(self.domain, [name])
        del self.told[name]

    @precondition(live)
    @rule(purpose=PURPOSES)
    def begin_rotation(self, purpose: Purpose) -> None:
        open_ones = [one for one in self.rotations() if one.purpose is purpose]
        if open_ones:
            with pytest.raises(RotationRunning):
                self.station.request(purpose, self.domain)
        else:
            self.station.request(purpose, self.domain)

    @precondition(live)
    @rule(units=st.integers(1, 12), block=st.integers(1, 5))
    def work(self, units: int, block: int) -> None:
        for rotation in self.rotations():
            for _ in range(units):
                self.station.advance(rotation.id, block=block)

    @rule()
    def pause_or_resume(self) -> None:
        center = self.station.center
        for rotation in self.rotations():
            act = pause_rotation if rotation.state is RotationState.RUNNING else resume_rotation
            with center.work.begin() as tx:
                act(center, tx, OPERATOR, rotation_id=rotation.id)

    @rule()
    def another_process(self) -> None:
        self.station = self.station.again()

    @precondition(live)
    @rule(purpose=PURPOSES, version=st.integers(1, 4))
    def destroy_a_version(self, purpose: Purpose, version: int) -> None:
        states = self.states(purpose)
        if version > len(states):
            return
        busy = any(one.purpose is purpose for one in self.rotations())
        if busy or states[version - 1] not in {KeyState.RETIRED, KeyState.DESTROYED}:
            with pytest.raises(KeyInUse):
                request(self.station, self.domain, purpose, version)
            return
        approve(self.station, request(self.station, self.domain, purpose, version))
        self.destroyed.add((purpose, version))

    @precondition(live)
    @rule(really=st.integers(0, 9))
    def destroy_the_domain(self, really: int) -> None:
        if really:
            return
        approve(self.station, request(self.station, self.domain))
        self.alive = False

    @invariant()
    def everything_is_told_as_before(self) -> None:
        if not hasattr(self, "station"):
            return
        names = sorted(self.told)
        if not self.alive:
            with pytest.raises(KeysDestroyed):
                self.station.resolve(self.domain, sorted(self.ever))
            return
        told = [self.told[name] for name in names]
        assert self.station.ask(self.domain, names, create=False) == told
        assert self.station.resolve(self.domain, told) == names

    @invariant()
    def states_follow_the_model(self) -> None:
        if not hasattr(self, "station") or not self.alive:
            return
        for purpose in (Purpose.INDEX, Purpose.SEAL):
            states = self.states(purpose)
            assert states.count(KeyState.ACTIVE) == 1
            assert states.count(KeyState.NEXT) <= 1
            gone = {number for number, one in enumerate(states, 1) if one is KeyState.DESTROYED}
            assert gone == {version for of, version in self.destroyed if of is purpose}

    def rotations(self) -> list[Rotation]:
        with self.station.center.work.begin(write=False) as tx:
            known = [one for one in tx.rotations.all() if one.scope == self.domain]
        return [one for one in known if one.state is not RotationState.DONE]

    def states(self, purpose: Purpose) -> list[KeyState]:
        versions = self.station.center.keyring.versions(purpose, self.domain)
        return [info.state for info in versions]


def test_the_life_of_keys_follows_its_model(station: Station) -> None:
    STATION[:] = [station]
    run_state_machine_as_test(
        KeyLife,
        settings=settings(max_examples=scaled(8, least=2), stateful_step_count=25),
    )
