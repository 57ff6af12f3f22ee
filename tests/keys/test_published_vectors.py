"""Every primitive gives the answers that were published for it; each file in ``tests/vectors`` names its source."""

import base64
import hmac
import json
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from argon2.low_level import ARGON2_VERSION, Type, core, ffi
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from http_message_signatures import HTTPMessageSigner, algorithms
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from keys.blind_index import INDEX_LENGTH, blind_index
from keys.custody.file import Stretching
from keys.custody.quorum.share import checksum
from keys.digests import canonical_json, sha256
from keys.http_signatures import content_digest
from keys.http_signatures.profile import WireMessage, _OneSigningKey
from keys.randomness import new_uuid7
from keys.recipients import TransportKey, decrypt_age
from keys.shares import multiply
from keys.signatures import SigningKey, VerifyKey
from keys.transparency import Checkpoint, cosign, key_hash, parse_note, sign_note, verify_note
from tests.keys.test_recipients import open_by_the_book

VECTORS = Path(__file__).parents[1] / "vectors"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32M = 0x2BC830A3


def published(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize("case", published("fips/sha256.json")["cases"])
def test_sha_256(case: Any) -> None:
    assert sha256(case["message"].encode() * case["repeat"]).hex() == case["digest"]


@pytest.mark.parametrize("case", published("rfc/hkdf_sha256.json")["cases"])
def test_hkdf(case: Any) -> None:
    kdf = HKDF(SHA256(), case["length"], raw(case["salt"]), raw(case["info"]))
    assert kdf.derive(raw(case["ikm"])).hex() == case["okm"]


@pytest.mark.parametrize("case", published("rfc/hmac_sha256.json")["cases"])
def test_hmac_and_the_index_cut_from_it(case: Any) -> None:
    key, message = raw(case["key"]), raw(case["message"])
    assert hmac.digest(key, message, "sha256").hex() == case["mac"]
    if len(key) >= 32:
        assert blind_index(key, message) == raw(case["mac"])[:INDEX_LENGTH]


@pytest.mark.parametrize("case", published("rfc/aes_256_gcm_siv.json")["cases"])
def test_gcm_siv_and_the_refusal_of_a_changed_tag(case: Any) -> None:
    cipher, nonce, aad = AESGCMSIV(raw(case["key"])), raw(case["nonce"]), raw(case["aad"])
    sealed = cipher.encrypt(nonce, raw(case["plaintext"]), aad)
    assert sealed.hex() == case["sealed"]
    assert cipher.decrypt(nonce, sealed, aad).hex() == case["plaintext"]
    with pytest.raises(InvalidTag):
        cipher.decrypt(nonce, flipped(sealed), aad)


def test_argon2id_with_secret_and_associated_data() -> None:
    """By the library's own interface: what protects the root uses neither."""
    case = published("rfc/argon2id.json")["with_secret"]
    fields = {name: raw(case[name]) for name in ("password", "salt", "secret", "associated")}
    held = {name: ffi.new("uint8_t[]", value) for name, value in fields.items()}
    out = ffi.new("uint8_t[]", case["length"])
    context = ffi.new(
        "argon2_context *",
        {
            "version": ARGON2_VERSION,
            "out": out,
            "outlen": case["length"],
            "pwd": held["password"],
            "pwdlen": len(fields["password"]),
            "salt": held["salt"],
            "saltlen": len(fields["salt"]),
            "secret": held["secret"],
            "secretlen": len(fields["secret"]),
            "ad": held["associated"],
            "adlen": len(fields["associated"]),
            "t_cost": case["passes"],
            "m_cost": case["memory_kib"],
            "lanes": case["lanes"],
            "threads": 1,
            "allocate_cbk": ffi.NULL,
            "free_cbk": ffi.NULL,
            "flags": 0,
        },
    )
    assert core(context, Type.ID.value) == 0
    assert bytes(ffi.buffer(out, case["length"])).hex() == case["tag"]


@pytest.mark.parametrize("case", published("rfc/argon2id.json")["plain"])
def test_argon2id_as_custody_uses_it(case: Any) -> None:
    salt = base64.b64encode(case["salt"].encode()).decode()
    stretching = Stretching(case["passes"], case["memory_kib"], case["lanes"], salt)
    assert stretching.key(case["password"].encode()).hex() == case["tag"]


@pytest.mark.parametrize("case", published("rfc/ed25519.json")["cases"])
def test_ed25519(case: Any) -> None:
    key, message = SigningKey.from_secret(raw(case["secret"])), raw(case["message"])
    assert key.public.raw.hex() == case["public"]
    assert key.sign(message).hex() == case["signature"]
    assert key.public.verify(raw(case["signature"]), message)


@pytest.mark.parametrize("case", published("rfc/ed25519.json")["cases"])
def test_a_second_signature_made_without_the_key_is_refused(case: Any) -> None:
    """RFC 8032 section 5.1.7 requires S below the group's order, or anybody could make another one."""
    order = int.from_bytes(raw(published("rfc/ed25519.json")["order"]), "little")
    signature = raw(case["signature"])
    scalar = int.from_bytes(signature[32:], "little") + order
    other = signature[:32] + scalar.to_bytes(32, "little")
    assert not VerifyKey(raw(case["public"])).verify(other, raw(case["message"]))


def test_a_key_as_a_document_and_its_name() -> None:
    case = published("rfc/ed25519_jwk.json")
    key = SigningKey.from_secret(raw(case["secret"]))
    assert key.public.to_jwk() == case["jwk"]
    assert key.key_id == case["thumbprint"]
    assert key.sign(case["signed"].encode()).hex() == case["signature"]


@pytest.mark.parametrize("case", published("rfc/x25519.json")["cases"])
def test_x25519(case: Any) -> None:
    own = X25519PrivateKey.from_private_bytes(raw(case["scalar"]))
    assert own.exchange(X25519PublicKey.from_public_bytes(raw(case["u"]))).hex() == case["output"]


@pytest.mark.parametrize("case", published("rfc/hpke_base.json")["cases"])
def test_hpke_by_the_library_and_by_the_book(case: Any) -> None:
    secret, sealed = raw(case["recipient_secret"]), raw(case["enc"] + case["ciphertext"])
    info, aad = raw(case["info"]), raw(case["aad"])
    aead = {1: (1, 16), 2: (2, 32)}[case["aead_id"]]
    assert open_by_the_book(secret, sealed, info, aad, aead).hex() == case["plaintext"]
    kinds = {1: AEAD.AES_128_GCM, 2: AEAD.AES_256_GCM}
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, kinds[case["aead_id"]])
    own = X25519PrivateKey.from_private_bytes(secret)
    assert own.public_key().public_bytes_raw().hex() == case["recipient_public"]
    assert TransportKey.from_secret(secret).public.hex() == case["recipient_public"]
    fresh = suite.encrypt(b"known", own.public_key(), info=info)
    assert open_by_the_book(secret, fresh, info, b"", aead) == b"known"
    assert suite.decrypt(fresh, own, info=info) == b"known"


