"""Ed25519 as published, and keys that can be read in one way only."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import KeyFormatInvalid, SecretTooShort
from keys.signatures import SigningKey, VerifyKey

RFC_8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
KEY = SigningKey.from_secret(bytes(range(32)))


@given(st.binary(), st.data())
def test_a_changed_message_or_signature_is_not_genuine(message: bytes, data: st.DataObject) -> None:
    signature = KEY.sign(message)
    assert KEY.public.verify(signature, message)
    assert not KEY.public.verify(signature, message + b"\x00")
    changed = bytearray(signature)
    bit = data.draw(st.integers(0, 511))
    changed[bit // 8] ^= 1 << bit % 8
    assert not KEY.public.verify(bytes(changed), message)
    assert not KEY.public.verify(signature[:-1], message)


@given(st.binary(min_size=32, max_size=32))
def test_every_form_gives_the_same_key_back(secret: bytes) -> None:
    key = SigningKey.from_secret(secret).public
    assert VerifyKey.from_jwk(json.loads(json.dumps(key.to_jwk()))) == key
    assert VerifyKey.from_pem(key.to_pem()) == key
    assert VerifyKey(key.raw) == key
    assert hash(VerifyKey(key.raw)) == hash(key)


def test_a_secret_is_never_shown() -> None:
    secret = bytes(range(32))
    shown = repr(SigningKey.from_secret(secret))
    assert secret.hex() not in shown
    assert shown == f"SigningKey({KEY.key_id})"
    assert repr(KEY.public) == f"VerifyKey({KEY.key_id})"


def test_generated_keys_differ() -> None:
    assert SigningKey.generate().key_id != SigningKey.generate().key_id


GOOD = {"kty": "OKP", "crv": "Ed25519", "x": RFC_8037_X}
DEFECTS: dict[str, object] = {
    "no object": [],
    "empty": {},
    "private key": {**GOOD, "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"},
    "other curve": {**GOOD, "crv": "X25519"},
    "other type": {**GOOD, "kty": "EC"},
    "x missing": {"kty": "OKP", "crv": "Ed25519"},
    "x a number": {**GOOD, "x": 1},
    "x padded": {**GOOD, "x": RFC_8037_X + "="},
    "x too short": {**GOOD, "x": RFC_8037_X[:-4]},
    "x too long": {**GOOD, "x": RFC_8037_X + "AAAA"},
    "x with stray bits": {**GOOD, "x": RFC_8037_X[:-1] + "p"},
    "x not base64": {**GOOD, "x": "!" * 43},
    "x not ascii": {**GOOD, "x": "ä" * 43},
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defective_key_document_is_refused(defect: str) -> None:
    with pytest.raises(KeyFormatInvalid):
        VerifyKey.from_jwk(DEFECTS[defect])


def test_foreign_pem_is_refused() -> None:
    x25519 = (
        "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VuAyEAN/2jVnvb1ijohmjDyOfpfR0SU7bU6m1EwVD3QfG/RDE=\n"
        "-----END PUBLIC KEY-----\n"
    )
    for text in ("", "not pem", x25519):
        with pytest.raises(KeyFormatInvalid):
            VerifyKey.from_pem(text)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(SecretTooShort):
        SigningKey.from_secret(bytes(length))
    with pytest.raises(KeyFormatInvalid):
        VerifyKey(bytes(length))
