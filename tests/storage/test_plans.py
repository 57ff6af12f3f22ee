"""Lookups stay quick on a PostgreSQL connection that knew the domain empty: no plan is kept from that time."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests.builders import make_center, make_domain
from ttp.core.domains import Domain
from ttp.core.names import LeafId, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Link

OFTEN = 12
"""More executions than psycopg needs to prepare a statement and PostgreSQL to keep its plan."""
ROWS = 12_000


def full(tx: Transaction, domain: Domain) -> list[Link]:
    """Rows added after the same connection has often looked into the empty domain."""
    rows = [
        Link(Pseudonym(uuid.uuid4().hex.upper()[:16]), uuid.uuid4().bytes, None, bytes(100))
        for _ in range(ROWS)
    ]
    for _ in range(OFTEN):
        assert not tx.pseudonyms.find(domain, [row.index_current for row in rows])
        assert not tx.pseudonyms.envelopes(domain, [row.pseudonym for row in rows])
    tx.pseudonyms.add_missing(domain, rows, leaf=LeafId(uuid.uuid4()))
    return rows


@pytest.mark.postgres
def test_a_domain_is_not_walked_for_every_value(tmp_path: Path, postgres_database: str) -> None:
    """Walking it takes 144 million comparisons here, many seconds: the statements would run out of time."""
    center = make_center(tmp_path, postgres_database)
    domain = make_domain(center)
    with center.work.begin() as tx:
        rows = full(tx, domain)
        tx.pseudonyms._connection.exec_driver_sql("SET LOCAL statement_timeout = '2s'")  # type: ignore[attr-defined] # the adapter's own
        found = tx.pseudonyms.find(domain, [row.index_current for row in rows])
        envelopes = tx.pseudonyms.envelopes(domain, [row.pseudonym for row in rows])
    assert found == {row.index_current: row.pseudonym for row in rows}
    assert len(envelopes) == ROWS
