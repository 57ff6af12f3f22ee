"""Quality without the truth: intervals that cover it, labels spent well, a report that opens offline."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from linkage.evaluate import NamedPair, pair
from linkage.pipeline import link_clear
from linkage.quality.estimate import Estimate, estimate
from linkage.quality.page import as_html
from linkage.quality.report import as_json, describe
from linkage.quality.sampling import FEWEST, Stratum, next_to_review, strata_of
from linkage.quality.scored_pairs import read_pairs
from linkage.refusals import PairsInvalid
from linkage.result import LinkResult
from linkage.synthetic import generate
from tests.scale import scaled

LABELS = 500
REACH = 8.0


def study(seed: int) -> tuple[tuple[Stratum, ...], NDArray[np.bool_]]:
    """Candidates of an imagined linkage: matches and others overlap around the threshold."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1_500, 6_000))
    matches = int(size * rng.uniform(0.1, 0.8))
    spread = rng.uniform(2.5, 6.0, 2)
    score = np.concatenate(
        [rng.normal(12, spread[0], matches), rng.normal(-12, spread[1], 2 * size)]
    )
    true = np.arange(len(score)) < matches
    return strata_of(score, score >= 0, threshold=0.0, reach=REACH), true


def reviewed(
    strata: tuple[Stratum, ...], true: NDArray[np.bool_], rounds: int = 4
) -> dict[int, bool]:
    labels: dict[int, bool] = {}
    for _ in range(rounds):
        labels |= {row: bool(true[row]) for row in next_to_review(strata, labels, LABELS // rounds)}
    return labels


def truth_of(strata: tuple[Stratum, ...], true: NDArray[np.bool_]) -> tuple[float, float, float]:
    right = sum(int(true[s.rows].sum()) for s in strata if s.accepted)
    links = sum(len(s) for s in strata if s.accepted)
    every = sum(int(true[s.rows].sum()) for s in strata)
    return right / links, right / every, 2 * right / (links + every)


def test_intervals_cover_the_truth_in_at_least_93_of_100_studies() -> None:
    studies = scaled(200, least=60)
    covered = np.zeros(3)
    for seed in range(studies):
        strata, true = study(seed)
        labels = reviewed(strata, true)
        assert len(labels) <= LABELS
        found = estimate(strata, labels, draws=1000)
        for at, (of, value) in enumerate(zip(_three(found), truth_of(strata, true), strict=True)):
            covered[at] += of[0] <= value <= of[1]
    assert (covered / studies >= 0.93).all(), covered / studies


def _three(found: Estimate) -> list[tuple[float, float]]:
    return [(of.low, of.high) for of in (found.precision, found.recall, found.f1)]


def test_more_labels_give_narrower_intervals() -> None:
    strata, true = study(3)
    few = dict(list(reviewed(strata, true, 1).items())[:100])
    width = [
        of.f1.high - of.f1.low
        for of in (estimate(strata, few), estimate(strata, reviewed(strata, true)))
    ]
    assert width[1] < width[0]


def test_all_labels_give_the_truth() -> None:
    strata, true = study(5)
    every = {row: bool(true[row]) for s in strata for row in s.rows.tolist()}
    found = estimate(strata, every, draws=100)
    for (low, high), value in zip(_three(found), truth_of(strata, true), strict=True):
        assert low == pytest.approx(value)
        assert high == pytest.approx(value)


def test_without_rejected_pairs_nothing_is_known_of_recall() -> None:
    strata, true = study(5)
    links = [stratum for stratum in strata if stratum.accepted]
    found = estimate(links, reviewed(tuple(links), true), draws=100)
    assert found.recall.low == found.f1.low == 0.0
    assert found.precision.low > 0.0


def test_labels_outside_the_strata_do_not_count() -> None:
    strata, true = study(5)
    labels = reviewed(strata, true)
    beyond = max(row for s in strata for row in s.rows.tolist()) + 1
    assert estimate(strata, labels | {beyond: True}, draws=100).labels == len(labels)


def test_every_stratum_is_looked_at_first() -> None:
    strata, _ = study(1)
    chosen = set(next_to_review(strata, {}, FEWEST * len(strata)))
    for stratum in strata:
        assert len(chosen & set(stratum.rows.tolist())) == min(FEWEST, len(stratum))


def test_labeled_pairs_are_not_asked_for_again() -> None:
    strata, true = study(2)
    first = next_to_review(strata, {}, 100)
    labels = {row: bool(true[row]) for row in first}
    assert not set(first) & set(next_to_review(strata, labels, 100))
    assert next_to_review(strata, labels, 50) == next_to_review(strata, labels, 50)


def test_strata_hold_every_link_once_and_no_pair_far_below() -> None:
    rng = np.random.default_rng(1)
    score = rng.normal(0, 10, 5000)
    strata = strata_of(score, score >= 1, threshold=1.0, reach=REACH)
    rows = np.concatenate([stratum.rows for stratum in strata])
    assert len(np.unique(rows)) == len(rows)
    assert set(rows.tolist()) == set(np.flatnonzero(score >= 1 - REACH).tolist())


@cache
def linked() -> tuple[LinkResult, set[NamedPair]]:
    people = generate(("nord", "sued"), 400, 0.5, 8)
    truth = {pair(("nord", a), ("sued", b)) for a, b in people.truth_pairs("nord", "sued")}
    return link_clear([people.table(site) for site in people.sites]), truth


def test_the_report_opens_offline_and_runs_nothing() -> None:
    result, truth = linked()
    page = as_html(describe(result, truth=truth))
    assert not re.search(r"<script|<link|<img|@import|url\(|src=|href=", page)
    assert "default-src 'none'" in page
    assert page.count("<svg") == page.count('role="img"') >= 3
    assert page.count("<svg") == page.count("<desc>") == page.count("<title>") - 1
    assert "prefers-color-scheme:dark" in page


def test_the_report_names_no_record_unless_asked_to() -> None:
    result, _ = linked()
    plain, named = describe(result), describe(result, with_ids=True)
    ids = [record for found in result.links for _, record in found.named]
    assert not any(record in as_json(plain) + as_html(plain) for record in ids)
    assert any(record in as_json(named) for record in ids)


def test_records_are_shown_in_the_order_of_their_sources() -> None:
    result, _ = linked()
    turned = replace(
        result, workings=tuple(replace(one, sources=("z", "y")) for one in result.workings)
    )
    for document in (describe(result, with_ids=True), describe(turned, with_ids=True)):
        pairs: Any = document["pairs"]
        for shown in pairs:
            first, second = shown["records"]
            assert first in result.workings[0].ids_a
            assert second in result.workings[0].ids_b


def test_pairs_in_parquet_that_are_no_utf_8_are_refused(tmp_path: Path) -> None:
    cut = pa.Array.from_buffers(pa.string(), 1, pa.array([b"M\xfc"], pa.binary()).buffers())
    names = dict.fromkeys(("source_a", "record_a", "source_b"), pa.array(["a"]))
    parquet.write_table(pa.table(names | {"record_b": cut}), tmp_path / "pairs.parquet")
    with pytest.raises(PairsInvalid, match="UTF-8"):
        read_pairs(tmp_path / "pairs.parquet")


def test_precision_appears_only_with_truth_or_labels() -> None:
    result, truth = linked()
    assert "precision" not in as_json(describe(result))
    curve = json.loads(as_json(describe(result, truth=truth)))["curve"]
    assert {"precision", "recall", "f1"} <= set(curve[0])
    assert max(point["f1"] for point in curve) > 0.95


def test_the_histogram_counts_every_candidate_once() -> None:
    result, _ = linked()
    bars = json.loads(as_json(describe(result)))["histogram"]
    assert sum(bars["links"]) + sum(bars["rivals"]) == sum(map(len, result.workings))


def test_an_estimate_is_shown_with_its_interval() -> None:
    strata, true = study(4)
    result, _ = linked()
    page = as_html(describe(result, estimate=estimate(strata, reviewed(strata, true))))
    assert "95 % interval" in page
    assert "Not estimated" not in page
