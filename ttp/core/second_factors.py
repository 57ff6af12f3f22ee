"""Second factors: a password alone does not open a steward's account where the center requires more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from ttp.core.access import Role
from ttp.core.errors import NotAllowed

NEEDS_SECOND_FACTOR = frozenset({Role.STEWARD, Role.AUDITOR})
"""Roles that see or change what others did: they need a second factor where the center requires one."""


class SecondFactorMissing(NotAllowed):
    """The center requires a second factor of this role. Set it up on the account page."""

    code = "second-factor-missing"


class WrongCode(NotAllowed):
    """The code does not fit or was used before."""

    code = "wrong-code"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """An account's second factor. ``sealed`` is the envelope of its secret; ``last_step`` the last code used."""

    staff_id: UUID
    sealed: bytes
    confirmed_at: datetime | None
    last_step: int = 0


class SecondFactorStore(Protocol):
    """Where second factors are kept."""

    def of(self, staff_id: UUID) -> SecondFactor | None:
        """The account's second factor, confirmed or not."""
        ...

    def put(self, factor: SecondFactor) -> None:
        """Store a factor that has not been confirmed, in the place of an earlier unconfirmed one."""
        ...

    def confirm(self, staff_id: UUID, *, step: int, at: datetime, digests: list[bytes]) -> None:
        """From now on the factor is needed; ``digests`` are those of the recovery codes."""
        ...

    def advance(self, staff_id: UUID, *, step: int) -> bool:
        """Use up the codes to this time step; False if a code of this or a later step was used already."""
        ...

    def reseal(self, staff_id: UUID, *, sealed: bytes) -> None:
        """Exchange the envelope of the secret."""
        ...

    def spend_code(self, staff_id: UUID, *, digest: bytes, at: datetime) -> bool:
        """Use up a recovery code; False if there is none such or it was used already."""
        ...

    def codes_left(self, staff_id: UUID) -> int:
        """How many recovery codes are unused."""
        ...

    def remove(self, staff_id: UUID) -> bool:
        """Take the factor and its recovery codes away; False if there was none."""
        ...

    def confirmed(self) -> set[UUID]:
        """The accounts that have a second factor."""
        ...
