"""Second factors in the database."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, update

from ttp.core.second_factors import SecondFactor
from ttp.storage.tables import recovery_code, second_factor


class SqlSecondFactorStore:
    """Second factors of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, staff_id: UUID) -> SecondFactor | None:
        """The account's second factor, confirmed or not."""
        query = select(second_factor).where(second_factor.c.staff_id == staff_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return SecondFactor(row.staff_id, row.sealed, row.confirmed_at, row.last_step)

    def put(self, factor: SecondFactor) -> None:
        """Store a factor that has not been confirmed, in the place of an earlier unconfirmed one."""
        self._connection.execute(
            delete(second_factor).where(
                second_factor.c.staff_id == factor.staff_id, second_factor.c.confirmed_at.is_(None)
            )
        )
        self._connection.execute(
            insert(second_factor).values(
                staff_id=factor.staff_id, sealed=factor.sealed, last_step=factor.last_step
            )
        )

    def confirm(self, staff_id: UUID, *, step: int, at: datetime, digests: list[bytes]) -> None:
        """From now on the factor is needed; ``digests`` are those of the recovery codes."""
        self._connection.execute(
            update(second_factor)
            .where(second_factor.c.staff_id == staff_id)
            .values(confirmed_at=at, last_step=step)
        )
        rows = [{"staff_id": staff_id, "digest": digest} for digest in digests]
        self._connection.execute(insert(recovery_code), rows)

    def advance(self, staff_id: UUID, *, step: int) -> bool:
        """Use up the codes to this time step; False if a code of this or a later step was used already."""
        done = self._connection.execute(
            update(second_factor)
            .where(second_factor.c.staff_id == staff_id, second_factor.c.last_step < step)
            .values(last_step=step)
        )
        return bool(done.rowcount)

    def reseal(self, staff_id: UUID, *, sealed: bytes) -> None:
        """Exchange the envelope of the secret."""
        self._connection.execute(
            update(second_factor).where(second_factor.c.staff_id == staff_id).values(sealed=sealed)
        )

    def spend_code(self, staff_id: UUID, *, digest: bytes, at: datetime) -> bool:
        """Use up a recovery code; False if there is none such or it was used already."""
        done = self._connection.execute(
            update(recovery_code)
            .where(
                recovery_code.c.staff_id == staff_id,
                recovery_code.c.digest == digest,
                recovery_code.c.used_at.is_(None),
            )
            .values(used_at=at)
        )
        return bool(done.rowcount)

    def codes_left(self, staff_id: UUID) -> int:
        """How many recovery codes are unused."""
        query = select(func.count()).where(
            recovery_code.c.staff_id == staff_id, recovery_code.c.used_at.is_(None)
        )
        return self._connection.execute(query).scalar_one()

    def remove(self, staff_id: UUID) -> bool:
        """Take the factor and its recovery codes away; False if there was none."""
        self._connection.execute(delete(recovery_code).where(recovery_code.c.staff_id == staff_id))
        done = self._connection.execute(
            delete(second_factor).where(second_factor.c.staff_id == staff_id)
        )
        return bool(done.rowcount)

    def confirmed(self) -> set[UUID]:
        """The accounts that have a second factor."""
        query = select(second_factor.c.staff_id).where(second_factor.c.confirmed_at.is_not(None))
        return set(self._connection.execute(query).scalars())
