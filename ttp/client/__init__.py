"""The client library: speaks to a center over HTTP and imports nothing of the service."""

from ttp.client.answers import Failed, Issued, IssuedMany, Resolved
from ttp.client.asynchronous import AsyncTreuhandstelle
from ttp.client.errors import ClientError, Refused, TableRefused, Unreachable
from ttp.client.session import Treuhandstelle

__all__ = [
    "AsyncTreuhandstelle",
    "ClientError",
    "Failed",
    "Issued",
    "IssuedMany",
    "Refused",
    "Resolved",
    "TableRefused",
    "Treuhandstelle",
    "Unreachable",
]
