"""Writer chain: each leaf names the one that its writer committed before it, so none can vanish unnoticed.

A writer is one connection to the database. What it committed last it keeps in memory, where nobody who can only
change the database reaches it: a leaf that is deleted or edited before it has its place in the log is missed by the
next leaf of the same writer. Keeping this costs no query and no lock.
"""

from __future__ import annotations

from dataclasses import dataclass

from keys.randomness import random_secret
from ttp.core.names import LeafId

WRITER_BYTES = 16


@dataclass(frozen=True, slots=True)
class Link:
    """The leaf's place among those of its writer. ``after`` is the hash of the leaf before it, None at number 0."""

    writer: str
    number: int
    after: bytes | None


class WriterChain:
    """The leaves of one writer; not safe for threads, as a connection is not."""

    __slots__ = ("_committed", "_pending")

    def __init__(self) -> None:
        self._committed: tuple[Link, bytes, LeafId] | None = None
        self._pending: tuple[Link, bytes, LeafId] | None = None

    def begin(self) -> None:
        """A transaction begins: what an earlier one left without committing never was."""
        self._pending = self._committed

    def link(self, leaf: LeafId) -> Link:
        """The link of the next leaf.

        The log sorts leaves by their identifiers. A leaf whose identifier was drawn before that of the last one
        begins a new chain, so that along every chain positions only rise.
        """
        if self._pending is None or leaf <= self._pending[2]:
            return Link(random_secret(WRITER_BYTES).hex(), 0, None)
        last, digest, _ = self._pending
        return Link(last.writer, last.number + 1, digest)

    def wrote(self, leaf: LeafId, link: Link, digest: bytes) -> None:
        """The leaf of this hash was written in the open transaction."""
        self._pending = (link, digest, leaf)

    def committing(self) -> None:
        """The open transaction is about to be committed; should nobody learn whether it was, a new chain begins."""
        self._committed = None

    def committed(self) -> None:
        """The open transaction is committed."""
        self._committed = self._pending
