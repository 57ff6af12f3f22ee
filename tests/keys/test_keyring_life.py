"""The life of keys, as a machine: whatever is done in whatever order, a plain model agrees, on files and databases.

Two handles on one store take turns, as two processes would. A writer may die before its exchange takes place or
right after it; a reader may have a backup of an older state put under its feet. After every step: at most one active
and one next version per key, numbers without gaps, never reused; the same material for a version as long as it lives;
none once it is destroyed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from keys.custody.root_key import RootKey
from keys.errors import KeyDestroyed, KeyringDamaged, UnknownKeyVersion
from keys.keyring import Keyring, KeyringStore, KeyState, Purpose, Stored
from keys.keyring.file_store import FileStore
from keys.keyring.sealing import Sealing
from tests.conftest import SQLALCHEMY_SCHEME
from tests.scale import scaled
from ttp.storage.keyring_store import DatabaseStore

ROOT = RootKey(bytes(range(32)))
PURPOSES = (Purpose.INDEX, Purpose.SEAL)
DOMAINS = ("a", "b", "")
Slot = tuple[Purpose, str]


class WriterDied(Exception):
    """The process is gone in the middle of a change."""


@dataclass
class Mortal:
    """A store whose next exchange is cut off, before it takes place or right behind."""

    store: KeyringStore
    dies: str = ""

    def create(self, data: bytes) -> None:
        self.store.create(data)

    def read(self) -> Stored:
        return self.store.read()

    def stamp(self) -> object:
        return self.store.stamp()

    def forget(self) -> None:
        self.store.forget()

    def exchange(self, change: Callable[[Stored], bytes | None]) -> None:
        dies, self.dies = self.dies, ""

        def cut_off(stored: Stored) -> bytes | None:
            following = change(stored)
            if dies == "before":
                raise WriterDied
            return following

        self.store.exchange(cut_off)
        if dies == "after":
            raise WriterDied


@dataclass
class Line:
    """What the model knows of one key: the state of each version, and what was imported."""

    states: list[KeyState] = field(default_factory=list)
    imported: dict[int, bytes] = field(default_factory=dict)

    def find(self, state: KeyState) -> int | None:
        """The version in a state."""
        return next((n for n, one in enumerate(self.states, 1) if one is state), None)

    def ensure(self) -> None:
        if self.find(KeyState.ACTIVE) is None and (self.find(KeyState.NEXT) or not self.states):
            self.rotate()

    def begin(self) -> None:
        if self.find(KeyState.NEXT) is None:
            self.states.append(KeyState.NEXT)

    def rotate(self) -> None:
        self.begin()
        coming = self.find(KeyState.NEXT)
        assert coming is not None
        self._activate(coming)

    def take_in(self, secret: bytes) -> None:
        active = self.find(KeyState.ACTIVE)
        if active is None or self.imported.get(active) != secret:
            self.states.append(KeyState.ACTIVE)
            self.imported[len(self.states)] = secret
            self._activate(len(self.states))

    def destroy(self, version: int) -> None:
        self.states[version - 1] = KeyState.DESTROYED

    def _activate(self, version: int) -> None:
        for place, state in enumerate(self.states):
            if state is KeyState.ACTIVE:
                self.states[place] = KeyState.RETIRED
        self.states[version - 1] = KeyState.ACTIVE


slots = st.tuples(st.sampled_from(PURPOSES), st.sampled_from(DOMAINS))
hands = st.sampled_from((0, 1))
deaths = st.sampled_from(("", "", "", "before", "after"))


class Life(RuleBasedStateMachine):
    """Two handles on one keyring, and the model beside them; `stores` makes two views of a new, empty place."""

    stores: Callable[[Path], tuple[KeyringStore, KeyringStore]]
    backups = Bundle("backups")

    @initialize()
    def begin_life(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.mortals = [Mortal(one) for one in type(self).stores(Path(self.folder.name))]
        Keyring.create(self.mortals[0], root=ROOT)
        self.rings = [Keyring.open(one, root=ROOT) for one in self.mortals]
        self.model: dict[Slot, Line] = {}
        self.seen: dict[tuple[Slot, int], bytes] = {}
        self.shredded: set[bytes] = set()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def act(
        self,
        hand: int,
        dies: str,
        change: Callable[[Keyring], object],
        expected: Callable[[], None],
    ) -> None:
        """Let one handle change the keyring, and the model follow; who died is replaced by a new process."""
        self.mortals[hand].dies = dies
        try:
            change(self.rings[hand])
        except WriterDied:
            self.rings[hand] = Keyring.open(self.mortals[hand], root=ROOT)
            if dies == "before":
                return
        finally:
            self.mortals[hand].dies = ""
        expected()

    def line(self, slot: Slot) -> Line:
        return self.model.setdefault(slot, Line())

    @rule(hand=hands, slot=slots, dies=deaths)
    def ensures(self, hand: int, slot: Slot, dies: str) -> None:
        with suppress(KeyDestroyed, UnknownKeyVersion):  # the invariants tell whether rightly
            self.act(hand, dies, lambda ring: ring.ensure(*slot), lambda: self.line(slot).ensure())

    @rule(hand=hands, slot=slots, dies=deaths)
    def begins(self, hand: int, slot: Slot, dies: str) -> None:
        self.act(hand, dies, lambda ring: ring.begin_next(*slot), lambda: self.line(slot).begin())

    @rule(hand=hands, slot=slots, dies=deaths)
    def rotates(self, hand: int, slot: Slot, dies: str) -> None:
        self.act(hand, dies, lambda ring: ring.rotate(*slot), lambda: self.line(slot).rotate())

    @rule(hand=hands, slot=slots, dies=deaths, secret=st.sampled_from((b"x" * 32, b"y" * 32)))
    def imports(self, hand: int, slot: Slot, dies: str, secret: bytes) -> None:
        self.act(
            hand,
            dies,
            lambda ring: ring.import_secret(*slot, secret),
            lambda: self.line(slot).take_in(secret),
        )

    @precondition(lambda self: any(line.states for line in self.model.values()))
    @rule(hand=hands, data=st.data(), dies=deaths)
    def destroys(self, hand: int, data: st.DataObject, dies: str) -> None:
        slot = data.draw(st.sampled_from([slot for slot in self.model if self.model[slot].states]))
        version = data.draw(st.integers(1, len(self.model[slot].states)))
        self.act(
            hand,
            dies,
            lambda ring: ring.destroy(*slot, version),
            lambda: self.line(slot).destroy(version),
        )

    @rule(hand=hands, domain=st.sampled_from(DOMAINS), dies=deaths)
    def destroys_a_domain(self, hand: int, domain: str, dies: str) -> None:
        def expected() -> None:
            for slot, line in self.model.items():
                for version in range(1, len(line.states) + 1):
                    if slot[1] == domain:
                        line.destroy(version)

        self.act(hand, dies, lambda ring: ring.destroy_domain(domain), expected)

    @rule(hand=hands)
    def opens_again(self, hand: int) -> None:
        self.rings[hand] = Keyring.open(self.mortals[hand], root=ROOT)

    @rule(target=backups, hand=hands)
    def backs_up(self, hand: int) -> tuple[int, bytes]:
        return self.rings[hand].sealed_copy()

    @rule(hand=hands, backup=backups)
    def puts_a_backup_back(self, hand: int, backup: tuple[int, bytes]) -> None:
        """Whoever knew a later state refuses it; then the present state is put back."""
        generation, data = backup
        present = self.rings[0].sealed_copy()
        self.mortals[0].exchange(lambda _: data)
        try:
            if generation < present[0]:
                with pytest.raises(KeyringDamaged, match="older"):
                    self.rings[hand].sealed_copy()
                with pytest.raises(KeyringDamaged, match="older"):
                    self.rings[hand].rotate(Purpose.SEAL, "a")
            else:
                assert self.rings[hand].generation() == generation
        finally:
            self.mortals[0].exchange(lambda _: present[1])

    @invariant()
    def both_handles_agree_with_the_model(self) -> None:
        for ring in self.rings:
            ring.sealed_copy()  # looks at the store now instead of within 100 ms
            for slot, line in self.model.items():
                infos = ring.versions(*slot)
                assert [info.state for info in infos] == line.states
                assert [info.version for info in infos] == list(range(1, len(infos) + 1))
                assert [info.version for info in infos if info.imported] == sorted(line.imported)
                for info in infos:
                    self._judge(ring, slot, info.version, info.state)
                self._judge_active(ring, slot, line)

    def _judge(self, ring: Keyring, slot: Slot, version: int, state: KeyState) -> None:
        if state is KeyState.DESTROYED:
            with pytest.raises(KeyDestroyed):
                ring.at(*slot, version)
            return
        secret = ring.at(*slot, version).secret
        assert self.seen.setdefault((slot, version), secret) == secret
        if version in self.model[slot].imported:
            assert secret == self.model[slot].imported[version]

    def _judge_active(self, ring: Keyring, slot: Slot, line: Line) -> None:
        assert line.states.count(KeyState.ACTIVE) <= 1
        assert line.states.count(KeyState.NEXT) <= 1
        active, coming = line.find(KeyState.ACTIVE), line.find(KeyState.NEXT)
        pending = ring.pending(*slot)
        assert (pending.version if pending else None) == coming
        if active is None:
            with pytest.raises((KeyDestroyed, UnknownKeyVersion)):
                ring.active(*slot)
        else:
            assert ring.active(*slot).version == active

    @invariant()
    def the_store_holds_nothing_of_what_is_destroyed(self) -> None:
        """Who has the root opens what lies in the store, and finds the secrets of living versions only."""
        content = Sealing(ROOT).open(self.mortals[1].read().data).content
        living = sum(
            state is not KeyState.DESTROYED for line in self.model.values() for state in line.states
        )
        assert (
            content.count(b'"secret": null')
            == sum(len(line.states) for line in self.model.values()) - living
        )
        assert content.count(b'"secret": "') == living


def _files(folder: Path) -> tuple[KeyringStore, KeyringStore]:
    return FileStore(folder / "keyring"), FileStore(folder / "keyring")


def _databases(folder: Path) -> tuple[KeyringStore, KeyringStore]:
    url = f"sqlite:///{folder / 'keys.db'}"
    return DatabaseStore(url), DatabaseStore(url)


@pytest.mark.parametrize("stores", [_files, _databases])
def test_keys_live_as_the_model_says(
    stores: Callable[[Path], tuple[KeyringStore, KeyringStore]],
) -> None:
    machine = type("OneLife", (Life,), {"stores": staticmethod(stores)})
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=scaled(25, least=5), stateful_step_count=25, deadline=None),
    )


@pytest.mark.postgres
def test_keys_live_as_the_model_says_on_postgresql(postgres_database: str) -> None:
    plain = postgres_database.replace(SQLALCHEMY_SCHEME, "postgresql://", 1)

    def emptied(_folder: Path) -> tuple[KeyringStore, KeyringStore]:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS keyring")
        return DatabaseStore(postgres_database), DatabaseStore(postgres_database)

    machine = type("OneLife", (Life,), {"stores": staticmethod(emptied)})
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=scaled(4, least=2), stateful_step_count=20, deadline=None),
    )
