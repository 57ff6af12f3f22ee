"""The client library: speaks to a center over HTTP and imports nothing of the service."""

from ttp.client.answers import (
    Ended,
    Erased,
    Failed,
    Issued,
    IssuedMany,
    Judged,
    Registered,
    Resolved,
    Tree,
    TreeNode,
)
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
    "Erased",
    "Failed",
    "Issued",
    "IssuedMany",
    "Judged",
    "NotAcceptable",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "Refused",
    "Registered",
    "Resolved",
    "TableRefused",
    "TooMuch",
    "Tree",
    "TreeNode",
    "Treuhandstelle",
    "Unreachable",
]
