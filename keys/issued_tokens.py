"""Issued tokens: what another issuer signed is believed only for the issuer, audience and time it names.

Signed JSON Web Tokens (RFC 7519) in compact form (RFC 7515) are verified; nothing is asked over the network. Which
algorithm may be used is our list, never the token's word (RFC 8725, section 3.1): no symmetric one, no ``none``.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from keys.errors import TokenRejected, TokenRejection
from keys.randomness import equal

LONGEST_TOKEN = 16 * 1024
MOST_KEYS = 100
LEEWAY_SECONDS = 30
LEAST_RSA_BITS = 2048
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

_ALGORITHMS: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("RSA", ""): ("RS256",),
        ("EC", "P-256"): ("ES256",),
        ("OKP", "Ed25519"): ("Ed25519", "EdDSA"),  # RFC 9864, and what RFC 8037 called it before
    }
)

VerificationKey = RSAKey | ECKey | OKPKey


class _Registry(jws.JWSRegistry):
    """Our algorithms. Unknown header parameters are passed over unless they are critical (RFC 7515, section 4)."""

    def __init__(self, *, algorithms: list[str]) -> None:
        super().__init__(algorithms=algorithms, strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        """The algorithm, without the library's warning that EdDSA is an old name: issuers use it."""
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


@dataclass(frozen=True, slots=True)
class IssuerKeys:
    """The public keys of one issuer by key ID, those of our algorithms only."""

    keys: tuple[tuple[str, VerificationKey], ...]

    def find(self, key_id: str | None) -> VerificationKey | None:
        """The key of this ID; a token without an ID is of the only key, or of none."""
        if key_id is None:
            return self.keys[0][1] if len(self.keys) == 1 else None
        return next((key for known, key in self.keys if known == key_id), None)


@dataclass(frozen=True, slots=True)
class TokenLabel:
    """What a token says of itself before it is verified: good for choosing the key, for nothing else."""

    issuer: str
    key_id: str | None


