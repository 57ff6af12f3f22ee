"""Ed25519 as published, and keys that can be read in one way only."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import KeyFormatInvalid, SecretTooShort
from keys.signatures import SigningKey, VerifyKey

RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
            "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
            "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
]
RFC_8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC_8037_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
KEY = SigningKey.from_secret(bytes(range(32)))


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_rfc_8032_section_7_1(seed: str, public: str, message: str, signature: str) -> None:
    key = SigningKey.from_secret(bytes.fromhex(seed))
    assert key.public.raw.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    assert key.public.verify(bytes.fromhex(signature), bytes.fromhex(message))


def test_rfc_8037_key_and_its_rfc_7638_thumbprint() -> None:
    key = SigningKey.from_secret(bytes.fromhex(RFC_8032[0][0])).public
    assert key.to_jwk() == {"kty": "OKP", "crv": "Ed25519", "x": RFC_8037_X}
    assert key.key_id == RFC_8037_THUMBPRINT


def test_rfc_8037_signature_over_a_jws() -> None:
    signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    signature = (
        "860c98d2297f3060a33f42739672d61b53cf3adefed3d3c672f320dc021b411e9d59b8628dc351e2"
        "48b88b29468e0e41855b0fb7d83bb15be902bfccb8cd0a02"
    )
    assert SigningKey.from_secret(bytes.fromhex(RFC_8032[0][0])).sign(signed).hex() == signature


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
