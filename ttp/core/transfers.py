"""Transfers: values travel between two clients under random IDs, which one named receiver exchanges once, in time.

Who carries the IDs (a pipeline with medical data) learns nothing from them; who has the database has sealed rows and
digests of the IDs. A transfer belongs to a project and to its receiver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ttp.core.errors import Conflict, InvalidField, NotFound
from ttp.core.names import LeafId

DEFAULT_LIFETIME = timedelta(minutes=10)
LONGEST_LIFETIME = timedelta(hours=24)
EXPIRED_KNOWN_FOR = timedelta(hours=24)
MAXIMAL_VALUE_BYTES = 4096


class UnknownTransfer(NotFound):
    """No transfer or transport ID of this name waits for the caller in this project."""

    code = "unknown-transfer"


class UnknownReceiver(NotFound):
    """The receiver is no client that may exchange transfers of this project."""

    code = "unknown-receiver"


class TransferExpired(NotFound):
    """The transfer was not exchanged in time; hand the values in again."""

    code = "transfer-expired"


class TransferExchanged(Conflict):
    """The transport IDs were exchanged before; that is possible once."""

    code = "transfer-exchanged"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer without what it carries; its ID is kept as a digest (32 bytes)."""

    digest: bytes
    project: str
    sender: str
    receiver: str
    items: int
    created_at: datetime
    expires_at: datetime
    leaf: LeafId


@dataclass(frozen=True, slots=True)
class Carried:
    """One transport ID of a transfer, as digest, with its sealed value; None once it is exchanged."""

    transfer: bytes
    digest: bytes
    envelope: bytes | None


def checked_lifetime(lifetime: timedelta | None) -> timedelta:
    """How long a transfer may be exchanged: ten minutes if nothing is said.

    Raises:
        InvalidField: less than a second, or more than 24 hours.
    """
    if lifetime is None:
        return DEFAULT_LIFETIME
    if not timedelta(seconds=1) <= lifetime <= LONGEST_LIFETIME:
        raise InvalidField("A transfer can be exchanged for one second to 24 hours.")
    return lifetime


class TransferStore(Protocol):
    """Where transfers are kept until they are exchanged or expire."""

    def add(self, transfer: Transfer, carried: Sequence[Carried]) -> None:
        """Store a transfer and what it carries."""
        ...

    def find(self, digest: bytes) -> Transfer | None:
        """The transfer of this digest."""
        ...

    def carried_by(self, transfer: bytes) -> list[Carried]:
        """What a transfer carries, in the order handed in, held until the transaction ends."""
        ...

    def carried(self, digests: Sequence[bytes]) -> list[Carried]:
        """What these transport IDs stand for, of every transfer that has them, held likewise."""
        ...

    def take(self, carried: Sequence[Carried], *, leaf: LeafId) -> None:
        """Remove the values; the IDs stay known as exchanged."""
        ...

    def forget(self, *, expired: datetime, known: datetime) -> int:
        """Delete the rows of transfers that expired before the first time, and those before the second wholly."""
        ...
