"""Consent: what a person permitted or denied, by policy code and period; facts are added, never edited.

A statement belongs to the identity that brought it; a person's consent is that of all its identities, so it
follows every merge, split and undo.

A policy permits at a time if the newest statement about it whose period covers that time permits. No
statement is no permission. Codes are those of the MII Broad Consent (OIDs) or any other agreed system.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.errors import InvalidField
from ttp.core.names import IdentityId, LeafId, PersonId

MAXIMAL_CODE = 128


class Provision(StrEnum):
    """Whether a policy is permitted or denied."""

    PERMIT = "permit"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class ConsentStatement:
    """One statement about one policy, brought by one identity, as of ``stated_at``."""

    identity: IdentityId
    policy: str
    provision: Provision
    valid_from: datetime
    valid_to: datetime | None
    stated_at: datetime

    def __post_init__(self) -> None:
        """Refuse statements without a policy or with a period that ends before it begins.

        Raises:
            InvalidField: otherwise.
        """
        if not 1 <= len(self.policy) <= MAXIMAL_CODE or not self.policy.isprintable():
            raise InvalidField(f"A policy code has 1 to {MAXIMAL_CODE} printable characters.")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise InvalidField("A period ends after it begins.")

    def covers(self, at: datetime) -> bool:
        """Whether the statement's period covers this time."""
        return self.valid_from <= at and (self.valid_to is None or at <= self.valid_to)


def permits(statements: Iterable[ConsentStatement], policies: Sequence[str], at: datetime) -> bool:
    """Whether every policy is permitted at this time."""
    newest: dict[str, ConsentStatement] = {}
    for statement in statements:
        known = newest.get(statement.policy)
        if statement.covers(at) and (known is None or statement.stated_at >= known.stated_at):
            newest[statement.policy] = statement
    return all(
        policy in newest and newest[policy].provision is Provision.PERMIT for policy in policies
    )


class ConsentStore(Protocol):
    """Where consent statements are kept."""

    def add(self, statements: Sequence[tuple[UUID, ConsentStatement]], *, leaf: LeafId) -> None:
        """Store statements under their new IDs."""
        ...

    def of(self, persons: Sequence[PersonId]) -> Mapping[PersonId, Sequence[ConsentStatement]]:
        """All statements of all identities of these persons, oldest first."""
        ...
