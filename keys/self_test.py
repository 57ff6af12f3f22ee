"""Self-test: published answers must come out before anything is served.

A broken build or processor would otherwise write envelopes and indexes that no sound one
can read.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.blind_index import blind_index
from keys.errors import KeysError, SelfTestFailed
from keys.recipients import TransportKey, seal_to
from keys.seal import open_envelope, seal
from keys.signatures import SigningKey
from keys.transparency import leaf_hash, root_of

_HKDF_A1 = bytes.fromhex(
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
)
_GCM_SIV_C2 = bytes.fromhex("1de22967237a813291213f267e3b452f02d01ae33e4ec854")
_HMAC_TC6 = bytes.fromhex("60e431591ee0b67f0d8a26aacbf5b77f")
_ED25519_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
_ED25519_SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)
_CT_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
_CT_ROOT_7 = bytes.fromhex("ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")


def run() -> None:
    """Compute every known answer; takes about a millisecond.

    Raises:
        SelfTestFailed: naming the first algorithm that answered wrongly.
    """
    for name, answers_rightly in _TESTS.items():
        try:
            passed = answers_rightly()
        except (KeysError, ValueError):
            passed = False
        if not passed:
            raise SelfTestFailed(f"{name} does not give its published answer")


def _hkdf() -> bool:
    """RFC 5869 A.1."""
    kdf = HKDF(algorithm=SHA256(), length=42, salt=bytes(range(13)), info=bytes(range(0xF0, 0xFA)))
    return kdf.derive(b"\x0b" * 22) == _HKDF_A1


def _gcm_siv() -> bool:
    """RFC 8452 C.2, with one byte of associated data; then a round trip through an envelope."""
    key, nonce = b"\x01" + bytes(31), b"\x03" + bytes(11)
    known = AESGCMSIV(key).encrypt(nonce, b"\x02" + bytes(7), b"\x01") == _GCM_SIV_C2
    envelope = seal(key, b"known", key_version=1, bound_to=b"place")
    return known and open_envelope(key, envelope, bound_to=b"place") == b"known"


def _hmac() -> bool:
    """RFC 4231 test case 6, cut to 16 bytes."""
    message = b"Test Using Larger Than Block-Size Key - Hash Key First"
    return blind_index(b"\xaa" * 131, message) == _HMAC_TC6


def _ed25519() -> bool:
    """RFC 8032 section 7.1, test 1."""
    key = SigningKey.from_secret(_ED25519_SEED)
    signature = key.sign(b"")
    return signature == _ED25519_SIGNATURE and key.public.verify(signature, b"")


def _merkle() -> bool:
    """The reference tree of Certificate Transparency with seven leaves (RFC 6962)."""
    return root_of([leaf_hash(bytes.fromhex(leaf)) for leaf in _CT_LEAVES]) == _CT_ROOT_7


def _hpke() -> bool:
    """A round trip; RFC 9180 prints no vector for this combination of algorithms."""
    key = TransportKey.from_secret(bytes(range(32)))
    return key.open(seal_to(key.public, b"known", context=b"here"), context=b"here") == b"known"


_TESTS: dict[str, Callable[[], bool]] = {
    "HKDF-SHA-256": _hkdf,
    "AES-256-GCM-SIV": _gcm_siv,
    "HMAC-SHA-256": _hmac,
    "Ed25519": _ed25519,
    "Merkle tree": _merkle,
    "HPKE": _hpke,
}
