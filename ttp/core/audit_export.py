"""The exported audit log: one text file that anyone can check offline (``ttp.core.audit_verifier``).

A line of JSON each: first the header with checkpoints (C2SP signed notes, the newest first), then every leaf up to
the newest checkpoint in its order.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

import orjson

from ttp.core.audit import StoredCheckpoint, StoredLeaf

FORMAT = "treuhandstelle-audit-export"
VERSION = 2


def header_line(
    origin: str, checkpoints: Sequence[StoredCheckpoint], statements: Sequence[object] = ()
) -> bytes:
    """The first line; ``checkpoints`` begins with the newest, which covers all leaves that follow.

    ``statements`` lead from keys of older trust files, the center's and its witnesses', to the present ones.
    """
    return line_of(
        {
            "format": FORMAT,
            "version": VERSION,
            "origin": origin,
            "size": checkpoints[0].size,
            "checkpoints": [checkpoint.note for checkpoint in checkpoints],
            "key_statements": list(statements),
        }
    )


def leaf_line(leaf: StoredLeaf) -> bytes:
    """The line of a sequenced leaf."""
    body, subjects = (base64.b64encode(data).decode() for data in (leaf.body, leaf.subjects))
    return line_of(
        {
            "position": leaf.position,
            "hash": leaf.hash().hex(),
            "body": body,
            "subjects": subjects,
        }
    )


def line_of(document: Mapping[str, object]) -> bytes:
    """The one way to write a line."""
    return orjson.dumps(document) + b"\n"
