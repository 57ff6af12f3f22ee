"""Transparency: a log that cannot be rewritten without every holder of a checkpoint noticing."""

from keys.transparency.checkpoints import (
    Checkpoint,
    Note,
    NoteSignature,
    cosign,
    key_hash,
    parse_note,
    sign_note,
    verify_cosignature,
    verify_note,
)
from keys.transparency.merkle import (
    EMPTY_ROOT,
    HASH_LENGTH,
    CompactRange,
    GetNode,
    compact_range,
    leaf_hash,
    new_nodes,
    node_hash,
    root_at,
    root_of,
)
from keys.transparency.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "EMPTY_ROOT",
    "HASH_LENGTH",
    "Checkpoint",
    "CompactRange",
    "GetNode",
    "Note",
    "NoteSignature",
    "compact_range",
    "consistency_proof",
    "cosign",
    "inclusion_proof",
    "key_hash",
    "leaf_hash",
    "new_nodes",
    "node_hash",
    "parse_note",
    "root_at",
    "root_of",
    "sign_note",
    "verify_consistency",
    "verify_cosignature",
    "verify_inclusion",
    "verify_note",
]
