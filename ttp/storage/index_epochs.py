"""Index epochs: the one row that says which index versions are written; it changes only while nobody writes."""

from __future__ import annotations

from sqlalchemy import Connection, text, update

from keys.blind_index import IndexEpoch
from ttp.core.keyed_rows import POPULATION_PREFIX, Scope
from ttp.storage.batches import is_postgresql
from ttp.storage.domains import SqlDomainStore
from ttp.storage.identities import SqlIdentityStore
from ttp.storage.tables import domain, population

_PATIENCE = "2s"
_READERS = text(
    "SELECT DISTINCT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND granted"
    " AND mode IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND relation IN ('domain'::regclass, 'population'::regclass, 'identity'::regclass,"
    " 'decision'::regclass, 'client'::regclass, 'idempotency'::regclass)"
    " AND pid <> pg_backend_pid()"
)


def epoch_of(connection: Connection, scope: Scope) -> IndexEpoch:
    """The index epoch of a domain or population as it stands. Raises UnknownDomain, UnknownPopulation."""
    if scope.population is not None:
        return SqlIdentityStore(connection).population(scope.population).epoch
    return SqlDomainStore(connection).get(scope.name).epoch


class SqlScopeStore:
    """Scopes and epochs of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def scope(self, name: str) -> Scope:
        """The scope of this name in the keyring. Raises UnknownDomain, UnknownPopulation."""
        if not name:
            return Scope("")
        if name.startswith(POPULATION_PREFIX):
            found = SqlIdentityStore(self._connection).population(
                name.removeprefix(POPULATION_PREFIX)
            )
            return Scope(name, population=found.name)
        known = SqlDomainStore(self._connection).get(name)
        return Scope(known.name, domain_id=known.id)

    def epoch(self, scope: Scope) -> IndexEpoch:
        """The index epoch as it stands."""
        return epoch_of(self._connection, scope)

    def hold_epoch(self, scope: Scope) -> IndexEpoch:
        """The index epoch, held until the transaction ends, when nobody writes under it any more.

        Whoever waits for a table or advisory lock is served in turn; the share locks of writers on the row
        alone would let new writers in for ever.
        """
        if is_postgresql(self._connection):
            self._connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
            if scope.population is None:
                self._connection.execute(text("LOCK TABLE domain IN EXCLUSIVE MODE"))
        if scope.population is not None:
            return SqlIdentityStore(self._connection).lock(scope.population).epoch
        return self.epoch(scope)

    def set_epoch(self, scope: Scope, epoch: IndexEpoch) -> None:
        """Change the epoch that is held."""
        table = domain if scope.population is None else population
        named = domain.c.id == scope.domain_id
        if scope.population is not None:
            named = population.c.name == scope.population
        self._connection.execute(
            update(table)
            .where(named)
            .values(
                index_version=epoch.current_version,
                next_index_version=epoch.next_version,
                index_turned=epoch.turned,
            )
        )

    def open_transactions(self) -> frozenset[str]:
        """The transactions of others that are open and have read keyed rows; none where they see one snapshot."""
        if not is_postgresql(self._connection):
            return frozenset()
        return frozenset(self._connection.execute(_READERS).scalars())
