"""Webhooks: what is sent carries an ID, a time and a keyed signature over both and the body.

The scheme is that of the Standard Webhooks specification, version 1 (symmetric signatures): the signature is
``v1,`` and the Base64 of HMAC-SHA-256 over ``id.timestamp.body``; the secret is ``whsec_`` and the Base64 of 24 to 64
random bytes. Receivers verify it with any of that project's libraries, and refuse old times and IDs they know.
"""

import binascii
import hmac
from base64 import b64decode, b64encode

from keys.errors import SecretTooShort
from keys.randomness import random_secret

SECRET_BYTES = 32
_PREFIX = "whsec_"
_VERSION = "v1,"


def new_webhook_secret() -> str:
    """Draw a secret of 256 bits in the form that receivers' libraries take."""
    return _PREFIX + b64encode(random_secret(SECRET_BYTES)).decode()


def sign_webhook(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Sign one message; ``timestamp`` is Unix seconds. The value of the header ``webhook-signature``.

    Raises:
        SecretTooShort: the secret is none of this scheme.
    """
    text = f"{message_id}.{timestamp}.".encode() + body
    return _VERSION + b64encode(hmac.digest(_key(secret), text, "sha256")).decode()


def webhook_headers(secret: str, *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message."""
    signature = sign_webhook(secret, message_id=message_id, timestamp=timestamp, body=body)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }


def _key(secret: str) -> bytes:
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise SecretTooShort("a webhook's secret is whsec_ and 24 to 64 bytes in Base64")
    return key
