"""What a keyring holds: numbered without gaps, and read back exactly or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import KeyDestroyed, KeyringDamaged, VersionsExhausted
from keys.keyring.contents import MAX_VERSION, Contents, KeyVersion
from keys.keyring.words import KeyState, Purpose

SLOT = (Purpose.SEAL, "a")
slots = st.tuples(st.sampled_from(Purpose), st.text(max_size=5))


@given(st.lists(st.tuples(slots, st.sampled_from(["add", "activate", "destroy"])), max_size=30))
def test_contents_survive_their_bytes(steps: list[tuple[tuple[Purpose, str], str]]) -> None:
    contents = Contents()
    for slot, step in steps:
        newest = len(contents.versions(slot))
        if step == "add" or not newest:
            contents.add(slot, KeyState.NEXT, now_ms=7)
        elif step == "activate" and contents.at(slot, newest).secret:
            contents.activate(slot, newest)
        else:
            contents.destroy(slot, newest, now_ms=8)
    again = Contents.from_bytes(contents.to_bytes())
    assert again.to_bytes() == contents.to_bytes()
    for slot in contents.slots():
        assert again.versions(slot) == contents.versions(slot)
        numbers = [info.version for info in contents.versions(slot)]
        assert numbers == list(range(1, len(numbers) + 1))
        states = [info.state for info in contents.versions(slot)]
        assert states.count(KeyState.ACTIVE) <= 1


def test_nothing_brings_a_destroyed_version_back() -> None:
    contents = Contents()
    contents.add(SLOT, KeyState.NEXT, now_ms=0)
    contents.destroy(SLOT, 1, now_ms=1)
    with pytest.raises(KeyDestroyed):
        contents.activate(SLOT, 1)


def test_version_numbers_end_where_envelopes_can_no_longer_name_them() -> None:
    used = KeyVersion(1, KeyState.RETIRED, imported=False, created_ms=0, secret=bytes(32))
    contents = Contents({SLOT: [used] * MAX_VERSION})
    with pytest.raises(VersionsExhausted):
        contents.add(SLOT, KeyState.NEXT, now_ms=0)


@pytest.mark.parametrize("data", [b"", b"{}1", b"7", b"[[]]", b'[["seal"]]', b'[["x", "", []]]'])
def test_unreadable_contents_are_refused(data: bytes) -> None:
    with pytest.raises(KeyringDamaged):
        Contents.from_bytes(data)
