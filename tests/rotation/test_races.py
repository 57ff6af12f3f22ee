"""One original has one pseudonym for every observer, through every step of a rotation, and no call fails."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from keys.keyring import Purpose
from tests.rotation.station import Station
from tests.scale import scaled
from ttp.core.rotation import STEPS, Step

THREADS = 4
FIRST = scaled(200, least=60)
REST = 0.04
"""Seconds between two calls of a thread at most: who waits for an embedded database is not served in turn."""


class Observers:
    """Threads that ask again and again; what any of them was told is held against all others."""

    def __init__(self, station: Station, domain: str, seed: int) -> None:
        self._station, self._domain = station, domain
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._seed = seed
        self.told: dict[str, str] = {}
        self.failures: list[BaseException] = []
        self.calls = 0

    def ask(self, chance: random.Random) -> None:
        """Known and new originals, some of them asked for by several threads at once."""
        size = len(self.told) + 20
        names = [f"o{chance.randrange(size)}" for _ in range(chance.randrange(1, 12))]
        self._compare(names, self._station.ask(self._domain, names))

    def look_up(self, chance: random.Random) -> None:
        """Only known originals; their pseudonyms lead back to them."""
        names = chance.sample(sorted(self.told), 8)
        told = self._station.ask(self._domain, names, create=False)
        self._compare(names, told)
        assert self._station.resolve(self._domain, told) == names

    def come_and_go(self, chance: random.Random) -> None:
        """Originals of one's own, anonymized at once: no row of theirs may come back."""
        names = [f"own {chance.random()}" for _ in range(3)]
        self._station.ask(self._domain, names)
        self._station.forget(self._domain, names)

    def run(self, during: Callable[[], None]) -> None:
        """Observe until ``during`` is over."""
        acts = [self.ask] * THREADS + [self.look_up, self.look_up, self.come_and_go]
        threads = [
            threading.Thread(target=self._keep, args=(act, random.Random(self._seed + place)))
            for place, act in enumerate(acts)
        ]
        for thread in threads:
            thread.start()
        try:
            during()
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _keep(self, act: Callable[[random.Random], None], chance: random.Random) -> None:
        while not self._stop.is_set():
            try:
                act(chance)
                self.calls += 1
                time.sleep(chance.random() * REST)
            except BaseException as error:
                self.failures.append(error)
                return

    def _compare(self, names: list[str], told: list[str]) -> None:
        with self._lock:
            for name, pseudonym in zip(names, told, strict=True):
                assert self.told.setdefault(name, pseudonym) == pseudonym


def test_get_or_create_races_through_every_step_of_three_rotations(station: Station) -> None:
    domain, seed = station.domain(), random.randrange(2**32)
    chance = random.Random(seed)
    observers = Observers(station.again(), domain, seed)
    first = [f"o{number}" for number in range(FIRST)]
    observers.told = dict(zip(first, station.ask(domain, first), strict=True))

    passed: set[Step] = {Step.BEGIN}

    def rotate() -> None:
        for purpose in (Purpose.INDEX, Purpose.SEAL, Purpose.INDEX):
            rotation = station.request(purpose, domain)
            for step in station.steps(rotation, block=FIRST // 4):
                passed.add(step)
                time.sleep(chance.random() * 0.03)

    observers.run(rotate)
    assert observers.failures == [], f"seed {seed}"
    assert observers.calls > 20
    assert passed == {*STEPS[Purpose.INDEX], *STEPS[Purpose.SEAL]}
    names = sorted(observers.told)
    assert station.ask(domain, names, create=False) == [observers.told[name] for name in names]
    assert len(set(observers.told.values())) == len(names)
