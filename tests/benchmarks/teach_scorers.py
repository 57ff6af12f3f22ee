"""Teaches the scorers of shipped schemas of views, from made-up patients whose truth is known.

First which candidates match, then which of the links that the scorer makes are true.

Development seeds alone, with little and much overlap, moderate and heavy errors. Writes
`linkage/data/taught-2026-11.json`: ``python -m tests.benchmarks.teach_scorers``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from linkage import schema
from linkage.comparison import thinned
from linkage.decide import matter
from linkage.decide.judge import Shape, compare, shape_of
from linkage.decide.logistic import Logistic, fit_logistic
from linkage.decide.taught import LESSONS
from linkage.decide.verdict import linked
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


@dataclass(frozen=True, slots=True)
class Lesson:
    """Candidates of two sources, their levels in columns of ``sizes``, and which of them match."""

    candidates: Scored
    levels: Levels
    sizes: tuple[int, ...]
    matching: np.ndarray


def lesson(name: str, data: Data) -> Lesson:
    """The candidates of made-up patients under a schema."""
    encoder = Encoder(schema.load(name), secret=SECRET)
    sets = [encoder.encode(table) for table in data.tables]
    shape = shape_of(sets[0])
    work = compare(sets, shape, "auto", None)
    if shape is Shape.SALTED:
        columns = matter.columns_of_salted(sets[0])
    else:
        columns = matter.columns_of_views([thinned(item) for item in work.unrelated])
    item = work.cross[0]
    return Lesson(item, matter.levels_of(item, columns), columns.sizes, _matching(item, data))


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
    levels = np.concatenate([item.levels for item in lessons])
    matching = np.concatenate([item.matching for item in lessons])
    fitted = fit_logistic(levels, matching, np.ones(len(levels)), lessons[0].sizes)
    rounded = [[round(float(bits), 4) for bits in table] for table in fitted.tables]
    scorer = Logistic(round(fitted.base, 4), tuple(map(np.array, rounded)))
    return {
        "schema": schema.load(name).name,
        "links": of_links(lessons, scorer),
        "base": scorer.base,
        "tables": rounded,
    }


def of_links(lessons: Sequence[Lesson], scorer: Logistic) -> dict[str, float]:
    """Bits for a link by its score (Platt 1999), and the share of the links that is true."""
    scores, right = [], []
    for item in lessons:
        pairs = replace(item.candidates.pairs, score=scorer.score(item.levels))
        links = linked(replace(item.candidates, pairs=pairs))
        scores.append(pairs.score[links])
        right.append(item.matching[links])
    score, true = np.concatenate(scores), np.concatenate(right)
    line = np.column_stack([np.ones(len(score)), score])
    nats = np.array([0.0, np.log(2)])
    for _ in range(25):
        odds = 1 / (1 + np.exp(-line @ nats))
        curved = line.T @ (line * (odds * (1 - odds))[:, None])
        nats += np.linalg.solve(curved, line.T @ (true - odds))
    base, slope = (round(float(bits), 4) for bits in nats / np.log(2))
    return {"base": base, "slope": slope, "share": round(float(true.mean()), 6)}


def _by_hand() -> None:
    parser = argparse.ArgumentParser(description="Teach scorers.")
    parser.add_argument("names", nargs="*", default=["accurate", "views", "salted"])
    scorers = json.loads(FILE.read_text())["scorers"] if FILE.exists() else {}
    for name in parser.parse_args().names:
        scorers[schema.load(name).fingerprint] = taught(name)
        FILE.write_text(json.dumps({"scorers": scorers}, indent=1) + "\n")


if __name__ == "__main__":
    _by_hand()
