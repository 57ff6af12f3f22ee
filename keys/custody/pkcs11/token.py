"""The token: it encrypts and decrypts 32 bytes with a key that cannot leave it, and is closed again.

The module is finalized after each use: a vendor's library keeps threads and handles that no
process forked later may inherit (PKCS #11 v2.40 base specification, section 5.4, C_Initialize).
"""

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from keys.custody.errors import (
    HSMKeyNotFound,
    HSMKeyUnfit,
    HSMUnavailable,
    PINRefused,
    TokenNotFound,
)
from keys.custody.pkcs11.uri import HSMKey
from keys.errors import CannotUnseal

NONCE_LENGTH = 12


class WrappingKey:
    """One AES-256 key inside an open session."""

    __slots__ = ("_key", "_pkcs11")

    def __init__(self, pkcs11: Any, key: Any) -> None:
        self._pkcs11 = pkcs11
        self._key = key

    def encrypt(self, plaintext: bytes, *, nonce: bytes, bound_to: bytes) -> bytes:
        """AES-GCM (NIST SP 800-38D) inside the token: ciphertext and 16-byte tag."""
        return bytes(self._key.encrypt(plaintext, **self._gcm(nonce, bound_to)))

    def decrypt(self, sealed: bytes, *, nonce: bytes, bound_to: bytes) -> bytes:
        """The plaintext, if nothing was changed.

        Raises:
            CannotUnseal: another key, other associated data, or damaged.
        """
        lib = self._pkcs11
        # SoftHSM answers a wrong tag with CKR_GENERAL_ERROR, others with the error made for it.
        refusals = (lib.EncryptedDataInvalid, lib.EncryptedDataLenRange, lib.GeneralError)
        try:
            return bytes(self._key.decrypt(sealed, **self._gcm(nonce, bound_to)))
        except refusals:
            raise CannotUnseal("the wrapped root is damaged, or of another key") from None

    def prove_fit(self, *, made_here: bool) -> None:
        """Ask the token itself whether the key is sensitive, not extractable, and made for this use only.

        Also tries to read the value, which must be refused. A key `made_here` must in addition
        never have been anything else (PKCS #11 v2.40, section 4.10).

        Raises:
            HSMKeyUnfit: naming the attributes that are wrong.
        """
        wrong = [name for name, right in _REQUIRED.items() if self._attribute(name) != right]
        if made_here:
            wrong += [name for name in _FROM_BIRTH if self._attribute(name) is not True]
        if self._value_is_readable():
            wrong.append("VALUE")
        if wrong:
            raise HSMKeyUnfit(f"the wrapping key is unfit by its attributes: {', '.join(wrong)}")

    def _attribute(self, name: str) -> Any:
        return self._key[self._pkcs11.Attribute[name]]

    def _value_is_readable(self) -> bool:
        try:
            self._key[self._pkcs11.Attribute.VALUE]
        except self._pkcs11.PKCS11Error:
            return False
        return True

    def _gcm(self, nonce: bytes, bound_to: bytes) -> dict[str, Any]:
        parameters = self._pkcs11.GCMParams(nonce, bound_to, 128)
        return {"mechanism": self._pkcs11.Mechanism.AES_GCM, "mechanism_param": parameters}


_REQUIRED = {
    "SENSITIVE": True,
    "EXTRACTABLE": False,
    "PRIVATE": True,
    "WRAP": False,
    "ENCRYPT": True,
    "DECRYPT": True,
}
_FROM_BIRTH = ("LOCAL", "ALWAYS_SENSITIVE", "NEVER_EXTRACTABLE")


@contextlib.contextmanager
def wrapping_key(place: HSMKey, *, pin: str, make: bool = False) -> Iterator[WrappingKey]:
    """Log in, find the key, or with `make` generate it where there is none, and log out afterwards.

    A key that is there is never replaced. Whether found or made, it has been proven fit.

    Raises:
        HSMUnavailable, TokenNotFound, PINRefused, HSMKeyNotFound, HSMKeyUnfit: as they say.
    """
    pkcs11, library = _loaded(place)
    try:
        token = _token(library, place)
        with _session(pkcs11, token, pin, writing=make) as session:
            found = _found(pkcs11, session, place)
            if found is None and not make:
                raise HSMKeyNotFound(f"the token has no AES key named {place.object!r}")
            key = WrappingKey(pkcs11, found or _generated(pkcs11, session, place))
            key.prove_fit(made_here=found is None)
            yield key
    except pkcs11.PKCS11Error as error:
        raise HSMUnavailable(f"the HSM failed: {type(error).__name__}") from None
    finally:
        library.finalize()


def _loaded(place: HSMKey) -> tuple[Any, Any]:
    """Import at use: an installation without HSM has no need of the package."""
    try:
        pkcs11 = importlib.import_module("pkcs11")
    except ImportError:
        raise HSMUnavailable("pkcs11: custody needs the package python-pkcs11") from None
    try:
        return pkcs11, pkcs11.lib(str(place.module))
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise HSMUnavailable(f"the module cannot be loaded: {type(error).__name__}") from None


def _token(library: Any, place: HSMKey) -> Any:
    serial = None if place.serial is None else place.serial.encode()
    tokens = list(library.get_tokens(token_label=place.token, token_serial=serial))
    if len(tokens) != 1:
        raise TokenNotFound(f"{len(tokens) or 'no'} tokens are named {place.token!r}")
    return tokens[0]


@contextlib.contextmanager
def _session(pkcs11: Any, token: Any, pin: str, *, writing: bool) -> Iterator[Any]:
    refusals = (
        pkcs11.PinIncorrect,
        pkcs11.PinInvalid,
        pkcs11.PinLenRange,
        pkcs11.PinExpired,
        pkcs11.PinLocked,
    )
    try:
        session = token.open(user_pin=pin, rw=writing)
    except refusals as error:
        raise PINRefused(f"the token refuses the PIN: {type(error).__name__}") from None
    with session:
        yield session


def _found(pkcs11: Any, session: Any, place: HSMKey) -> Any:
    attribute = pkcs11.Attribute
    named = {
        attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY,
        attribute.KEY_TYPE: pkcs11.KeyType.AES,
        attribute.LABEL: place.object,
    }
    keys = list(session.get_objects(named))
    if len(keys) > 1:
        raise HSMKeyNotFound(f"{len(keys)} AES keys are named {place.object!r}")
    return keys[0] if keys else None


def _generated(pkcs11: Any, session: Any, place: HSMKey) -> Any:
    attribute = pkcs11.Attribute
    refused = ("EXTRACTABLE", "WRAP", "UNWRAP", "SIGN", "VERIFY", "DERIVE", "MODIFIABLE")
    template = {attribute[name]: False for name in refused}
    template |= {attribute[name]: True for name in ("SENSITIVE", "PRIVATE", "ENCRYPT", "DECRYPT")}
    return session.generate_key(
        pkcs11.KeyType.AES,
        256,
        label=place.object,
        store=True,
        template=template,
    )
