"""Randomness, digests, passwords, API keys and the self-test."""

import base64
import json
import re
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import api_keys, passwords, self_test
from keys.digests import canonical_json
from keys.errors import KeysError, SecretTooShort, SelfTestFailed
from keys.randomness import (
    equal,
    new_uuid7,
    random_below,
    random_secret,
    random_token,
    shuffled,
)

SECRET = bytes(range(32))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.integers(0, 2**48 - 1))
def test_a_uuid_7_carries_its_time_and_its_version(now_ms: int) -> None:
    made = new_uuid7(now_ms)
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == now_ms
    assert made != new_uuid7(now_ms)


def test_secrets_and_tokens_never_repeat() -> None:
    assert len({random_secret() for _ in range(1000)}) == 1000
    assert len({random_token() for _ in range(1000)}) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", random_token()) for _ in range(100))
    assert len(random_secret(16)) == 16
    with pytest.raises(SecretTooShort):
        random_secret(15)


def test_shuffling_keeps_every_item_and_forgets_the_order() -> None:
    items = list(range(1000))
    mixed = shuffled(items)
    assert sorted(mixed) == items == list(range(1000))
    assert mixed != items
    assert {random_below(3) for _ in range(200)} == {0, 1, 2}


@given(st.binary(), st.binary())
def test_equal_is_equality(one: bytes, other: bytes) -> None:
    assert equal(one, one)
    assert equal(one, other) == (one == other)


@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_canonical_json_is_one_text_whatever_the_order(document: dict[str, object]) -> None:
    text = canonical_json(document)
    assert json.loads(text) == document
    assert canonical_json(dict(reversed(document.items()))) == text


@pytest.mark.parametrize("document", [float("nan"), 2**60, {"a": float("inf")}])
def test_what_has_no_canonical_form_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical_json(document)
    with pytest.raises(TypeError):
        canonical_json({"a": b"bytes"})


def test_a_password_is_known_again_and_no_other() -> None:
    stored = passwords.hash_password("Grüße 12")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.password_matches("Grüße 12", stored)
    assert not passwords.password_matches("Grüße 13", stored)
    assert not passwords.needs_rehash(stored)
    assert passwords.needs_rehash(stored.replace("t=2", "t=1"))
    assert passwords.hash_password("Grüße 12") != stored


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$", "$2b$12$abc"])
def test_an_unreadable_hash_matches_nothing(stored: str) -> None:
    assert not passwords.password_matches("", stored)


def test_api_keys_carry_160_bits_and_are_stored_as_keyed_digests() -> None:
    key = api_keys.generate()
    assert re.fullmatch(r"ttp_[a-z2-7]{39}", key)
    assert len(base64.b32decode(key[4:36].upper())) == 20
    assert len({api_keys.generate() for _ in range(1000)}) == 1000
    assert api_keys.digest(SECRET, key) == api_keys.digest(SECRET, key)
    assert api_keys.digest(SECRET, key) != api_keys.digest(bytes(32), key)
    with pytest.raises(SecretTooShort):
        api_keys.digest(bytes(31), key)


def test_the_self_test_passes_on_a_sound_machine() -> None:
    self_test.run()


def _raises() -> bool:
    raise KeysError


@pytest.mark.parametrize("broken", list(self_test._TESTS))
@pytest.mark.parametrize("answer", [lambda: False, _raises])
def test_the_self_test_names_what_is_broken(
    broken: str, answer: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(self_test._TESTS, broken, answer)
    with pytest.raises(SelfTestFailed, match=broken):
        self_test.run()
