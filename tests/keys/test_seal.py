"""An envelope opens with its key in its place, and nowhere else."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import EnvelopeRejected, SecretTooShort, UnknownKeyVersion
from keys.seal import (
    OVERHEAD,
    binding,
    by_key_version,
    key_version_of,
    open_envelope,
    open_many,
    padded_length,
    seal,
    seal_many,
)

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
keys = st.binary(min_size=32, max_size=32)
versions = st.integers(1, 65_535)
places = st.tuples(st.text(max_size=9), st.text(max_size=9), st.text(max_size=9), st.binary())


@given(keys, st.binary(), versions, st.binary())
def test_what_was_sealed_comes_back(
    key: bytes, plaintext: bytes, version: int, bound_to: bytes
) -> None:
    envelope = seal(key, plaintext, key_version=version, bound_to=bound_to)
    assert open_envelope(key, envelope, bound_to=bound_to) == plaintext
    assert key_version_of(envelope) == version
    assert len(envelope) == padded_length(len(plaintext)) + OVERHEAD


@given(st.integers(0, 5_000_000))
def test_padding_hides_lengths_and_costs_an_eighth_at_most_beyond_512_bytes(length: int) -> None:
    padded = padded_length(length)
    assert length < padded <= max(32, 2 * length)
    assert padded_length(padded - 1) == padded
    if length >= 512:
        assert padded <= length + length // 8 + 1


def test_names_of_any_usual_length_give_envelopes_of_one_length() -> None:
    names = [b"x" * length for length in range(32)]
    envelopes = seal_many(KEY, [(name, b"") for name in names], key_version=1)
    assert len({len(envelope) for envelope in envelopes}) == 1
    assert len({padded_length(length) for length in range(1_000_000)}) < 100


@given(st.binary(max_size=100), st.integers(0, 3))
def test_what_ends_like_padding_comes_back_whole(start: bytes, marks: int) -> None:
    plaintext = start + b"\x80" * marks + bytes(marks)
    envelope = seal(KEY, plaintext, key_version=1, bound_to=b"")
    assert open_envelope(KEY, envelope, bound_to=b"") == plaintext


@given(st.binary(max_size=60), versions)
def test_an_envelope_of_the_first_format_is_still_opened(plaintext: bytes, version: int) -> None:
    header, nonce = b"\x01" + version.to_bytes(2, "big"), bytes(12)
    old = header + nonce + AESGCMSIV(KEY).encrypt(nonce, plaintext, header + b"place")
    assert open_envelope(KEY, old, bound_to=b"place") == plaintext
    assert key_version_of(old) == version
    with pytest.raises(EnvelopeRejected):
        open_envelope(KEY, b"\x02" + old[1:], bound_to=b"place")


def test_a_sealed_text_without_its_mark_is_refused() -> None:
    header, nonce = b"\x02\x00\x01", bytes(12)
    unmarked = header + nonce + AESGCMSIV(KEY).encrypt(nonce, bytes(32), header)
    with pytest.raises(EnvelopeRejected):
        open_envelope(KEY, unmarked, bound_to=b"")


@given(st.binary(max_size=40), st.data())
def test_any_flipped_bit_is_refused(plaintext: bytes, data: st.DataObject) -> None:
    envelope = bytearray(seal(KEY, plaintext, key_version=7, bound_to=b"place"))
    bit = data.draw(st.integers(0, len(envelope) * 8 - 1))
    envelope[bit // 8] ^= 1 << bit % 8
    with pytest.raises(EnvelopeRejected):
        open_envelope(KEY, bytes(envelope), bound_to=b"place")


@given(st.binary(max_size=40), st.data())
def test_any_truncation_is_refused(plaintext: bytes, data: st.DataObject) -> None:
    envelope = seal(KEY, plaintext, key_version=7, bound_to=b"place")
    kept = data.draw(st.integers(0, len(envelope) - 1))
    with pytest.raises(EnvelopeRejected):
        open_envelope(KEY, envelope[:kept], bound_to=b"place")


@given(st.binary(), places, places)
def test_an_envelope_moved_to_another_place_is_refused(
    plaintext: bytes, here: tuple[str, str, str, bytes], there: tuple[str, str, str, bytes]
) -> None:
    envelope = seal(KEY, plaintext, key_version=1, bound_to=binding(*here))
    if here == there:
        assert open_envelope(KEY, envelope, bound_to=binding(*there)) == plaintext
    else:
        with pytest.raises(EnvelopeRejected):
            open_envelope(KEY, envelope, bound_to=binding(*there))


@given(versions, versions)
def test_an_envelope_relabeled_with_another_key_version_is_refused(one: int, other: int) -> None:
    envelope = seal(KEY, b"value", key_version=one, bound_to=b"place")
    relabeled = envelope[:1] + other.to_bytes(2, "big") + envelope[3:]
    if one != other:
        with pytest.raises(EnvelopeRejected):
            open_envelope(KEY, relabeled, bound_to=b"place")


def test_another_key_does_not_open() -> None:
    envelope = seal(KEY, b"value", key_version=1, bound_to=b"place")
    with pytest.raises(EnvelopeRejected):
        open_envelope(OTHER_KEY, envelope, bound_to=b"place")


@given(st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=20)), max_size=20))
def test_a_batch_is_the_same_as_one_by_one(items: list[tuple[bytes, bytes]]) -> None:
    envelopes = seal_many(KEY, items, key_version=2)
    places_of = [bound_to for _, bound_to in items]
    pairs = list(zip(envelopes, places_of, strict=True))
    assert open_many(KEY, pairs) == [plaintext for plaintext, _ in items]
    assert [open_envelope(KEY, e, bound_to=b) for e, b in pairs] == [p for p, _ in items]


def test_one_bad_envelope_refuses_its_whole_batch() -> None:
    good = seal(KEY, b"value", key_version=1, bound_to=b"place")
    with pytest.raises(EnvelopeRejected):
        open_many(KEY, [(good, b"place"), (good, b"elsewhere")])


def test_sealing_twice_never_gives_the_same_envelope() -> None:
    assert len(set(seal_many(KEY, [(b"value", b"place")] * 1000, key_version=1))) == 1000


def test_envelopes_are_grouped_by_key_version_with_their_positions() -> None:
    envelopes = [seal(KEY, b"", key_version=v, bound_to=b"") for v in (1, 2, 1, 300)]
    assert by_key_version(envelopes) == {1: [0, 2], 2: [1], 300: [3]}


@pytest.mark.parametrize("version", [0, -1, 65_536])
def test_a_version_an_envelope_cannot_name_is_refused(version: int) -> None:
    with pytest.raises(UnknownKeyVersion):
        seal(KEY, b"value", key_version=version, bound_to=b"place")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(SecretTooShort):
        seal(bytes(length), b"value", key_version=1, bound_to=b"place")


@given(st.binary(max_size=60))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(EnvelopeRejected):
        open_envelope(KEY, noise, bound_to=b"")
    if len(noise) < OVERHEAD or noise[0] not in (1, 2):
        with pytest.raises(EnvelopeRejected):
            key_version_of(noise)