@pytest.mark.parametrize("case", published("rfc/canonical_json.json")["documents"])
def test_canonical_json_of_documents(case: Any) -> None:
    assert canonical_json(json.loads(case["input"])).decode() == case["output"]


@pytest.mark.parametrize(("bits", "text"), published("rfc/canonical_json.json")["numbers"].items())
def test_canonical_json_of_numbers(bits: str, text: str) -> None:
    assert canonical_json(struct.unpack(">d", raw(bits))[0]).decode() == text


@pytest.mark.parametrize("bits", published("rfc/canonical_json.json")["refused"])
def test_canonical_json_of_what_is_no_number_is_refused(bits: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical_json(struct.unpack(">d", raw(bits))[0])


def test_a_signed_http_message() -> None:
    case = published("rfc/http_signatures.json")
    key = SigningKey.from_secret(base64.urlsafe_b64decode(case["secret"]))
    base = "\n".join(case["base"])
    assert base64.b64encode(key.sign(base.encode())).decode() == case["signature"]
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=_OneSigningKey(key)
    )
    prepared = signer.prepare(
        WireMessage(case["method"], case["target"], case["headers"]),
        key_id=case["keyid"],
        created=datetime.fromtimestamp(case["created"], UTC),
        include_alg=False,
        covered_component_ids=case["components"],
    )
    assert prepared.signature_base.decode() == base


