"""What can be wrong at unsealing: each defect has a name, so that a ceremony can go on; no text holds a secret."""

from keys.errors import CannotUnseal, CustodyUnknown, KeysError


class QuorumImpossible(KeysError):
    """A threshold, a number of custodians or a list of their names from which no quorum can be made."""

    code = "quorum-impossible"


class ShareMalformed(CannotUnseal):
    """What was entered is no share: a character was misread, left out or added. `group` says where, if one can tell."""

    code = "share-malformed"

    def __init__(self, sentence: str, group: int | None = None) -> None:
        super().__init__(sentence)
        self.group = group


class ShareForeign(CannotUnseal):
    """A share of another quorum, or one that this quorum never dealt."""

    code = "share-foreign"


class ShareOutdated(CannotUnseal):
    """A share of another epoch of this quorum: its custodians have been replaced, or not yet taken over."""

    code = "share-outdated"


class ShareFalse(CannotUnseal):
    """A share that was not dealt: well-formed, but not what its custodian was given. `custodian` names whose."""

    code = "share-false"

    def __init__(self, sentence: str, custodian: str) -> None:
        super().__init__(sentence)
        self.custodian = custodian


class ShareRepeated(CannotUnseal):
    """The share of a custodian who has been counted already. `custodian` names whose."""

    code = "share-repeated"

    def __init__(self, sentence: str, custodian: str) -> None:
        super().__init__(sentence)
        self.custodian = custodian


class SharesMissing(CannotUnseal):
    """Fewer shares than needed have been entered; `missing` says how many are to come."""

    code = "shares-missing"

    def __init__(self, sentence: str, missing: int) -> None:
        super().__init__(sentence)
        self.missing = missing


class CustodyFileChanged(CannotUnseal):
    """All shares are true, yet the custody file is not the one that was written with them."""

    code = "custody-file-changed"


class NoResharing(KeysError):
    """There is no resharing under way that could be confirmed."""

    code = "no-resharing"


class CustodyURIInvalid(CustodyUnknown):
    """A PKCS #11 URI that cannot be read, names too little, or asks for what is not supported."""

    code = "custody-uri-invalid"


class HSMUnavailable(CannotUnseal):
    """The module of the HSM cannot be loaded or does not answer."""

    code = "hsm-unavailable"


class TokenNotFound(CannotUnseal):
    """No token, or more than one, answers to what the URI names."""

    code = "token-not-found"


class PINRefused(CannotUnseal):
    """The token refuses the PIN, or has locked it; it is not tried a second time."""

    code = "pin-refused"


class HSMKeyNotFound(CannotUnseal):
    """The token holds no wrapping key, or more than one, of the name in the URI."""

    code = "hsm-key-not-found"


class HSMKeyUnfit(CannotUnseal):
    """The wrapping key could leave the HSM, or may not encrypt and decrypt in it."""

    code = "hsm-key-unfit"


class RehearsalFailed(KeysError):
    """A step of the rehearsed key ceremony did not do what the guide says."""

    code = "rehearsal-failed"
