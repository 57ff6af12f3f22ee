"""The client library: speaks to a center over HTTP and imports nothing of the service."""

from ttp.client.answers import Ended, Failed, Issued, IssuedMany, Registered, Resolved
from ttp.client.asynchronous import AsyncTreuhandstelle
from ttp.client.cache import CacheLimits
from ttp.client.errors import (
    AnswerInvalid,
    ClientError,
    Conflicting,
    NotAcceptable,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Refused,
    TableRefused,
    TooMuch,
    Unreachable,
)
from ttp.client.session import Treuhandstelle

__all__ = [
    "AnswerInvalid",
    "AsyncTreuhandstelle",
    "CacheLimits",
    "ClientError",
    "Conflicting",
    "Ended",
    "Failed",
    "Issued",
    "IssuedMany",
    "NotAcceptable",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "Refused",
    "Registered",
    "Resolved",
    "TableRefused",
    "TooMuch",
    "Treuhandstelle",
    "Unreachable",
]
