"""Killed at any moment, a rotation goes on where it was; nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import random
import signal
import time
from uuid import UUID

import pytest

from keys.keyring import KeyState, Purpose
from tests.rotation.station import HOLDER, Station
from tests.scale import scaled
from ttp.core.rotation import RotationState
from ttp.services.custody.rotate_keys import run_rotation

NAMES = [f"patient {number}" for number in range(scaled(300, least=100))]
LONGEST = 0.15


def in_a_child(station: Station, rotation: UUID) -> int:
    """A process of its own that works on the rotation; its ID."""
    _ = station.root
    child = os.fork()
    if child:
        return child
    try:
        own = station.again()
        run_rotation(own.center, rotation_id=rotation, holder=HOLDER, rest=0.0, block=10)
    finally:
        os._exit(0)


@pytest.mark.parametrize("purpose", [Purpose.INDEX, Purpose.SEAL])
def test_kill_9_at_random_points_and_resume(station: Station, purpose: Purpose) -> None:
    domain, seed = station.domain(), random.randrange(2**32)
    chance, killed = random.Random(seed), 0
    told = station.ask(domain, NAMES)
    rotation = station.request(purpose, domain)
    while station.rotation(rotation).state is RotationState.RUNNING:
        child = in_a_child(station, rotation)
        time.sleep(chance.random() * LONGEST * (1 + killed / 10))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        assert station.ask(domain, NAMES[:20], create=False) == told[:20], f"seed {seed}"
        assert station.resolve(domain, told[-20:]) == NAMES[-20:], f"seed {seed}"
    assert killed >= 3
    assert station.ask(domain, NAMES) == told
    assert station.resolve(domain, told) == NAMES
    assert station.references(purpose, domain, 1) == 0
    states = [info.state for info in station.center.keyring.versions(purpose, domain)]
    assert states == [KeyState.RETIRED, KeyState.ACTIVE]
