"""Leakage index: how much linear signal a diffused filter will show, before anybody encodes.

Each released bit is a product of t signs; what stays linear of it is (1 - 2p)^t for a filter with a
share p of its bits set, and averaging over n records in v views makes it visible:

    x = (1 - 2p)^t * sqrt(n * v)

In measurements the first component rises above the noise at x = 0.8; 0.4 keeps a factor of two. The
rule comes from eleven measured cells of 1024-bit filters. It is no proof, it says nothing of other
kinds of hardening, and it never replaces the rank audit on the real encodings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import Final

import numpy as np

from linkage.attack.twin import encoded, make_twin
from linkage.schema import Diffusion, Layout, LinkageSchema

_SAMPLE: Final = 2000
FORMULA: Final = "x = (1 - 2p)^t * sqrt(n * views)"


@dataclass(frozen=True, slots=True)
class ViewLeakage:
    """One filter: share ``fill`` of its bits set before hardening, and ``t``, 1 without diffusion."""

    name: str
    fill: float
    t: int

    @property
    def linear(self) -> float:
        """What stays linear: |1 - 2p|^t."""
        return float(abs(1 - 2 * self.fill) ** self.t)


@dataclass(frozen=True, slots=True)
class Leakage:
    """The index of a schema for ``n`` records.

    ``index`` is None where the formula does not speak: filters under a key of each record. Then
    ``uniform`` tells whether every block sets the same number of bits in every record.
    """

    n: int
    views: tuple[ViewLeakage, ...]
    index: float | None
    uniform: bool

    @property
    def sparsest(self) -> ViewLeakage:
        """The view that decides: the one that leaks most."""
        return max(self.views, key=lambda view: view.linear)


def leakage(schema: LinkageSchema, n: int, *, seed: int = 0) -> Leakage:
    """The leakage index of ``schema`` at ``n`` records, the fill measured on 2000 made-up persons.

    Raises:
        NoTwin: the schema has a column for which no values can be made up.
    """
    views = tuple(
        ViewLeakage(name, fill, _t(schema, name)) for name, fill in _fills(schema, seed).items()
    )
    salted = schema.layout is Layout.SALTED
    index = max(view.linear for view in views) * sqrt(n * len(views))
    uniform = all(field.bits_per_field is not None for field in schema.fields)
    return Leakage(n, views, None if salted else index, uniform)


def unhardened(schema: LinkageSchema) -> LinkageSchema:
    """The schema without any hardening, to see how full its filters are before it."""
    views = tuple(replace(view, hardening=()) for view in schema.views)
    return replace(schema, hardening=(), views=views)


def _fills(schema: LinkageSchema, seed: int) -> dict[str, float]:
    """Mean share of set bits of each filter before hardening, over records that have it."""
    bare = unhardened(schema)
    twin = make_twin(bare, _SAMPLE, 0.0, seed=seed)
    made = encoded(twin.target, bare, seed=seed, side="target")
    found = {}
    for name, words in made.filters.items():
        kept = words[made.present[name]]
        ones = int(np.bitwise_count(kept).sum(dtype=np.int64))
        found[name] = ones / max(64 * kept.size, 1)
    return found


def _t(schema: LinkageSchema, name: str) -> int:
    steps = schema.hardening_of(name)
    if len(steps) == 1 and isinstance(steps[0], Diffusion):
        return steps[0].t
    return 1
