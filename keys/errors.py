"""Everything that can go wrong with keys: one tree, one code each, never a secret in the text."""

from enum import StrEnum
from typing import ClassVar


class KeysError(Exception):
    """Root of all errors of this package; `code` is stable and may be shown to callers."""

    code: ClassVar[str] = "keys-error"


class CannotUnseal(KeysError):
    """The root key could not be opened: wrong passphrase, damaged or foreign file."""

    code = "cannot-unseal"


class CustodyUnknown(KeysError):
    """The custody URI names a scheme this installation does not have."""

    code = "custody-unknown"


class EnvelopeRejected(KeysError):
    """An envelope is damaged, was moved to another place, or belongs to another key."""

    code = "envelope-rejected"


class UnknownKeyVersion(KeysError):
    """The keyring never held a key of this purpose, domain and version."""

    code = "unknown-key-version"


class KeyDestroyed(KeysError):
    """The key was destroyed on purpose; what it sealed is gone for good."""

    code = "key-destroyed"


class VersionsExhausted(KeysError):
    """A purpose and domain has used up all version numbers an envelope can name."""

    code = "versions-exhausted"


class KeyringDamaged(KeysError):
    """The keyring file is missing, damaged, foreign, or sealed under another root."""

    code = "keyring-damaged"


class KeyringUnreachable(KeysError):
    """The store of the keyring does not answer; nothing is read or written with keys that may be out of date."""

    code = "keyring-unreachable"


class SecretTooShort(KeysError):
    """A secret has fewer bytes than its use requires."""

    code = "secret-too-short"


class TokenSpaceInvalid(KeysError):
    """An alphabet, length or count from which no token can be drawn."""

    code = "token-space-invalid"


class KeyFormatInvalid(KeysError):
    """A public key, key document or recipient text that cannot be read."""

    code = "key-format-invalid"


class NotSealedForUs(KeysError):
    """A sealed message that this key or identity, in this context, cannot open."""

    code = "not-sealed-for-us"


class ProofInvalid(KeysError):
    """An inclusion or consistency proof that does not lead to the stated root."""

    code = "proof-invalid"


class CheckpointInvalid(KeysError):
    """A checkpoint or note that is malformed or not signed by a trusted key."""

    code = "checkpoint-invalid"


class SelfTestFailed(KeysError):
    """A primitive did not give its published answer; the process must not serve."""

    code = "self-test-failed"


class RejectionReason(StrEnum):
    """Why a signed message was refused; one reason, the first that applied."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown-key"
    KEY_NOT_OF_CENTER = "key-not-of-center"
    KEY_REVOKED = "key-revoked"
    KEY_RETIRED = "key-retired"
    WRONG_RECIPIENT = "wrong-recipient"
    WRONG_TARGET = "wrong-target"
    WRONG_TAG = "wrong-tag"
    MISSING_COMPONENT = "missing-component"
    WRONG_DIGEST = "wrong-digest"
    BAD_SIGNATURE = "bad-signature"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    REPLAYED = "replayed"
    BEFORE_RESTORE = "before-restore"
    RESPONSE_NOT_BOUND = "response-not-bound"


class SignatureRejected(KeysError):
    """A signed request or response was refused, for the reason it carries."""

    code = "signature-rejected"

    def __init__(self, reason: RejectionReason) -> None:
        super().__init__(f"signature rejected: {reason}")
        self.reason = reason


class StatementReason(StrEnum):
    """Why a statement about keys was refused; one reason, the first that applied."""

    MALFORMED = "malformed"
    OTHER_CENTER = "other-center"
    KEY_REVOKED = "key-revoked"
    OUTDATED = "outdated"
    GAP = "gap"
    NOT_BY_OLD_KEY = "not-by-old-key"
    NOT_BY_NEW_KEY = "not-by-new-key"
    KEY_KNOWN = "key-known"
    NOT_YET_VALID = "not-yet-valid"
    OVERLAP = "overlap"


class StatementRefused(KeysError):
    """A statement that one key follows another was refused, for the reason it carries."""

    code = "statement-refused"

    def __init__(self, reason: StatementReason) -> None:
        super().__init__(f"key statement refused: {reason}")
        self.reason = reason


class TokenRejection(StrEnum):
    """Why a token is not believed. Told to the audit log, never to who sent the token."""

    MALFORMED = "malformed"
    KEY = "key-unknown"
    ALGORITHM = "algorithm"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    TIME = "time"
    NONCE = "nonce"
    KIND = "kind"


class TokenRejected(KeysError):
    """A token of an issuer was rejected, for the reason it carries."""

    code = "token-rejected"

    def __init__(self, reason: TokenRejection) -> None:
        super().__init__(f"token rejected: {reason}")
        self.reason = reason
