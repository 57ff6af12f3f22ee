"""The tree is that of RFC 6962: true proofs pass at every size, forged ones at none."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.digests import items_root
from keys.errors import ProofInvalid
from keys.transparency import (
    EMPTY_ROOT,
    CompactRange,
    compact_range,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    new_nodes,
    node_hash,
    root_at,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.scale import scaled

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors/rfc/certificate_transparency_tree.json").read_text()
)
LARGEST = 300


class StoredNodes:
    """Keeps complete subtrees as a database would: each written once, then only read."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.size = 0

    def get(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def append(self, leaves: list[bytes]) -> None:
        for level, index, node in list(new_nodes(self.size, leaves, self.get)):
            assert (level, index) not in self.nodes
            self.nodes[level, index] = node
        self.size += len(leaves)


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(size)]


def stored(size: int) -> StoredNodes:
    store = StoredNodes()
    store.append(leaves_of(size))
    return store


def root_by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(root_by_definition(leaves[:split]), root_by_definition(leaves[split:]))


STORE = stored(LARGEST)
LEAVES = leaves_of(LARGEST)
ROOTS = [root_by_definition(LEAVES[:size]) for size in range(LARGEST + 1)]


def test_reference_roots_by_every_way_of_computing_them() -> None:
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
    store = StoredNodes()
    store.append(leaves)
    for size, root in enumerate([VECTORS["empty_root"], *VECTORS["roots"]]):
        assert root_of(leaves[:size]).hex() == root
        assert CompactRange().extend(leaves[:size]).root().hex() == root
        assert root_at(size, store.get).hex() == root


def test_items_root_is_the_root_over_their_leaf_hashes() -> None:
    items = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"]]
    assert items_root(items).hex() == VECTORS["roots"][7]
    assert items_root([]) == EMPTY_ROOT


@pytest.mark.parametrize("vector", VECTORS["inclusion"])
def test_reference_inclusion_proofs(vector: dict[str, Any]) -> None:
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
    store = StoredNodes()
    store.append(leaves)
    index, size = vector["index"], vector["size"]
    proof = inclusion_proof(index, size, store.get)
    assert [node.hex() for node in proof] == vector["proof"]
    root = bytes.fromhex(VECTORS["roots"][size - 1])
    verify_inclusion(index, size, leaves[index], proof, root)


@pytest.mark.parametrize("vector", VECTORS["consistency"])
def test_reference_consistency_proofs(vector: dict[str, Any]) -> None:
    store = StoredNodes()
    store.append([leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]])
    first, second = vector["first"], vector["second"]
    proof = consistency_proof(first, second, store.get)
    assert [node.hex() for node in proof] == vector["proof"]
    roots = [bytes.fromhex(VECTORS["roots"][size - 1]) for size in (first, second)]
    verify_consistency(first, second, proof, *roots)


def test_every_root_up_to_300_leaves_is_that_of_the_definition() -> None:
    growing = CompactRange()
    for size in range(LARGEST + 1):
        assert root_at(size, STORE.get) == root_of(LEAVES[:size]) == ROOTS[size]
        assert growing.root() == ROOTS[size]
        assert compact_range(size, STORE.get) == growing
        if size < LARGEST:
            growing = growing.append(LEAVES[size])


def test_every_leaf_is_proven_in_every_tree() -> None:
    step = max(1, 7 // scaled(1))
    for size in range(1, LARGEST + 1, step):
        for index in range(size):
            proof = inclusion_proof(index, size, STORE.get)
            verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])


