"""Doubles: records found to be further ones of a person, left out while a scorer is learned.

Self-training holds that a record has one counterpart and that pairs inside a source do not match. A person
whom a source holds twice breaks both; so of every pair of doubles found, the later record teaches nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from linkage.comparison import source_of
from linkage.decide.selftrain import Field, Judged
from linkage.decide.verdict import Verdict, linked
from linkage.merging import merge_from

Rows = Mapping[str, NDArray[np.int32]]
"""Rows by source."""


def doubles(verdict: Verdict, duplicates: Collection[str]) -> Rows:
    """The later records of all pairs inside the sources with ``duplicates`` that are one person."""
    links = np.concatenate([item.pairs.score[linked(item)] for item in verdict.cross])
    found = {}
    for item in verdict.inside:
        if source_of(item.a) in duplicates:
            cut = merge_from(links, item.pairs.score, verdict.threshold.match)
            found[source_of(item.a)] = np.unique(item.pairs.rows_b[item.pairs.score >= cut])
    return found


def once(field: Field, gone: Rows) -> Field:
    """The field without the pairs of these records."""
    cross, inside = (
        [_without(item, gone) for item in group] for group in (field.cross, field.inside)
    )
    return replace(field, cross=cross, inside=inside)


def _without(item: Judged, gone: Rows) -> Judged:
    scored, nothing = item.scored, np.empty(0, np.int32)
    at_a = np.isin(scored.pairs.rows_a, gone.get(source_of(scored.a), nothing))
    at_b = np.isin(scored.pairs.rows_b, gone.get(source_of(scored.b), nothing))
    stay = ~(at_a | at_b)
    kept = replace(scored, pairs=scored.pairs.select(stay))
    return Judged(kept, item.levels[stay], item.known[stay])
