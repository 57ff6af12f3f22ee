"""Find a leaf: is what an acknowledgment named in the log?"""

from __future__ import annotations

from ttp.core.ports import Transaction

WAITING = -1
_SEEN = 100_000


def find_leaf(tx: Transaction, digest: bytes) -> int | None:
    """The position of the leaf of this hash, -1 while it waits for one, None if there is no such leaf.

    A hash tells nothing that its asker did not know, so that nobody is refused and no leaf is left.
    """
    place = tx.log_checks.place_of(digest)
    if place is not None:
        return place
    waiting = tx.audit.unsequenced(_SEEN)
    return WAITING if any(leaf.hash() == digest for leaf in waiting) else None
