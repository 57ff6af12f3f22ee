"""Statuses: an error of the tree as a code of gRPC, and the HTTP status that belongs to the code.

Overload is UNAVAILABLE (503), which clients repeat, never RESOURCE_EXHAUSTED (429), which they do not.
"""

from __future__ import annotations

from enum import Enum

from keys.errors import KeyringUnreachable
from ttp.core import errors
from ttp.gateways.vfps.namespaces import LengthOutOfRange
from ttp.http.url_identifiers import IdentifierInUrl


class Code(Enum):
    """A code of gRPC: its number, and its HTTP status in transcoded answers (google.rpc.Code)."""

    INVALID_ARGUMENT = 3, 400
    NOT_FOUND = 5, 404
    ALREADY_EXISTS = 6, 409
    PERMISSION_DENIED = 7, 403
    FAILED_PRECONDITION = 9, 400
    OUT_OF_RANGE = 11, 400
    UNIMPLEMENTED = 12, 501
    INTERNAL = 13, 500
    UNAVAILABLE = 14, 503
    UNAUTHENTICATED = 16, 401

    @property
    def number(self) -> int:
        """The number on the wire."""
        return self.value[0]

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.value[1]


_CODES: list[tuple[type[Exception], Code]] = [
    (LengthOutOfRange, Code.OUT_OF_RANGE),
    (IdentifierInUrl, Code.UNIMPLEMENTED),
    (errors.NotAuthenticated, Code.UNAUTHENTICATED),
    (errors.BudgetExceeded, Code.PERMISSION_DENIED),
    (errors.NotAllowed, Code.PERMISSION_DENIED),
    (errors.InvalidPseudonym, Code.NOT_FOUND),
    (errors.NotFound, Code.NOT_FOUND),
    (errors.AlreadyExists, Code.ALREADY_EXISTS),
    (errors.BadRequest, Code.INVALID_ARGUMENT),
    (errors.TooManyItems, Code.INVALID_ARGUMENT),
    (errors.Conflict, Code.FAILED_PRECONDITION),
    (errors.TooMuch, Code.UNAVAILABLE),
    (errors.Unavailable, Code.UNAVAILABLE),
    (KeyringUnreachable, Code.UNAVAILABLE),
]


def code_of(error: Exception) -> Code:
    """The code of an error; INTERNAL for everything that has no name."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), Code.INTERNAL)
