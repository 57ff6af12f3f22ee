"""Merkle tree of RFC 6962 and RFC 9162: a root commits to every leaf, its order and their number.

Complete subtrees are named by (level, index): level 0 are leaf hashes, and node (l, i) is
the root over leaves i·2ˡ … (i+1)·2ˡ - 1. Only complete subtrees are stored; they never
change. Everything else is computed from at most 2·log₂(size) of them.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from keys.errors import ProofInvalid

HASH_LENGTH = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of the tree without leaves (RFC 6962 section 2.1)."""

GetNode = Callable[[int, int], bytes]
"""Reads the stored hash of a complete subtree by level and index."""


def leaf_hash(leaf: bytes) -> bytes:
    """Hash a leaf's bytes: SHA-256(0x00 ‖ leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtree roots: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Compute the root over leaf hashes in their order; that of no leaf is SHA-256 of nothing."""
    level = list(leaf_hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) - len(level) % 2 :]
    return level[0]


@dataclass(frozen=True, slots=True)
class CompactRange:
    """State that suffices to append: the number of leaves and the roots of the complete subtrees.

    `hashes` has one entry per one-bit of `size`, largest subtree first; two columns in a
    database hold it. Appending gives a new state, the old one stays valid.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ProofInvalid("the state of the tree does not fit its size")

    def append(self, leaf: bytes) -> "CompactRange":
        """Append one leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaf_hashes: Sequence[bytes]) -> "CompactRange":
        """Append leaf hashes in their order; costs about one hash each."""
        size, stack = self.size, list(self.hashes)
        for leaf in leaf_hashes:
            node, rest = leaf, size
            while rest & 1:
                node = node_hash(stack.pop(), node)
                rest >>= 1
            stack.append(node)
            size += 1
        return CompactRange(size, tuple(stack))

    def root(self) -> bytes:
        """Compute the root of the tree up to here."""
        if not self.hashes:
            return EMPTY_ROOT
        return _folded(self.hashes)

    def to_bytes(self) -> bytes:
        """Serialize for one database column: size (8 bytes) ‖ hashes."""
        return self.size.to_bytes(8, "big") + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> "CompactRange":
        """Read what `to_bytes` wrote.

        Raises:
            ProofInvalid: the lengths do not fit.
        """
        size, tail = int.from_bytes(data[:8], "big"), data[8:]
        if len(data) < 8 or len(tail) % HASH_LENGTH:
            raise ProofInvalid("the state of the tree does not fit its size")
        starts = range(0, len(tail), HASH_LENGTH)
        return cls(size, tuple(tail[start : start + HASH_LENGTH] for start in starts))


def compact_range(size: int, get_node: GetNode) -> CompactRange:
    """Rebuild the appending state of a tree of `size` leaves from its stored nodes."""
    return CompactRange(size, tuple(get_node(*node) for node in complete_subtrees(0, size)))


def new_nodes(
    size_before: int, leaf_hashes: Sequence[bytes], get_node: GetNode
) -> Iterator[tuple[int, int, bytes]]:
    """Yield every (level, index, hash) that appending these leaves completes, to be stored.

    `get_node` is asked only for nodes that were stored before.
    """
    stack = list(compact_range(size_before, get_node).hashes)
    for position, leaf in enumerate(leaf_hashes, start=size_before):
        level, index, node = 0, position, leaf
        yield level, index, node
        while index & 1:
            node = node_hash(stack.pop(), node)
            level, index = level + 1, index >> 1
            yield level, index, node
        stack.append(node)


def root_at(size: int, get_node: GetNode) -> bytes:
    """Compute the root the tree had when it held `size` leaves, from stored nodes."""
    return subtree_root(0, size, get_node)


def subtree_root(start: int, end: int, get_node: GetNode) -> bytes:
    """Compute the root over leaves `start` … `end` - 1, where `start` is aligned as in RFC 9162."""
    hashes = [get_node(*node) for node in complete_subtrees(start, end)]
    return _folded(hashes) if hashes else EMPTY_ROOT


def complete_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut leaves `start` … `end` - 1 into complete subtrees (level, index), largest first.

    `start` is a multiple of the largest power of two below the range's length, as it
    always is for the halves of RFC 9162 section 2.1.1.
    """
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _folded(hashes: Sequence[bytes]) -> bytes:
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root
