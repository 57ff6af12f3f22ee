"""Equal values meet, everything else stays unrelated."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.blind_index import INDEX_LENGTH, IndexEpoch, blind_index, blind_indexes
from keys.commitments import commit, commit_many
from keys.errors import SecretTooShort

LONG_MESSAGE = (
    b"This is a test using a larger than block-size key and a larger than block-size data. "
    b"The key needs to be hashed before being used by the HMAC algorithm."
)
KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))


@pytest.mark.parametrize(
    ("key", "message", "digest"),
    [
        (
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            b"\xaa" * 131,
            LONG_MESSAGE,
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ],
)
def test_rfc_4231_test_cases_6_and_7_cut_to_16_bytes(
    key: bytes, message: bytes, digest: str
) -> None:
    assert blind_index(key, message) == bytes.fromhex(digest)[:16]


def test_rfc_4231_test_case_1_by_the_primitive_below() -> None:
    assert hmac.digest(b"\x0b" * 20, b"Hi There", "sha256").hex() == (
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    )


@given(st.lists(st.binary(max_size=30)))
def test_a_batch_is_the_same_as_one_by_one(values: list[bytes]) -> None:
    assert blind_indexes(KEY, values) == [blind_index(KEY, value) for value in values]
    assert commit_many(KEY, values) == [commit(KEY, value) for value in values]


@given(st.binary(), st.binary())
def test_only_equal_values_share_an_index(one: bytes, other: bytes) -> None:
    assert (blind_index(KEY, one) == blind_index(KEY, other)) == (one == other)
    assert len(blind_index(KEY, one)) == INDEX_LENGTH


@given(st.binary())
def test_keys_and_uses_never_share_an_index(value: bytes) -> None:
    answers = {
        blind_index(KEY, value),
        blind_index(OTHER_KEY, value),
        commit(KEY, value),
        commit(OTHER_KEY, value),
    }
    assert len(answers) == 4


def test_writers_fill_both_slots_only_while_a_next_version_exists() -> None:
    assert not IndexEpoch(current_version=1).writes_both
    assert IndexEpoch(current_version=1, next_version=2).writes_both


def test_a_short_key_is_refused() -> None:
    with pytest.raises(SecretTooShort):
        blind_index(bytes(31), b"value")
    with pytest.raises(SecretTooShort):
        commit(bytes(31), b"value")
