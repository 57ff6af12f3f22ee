"""The keyring: versions change state in one direction, and a destroyed key stays destroyed."""

import logging
import threading
import time
from pathlib import Path

import pytest

from keys.custody.root_key import RootKey
from keys.derive import subkey
from keys.errors import (
    EnvelopeRejected,
    KeyDestroyed,
    SecretTooShort,
    UnknownKeyVersion,
)
from keys.keyring import Keyring, KeyState, Purpose, Stored
from keys.keyring.file_store import FileStore
from keys.keyring.ring import STALE_AFTER_SECONDS
from keys.seal import open_envelope, seal

ROOT = RootKey(bytes(range(32)))
SHARED = bytes(range(100, 132))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring"


@pytest.fixture
def ring(path: Path) -> Keyring:
    return Keyring.create(path, root=ROOT)


def states(ring: Keyring, purpose: Purpose, domain: str = "") -> list[str]:
    return [info.state for info in ring.versions(purpose, domain)]


def test_ensuring_twice_gives_one_version(ring: Keyring) -> None:
    assert ring.ensure(Purpose.SEAL, "a") == 1
    assert ring.ensure(Purpose.SEAL, "a") == 1
    assert states(ring, Purpose.SEAL, "a") == ["active"]


def test_a_reopened_keyring_gives_the_same_material(path: Path, ring: Keyring) -> None:
    ring.ensure(Purpose.INDEX, "a")
    again = Keyring.open(path, root=ROOT)
    assert again.active(Purpose.INDEX, "a") == ring.active(Purpose.INDEX, "a")
    assert again.fingerprint() == ring.fingerprint()


def test_purposes_and_domains_never_share_material(ring: Keyring) -> None:
    slots = [(purpose, domain) for purpose in Purpose for domain in ("", "a", "b")]
    for purpose, domain in slots:
        ring.ensure(purpose, domain)
    assert len({ring.active(*slot).secret for slot in slots}) == len(slots)


def test_rotation_retires_the_old_version_and_keeps_it_readable(ring: Keyring) -> None:
    ring.ensure(Purpose.SEAL, "a")
    old = ring.active(Purpose.SEAL, "a")
    new = ring.rotate(Purpose.SEAL, "a")
    assert (new.version, ring.active(Purpose.SEAL, "a")) == (2, new)
    assert ring.at(Purpose.SEAL, "a", 1) == old
    assert states(ring, Purpose.SEAL, "a") == ["retired", "active"]


def test_the_next_version_is_usable_before_it_is_active(ring: Keyring) -> None:
    ring.ensure(Purpose.INDEX, "a")
    assert ring.pending(Purpose.INDEX, "a") is None
    coming = ring.begin_next(Purpose.INDEX, "a")
    assert ring.begin_next(Purpose.INDEX, "a") == coming
    assert ring.pending(Purpose.INDEX, "a") == coming
    assert ring.active(Purpose.INDEX, "a").version == 1
    assert ring.rotate(Purpose.INDEX, "a") == coming
    assert ring.pending(Purpose.INDEX, "a") is None
    assert states(ring, Purpose.INDEX, "a") == ["retired", "active"]


def test_ensuring_takes_the_next_version_when_none_is_active(ring: Keyring) -> None:
    coming = ring.begin_next(Purpose.INDEX, "a")
    assert ring.ensure(Purpose.INDEX, "a") == coming.version == 1


def test_a_destroyed_version_is_told_from_an_unknown_one(ring: Keyring) -> None:
    ring.ensure(Purpose.SEAL, "a")
    ring.rotate(Purpose.SEAL, "a")
    ring.destroy(Purpose.SEAL, "a", 1)
    ring.destroy(Purpose.SEAL, "a", 1)
    with pytest.raises(KeyDestroyed):
        ring.at(Purpose.SEAL, "a", 1)
    for version in (0, -1, 3):
        with pytest.raises(UnknownKeyVersion):
            ring.at(Purpose.SEAL, "a", version)
    with pytest.raises(UnknownKeyVersion):
        ring.destroy(Purpose.SEAL, "a", 3)
    assert ring.versions(Purpose.SEAL, "a")[0].destroyed_ms is not None


def test_after_the_active_key_was_destroyed_only_rotation_starts_anew(ring: Keyring) -> None:
    ring.ensure(Purpose.AUDIT, "a")
    ring.destroy(Purpose.AUDIT, "a", 1)
    for use in (ring.active, ring.ensure):
        with pytest.raises(KeyDestroyed):
            use(Purpose.AUDIT, "a")
    assert ring.rotate(Purpose.AUDIT, "a").version == 2


def test_destroying_a_domain_destroys_every_purpose_and_no_other_domain(ring: Keyring) -> None:
    for purpose in (Purpose.SEAL, Purpose.INDEX):
        for domain in ("a", "b"):
            ring.ensure(purpose, domain)
    ring.rotate(Purpose.SEAL, "a")
    ring.begin_next(Purpose.SEAL, "a")
    ring.destroy_domain("a")
    assert {i.state for i in ring.all_versions() if i.domain == "a"} == {KeyState.DESTROYED}
    assert {i.state for i in ring.all_versions() if i.domain == "b"} == {KeyState.ACTIVE}


