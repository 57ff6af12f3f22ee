"""Signatures: what a record's similarities to all others look like, whatever the key was.

A record with many look-alikes under one key has as many under another. So the sorted similarities of
a record, and those of its neighbours, describe it without the key (after the node features that
graph matching attacks use; Vidanage and others 2020, Schäfer and others 2024).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from linkage.attack.columns import Matrix
from linkage.encode import Words

_STRONGEST: Final = 30
_NEIGHBOURS: Final = 15
_QUANTILES: Final = np.linspace(0.02, 0.995, 24)
_DIMENSIONS: Final = 20


def similarities(words: Words) -> Matrix:
    """Dice of every record with every other (n, n), float32; 0 with itself."""
    bits = np.unpackbits(
        np.ascontiguousarray(words, dtype="<u8").view(np.uint8), axis=1, bitorder="little"
    ).astype(np.float32)
    sizes = bits.sum(axis=1)
    found = bits @ bits.T
    for start in range(0, len(found), 512):
        part = slice(start, start + 512)
        found[part] *= 2.0
        found[part] /= np.maximum(sizes[part, None] + sizes, 1.0)
    np.fill_diagonal(found, 0.0)
    return found


def signatures(words: Words) -> Matrix:
    """Description of each record (n, features): itself, its neighbours, their neighbours."""
    dice = similarities(words)
    nearest = _nearest(dice)
    own = _own(dice)
    del dice
    first = own[nearest].mean(axis=1)
    second = first[nearest].mean(axis=1)
    spread = own[nearest].std(axis=1)
    return np.hstack([own, first, second, spread]).astype(np.float32)


def prior(a: Matrix, b: Matrix) -> Matrix:
    """How alike two records' descriptions are (a, b): minus squared distance by its median."""
    both = np.vstack([_robust(a), _robust(b)])
    both -= both.mean(axis=0)
    _, vectors = np.linalg.eigh((both.T @ both).astype(np.float64))
    coordinates = both @ vectors[:, ::-1][:, :_DIMENSIONS].astype(np.float32)
    left, right = coordinates[: len(a)], coordinates[len(a) :]
    found = left @ right.T
    found *= -2.0
    found += (left**2).sum(axis=1)[:, None]
    found += (right**2).sum(axis=1)
    scale = float(np.median(found[:: max(len(found) // 500, 1)]))
    found *= np.float32(-1.0 / max(scale, 1e-12))
    return found


def _own(dice: Matrix) -> Matrix:
    features = []
    for start in range(0, len(dice), 256):
        ordered = np.sort(dice[start : start + 256], axis=1)
        places = (_QUANTILES * (ordered.shape[1] - 1)).astype(np.intp)
        mean, deviation = ordered.mean(axis=1), ordered.std(axis=1)
        strongest = ordered[:, ::-1][:, : min(_STRONGEST, ordered.shape[1]) : 3]
        features.append(np.column_stack([strongest, ordered[:, places], mean, deviation]))
    return np.vstack(features).astype(np.float32)


def _nearest(dice: Matrix) -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:
    count = min(_NEIGHBOURS, len(dice) - 1)
    parts = [
        np.argpartition(dice[start : start + 256], -count, axis=1)[:, -count:]
        for start in range(0, len(dice), 256)
    ]
    return np.vstack(parts)


def _robust(features: Matrix) -> Matrix:
    deviation = np.maximum(features.std(axis=0), 1e-9)
    found = np.clip((features - np.median(features, axis=0)) / deviation, -6, 6)
    return np.asarray(found, dtype=np.float32)
