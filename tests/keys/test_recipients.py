"""Sealed to one key in one context: RFC 9180 by a second implementation, and age by its own."""

import hmac
from collections.abc import Callable

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import KeyFormatInvalid, NotSealedForUs, SecretTooShort
from keys.recipients import (
    TransportKey,
    decrypt_age,
    encrypt_to_age,
    recipient_fingerprint,
    seal_to,
)

KEY, OTHER = (TransportKey.from_secret(bytes(range(n, n + 32))) for n in (0, 1))
AES_256_GCM = (2, 32)


def _expand(secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand for at most 32 bytes (RFC 5869)."""
    return hmac.digest(secret, info + b"\x01", "sha256")[:length]


def _labeled(suite: bytes, label: bytes, data: bytes) -> bytes:
    return b"HPKE-v1" + suite + label + data


def open_by_the_book(
    secret: bytes, sealed: bytes, info: bytes, aad: bytes, aead: tuple[int, int]
) -> bytes:
    """RFC 9180 sections 4.1, 5.1 and 5.2, base mode, X25519 and HKDF-SHA256, sequence 0."""
    aead_id, key_length = aead
    enc, ciphertext = sealed[:32], sealed[32:]
    own = X25519PrivateKey.from_private_bytes(secret)
    shared = own.exchange(X25519PublicKey.from_public_bytes(enc))
    kem = b"KEM\x00\x20"
    extracted = hmac.digest(b"", _labeled(kem, b"eae_prk", shared), "sha256")
    context = b"\x00\x20" + _labeled(
        kem, b"shared_secret", enc + own.public_key().public_bytes_raw()
    )
    kem_secret = _expand(extracted, context, 32)
    suite = b"HPKE\x00\x20\x00\x01" + aead_id.to_bytes(2, "big")
    psk_hash = hmac.digest(b"", _labeled(suite, b"psk_id_hash", b""), "sha256")
    info_hash = hmac.digest(b"", _labeled(suite, b"info_hash", info), "sha256")
    schedule = b"\x00" + psk_hash + info_hash
    secret_ = hmac.digest(kem_secret, _labeled(suite, b"secret", b""), "sha256")
    key_info = key_length.to_bytes(2, "big") + _labeled(suite, b"key", schedule)
    nonce_info = b"\x00\x0c" + _labeled(suite, b"base_nonce", schedule)
    key = _expand(secret_, key_info, key_length)
    return AESGCM(key).decrypt(_expand(secret_, nonce_info, 12), ciphertext, aad)


@given(st.binary(max_size=100), st.binary(max_size=50))
def test_what_we_seal_opens_by_the_second_implementation(message: bytes, context: bytes) -> None:
    sealed = seal_to(KEY.public, message, context=context)
    info = b"ttp/hpke/v1\x00" + context
    assert open_by_the_book(bytes(range(32)), sealed, info, b"", AES_256_GCM) == message


@given(st.binary(), st.binary())
def test_what_was_sealed_comes_back_and_never_looks_the_same(
    message: bytes, context: bytes
) -> None:
    one, two = (seal_to(KEY.public, message, context=context) for _ in range(2))
    assert one != two
    assert KEY.open(one, context=context) == KEY.open(two, context=context) == message


@given(st.binary(max_size=30), st.data())
def test_any_flipped_bit_other_key_or_context_is_refused(
    message: bytes, data: st.DataObject
) -> None:
    sealed = seal_to(KEY.public, message, context=b"here")
    changed = bytearray(sealed)
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    changed[bit // 8] ^= 1 << bit % 8
    highest = bytearray(sealed)
    highest[31] ^= 0x80
    for key, text, context in (
        (KEY, bytes(changed), b"here"),
        (KEY, bytes(highest), b"here"),
        (OTHER, sealed, b"here"),
        (KEY, sealed, b"there"),
        (KEY, sealed[:-1], b"here"),
        (KEY, b"", b"here"),
    ):
        with pytest.raises(NotSealedForUs):
            key.open(text, context=context)


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(32), b"\x01" + bytes(31), bytes(33)])
def test_an_unusable_public_key_is_refused(public: bytes) -> None:
    with pytest.raises(KeyFormatInvalid):
        seal_to(public, b"message", context=b"")


def test_a_transport_secret_is_never_shown_and_has_32_bytes() -> None:
    assert bytes(range(32)).hex() not in repr(KEY)
    with pytest.raises(SecretTooShort):
        TransportKey.from_secret(bytes(31))
    assert TransportKey.generate().public != TransportKey.generate().public


def ssh_pair() -> tuple[str, str]:
    return ssh_texts(Ed25519PrivateKey.generate())


def rsa_pair() -> tuple[str, str]:
    return ssh_texts(rsa.generate_private_key(65537, 2048))


def ssh_texts(key: Ed25519PrivateKey | rsa.RSAPrivateKey) -> tuple[str, str]:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return private, f"{public} someone@example"


def age_pair() -> tuple[str, str]:
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


@pytest.mark.parametrize("pair", [ssh_pair, rsa_pair, age_pair])
def test_a_release_opens_for_its_recipient_only(pair: Callable[[], tuple[str, str]]) -> None:
    identity, recipient = pair()
    stranger, _ = pair()
    encrypted = encrypt_to_age(recipient, b"cohort")
    assert encrypted.startswith(b"age-encryption.org/v1")
    assert decrypt_age(identity, encrypted) == b"cohort"
    for unfit in (encrypted[:-1], encrypted[:-1] + bytes([encrypted[-1] ^ 1]), b"", b"noise"):
        with pytest.raises(NotSealedForUs):
            decrypt_age(identity, unfit)
    with pytest.raises(NotSealedForUs):
        decrypt_age(stranger, encrypted)


def test_a_fingerprint_is_that_of_ssh_keygen_and_ignores_the_comment() -> None:
    """Key and fingerprint as `ssh-keygen -l` printed them."""
    recipient = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPjc6/dCVWHxjdFQgAoLQwR0MxiotoptQR1bnendB2Ie"
    fingerprint = "SHA256:9qyw+6M61trPt4VeHre9ONhNQgDdij2cI7f6AdMyimo"
    assert recipient_fingerprint(recipient) == fingerprint
    assert recipient_fingerprint(f" {recipient} someone@example\n") == fingerprint


def test_age_recipients_have_distinct_fingerprints() -> None:
    prints = {recipient_fingerprint(age_pair()[1]) for _ in range(5)}
    assert len(prints) == 5
    assert all(text.startswith("SHA256:") for text in prints)


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "age1",
        "age1qqqq",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "ssh-dss AAAA",
        "text",
        "ssh-rsa x",
    ],
)
def test_an_unreadable_recipient_is_refused(recipient: str) -> None:
    with pytest.raises(KeyFormatInvalid):
        encrypt_to_age(recipient, b"cohort")
    with pytest.raises(KeyFormatInvalid):
        recipient_fingerprint(recipient)
    with pytest.raises(KeyFormatInvalid):
        decrypt_age(recipient, b"age-encryption.org/v1\n")