def test_what_a_destroyed_key_sealed_cannot_be_opened_by_its_successor(ring: Keyring) -> None:
    ring.ensure(Purpose.SEAL, "a")
    old = ring.active(Purpose.SEAL, "a")
    envelope = seal(old.secret, b"value", key_version=old.version, bound_to=b"place")
    new = ring.rotate(Purpose.SEAL, "a")
    with pytest.raises(EnvelopeRejected):
        open_envelope(new.secret, envelope, bound_to=b"place")


def test_destroying_draws_a_new_data_key_and_leaves_nothing_of_the_old(
    path: Path, ring: Keyring
) -> None:
    ring.ensure(Purpose.SEAL, "a")
    before = ring._snapshot.sealed
    ring.rotate(Purpose.SEAL, "a")
    assert ring._snapshot.sealed.data_key == before.data_key
    ring.destroy(Purpose.SEAL, "a", 1)
    after = ring._snapshot.sealed
    assert after.data_key != before.data_key
    assert after.data_key_version == before.data_key_version + 1
    secret = Keyring.open(path, root=ROOT)._snapshot.contents
    assert secret.at((Purpose.SEAL, "a"), 1).secret is None


def test_an_imported_secret_is_handed_out_as_it_is(ring: Keyring) -> None:
    ring.import_secret(Purpose.LINKAGE, "other-project", SHARED)
    assert ring.import_secret(Purpose.LINKAGE, "project", bytes(32)) == 1
    assert ring.import_secret(Purpose.LINKAGE, "project", SHARED) == 2
    assert ring.import_secret(Purpose.LINKAGE, "project", SHARED) == 2
    assert ring.active(Purpose.LINKAGE, "project").secret == SHARED
    assert [info.imported for info in ring.versions(Purpose.LINKAGE, "project")] == [True, True]
    with pytest.raises(SecretTooShort):
        ring.import_secret(Purpose.LINKAGE, "project", bytes(31))


def test_own_secrets_are_never_handed_out_underived(ring: Keyring) -> None:
    ring.ensure(Purpose.SEAL, "a")
    stored = ring._snapshot.contents.at((Purpose.SEAL, "a"), 1).secret
    assert stored is not None
    expected = subkey(stored, purpose="seal", domain="a", version=1)
    assert ring.active(Purpose.SEAL, "a").secret == expected != stored


def test_another_handle_sees_a_change_at_once_when_it_misses_a_key(
    path: Path, ring: Keyring
) -> None:
    other = Keyring.open(path, root=ROOT)
    ring.ensure(Purpose.SEAL, "a")
    assert other.active(Purpose.SEAL, "a").version == 1
    ring.rotate(Purpose.SEAL, "a")
    assert other.at(Purpose.SEAL, "a", 2) == ring.active(Purpose.SEAL, "a")


def test_another_handle_sees_a_destruction_within_the_stated_time(
    path: Path, ring: Keyring
) -> None:
    ring.ensure(Purpose.SEAL, "a")
    other = Keyring.open(path, root=ROOT)
    other.active(Purpose.SEAL, "a")
    ring.destroy_domain("a")
    time.sleep(STALE_AFTER_SECONDS * 1.2)
    with pytest.raises(KeyDestroyed):
        other.active(Purpose.SEAL, "a")


def test_no_secret_is_shown_by_repr_or_log(ring: Keyring, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ring.ensure(Purpose.SEAL, "a")
    material = ring.active(Purpose.SEAL, "a")
    stored = ring._snapshot.contents.at((Purpose.SEAL, "a"), 1)
    shown = f"{material!r} {ring!r} {stored!r} {ring._snapshot.sealed!r} {caplog.text}"
    for secret in (material.secret, stored.secret or b"", ring._snapshot.sealed.data_key):
        assert repr(secret) not in shown
        assert secret.hex() not in shown


def test_the_generation_counts_changes_and_only_changes(ring: Keyring) -> None:
    ring.ensure(Purpose.SEAL, "a")
    ring.ensure(Purpose.SEAL, "a")
    ring.destroy_domain("nothing")
    assert ring.generation() == 2


def test_a_destroyed_version_is_not_kept_by_who_used_it(ring: Keyring) -> None:
    ring.ensure(Purpose.INDEX, "a")
    ring.begin_next(Purpose.INDEX, "a")
    ring.rotate(Purpose.INDEX, "a")
    ring.at(Purpose.INDEX, "a", 1)
    ring.destroy(Purpose.INDEX, "a", 1)
    with pytest.raises(KeyDestroyed):
        ring.at(Purpose.INDEX, "a", 1)
    ring.destroy(Purpose.INDEX, "a", 2)
    with pytest.raises(KeyDestroyed):
        ring.active(Purpose.INDEX, "a")


def test_a_reader_does_not_wait_for_a_writer(path: Path, ring: Keyring) -> None:
    ring.ensure(Purpose.SEAL, "a")
    waiting = threading.Event()

    def write() -> None:
        waiting.set()
        ring.rotate(Purpose.SEAL, "a")

    writer = threading.Thread(target=write)

    def meanwhile(_stored: Stored) -> None:
        writer.start()
        waiting.wait()
        time.sleep(STALE_AFTER_SECONDS * 1.2)
        assert ring.active(Purpose.SEAL, "a").version == 1

    FileStore(path).exchange(meanwhile)
    writer.join()
    assert ring.active(Purpose.SEAL, "a").version == 2


def test_a_key_that_never_was_is_unknown(ring: Keyring) -> None:
    with pytest.raises(UnknownKeyVersion, match="no active seal key"):
        ring.active(Purpose.SEAL, "a")
    assert ring.versions(Purpose.SEAL, "a") == ()
