"""Keyed rows: whatever is indexed or sealed under the keys of a scope, walked in blocks when a key is rotated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from keys.blind_index import IndexEpoch
from ttp.core.names import PopulationName

POPULATION_PREFIX = "population:"


class Part(StrEnum):
    """A table of rows that are indexed or sealed under the keys of a scope."""

    PSEUDONYM = "pseudonym"
    ORIGINAL = "original"
    IDENTITY = "identity"
    IDENTIFIER = "identifier"
    VERSION = "identity_version"
    DECISION = "decision"
    UNDO = "decision_undo"
    USED = "used_tokens"


@dataclass(frozen=True, slots=True)
class Scope:
    """What keys are for: a domain, a population, or (both None) the center as a whole."""

    name: str
    domain_id: int | None = None
    population: PopulationName | None = None

    @property
    def indexed(self) -> tuple[Part, ...]:
        """The parts whose rows bear blind indexes."""
        if self.population is not None:
            return (Part.IDENTITY, Part.IDENTIFIER)
        return (Part.PSEUDONYM, Part.ORIGINAL)

    @property
    def sealed(self) -> tuple[Part, ...]:
        """The parts whose rows hold envelopes."""
        if self.population is not None:
            return (Part.VERSION, Part.DECISION, Part.UNDO)
        return (Part.PSEUDONYM, Part.ORIGINAL, Part.USED)


@dataclass(frozen=True, slots=True)
class IndexedRow:
    """A row that lacks its next index. ``source`` and ``encoded`` tell how an identity's record was named."""

    key: str
    current: bytes
    row: bytes
    envelope: bytes
    source: str = ""
    encoded: bool = False


@dataclass(frozen=True, slots=True)
class SealedRow:
    """An envelope and the immutable public part of its row, to which it is bound."""

    key: str
    row: bytes
    envelope: bytes


class ScopeStore(Protocol):
    """What keys are for, and which index versions are written there."""

    def scope(self, name: str) -> Scope:
        """The scope of this name in the keyring. Raises UnknownDomain, UnknownPopulation."""
        ...

    def epoch(self, scope: Scope) -> IndexEpoch:
        """The index epoch as it stands."""
        ...

    def hold_epoch(self, scope: Scope) -> IndexEpoch:
        """The index epoch, held until the transaction ends, when nobody writes under it any more.

        First call of its transaction. Waits two seconds at most, so that writers, who wait behind it, wait no
        longer; what it raises then is retried.
        """
        ...

    def set_epoch(self, scope: Scope, epoch: IndexEpoch) -> None:
        """Change the epoch that is held."""
        ...

    def open_transactions(self) -> frozenset[str]:
        """The transactions of others that are open and have read keyed rows; none where they see one snapshot."""
        ...


class KeyedRowStore(Protocol):
    """The rows that are indexed and sealed under keys, whatever their concept; in blocks, in the order of keys."""

    def count_indexed(self, scope: Scope) -> int:
        """How many rows bear a current index."""
        ...

    def count_unindexed(self, scope: Scope) -> int:
        """How many rows with a current index lack the next one."""
        ...

    def unindexed(
        self, scope: Scope, part: Part, *, after: str | None, limit: int
    ) -> list[IndexedRow]:
        """Rows with a current index that lack the next one, in the order of keys."""
        ...

    def fill(
        self, scope: Scope, part: Part, rows: Sequence[IndexedRow], nexts: Sequence[bytes]
    ) -> None:
        """Give rows their next index, unless they changed since they were read."""
        ...

    def count_stale(self, scope: Scope) -> int:
        """How many rows have something in the slot that is not current."""
        ...

    def clear(
        self, scope: Scope, part: Part, *, after: str | None, limit: int
    ) -> tuple[int, str | None]:
        """Empty the slot that is not current in a block of rows; returns how many and the last key, None at the end."""
        ...

    def count_sealed(
        self, scope: Scope, *, version: int | None = None, except_version: int | None = None
    ) -> int:
        """How many envelopes there are, under one key version or under all but one."""
        ...

    def sealed_otherwise(
        self, scope: Scope, part: Part, *, version: int, after: str | None, limit: int
    ) -> list[SealedRow]:
        """Envelopes under other key versions than this one, in the order of keys."""
        ...

    def rewrap(
        self, scope: Scope, part: Part, rows: Sequence[SealedRow], envelopes: Sequence[bytes]
    ) -> None:
        """Exchange the envelopes of rows, unless they changed since they were read."""
        ...

    def count_clients(self, *, version: int) -> int:
        """How many clients with access have a key digest under this version of the client key."""
        ...

    def count_answers(self, *, version: int) -> int:
        """How many kept answers are sealed under this version of the session key."""
        ...
