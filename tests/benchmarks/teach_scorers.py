"""Teaches the scorers of shipped schemas of views, from made-up patients whose truth is known.

Development seeds alone, with little and much overlap, moderate and heavy errors. Writes
`linkage/data/taught-2026-11.json`: ``python -m tests.benchmarks.teach_scorers``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

import numpy as np

from linkage import schema
from linkage.comparison import thinned
from linkage.decide import matter
from linkage.decide.judge import Shape, compare, shape_of
from linkage.decide.logistic import fit_logistic
from linkage.decide.taught import LESSONS
from linkage.encode import Encoder
from linkage.encoded_score import Scored
from linkage.evaluate import pair
from linkage.fellegi_sunter import Levels
from tests.benchmarks.bench_quality import SECRET, Data, Setting, made_up

FILE: Final = Path(__file__).parents[2] / "linkage" / "data" / LESSONS
SIZE: Final = 10_000
CLASSES: Final = (
    (0.1, "moderate", 21),
    (0.1, "moderate", 22),
    (0.1, "heavy", 23),
    (0.5, "moderate", 24),
    (0.5, "moderate", 25),
    (0.5, "heavy", 26),
)
"""Overlap, errors and seed of each lesson; without insurance numbers, which count by fixed bits."""


def lesson(name: str, data: Data) -> tuple[Levels, np.ndarray, tuple[int, ...]]:
    """Levels of the candidates, which of them match, and the number of levels of each column."""
    encoder = Encoder(schema.load(name), secret=SECRET)
    sets = [encoder.encode(table) for table in data.tables]
    shape = shape_of(sets[0])
    work = compare(sets, shape, "auto", None)
    if shape is Shape.SALTED:
        columns = matter.columns_of_salted(sets[0])
    else:
        columns = matter.columns_of_views([thinned(item) for item in work.unrelated])
    item = work.cross[0]
    return matter.levels_of(item, columns), _matching(item, data), columns.sizes


def _matching(item: Scored, data: Data) -> np.ndarray:
    a, b = item.a.encodings, item.b.encodings
    rows = zip(item.pairs.rows_a.tolist(), item.pairs.rows_b.tolist(), strict=True)
    named = (
        pair((a.source, a.record_ids[left]), (b.source, b.record_ids[right]))
        for left, right in rows
    )
    return np.fromiter((one in data.truth for one in named), np.float64, len(item.pairs))


def taught(name: str) -> dict[str, object]:
    """The scorer of a schema, as it is written to the file."""
    lessons = [
        lesson(name, made_up(Setting(name, SIZE, overlap, errors, seed, numbers=False)))
        for overlap, errors, seed in CLASSES
    ]
    levels = np.concatenate([levels for levels, _, _ in lessons])
    matching = np.concatenate([matching for _, matching, _ in lessons])
    scorer = fit_logistic(levels, matching, np.ones(len(levels)), lessons[0][2])
    tables = [[round(float(bits), 4) for bits in table] for table in scorer.tables]
    return {
        "schema": schema.load(name).name,
        "share": round(float(matching.mean()), 6),
        "base": round(scorer.base, 4),
        "tables": tables,
    }


def _by_hand() -> None:
    parser = argparse.ArgumentParser(description="Teach scorers.")
    parser.add_argument("names", nargs="*", default=["accurate", "views", "salted"])
    scorers = json.loads(FILE.read_text())["scorers"] if FILE.exists() else {}
    for name in parser.parse_args().names:
        scorers[schema.load(name).fingerprint] = taught(name)
        FILE.write_text(json.dumps({"scorers": scorers}, indent=1) + "\n")


if __name__ == "__main__":
    _by_hand()
