"""In clear: the levels of the comparators, finer where a rare value agrees, for self-trained scorers.

Two records that agree in a rare surname are more surely one person than two named Müller. Where
values are known, "equal" therefore has four levels for names: by how many records of both sources
carry the value (Newcombe et al. 1959; here as levels, so that every scorer can weigh them).
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from linkage.clear import levels_of, prepared
from linkage.comparators import Name, Prepared
from linkage.comparison import Comparison, source_of
from linkage.decide.judge import verdict_of
from linkage.decide.matter import Columns
from linkage.decide.selftrain import Field, ScorerKind, judged
from linkage.decide.verdict import Verdict
from linkage.encoded_score import Scored
from linkage.fellegi_sunter import Levels
from linkage.records import RecordTable
from linkage.score import FIELDS

_NAMES: Final = ("given_name", "surname")
_COLUMNS: Final = tuple(name for name in FIELDS if name != "kvnr")
"""The insurance number counts as identifier, with fixed bits."""
_RARE: Final = (1e-2, 1e-3, 1e-4)
"""Shares of records below which a value is a level rarer."""


def learned_in_clear(
    work: Comparison,
    tables: Sequence[RecordTable],
    kind: ScorerKind,
    *,
    duplicates: Collection[str] = (),
) -> Verdict:
    """Judge candidates of records in clear by a scorer that trains itself."""
    records = {table.source: prepared(table) for table in tables}
    rarity = {name: _rarity(records, name) for name in _NAMES}
    cross, inside = (
        [judged(item, _levels(item, records, rarity)) for item in group]
        for group in (work.cross, work.inside)
    )
    sizes = tuple(len(FIELDS[name]) + len(_RARE) * (name in _NAMES) for name in _COLUMNS)
    field = Field(cross, inside, Columns(_COLUMNS, sizes, 0, {}), salted=False)
    return verdict_of(field, kind, duplicates=duplicates)


def _levels(
    item: Scored,
    records: Mapping[str, Sequence[Prepared]],
    rarity: Mapping[str, Mapping[frozenset[str], int]],
) -> Levels:
    left, right = records[source_of(item.a)], records[source_of(item.b)]
    rows = list(zip(item.pairs.rows_a.tolist(), item.pairs.rows_b.tolist(), strict=True))
    every = levels_of(rows, left, right)
    levels = every[:, [list(FIELDS).index(name) for name in _COLUMNS]]
    for name in _NAMES:
        at, highest = _COLUMNS.index(name), len(FIELDS[name])
        for place in np.flatnonzero(levels[:, at] == highest).tolist():
            value: Name | None = getattr(left[rows[place][0]], name)
            levels[place, at] += rarity[name][value.known] if value else 0
    return levels


def _rarity(records: Mapping[str, Sequence[Prepared]], name: str) -> Mapping[frozenset[str], int]:
    """How many of the bounds in `_RARE` the share of a value stays below."""
    names = (getattr(record, name) for source in records.values() for record in source)
    counts = Counter(value.known for value in names if value)
    total = max(counts.total(), 1)
    return {value: sum(count / total < bound for bound in _RARE) for value, count in counts.items()}