@pytest.mark.parametrize("case", published("rfc/content_digest.json")["cases"])
def test_content_digest(case: Any) -> None:
    assert content_digest(case["body"].encode()) == f"sha-256=:{case['digest']}:"


def test_a_uuid_of_version_7_has_the_published_form() -> None:
    """All but the random bits."""
    case = published("rfc/uuid7.json")
    example, made = UUID(case["uuid"]), new_uuid7(case["unix_ms"])
    fixed = (1 << 48) - 1 << 80 | 0xF << 76 | 0x3 << 62
    assert made.int & fixed == example.int & fixed
    assert (example.int >> 64) & 0xFFF == case["rand_a"]


def test_a_signed_note() -> None:
    case = published("c2sp/signed_note.json")
    key = VerifyKey(base64.b64decode(case["key"])[1:])
    assert key_hash(case["name"], key).hex() == case["key_hash"]
    assert (
        verify_note(case["note"], {case["name"]: key}).body
        == case["note"].partition("\n\n")[0] + "\n"
    )


def test_a_cosigned_checkpoint_is_read_as_published() -> None:
    case = published("c2sp/cosignature.json")
    note = parse_note(case["note"])
    point = Checkpoint.from_body(note.body)
    assert (point.origin, point.size) == (case["origin"], case["size"])
    assert base64.b64encode(point.root).decode() == case["root"]
    (line,) = [one for one in note.signatures if one.name == case["witness"]]
    assert line.key_hash.hex() == case["key_hash"]
    assert int.from_bytes(line.signature[:8], "big") == case["time"]
    assert len(line.signature) == 8 + 64


def test_our_cosignature_signs_the_published_statement() -> None:
    case = published("c2sp/cosignature.json")
    key, log = (SigningKey.from_secret(bytes([n]) * 32) for n in (1, 2))
    signed = sign_note(parse_note(case["note"]).body, case["origin"], log)
    blob = base64.b64decode(cosign(signed, case["witness"], key, case["time"]).split(" ")[2])
    assert key.public.verify(blob[4 + 8 :], case["statement"].encode())


def test_an_age_file() -> None:
    case = published("c2sp/age.json")
    opened = decrypt_age(case["identity"], base64.b64decode(case["file"]))
    assert sha256(opened).hex() == case["payload_sha256"]


@pytest.mark.parametrize(("one", "other", "product"), published("fips/gf256.json")["products"])
def test_products_in_the_field_of_shares(one: str, other: str, product: str) -> None:
    assert multiply(int(one, 16), int(other, 16)) == int(product, 16)


def remainder(text: str) -> int:
    part, _, data = text.lower().rpartition("1")
    expanded = [ord(c) >> 5 for c in part] + [0] + [ord(c) & 31 for c in part]
    return checksum([*expanded, *(BECH32.index(c) for c in data)])


def test_the_check_of_a_share() -> None:
    case = published("bip/bech32m.json")
    assert {remainder(text) for text in case["valid"]} == {BECH32M}
    assert {remainder(text) for text in case["bech32_only"]} == {1}


@pytest.mark.parametrize("case", published("rfc/signed_tokens.json")["cases"])
def test_a_token_that_somebody_else_signed(case: Any) -> None:
    key, token = import_key(case["key"]), case["token"]
    verified = jws.deserialize_compact(token, key, algorithms=[case["algorithm"]])
    assert json.loads(verified.payload)["iss"] == "joe"
    head, payload, signature = token.split(".")
    for other in (f"{head}.{payload}A.{signature}", f"{head}.{payload}.A{signature[1:]}"):
        with pytest.raises(JoseError):
            jws.deserialize_compact(other, key, algorithms=[case["algorithm"]])
