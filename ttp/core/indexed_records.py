"""Indexed records: what the candidate index knows of each row: whose it is, which version, and what is compared."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from linkage.index import TokenIndex
from ttp.core.comparables import Comparables
from ttp.core.matching import Comparable
from ttp.core.names import IdentityId

Rows = NDArray[np.int32]

_LOW = (1 << 64) - 1
_FIRST_ROOM = 1 << 12


class IndexedRecords:
    """Rows of one population; a row that is dead stays, and counts no more."""

    def __init__(self) -> None:
        self.alive = np.zeros(_FIRST_ROOM, np.bool_)
        self._ids = np.zeros((_FIRST_ROOM, 2), np.uint64)
        self._versions = np.zeros(_FIRST_ROOM, np.int32)
        self._by_identity = TokenIndex()
        self._comparables = Comparables()
        self._living = 0

    def __len__(self) -> int:
        """Rows that count: number of identities."""
        return self._living

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        own = self.alive.nbytes + self._ids.nbytes + self._versions.nbytes
        return own + self._by_identity.nbytes + self._comparables.nbytes

    def __getitem__(self, row: int) -> tuple[IdentityId, int, Comparable]:
        """Identity, version and what is compared."""
        high, low = self._ids[row].tolist()
        identity = IdentityId(UUID(int=high << 64 | low))
        return identity, int(self._versions[row]), self._comparables[row]

    def add(
        self,
        identities: Sequence[IdentityId],
        versions: Sequence[int],
        comparables: Sequence[Comparable],
    ) -> Rows:
        """Add records as living rows; former rows of the same identities are dead."""
        self.forget(identities)
        first = len(self._comparables)
        place = slice(first, first + len(identities))
        self._make_room(place.stop)
        self._ids[place] = ids = _halves(identities)
        self._versions[place] = versions
        self._comparables.add(comparables)
        rows = np.arange(place.start, place.stop, dtype=np.int32)
        self._by_identity.add(ids[:, 1], rows)
        self.alive[place] = True
        self._living += len(rows)
        return rows

    def forget(self, identities: Sequence[IdentityId]) -> None:
        """The rows of these identities are dead."""
        ids = _halves(identities)
        places, rows = self._by_identity.rows_of(ids[:, 1])
        theirs = self.alive[rows] & (self._ids[rows] == ids[places]).all(axis=1)
        self.alive[rows[theirs]] = False
        self._living -= int(np.count_nonzero(theirs))

    def _make_room(self, rows: int) -> None:
        room = len(self.alive)
        if rows <= room:
            return
        more = max(rows - room, room // 4)
        self.alive = np.concatenate([self.alive, np.zeros(more, np.bool_)])
        self._ids = np.concatenate([self._ids, np.zeros((more, 2), np.uint64)])
        self._versions = np.concatenate([self._versions, np.zeros(more, np.int32)])


def _halves(identities: Sequence[IdentityId]) -> NDArray[np.uint64]:
    halves = [(one.int >> 64, one.int & _LOW) for one in identities]
    return np.array(halves, np.uint64).reshape(len(halves), 2)
