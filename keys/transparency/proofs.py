"""Proofs: that a leaf is in a tree, and that a larger tree still holds all of a smaller one.

Made from stored nodes, verified from nothing but the proof and the roots (RFC 9162
sections 2.1.3 and 2.1.4; the proofs are those of RFC 6962).
"""

from collections.abc import Sequence

from keys.errors import ProofInvalid
from keys.transparency.merkle import EMPTY_ROOT, HASH_LENGTH, GetNode, node_hash, subtree_root


def inclusion_proof(index: int, size: int, get_node: GetNode) -> list[bytes]:
    """Prove that leaf `index` is in the tree of `size` leaves: sibling roots from the leaf up.

    Raises:
        ProofInvalid: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ProofInvalid("the tree has no such leaf")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtree_root(middle, end, get_node))
            end = middle
        else:
            path.append(subtree_root(start, middle, get_node))
            start = middle
    return path[::-1]


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash stands at `index` of the tree with this size and root.

    Raises:
        ProofInvalid: it does not, or the proof does not show it.
    """
    if not 0 <= index < size:
        raise ProofInvalid("the tree has no such leaf")
    _check_hashes(proof, leaf, root)
    inner, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofInvalid("the inclusion proof is too long")
        if inner & 1 or inner == last:
            node = node_hash(sibling, node)
            while not inner & 1 and inner:
                inner, last = inner >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        inner, last = inner >> 1, last >> 1
    if last != 0 or node != root:
        raise ProofInvalid("the inclusion proof does not lead to the root")


def consistency_proof(first: int, second: int, get_node: GetNode) -> list[bytes]:
    """Prove that the tree of `second` leaves begins with the tree of `first` leaves.

    Raises:
        ProofInvalid: not 0 <= first <= second.
    """
    if not 0 <= first <= second:
        raise ProofInvalid("a tree only grows")
    if first in (0, second):
        return []
    start, end, path, whole = 0, second, [], True
    while end != first:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(subtree_root(middle, end, get_node))
            end = middle
        else:
            path.append(subtree_root(start, middle, get_node))
            start, whole = middle, False
    if not whole:
        path.append(subtree_root(start, end, get_node))
    return path[::-1]


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """Check that nothing of the first tree was changed, removed or reordered in the second.

    Raises:
        ProofInvalid: something was, or the proof does not show the contrary.
    """
    if not 0 <= first <= second:
        raise ProofInvalid("a tree only grows")
    _check_hashes(proof, first_root, second_root)
    if first in (0, second):
        _check_trivial(first, second, proof, first_root, second_root)
        return
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        raise ProofInvalid("the consistency proof is too short")
    older, newer = _climb(first, second, path)
    if older != first_root or newer != second_root:
        raise ProofInvalid("the consistency proof does not lead to both roots")


def _climb(first: int, second: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Rebuild both roots from the bottom of the proof (RFC 9162 section 2.1.4.2)."""
    inner, last = first - 1, second - 1
    while inner & 1:
        inner, last = inner >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalid("the consistency proof is too long")
        if inner & 1 or inner == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not inner & 1 and inner:
                inner, last = inner >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        inner, last = inner >> 1, last >> 1
    if last != 0:
        raise ProofInvalid("the consistency proof is too short")
    return older, newer


def _check_trivial(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """An empty first tree is in every tree; equal sizes mean equal roots; no hashes either way."""
    if proof:
        raise ProofInvalid("the consistency proof is too long")
    if first == 0 and first_root != EMPTY_ROOT:
        raise ProofInvalid("an empty tree has one root only")
    if first == second and first_root != second_root:
        raise ProofInvalid("two trees of one size with different roots")


def _check_hashes(proof: Sequence[bytes], *others: bytes) -> None:
    if any(len(entry) != HASH_LENGTH for entry in (*proof, *others)):
        raise ProofInvalid("a hash has 32 bytes")


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)