def read_issuer_keys(document: object) -> IssuerKeys:
    """The keys of a JWK set (RFC 7517, section 5); keys for other uses and algorithms are passed over.

    Raises:
        TokenRejected: this is no JWK set, or one of more than 100 keys.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise TokenRejected(TokenRejection.MALFORMED)
    known = [(str(one.get("kid", "")), _key(one)) for one in listed if isinstance(one, dict)]
    return IssuerKeys(tuple((key_id, key) for key_id, key in known if key is not None))


def read_label(token: str) -> TokenLabel:
    """The issuer and key ID that a token names.

    Raises:
        TokenRejected: it is no signed JSON Web Token, or longer than 16 KiB.
    """
    header, claims = _parts(token)
    issuer, key_id = claims.get("iss"), header.get("kid")
    if not isinstance(issuer, str) or not isinstance(key_id, str | None):
        raise TokenRejected(TokenRejection.MALFORMED)
    return TokenLabel(issuer, key_id)


def verify_access_token(
    token: str, keys: IssuerKeys, *, issuer: str, audience: str, now: datetime
) -> Mapping[str, Any]:
    """The claims of an access token for ``audience`` (RFC 9068, section 4).

    Raises:
        TokenRejected: anything about it is not as it must be.
    """
    claims = _verify(token, keys, issuer=issuer, audience=audience, now=now)
    if "events" in claims or not _text(claims, "sub"):
        raise TokenRejected(TokenRejection.KIND)
    return claims


def verify_id_token(
    token: str, keys: IssuerKeys, *, issuer: str, client_id: str, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """The claims of an ID token that answers our own request (OpenID Connect Core 1.0, section 3.1.3.7).

    Raises:
        TokenRejected: anything about it is not as it must be.
    """
    claims = _verify(token, keys, issuer=issuer, audience=client_id, now=now)
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    authorized = claims.get("azp", client_id if len(audiences) == 1 else None)
    if authorized != client_id:
        raise TokenRejected(TokenRejection.AUDIENCE)
    if not equal(_text(claims, "nonce").encode(), nonce.encode()):
        raise TokenRejected(TokenRejection.NONCE)
    if "events" in claims or not _text(claims, "sub"):
        raise TokenRejected(TokenRejection.KIND)
    return claims


def verify_logout_token(
    token: str, keys: IssuerKeys, *, issuer: str, client_id: str, now: datetime
) -> Mapping[str, Any]:
    """The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6).

    Raises:
        TokenRejected: anything about it is not as it must be.
    """
    claims = _verify(token, keys, issuer=issuer, audience=client_id, now=now)
    events = claims.get("events")
    names_somebody = _text(claims, "sub") or _text(claims, "sid")
    is_logout = isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict)
    if not is_logout or not names_somebody or "nonce" in claims:
        raise TokenRejected(TokenRejection.KIND)
    return claims


def _verify(
    token: str, keys: IssuerKeys, *, issuer: str, audience: str, now: datetime
) -> Mapping[str, Any]:
    """What holds for all: 1. key known, 2. algorithm ours, 3. signature, 4. issuer, 5. audience, 6. time."""
    header, claims = _parts(token)
    key = keys.find(header.get("kid"))
    if key is None:
        raise TokenRejected(TokenRejection.KEY)
    algorithm = header.get("alg")
    if algorithm not in _allowed(key):
        raise TokenRejected(TokenRejection.ALGORITHM)
    _check_signature(token, key, str(algorithm))
    if claims.get("iss") != issuer:
        raise TokenRejected(TokenRejection.ISSUER)
    named = claims.get("aud")
    if audience not in (named if isinstance(named, list) else [named]):
        raise TokenRejected(TokenRejection.AUDIENCE)
    _check_times(claims, now.timestamp())
    return claims


def _check_signature(token: str, key: VerificationKey, algorithm: str) -> None:
    try:
        jws.deserialize_compact(
            token.encode("ascii"), key, registry=_Registry(algorithms=[algorithm])
        )
    except (JoseError, ValueError) as error:
        raise TokenRejected(TokenRejection.SIGNATURE) from error


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    """``exp`` and ``iat`` must be there, ``nbf`` may be; clocks may differ by 30 seconds."""
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if any(isinstance(time, bool) or not isinstance(time, int | float) for time in times.values()):
        raise TokenRejected(TokenRejection.TIME)
    if not {"exp", "iat"} <= times.keys() or now >= times["exp"] + LEEWAY_SECONDS:
        raise TokenRejected(TokenRejection.TIME)
    if max(times["iat"], times.get("nbf", times["iat"])) > now + LEEWAY_SECONDS:
        raise TokenRejected(TokenRejection.TIME)


def _allowed(key: VerificationKey) -> tuple[str, ...]:
    """The algorithms of a key: those of its type, and of them the one it names if it names one."""
    values = key.as_dict(private=False)
    algorithms = _ALGORITHMS.get((str(values["kty"]), str(values.get("crv", ""))), ())
    named = values.get("alg")
    return algorithms if named is None else tuple(one for one in algorithms if one == named)


def _key(values: Mapping[str, Any]) -> VerificationKey | None:
    """The public key of a JWK, None if it is not for our algorithms."""
    kind = (str(values.get("kty")), str(values.get("crv", "")))
    if kind not in _ALGORITHMS or values.get("use", "sig") != "sig":
        return None
    public = {name: value for name, value in values.items() if name in _PUBLIC}
    try:
        key = import_key(public)
        weak = isinstance(key, RSAKey) and key.public_key.key_size < LEAST_RSA_BITS
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) and not weak else None


_PUBLIC = frozenset({"kty", "crv", "n", "e", "x", "y", "kid", "alg", "use"})


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = token.split(".")
    if len(token) > LONGEST_TOKEN or len(parts) != 3 or not token.isascii():
        raise TokenRejected(TokenRejection.MALFORMED)
    return _decoded(parts[0]), _decoded(parts[1])


def _decoded(part: str) -> dict[str, Any]:
    try:
        padded = part + "=" * (-len(part) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise TokenRejected(TokenRejection.MALFORMED) from error
    if not isinstance(found, dict):
        raise TokenRejected(TokenRejection.MALFORMED)
    return found


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
