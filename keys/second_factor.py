"""Second factor: codes of six digits that a device and the center compute from a shared secret and the time.

TOTP (RFC 6238) with HMAC-SHA-1, 6 digits and steps of 30 seconds, which is what every authenticator app speaks.
SHA-1 is sound here: HMAC needs no resistance to collisions. A code counts in its own step and the one before and after
(RFC 6238, section 5.2); that each is used once is the caller's to store.
"""

import base64
import hashlib
import secrets
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from keys.randomness import equal

DIGITS = 6
STEP_SECONDS = 30
SECRET_BYTES = 20
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
_DRIFT = 1


def new_factor_secret() -> bytes:
    """Draw the secret that device and center share: 160 bits (RFC 4226, requirement R6)."""
    return secrets.token_bytes(SECRET_BYTES)


def step_of(unix_seconds: float) -> int:
    """The time step that a moment lies in."""
    return int(unix_seconds) // STEP_SECONDS


def code_of(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """The code of a time step."""
    made = TOTP(secret, digits, SHA1(), STEP_SECONDS)  # noqa: S303 - what RFC 6238 and the apps use
    return made.generate(step * STEP_SECONDS).decode("ascii")


def step_of_code(secret: bytes, code: str, *, unix_seconds: float) -> int | None:
    """The time step whose code this is, among the present one and its neighbors; None for a wrong code."""
    if len(code) != DIGITS or not code.isascii() or not code.isdigit():
        return None
    now = step_of(unix_seconds)
    fitting = [
        step
        for step in range(now - _DRIFT, now + _DRIFT + 1)
        if equal(code_of(secret, step).encode(), code.encode())
    ]
    return max(fitting, default=None)


def enrolment_uri(secret: bytes, *, issuer: str, account: str) -> str:
    """The URI that authenticator apps read from a QR code (Key Uri Format of Google Authenticator)."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    return (
        f"otpauth://totp/{label}?secret={secret_text(secret)}&issuer={quote(issuer, safe='')}"
        f"&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    )


def secret_text(secret: bytes) -> str:
    """The secret as people type it into an app: base32 (RFC 4648) without padding."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def new_recovery_codes() -> list[str]:
    """Draw ten codes of 80 bits for the day on which the device is lost, in groups that can be typed."""
    drawn = [
        base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode("ascii").lower()
        for _ in range(RECOVERY_CODES)
    ]
    return ["-".join(text[start : start + 4] for start in range(0, 16, 4)) for text in drawn]


def recovery_digest(account: bytes, code: str) -> bytes:
    """Digest a recovery code for storage, bound to its account: 32 bytes. 80 random bits need no slow hash."""
    plain = code.replace("-", "").replace(" ", "").lower()
    return hashlib.sha256(
        b"ttp/v1 recovery\x00" + account + plain.encode(errors="replace")
    ).digest()
