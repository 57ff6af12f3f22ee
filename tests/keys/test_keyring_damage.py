"""A keyring file that is damaged, foreign, older or forked is refused, never half believed."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.custody.root_key import RootKey
from keys.errors import (
    KeyringDamaged,
)
from keys.keyring import Keyring, Purpose
from keys.keyring.ring import STALE_AFTER_SECONDS

ROOT = RootKey(bytes(range(32)))
OTHER_ROOT = RootKey(bytes(range(1, 33)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring"


@pytest.fixture
def ring(path: Path) -> Keyring:
    return Keyring.create(path, root=ROOT)


def test_an_older_file_put_back_is_refused_by_who_knew_the_newer(path: Path, ring: Keyring) -> None:
    ring.ensure(Purpose.SEAL, "a")
    older = path.read_bytes()
    ring.destroy_domain("a")
    path.write_bytes(older)
    with pytest.raises(KeyringDamaged, match="older"):
        ring.at(Purpose.SEAL, "a", 9)
    with pytest.raises(KeyringDamaged, match="older"):
        ring.rotate(Purpose.SEAL, "a")


def test_two_histories_of_one_keyring_are_noticed(path: Path, ring: Keyring) -> None:
    start = path.read_bytes()
    ring.ensure(Purpose.SEAL, "a")
    path.write_bytes(start)
    Keyring.open(path, root=ROOT).ensure(Purpose.SEAL, "b")
    with pytest.raises(KeyringDamaged, match="two histories"):
        ring.ensure(Purpose.SEAL, "c")


def test_another_root_does_not_open(path: Path, ring: Keyring) -> None:
    with pytest.raises(KeyringDamaged):
        Keyring.open(path, root=OTHER_ROOT)


def test_an_existing_keyring_is_never_overwritten(path: Path, ring: Keyring) -> None:
    ring.ensure(Purpose.SEAL, "a")
    with pytest.raises(FileExistsError):
        Keyring.create(path, root=ROOT)
    assert Keyring.open(path, root=ROOT).active(Purpose.SEAL, "a").version == 1


DEFECTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "only the header": lambda data: data[:48],
    "one byte short": lambda data: data[:-1],
    "one byte long": lambda data: data + b"\x00",
    "other magic": lambda data: b"X" + data[1:],
    "other generation": lambda data: data[:39] + bytes([data[39] ^ 1]) + data[40:],
    "other data key version": lambda data: data[:47] + bytes([data[47] ^ 1]) + data[48:],
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_damaged_keyring_is_refused(defect: str, path: Path, ring: Keyring) -> None:
    ring.ensure(Purpose.SEAL, "a")
    path.write_bytes(DEFECTS[defect](path.read_bytes()))
    with pytest.raises(KeyringDamaged):
        Keyring.open(path, root=ROOT)


@given(st.data())
@settings(max_examples=30)
def test_any_flipped_bit_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("flip") / "keyring"
    Keyring.create(path, root=ROOT).ensure(Purpose.SEAL, "a")
    content = bytearray(path.read_bytes())
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(bytes(content))
    with pytest.raises(KeyringDamaged):
        Keyring.open(path, root=ROOT)


def test_a_missing_keyring_is_told(path: Path, ring: Keyring) -> None:
    path.unlink()
    with pytest.raises(KeyringDamaged, match="cannot be read"):
        Keyring.open(path, root=ROOT)
    time.sleep(STALE_AFTER_SECONDS * 1.2)
    with pytest.raises(KeyringDamaged, match="cannot be read"):
        ring.active(Purpose.SEAL, "a")