def test_every_tree_is_proven_in_every_later_tree() -> None:
    step = max(1, 7 // scaled(1))
    for second in range(0, LARGEST + 1, step):
        for first in range(second + 1):
            proof = consistency_proof(first, second, STORE.get)
            verify_consistency(first, second, proof, ROOTS[first], ROOTS[second])


@given(st.integers(1, LARGEST), st.data())
def test_a_forged_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, STORE.get)
    other = data.draw(st.integers(0, size - 1).filter(lambda other: other != index or size == 1))
    forgeries = [
        (index, size, leaf_hash(b"other"), proof, ROOTS[size]),
        (index, size, LEAVES[index], [*proof, LEAVES[0]], ROOTS[size]),
        (index, size, LEAVES[index], proof, ROOTS[size - 1]),
        (size, size, LEAVES[index], proof, ROOTS[size]),
        (-1, size, LEAVES[index], proof, ROOTS[size]),
    ]
    if size > 1:
        forgeries.append((other, size, LEAVES[index], proof, ROOTS[size]))
        forgeries.append((index, size, LEAVES[index], proof[:-1], ROOTS[size]))
        forgeries.append((index, size, LEAVES[index], _flipped(proof, data), ROOTS[size]))
        forgeries.append((index, size, LEAVES[index], [proof[0][:31], *proof[1:]], ROOTS[size]))
    for forged in forgeries:
        with pytest.raises(ProofInvalid):
            verify_inclusion(*forged)


@given(st.integers(1, LARGEST), st.data())
def test_a_forged_consistency_proof_is_refused(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, second))
    proof = consistency_proof(first, second, STORE.get)
    rewritten = root_of([leaf_hash(b"other"), *LEAVES[1:second]])
    forgeries = [
        (first, second, [*proof, LEAVES[0]], ROOTS[first], ROOTS[second]),
        (second + 1, second, proof, ROOTS[first], ROOTS[second]),
        (-1, second, proof, ROOTS[first], ROOTS[second]),
        (first, second, proof, leaf_hash(b"other"), ROOTS[second]),
    ]
    if first:
        forgeries.append((first, second, proof, ROOTS[first], rewritten))
    if proof:
        forgeries.append((first, second, proof[:-1], ROOTS[first], ROOTS[second]))
        forgeries.append((first, second, [], ROOTS[first], ROOTS[second]))
        forgeries.append((first, second, _flipped(proof, data), ROOTS[first], ROOTS[second]))
        forgeries.append((first, second, proof, ROOTS[first], ROOTS[second][:31]))
    for forged in forgeries:
        with pytest.raises(ProofInvalid):
            verify_consistency(*forged)


def _flipped(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    position = data.draw(st.integers(0, len(proof) - 1))
    changed = bytearray(proof[position])
    bit = data.draw(st.integers(0, 255))
    changed[bit // 8] ^= 1 << bit % 8
    return [*proof[:position], bytes(changed), *proof[position + 1 :]]


@given(st.lists(st.integers(0, 40), max_size=8))
def test_appending_in_any_batches_gives_the_same_tree(batches: list[int]) -> None:
    store, growing, start = StoredNodes(), CompactRange(), 0
    for batch in batches:
        leaves = leaves_of(start + batch)[start:]
        store.append(leaves)
        growing = CompactRange.from_bytes(growing.to_bytes()).extend(leaves)
        start += batch
    assert growing.root() == root_at(start, store.get) == root_of(leaves_of(start))
    assert store.nodes == stored(start).nodes


@pytest.mark.parametrize("state", [b"", bytes(7), bytes(8) + bytes(32), bytes(7) + b"\x03" * 33])
def test_a_damaged_state_is_refused(state: bytes) -> None:
    with pytest.raises(ProofInvalid):
        CompactRange.from_bytes(state)


def test_a_leaf_is_never_mistaken_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def test_an_empty_tree_has_no_leaf_and_one_root() -> None:
    with pytest.raises(ProofInvalid):
        inclusion_proof(0, 0, STORE.get)
    with pytest.raises(ProofInvalid):
        consistency_proof(2, 1, STORE.get)
    with pytest.raises(ProofInvalid):
        verify_consistency(0, 5, [], ROOTS[1], ROOTS[5])
    verify_consistency(0, 5, [], EMPTY_ROOT, ROOTS[5])


def test_two_trees_of_one_size_with_different_roots_are_a_split_view() -> None:
    with pytest.raises(ProofInvalid, match="one size"):
        verify_consistency(5, 5, [], ROOTS[5], leaf_hash(b"other view"))
