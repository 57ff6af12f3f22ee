"""The published answers of RFC 9421 and RFC 9530."""

import base64
from datetime import UTC, datetime

import pytest
from http_message_signatures import HTTPMessageSigner, algorithms

from keys.http_signatures import (
    content_digest,
)
from keys.http_signatures.profile import WireMessage, _OneSigningKey
from keys.signatures import SigningKey


def test_rfc_9421_appendix_b_2_6() -> None:
    key = SigningKey.from_secret(
        base64.urlsafe_b64decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU=")
    )
    message = WireMessage(
        "POST",
        "https://example.com/foo?param=Value&Pet=dog",
        {
            "date": "Tue, 20 Apr 2021 02:07:55 GMT",
            "content-type": "application/json",
            "content-length": "18",
        },
    )
    base = (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@method": POST\n"@path": /foo\n'
        '"@authority": example.com\n"content-type": application/json\n"content-length": 18\n'
        '"@signature-params": ("date" "@method" "@path" "@authority" "content-type" '
        '"content-length");created=1618884473;keyid="test-key-ed25519"'
    )
    signature = (
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )
    assert base64.b64encode(key.sign(base.encode())).decode() == signature
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=_OneSigningKey(key)
    )
    components = ("date", "@method", "@path", "@authority", "content-type", "content-length")
    prepared = signer.prepare(
        message,
        key_id="test-key-ed25519",
        created=datetime.fromtimestamp(1618884473, UTC),
        include_alg=False,
        covered_component_ids=components,
    )
    assert prepared.signature_base.decode() == base


@pytest.mark.parametrize(
    ("body", "digest"),
    [
        (b'{"hello": "world"}', "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="),
        (b'{"hello": "world"}\n', "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg="),
        (b"", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ],
)
def test_rfc_9530_digests(body: bytes, digest: str) -> None:
    assert content_digest(body) == f"sha-256=:{digest}:"
