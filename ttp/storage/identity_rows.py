"""Rows of identities: what is stored of an identity, with its indexes in the slots that the epoch names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, update

from keys.blind_index import IndexEpoch
from ttp.core.identities import IdentityRow
from ttp.core.names import LeafId, PopulationName
from ttp.storage.index_slots import slots
from ttp.storage.tables import identifier, identity

RENEW = (
    update(identity)
    .where(identity.c.id == bindparam("b_id"))
    .values(
        version=bindparam("b_version"),
        sequence=bindparam("b_sequence", type_=BigInteger),
        leaf=bindparam("b_leaf"),
    )
)


def new_identity(
    name: PopulationName,
    row: IdentityRow,
    number: int,
    epoch: IndexEpoch,
    *,
    at: datetime,
    leaf: LeafId,
) -> dict[str, Any]:
    """A new identity, a person of its own, at its place in the order of changes."""
    index = slots(identity, epoch, column="record")
    return {
        "id": row.id,
        "population": name,
        "kind": row.kind.value,
        "source": row.source,
        "person": row.id,
        "ordinal": number,
        "sequence": number,
        "version": 1,
        index.current.name: row.record_current,
        index.next.name: row.record_next,
        "created_at": at,
        "leaf": leaf,
    }


def new_version(row: IdentityRow, *, at: datetime, leaf: LeafId) -> dict[str, Any]:
    """One version of an identity."""
    return {
        "identity_id": row.id,
        "version": row.version,
        "digest": row.digest,
        "envelope": row.envelope,
        "created_at": at,
        "leaf": leaf,
    }


def new_identifiers(
    name: PopulationName, row: IdentityRow, epoch: IndexEpoch
) -> Iterator[dict[str, Any]]:
    """The identifiers of an identity in the order in which they came."""
    index = slots(identifier, epoch)
    for position, (current, following) in enumerate(row.identifiers):
        yield {
            "identity_id": row.id,
            "position": position,
            "population": name,
            index.current.name: current,
            index.next.name: following,
        }
