"""A PKCS #11 URI names token and key, never a secret: a PIN in a URI would stand in every process list.

The subset of RFC 7512 that names one key: `token`, `serial` and `object` in the path,
`module-path` and `pin-source` in the query, and `ttp-file`, a vendor attribute as section
2.3 foresees: the file with the wrapped root. Attributes that are not understood are refused,
not ignored: one that narrows the choice would otherwise widen it.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from keys.custody.errors import CustodyURIInvalid
from keys.errors import CannotUnseal

SCHEME = "pkcs11:"
_PATH: Final = frozenset({"token", "serial", "object"})
_QUERY: Final = frozenset({"module-path", "pin-source", "ttp-file"})
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LONGEST_PIN = 1024


@dataclass(frozen=True, slots=True)
class HSMKey:
    """Which key of which token, by which module, and where the root it wraps is kept.

    `pin_source` is None where the PIN is given at unsealing.
    """

    token: str
    object: str
    module: Path
    wrapped: Path
    serial: str | None = None
    pin_source: Path | None = None

    @classmethod
    def parse(cls, uri: str) -> "HSMKey":
        """Read `pkcs11:token=…;object=…?module-path=…&ttp-file=…[&pin-source=file:…]`.

        Raises:
            CustodyURIInvalid: another scheme, an attribute missing, repeated, empty, badly
                escaped or not supported (`pin-value` never is), or a relative path.
        """
        if not uri.startswith(SCHEME):
            raise CustodyURIInvalid(f"a PKCS #11 URI begins with {SCHEME}")
        path, _, query = uri.removeprefix(SCHEME).partition("?")
        named = _attributes(path, ";", _PATH) | _attributes(query, "&", _QUERY)
        for needed in ("token", "object", "module-path", "ttp-file"):
            if needed not in named:
                raise CustodyURIInvalid(f"the PKCS #11 URI lacks {needed}")
        source = named.get("pin-source")
        return cls(
            token=named["token"],
            object=named["object"],
            module=_absolute("module-path", named["module-path"]),
            wrapped=_absolute("ttp-file", named["ttp-file"]),
            serial=named.get("serial"),
            pin_source=None if source is None else _absolute("pin-source", _local(source)),
        )

    def pin(self, given: bytes) -> str:
        """The PIN from `pin_source`, without a newline at its end, or else the one given.

        Raises:
            CannotUnseal: the source cannot be read, or the PIN is no text.
        """
        try:
            if self.pin_source is not None:
                with self.pin_source.open("rb") as file:
                    given = file.read(_LONGEST_PIN).removesuffix(b"\n")
            return given.decode("utf-8")
        except OSError as error:
            raise CannotUnseal(f"the PIN's source cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise CannotUnseal("the PIN is not UTF-8 text") from None


def _attributes(part: str, separator: str, known: frozenset[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for attribute in part.split(separator) if part else ():
        name, _, value = attribute.partition("=")
        if name not in known:
            raise CustodyURIInvalid(f"the PKCS #11 URI has an attribute not known here: {name!r}")
        if name in found or not value:
            raise CustodyURIInvalid(f"the PKCS #11 URI must name {name} once and not empty")
        found[name] = _unescaped(name, value)
    return found


def _unescaped(name: str, value: str) -> str:
    try:
        if _BAD_ESCAPE.search(value) is None:
            return unquote(value, errors="strict")
    except UnicodeDecodeError:
        pass
    raise CustodyURIInvalid(f"{name} in the PKCS #11 URI is badly escaped")


def _local(source: str) -> str:
    """The path of a `file:` URI without authority (RFC 8089), or of a bare path."""
    return source.removeprefix("file:").removeprefix("//")


def _absolute(name: str, text: str) -> Path:
    if not text.startswith("/"):
        raise CustodyURIInvalid(f"{name} in the PKCS #11 URI must be an absolute local path")
    return Path(text)
