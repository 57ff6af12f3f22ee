"""Comfort: what looks like protection and is none, told to whoever encodes or attacks, before gates are read.

Three kinds: hardening that keeps records alike, diffusion of filters that are too sparse for it at this
number of records, and salts so few that each group under one of them is a plain data set of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import sqrt

import numpy as np

from linkage.attack.errors import NoTwin
from linkage.attack.leakage import Leakage, leakage
from linkage.attack.policy import PROTECTED
from linkage.attack.twin import LEAST
from linkage.encode import EncodingSet
from linkage.harden import false_comforts
from linkage.schema import Diffusion, LinkageSchema


def comforts(schema: LinkageSchema, found: Leakage | None, largest: Mapping[str, int]) -> list[str]:
    """A line for each false comfort of a schema.

    ``found``: its leakage index where there is one; ``largest``: records of the most frequent token,
    by ``token VIEW``.
    """
    lines = [*false_comforts(schema), *_shared_salts(schema, largest)]
    return lines if found is None else [*lines, *_sparse(found)]


def comforts_of(encodings: EncodingSet) -> list[str]:
    """The same for encodings at hand; the fill is that of made-up persons, where these can be made."""
    schema = encodings.schema
    largest = {f"token {view.name}": _largest(encodings, view.name) for view in schema.salted}
    try:
        found = leakage(schema, len(encodings)) if _diffused(schema) else None
    except NoTwin:
        found = None
    return comforts(schema, found, largest)


def _diffused(schema: LinkageSchema) -> bool:
    return any(
        isinstance(s, Diffusion) for name in schema.hashed for s in schema.hardening_of(name)
    )


def _sparse(found: Leakage) -> Iterator[str]:
    diffused = [view for view in found.views if view.t > 1]
    if found.index is None or not diffused:
        return
    worst = max(diffused, key=lambda view: view.linear)
    index = worst.linear * sqrt(found.n * len(found.views))
    if index > PROTECTED.index:
        yield (
            f"diffusion: filter {worst.name} has {worst.fill:.0%} of its bits set before it, too few "
            f"for t = {worst.t} at {found.n:,} records (leakage index {index:.2g}, at most "
            f"{PROTECTED.index:g} is safe)"
        )


def _shared_salts(schema: LinkageSchema, largest: Mapping[str, int]) -> Iterator[str]:
    for view in schema.salted:
        group = largest.get(f"token {view.name}", 0)
        if not view.thinned and group >= LEAST:
            yield f"salt of {view.name}: {group:,} records share one, and fall as if it were none"


def _largest(encodings: EncodingSet, name: str) -> int:
    tokens = encodings.exact[name]
    return int(np.unique(tokens[tokens != 0], return_counts=True)[1].max(initial=0))
