"""Domains in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from ttp.core.domain_policy import About, LifeCycle, Policy
from ttp.core.domains import Domain, DomainFilter, DomainStatistics, NewDomain, PseudonymForm
from ttp.core.errors import AlreadyExists, UnknownDomain
from ttp.core.pseudonyms import PseudonymState
from ttp.storage.batches import is_postgresql
from ttp.storage.domain_rows import (
    about_columns,
    domain_of,
    form_columns,
    new_columns,
    policy_columns,
)
from ttp.storage.hot_queries import HotQuery
from ttp.storage.tables import domain, domain_alias, domain_parent, pseudonym, secondary_pseudonym

_NAMED = (
    select(domain)
    .join(domain_alias, domain_alias.c.domain_id == domain.c.id)
    .where(domain_alias.c.alias == bindparam("name"))
)
_AS_IT_STANDS = HotQuery(_NAMED)
_HELD = HotQuery(_NAMED.with_for_update(read=True, of=domain))
_KEPT = HotQuery(_NAMED.with_for_update(of=domain))
"""Built once: every request names a domain."""


class SqlDomainStore:
    """Domains of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, new: NewDomain, *, index_version: int, token_version: int | None = None
    ) -> Domain:
        """Store a new domain without its parents. Raises AlreadyExists when its name or an alias is taken."""
        columns = new_columns(new) | {
            "index_version": index_version,
            "token_version": token_version,
            "created_at": datetime.now(UTC),
        }
        try:
            key = self._connection.execute(
                insert(domain).values(**columns).returning(domain.c.id)
            ).scalar_one()
            for alias in (new.name, *new.aliases):
                self._connection.execute(insert(domain_alias).values(alias=alias, domain_id=key))
        except IntegrityError as error:
            raise AlreadyExists("A domain of this name or alias exists.") from error
        return self.get(new.name)

    def get(self, name: str) -> Domain:
        """The domain of this name or alias. Raises UnknownDomain."""
        return self._one(_AS_IT_STANDS, name)

    def get_for_writing(self, name: str) -> Domain:
        """Like ``get``, and holds its index epoch, policy and state still until the transaction ends."""
        return self._one(_HELD, name)

    def get_for_change(self, name: str) -> Domain:
        """Like ``get``, and waits until nobody writes in it; nobody begins until the transaction ends."""
        return self._one(_KEPT, name)

    def set_policy(self, changed: Domain, policy: Policy) -> None:
        """Store what may be done in the domain."""
        self._set(changed, **policy_columns(policy, expires=changed.expires))

    def set_form(self, changed: Domain, form: PseudonymForm) -> None:
        """Store another form of a draft."""
        self._set(changed, **form_columns(form))

    def set_about(self, changed: Domain, about: About) -> None:
        """Store what people know of it."""
        self._set(changed, **about_columns(about))

    def set_state(self, changed: Domain, state: LifeCycle) -> None:
        """Store where it stands in its life."""
        self._set(changed, state=state.value)

    def set_expires(self, changed: Domain) -> None:
        """Store that pseudonyms of it can have an end."""
        self._set(changed, expires=True)

    def set_half_full(self, changed: Domain) -> None:
        """Store that half of its capacity is used, which is never undone."""
        self._set(changed, half_full=True)

    def all(self) -> list[Domain]:
        """All domains by name."""
        return self._many(select(domain).order_by(domain.c.name))

    def page(self, wanted: DomainFilter, *, limit: int) -> list[Domain]:
        """The first ``limit`` domains by name that fit."""
        query = select(domain).where(domain.c.name > wanted.after).order_by(domain.c.name)
        if wanted.state is not None:
            query = query.where(domain.c.state == wanted.state.value)
        if wanted.kind is not None:
            query = query.where(domain.c.kind == wanted.kind.value)
        if wanted.names is not None:
            query = query.where(domain.c.name.in_(sorted(wanted.names)))
        if wanted.text:
            query = query.where(_holds(wanted.text.casefold()))
        return self._many(query.limit(limit))

    def aliases(self, domains: Sequence[Domain]) -> dict[int, list[str]]:
        """Other names by the ID of the domain, without its own."""
        names = {one.id: one.name for one in domains}
        query = select(domain_alias).where(domain_alias.c.domain_id.in_(list(names)))
        found: dict[int, list[str]] = {}
        for row in self._connection.execute(query.order_by(domain_alias.c.alias)):
            if row.alias != names[row.domain_id]:
                found.setdefault(row.domain_id, []).append(row.alias)
        return found

    def set_parents(self, changed: Domain, parents: Sequence[Domain]) -> None:
        """Store its parents in place of those it had."""
        self._connection.execute(
            delete(domain_parent).where(domain_parent.c.domain_id == changed.id)
        )
        rows = [{"domain_id": changed.id, "parent_id": parent.id} for parent in parents]
        if rows:
            self._connection.execute(insert(domain_parent), rows)

    def parents(self, child: Domain) -> list[Domain]:
        """Its parents by name."""
        joined = domain.join(domain_parent, domain_parent.c.parent_id == domain.c.id)
        query = select(domain).select_from(joined).where(domain_parent.c.domain_id == child.id)
        return self._many(query.order_by(domain.c.name))

    def children(self, parent: Domain) -> list[Domain]:
        """The domains of which it is a parent, by name."""
        joined = domain.join(domain_parent, domain_parent.c.domain_id == domain.c.id)
        query = select(domain).select_from(joined).where(domain_parent.c.parent_id == parent.id)
        return self._many(query.order_by(domain.c.name))

    def edges(self) -> list[tuple[int, int]]:
        """All pairs (ID of a domain, ID of a parent of it)."""
        rows = self._connection.execute(select(domain_parent))
        return [(row.domain_id, row.parent_id) for row in rows]

    def hold_parents(self) -> None:
        """Let no other transaction change parents until this one ends."""
        if is_postgresql(self._connection):
            self._connection.execute(text("LOCK TABLE domain_parent IN SHARE ROW EXCLUSIVE MODE"))

    def statistics(self, domains: Sequence[Domain]) -> Mapping[int, DomainStatistics]:
        """What each has issued, by its ID: one pass over their pseudonyms."""
        counts: dict[int, dict[int, int]] = {one.id: {} for one in domains}
        for table in (pseudonym, secondary_pseudonym):
            query = (
                select(table.c.domain_id, table.c.state, func.count())
                .where(table.c.domain_id.in_(list(counts)))
                .group_by(table.c.domain_id, table.c.state)
            )
            for key, state, count in self._connection.execute(query):
                counts[key][state] = count
        return {key: _statistics(states) for key, states in counts.items()}

    def _set(self, changed: Domain, **values: object) -> None:
        self._connection.execute(update(domain).where(domain.c.id == changed.id).values(**values))

    def _one(self, query: HotQuery, name: str) -> Domain:
        rows = query.rows(self._connection, {"name": name}) if "\x00" not in name else []
        if not rows:
            raise UnknownDomain
        return domain_of(rows[0])

    def _many(self, query: Select[Any]) -> list[Domain]:
        rows: Sequence[Row[Any]] = self._connection.execute(query).all()
        return [domain_of(row) for row in rows]


def _holds(wanted: str) -> Any:
    """Whether name, label or owner holds the text, in lower case."""
    columns = (domain.c.name, domain.c.label, domain.c.owner)
    return or_(*(func.lower(column).contains(wanted, autoescape=True) for column in columns))


def _statistics(counts: Mapping[int, int]) -> DomainStatistics:
    return DomainStatistics(
        sum(counts.values()),
        **{state.name.lower(): counts.get(state, 0) for state in PseudonymState},
    )
