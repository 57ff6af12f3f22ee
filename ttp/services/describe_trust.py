"""Describe trust: the public keys by which others check this center's log, requests and releases."""

from __future__ import annotations

from typing import Any

from keys.keyring import Purpose
from keys.recipients import TransportKey
from ttp.core.center import Center
from ttp.services.sequence_leaves import audit_signing_key

TRUST_VERSION = 1


def describe_trust(center: Center) -> dict[str, Any]:
    """The trust file of this center; witnesses are added as peers become trusted."""
    key = audit_signing_key(center)
    return {
        "version": TRUST_VERSION,
        "centers": [
            {
                "name": center.name,
                "origin": center.origin,
                "url": center.public_url,
                "signing_key": key.public.to_jwk(),
                "key_id": key.key_id,
                "transport_key": transport_key(center).public.hex(),
            }
        ],
        "witnesses": [],
    }


def transport_key(center: Center) -> TransportKey:
    """The X25519 key to which peers seal what only this center may read."""
    center.keyring.ensure(Purpose.TRANSPORT)
    return TransportKey.from_secret(center.keyring.active(Purpose.TRANSPORT).secret)
