"""Derivation is RFC 5869, and no two different labels ever meet."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from keys.derive import subkey
from keys.errors import SecretTooShort

ROOT = bytes(range(32))
labels = st.tuples(st.text(max_size=20), st.text(max_size=20), st.integers(0, 2**32))


def test_the_derivation_never_changes_between_releases() -> None:
    derived = subkey(ROOT, purpose="seal", domain="study-a", version=3)
    info = (
        b"ttp/v1"
        b"\x00\x00\x00\x04seal"
        b"\x00\x00\x00\x07study-a"
        b"\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x03"
    )
    assert derived == HKDF(SHA256(), 32, None, info).derive(ROOT)
    assert derived.hex() == "c2420a353f8b21643a898250274ad2b20ca7776277618d48b3b244f3c93a2684"


@given(labels, labels)
def test_different_labels_give_different_keys(
    one: tuple[str, str, int], other: tuple[str, str, int]
) -> None:
    keys = [subkey(ROOT, purpose=p, domain=d, version=v) for p, d, v in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)


def test_moving_a_letter_from_purpose_to_domain_changes_the_key() -> None:
    assert subkey(ROOT, purpose="ab", domain="c") != subkey(ROOT, purpose="a", domain="bc")


@pytest.mark.parametrize("length", [0, 1, 31])
def test_a_short_root_is_refused(length: int) -> None:
    with pytest.raises(SecretTooShort):
        subkey(bytes(length), purpose="seal")
