"""Clients, grants and staff in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ttp.core.access import Role
from ttp.core.accounts import Client, Grant, GrantUse, Sight, Staff
from ttp.core.errors import AlreadyExists, NotFound
from ttp.core.names import ClientName, DomainName, StaffName
from ttp.storage.tables import client, client_domain, domain, grant, grant_use, staff, staff_session
from ttp.storage.upserts import insert_free

_STANDING = (
    select(grant)
    .where(
        grant.c.client_id == bindparam("of_client"),
        grant.c.domain_id == bindparam("in_domain"),
        grant.c.expires_at > bindparam("now"),
    )
    .order_by(grant.c.daily_budget.desc(), grant.c.id)
)
_SPEND = (
    update(grant_use)
    .where(
        grant_use.c.grant_id == bindparam("of_grant"),
        grant_use.c.day == bindparam("on_day"),
        grant_use.c.used + bindparam("amount") <= bindparam("budget"),
    )
    .values(used=grant_use.c.used + bindparam("amount"))
)
"""Built once: every request that resolves needs them."""


class SqlClientStore:
    """Clients and grants of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Client) -> None:
        """Store a new client. Raises AlreadyExists."""
        try:
            self._connection.execute(
                insert(client).values(
                    id=new.id,
                    name=new.name,
                    role=new.role.value,
                    created_at=new.created_at,
                    projects=new.projects,
                )
            )
        except IntegrityError as error:
            raise AlreadyExists("A client of this name exists.") from error
        for name in sorted(new.domains):
            key = self._connection.execute(
                select(domain.c.id).where(domain.c.name == name)
            ).scalar_one()
            self._connection.execute(insert(client_domain).values(client_id=new.id, domain_id=key))

    def by_name(self, name: str) -> Client:
        """The client of this name, revoked or not. Raises NotFound."""
        found = clients_in(self._connection.execute(client_rows().where(client.c.name == name)))
        if not found:
            raise NotFound("There is no client of this name.")
        return found[0]

    def all(self) -> list[Client]:
        """All clients by name."""
        return clients_in(self._connection.execute(client_rows().order_by(client.c.name)))

    def revoke(self, name: str, *, at: datetime) -> None:
        """End a client's access from the next request on. Raises NotFound."""
        done = self._connection.execute(
            update(client)
            .where(client.c.name == name, client.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        if not done.rowcount:
            raise NotFound("No client of this name has access.")

    def add_grant(self, new: Grant) -> None:
        """Store a standing grant."""
        self._connection.execute(
            insert(grant).values(
                id=new.id,
                client_id=new.client_id,
                domain_id=new.domain_id,
                purpose=new.purpose,
                daily_budget=new.daily_budget,
                expires_at=new.expires_at,
                approved_by=",".join(new.approved_by),
            )
        )

    def grants(self, client_id: UUID, domain_id: int, *, at: datetime) -> Sequence[Grant]:
        """The grants that stand at this time, the one with the largest budget first."""
        sought = {"of_client": client_id, "in_domain": domain_id, "now": at}
        return [_grant(row) for row in self._connection.execute(_STANDING, sought)]

    def spend(self, standing: Grant, *, day: str, amount: int) -> bool:
        """Take the amount from the day's budget; False, and nothing taken, when too little is left."""
        taken = {
            "of_grant": standing.id,
            "on_day": day,
            "amount": amount,
            "budget": standing.daily_budget,
        }
        if self._connection.execute(_SPEND, taken).rowcount:
            return True
        first = [{"grant_id": standing.id, "day": day, "used": 0}]
        insert_free(self._connection, grant_use, first)  # the first of the day, or none is left
        return bool(self._connection.execute(_SPEND, taken).rowcount)

    def uses(self, *, day: str) -> list[GrantUse]:
        """All grants with what was used of them on this day, the newest first."""
        found = self._connection.execute(_uses(day).order_by(grant.c.id.desc()))
        return [_use(row) for row in found]

    def end_grant(self, grant_id: UUID, *, at: datetime) -> GrantUse:
        """Let a grant expire now. Raises NotFound: there is none that stands."""
        ended = update(grant).where(grant.c.id == grant_id, grant.c.expires_at > at)
        if not self._connection.execute(ended.values(expires_at=at)).rowcount:
            raise NotFound("No such grant stands.")
        query = _uses(at.date().isoformat()).where(grant.c.id == grant_id)
        return _use(self._connection.execute(query).one())


class SqlStaffStore:
    """Staff accounts of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Staff) -> None:
        """Store an account. Raises AlreadyExists."""
        try:
            self._connection.execute(
                insert(staff).values(
                    id=new.id,
                    name=new.name,
                    role=new.role.value,
                    display_name=new.display_name,
                    password_hash=new.password_hash,
                    language=new.language,
                    domains=new.domains,
                    projects=new.projects,
                )
            )
        except IntegrityError as error:
            raise AlreadyExists("An account of this name exists.") from error

    def by_name(self, name: str) -> Staff | None:
        """The account of this name, if it is not disabled."""
        return self._one(select(staff).where(staff.c.name == name))

    def by_id(self, staff_id: UUID) -> Staff | None:
        """The account, if it is not disabled."""
        return self._one(select(staff).where(staff.c.id == staff_id))

    def all(self) -> list[Staff]:
        """All accounts by name."""
        return [
            _staff(row) for row in self._connection.execute(select(staff).order_by(staff.c.name))
        ]

    def set_password(self, name: str, password_hash: str) -> None:
        """Store a new password hash and end the account's sessions. Raises NotFound."""
        self._change(name, {"password_hash": password_hash})

    def disable(self, name: str, *, at: datetime) -> None:
        """End an account and its sessions. Raises NotFound."""
        self._change(name, {"disabled_at": at})

    def set_sight(self, staff_id: UUID, *, language: str, sight: Sight) -> None:
        """Store how a person wants to see the pages; their sessions go on."""
        values = {"theme": sight.theme, "density": sight.density, "letter_keys": sight.letter_keys}
        self._connection.execute(
            update(staff).where(staff.c.id == staff_id).values(language=language, **values)
        )

    def change_role(self, changed: Staff) -> None:
        """Store role and limits of an account and end its sessions. Raises NotFound."""
        values = {"role": changed.role.value, "domains": changed.domains}
        self._change(changed.name, values | {"projects": changed.projects})

    def _change(self, name: str, values: dict[str, Any]) -> None:
        account = self.by_name(name)
        if account is None:
            raise NotFound("No account of this name is open.")
        self._connection.execute(update(staff).where(staff.c.id == account.id).values(**values))
        self._connection.execute(
            delete(staff_session).where(staff_session.c.staff_id == account.id)
        )

    def _one(self, query: Select[Any]) -> Staff | None:
        row = self._connection.execute(query.where(staff.c.disabled_at.is_(None))).one_or_none()
        return _staff(row) if row else None


def client_rows() -> Select[Any]:
    """Clients with a row for each of their domains."""
    return (
        select(client, domain.c.name.label("domain_name"))
        .outerjoin(client_domain, client_domain.c.client_id == client.c.id)
        .outerjoin(domain, domain.c.id == client_domain.c.domain_id)
    )


def clients_in(rows: Iterable[Row[Any]]) -> list[Client]:
    """The clients of such rows, in their order."""
    found: dict[UUID, tuple[Row[Any], set[DomainName]]] = {}
    for row in rows:
        _, domains = found.setdefault(row.id, (row, set()))
        if row.domain_name:
            domains.add(DomainName(row.domain_name))
    return [
        Client(
            row.id,
            ClientName(row.name),
            Role(row.role),
            frozenset(domains),
            row.created_at,
            row.revoked_at,
            row.projects,
        )
        for row, domains in found.values()
    ]


def _uses(day: str) -> Select[Any]:
    on_day = and_(grant_use.c.grant_id == grant.c.id, grant_use.c.day == day)
    return (
        select(
            grant, client.c.name.label("client"), domain.c.name.label("domain"), grant_use.c.used
        )
        .join(client, client.c.id == grant.c.client_id)
        .join(domain, domain.c.id == grant.c.domain_id)
        .outerjoin(grant_use, on_day)
    )


def _use(row: Row[Any]) -> GrantUse:
    return GrantUse(_grant(row), ClientName(row.client), DomainName(row.domain), row.used or 0)


def _grant(row: Row[Any]) -> Grant:
    return Grant(
        row.id,
        row.client_id,
        row.domain_id,
        row.purpose,
        row.daily_budget,
        row.expires_at,
        tuple(row.approved_by.split(",")),
    )


def _staff(row: Row[Any]) -> Staff:
    return Staff(
        row.id,
        StaffName(row.name),
        Role(row.role),
        row.display_name,
        row.password_hash,
        row.language,
        row.disabled_at,
        row.domains,
        row.projects,
        Sight(row.theme, row.density, row.letter_keys),
    )
