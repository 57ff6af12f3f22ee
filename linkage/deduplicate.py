"""Deduplicate: the records of one source compared with each other, judged, and grouped.

A person may have any number of records, so nothing is selected one to one: every pair from the
threshold on is a match, and records connected by matches are one group. Encoded fields and views are
judged by Fellegi-Sunter weights from EM. The threshold is placed as between sources: the source is
taken for two equal ones, and what loses to a better pair shows how alike different persons get. Where
duplicates are rare, relatives still are among the matches: look at a sample (`linkage.quality`) before
anything is merged.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage import candidates as finding
from linkage import clear, encoded_score, thresholds
from linkage.candidates import Side, join_equal
from linkage.classify import Outcome
from linkage.cluster import Link, RecordNumber, Rules, SourceNumber, group
from linkage.comparison import thinned
from linkage.decide import matter
from linkage.decide.judge import Shape, shape_of
from linkage.decide.search import ByTokens, ByViews
from linkage.decide.verdict import linked, workings
from linkage.encode import EncodingSet
from linkage.encoded_score import Scored
from linkage.evaluate import NamedPair, evaluate
from linkage.evidence import Evidence
from linkage.explain import Workings
from linkage.fellegi_sunter import fit
from linkage.kernel import PairTable, Progress
from linkage.kernel.engine import Engine
from linkage.records import RecordId, RecordTable
from linkage.refusals import ThinnedViews
from linkage.result import LinkedPair, LinkResult, ordered
from linkage.score import Parameters, load_parameters
from linkage.thresholds import Method, Threshold, require_threshold

_BAND: Final = 0.05
"""Width of the review band below a Dice threshold."""
_BAND_BITS: Final = 8.0
"""Width of the review band below a threshold in bits."""
_LEAST_BITS: Final = 15.0
"""Lowest threshold in bits fallen back on: that of `link`; it was not tuned on held-out data."""
_SOURCE: Final = SourceNumber(0)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Pairs of the source with their scores, the threshold, and what gave the scores."""

    scored: Scored
    threshold: Threshold
    scorer: str
    workings: Workings


def deduplicate(
    encodings: EncodingSet,
    *,
    threshold: float | None = None,
    engine: str | Engine = "auto",
    progress: Progress | None = None,
    truth: Collection[NamedPair] | None = None,
) -> LinkResult:
    """Find the records of one encoded source that are one person.

    Scores are Dice coefficients where a record has one filter and bits of evidence elsewhere.

    Raises:
        ThinnedViews: the schema hides duplicates inside a source.
        ThresholdInvalid: a Dice threshold outside (0, 1], or one in bits that is not finite.
    """
    started = time.monotonic()
    shape = shape_of(encodings)
    whole = shape is Shape.WHOLE
    if any(view.thinned for view in encodings.schema.salted):
        raise ThinnedViews(encodings.source)
    require_threshold(threshold, bits=not whole)
    if whole:
        lowest = 1.0 if threshold is None else max(threshold - _BAND, 0.01)
        judged = _by_dice(finding.side(encodings), engine, progress, lowest)
    else:
        judged = _by_weights(encodings, shape, engine, progress)
    if threshold is not None:
        judged = replace(judged, threshold=_given(threshold, _BAND if whole else _BAND_BITS))
    schema = encodings.schema
    about: dict[str, object] = {
        "kind": "encoded",
        "schema": schema.name,
        "schema_fingerprint": schema.fingerprint,
        "unit": "dice" if whole else "bits",
    }
    return _result(judged, about, started, truth)


def deduplicate_clear(
    table: RecordTable,
    *,
    parameters: Parameters | None = None,
    threshold: float | None = None,
    engine: str | Engine = "auto",
    progress: Progress | None = None,
    truth: Collection[NamedPair] | None = None,
) -> LinkResult:
    """Find the records of one source in clear that are one person, by the weight table, in bits.

    Raises:
        MissingColumn, RecordInvalid: the table cannot be read under the default schema.
        ThresholdInvalid: a threshold that is not finite.
    """
    require_threshold(threshold, bits=True)
    started = time.monotonic()
    weights = parameters or load_parameters()
    side = clear.encoded_sides([table])[0]
    floor = finding.floor_for(_unrelated(side).pairs.score, len(side))
    alike = finding.within(side, floor, engine=engine, progress=progress)
    records = clear.prepared(table)
    scored = clear.by_weights(_with_tokens(side, alike, ()), records, records, weights)
    chosen = Threshold(weights.match_at, weights.possible_at, Method.WEIGHT_TABLE)
    if threshold is not None:
        chosen = _given(threshold, _BAND_BITS)
    explained = clear.workings_of(scored, {table.source: records}, weights)
    judged = _Judged(scored, chosen, "weight-table", explained)
    about: dict[str, object] = {"kind": "clear", "unit": "bits", "weights": weights.name}
    return _result(judged, about, started, truth)


def _given(threshold: float, band: float) -> Threshold:
    return Threshold(threshold, threshold - band, Method.GIVEN)


def _by_dice(side: Side, engine: str | Engine, progress: Progress | None, lowest: float) -> _Judged:
    unrelated = _unrelated(side).pairs.score
    floor = min(finding.floor_for(unrelated, len(side)), lowest)
    alike = finding.within(side, floor, engine=engine, progress=progress)
    before = _with_tokens(side, alike, ())
    scored = encoded_score.by_dice(before, bits_per_unit=encoded_score.slope([alike], floor))
    cut = thresholds.fallback_for(unrelated)
    dice, score = before.pairs.score, scored.pairs.score

    def parts(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.column_stack([dice[rows], score[rows] - dice[rows]])

    explained = workings(scored, parts, ("dice", "identifier"))
    return _Judged(scored, _placed(scored, cut, _BAND), "dice", explained)


def _placed(scored: Scored, fallback: float, band: float) -> Threshold:
    """The threshold by what lost to a better pair; ``fallback`` where too few records can tell."""
    links, score = linked(scored), scored.pairs.score
    records = len(scored.a)
    evidence = Evidence(score[links], score[~links], None, (records, records))
    chosen = thresholds.choose([evidence], fallback=fallback)
    return replace(chosen, possible=chosen.match - band)


def _by_weights(
    encodings: EncodingSet, shape: Shape, engine: str | Engine, progress: Progress | None
) -> _Judged:
    side = finding.side(encodings) if shape is Shape.FIELDS else finding.apart(encodings)
    unrelated = _unrelated(side)
    some = thinned(unrelated)
    salted = shape is Shape.SALTED
    columns = matter.columns_of_salted(encodings) if salted else matter.columns_of_views([some])
    pairs = _alike(side, shape, unrelated, engine, progress)
    scored = _with_tokens(side, pairs, matter.salts_of(encodings))
    levels, apart = matter.levels_of(scored, columns), matter.levels_of(some, columns)
    known = encoded_score.identifier_bits(scored)
    alike = matter.likeness(levels, columns)
    likely = ((alike >= matter.likely_from(columns)) | (known > 0)) & (known >= 0)
    model = fit(levels, apart, columns.sizes, likely=likely)
    judged = replace(scored, pairs=replace(scored.pairs, score=model.score(levels) + known))

    def parts(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.column_stack([model.parts(levels[rows]), known[rows]])

    explained = workings(judged, parts, (*columns.names, "identifier"), levels=levels)
    cut = max(_more_likely_than_not(len(side), model.share * len(levels)), _LEAST_BITS)
    return _Judged(judged, _placed(judged, cut, _BAND_BITS), "fellegi-sunter", explained)


def _alike(
    side: Side,
    shape: Shape,
    unrelated: Scored,
    engine: str | Engine,
    progress: Progress | None,
) -> PairTable:
    """Pairs worth judging: by equal tokens, by any view, or by all fields side by side."""
    if shape is Shape.SALTED:
        return ByTokens().within(side, progress)
    if shape is Shape.FIELDS:
        floor = finding.floor_for(unrelated.pairs.score, len(side))
        return finding.within(side, floor, engine=engine, progress=progress)
    views = ByViews(engine)
    views.prepare([side, side], [unrelated.pairs])
    return views.within(side, progress)


def _more_likely_than_not(records: int, matches: float) -> float:
    """Bits at which a pair of the source matches as likely as not, so many matches being expected."""
    return float(np.log2(max(records * (records - 1) / 2, 2) / max(matches, 1.0)))


def _unrelated(side: Side) -> Scored:
    """Evenly drawn pairs of different records with their Dice coefficient; nearly none match."""
    rows_a, rows_b = finding.unrelated_pairs(side, side)
    apart = rows_a < rows_b
    rows_a, rows_b = rows_a[apart], rows_b[apart]
    score = finding.pair_dice(side.whole, side.whole, rows_a, rows_b)
    return Scored(side, side, PairTable(rows_a, rows_b, score, "", 0, 0))


def _with_tokens(side: Side, alike: PairTable, salts: Collection[str]) -> Scored:
    """Pairs that are alike, and those that share an exact token which is no salt; each once."""
    keys = [(alike.rows_a.astype(np.int64) << 32) | alike.rows_b]
    for name, tokens in side.encodings.exact.items():
        if name not in salts:
            shared = join_equal(tokens, tokens)
            keys.append(shared[(shared >> 32) < (shared & 0xFFFFFFFF)])
    every = np.unique(np.concatenate(keys))
    rows_a, rows_b = (every >> 32).astype(np.int32), (every & 0xFFFFFFFF).astype(np.int32)
    score = finding.pair_dice(side.whole, side.whole, rows_a, rows_b)
    return Scored(
        side, side, PairTable(rows_a, rows_b, score, alike.engine, alike.compared, alike.width)
    )


def _result(
    judged: _Judged,
    about: dict[str, object],
    started: float,
    truth: Collection[NamedPair] | None,
) -> LinkResult:
    pairs, cut = judged.scored.pairs, judged.threshold
    encodings = judged.scored.a.encodings
    matches = pairs.select(pairs.score >= cut.match)
    possible = pairs.select((pairs.score < cut.match) & (pairs.score >= cut.possible))
    rows = zip(
        matches.rows_a.tolist(), matches.rows_b.tolist(), matches.score.tolist(), strict=True
    )
    links = [Link(RecordNumber(a), RecordNumber(b), score) for a, b, score in rows]
    rules = Rules(several=[_SOURCE])
    members = group([_SOURCE] * len(encodings), links, rules=rules).members()
    found = tuple(ordered(_named(encodings, matches, Outcome.MATCH)))
    sizes = [len(records) for records in members.values()]
    report = about | {
        "sources": {encodings.source: len(encodings)},
        "scorer": judged.scorer,
        "engine": pairs.engine,
        "pairs_compared": pairs.compared,
        "candidates": len(pairs),
        "threshold": {
            "match": round(cut.match, 6),
            "possible": round(cut.possible, 6),
            "chosen_by": str(cut.method),
        },
        "matches": len(matches),
        "possible_matches": len(possible),
        "groups_of_several": sum(size > 1 for size in sizes),
        "largest_group": max(sizes, default=0),
        "seconds": round(time.monotonic() - started, 3),
        "quality": _quality(found, truth),
    }
    ids = encodings.record_ids
    groups = {
        number: tuple((encodings.source, str(ids[record])) for record in records)
        for number, records in members.items()
    }
    every = np.ones(len(pairs), dtype=np.bool_)
    explained = replace(judged.workings, links=every)
    review = tuple(ordered(_named(encodings, possible, Outcome.POSSIBLE)))
    return LinkResult(found, review, groups, report, (explained,))


def _named(encodings: EncodingSet, pairs: PairTable, outcome: Outcome) -> list[LinkedPair]:
    source, ids = encodings.source, encodings.record_ids
    columns = pairs.rows_a.tolist(), pairs.rows_b.tolist(), pairs.score.tolist()
    return [
        LinkedPair(source, RecordId(ids[a]), source, RecordId(ids[b]), score, outcome)
        for a, b, score in zip(*columns, strict=True)
    ]


def _quality(found: Collection[LinkedPair], truth: Collection[NamedPair] | None) -> object:
    if truth is None:
        return "not estimated"
    quality = evaluate([one.named for one in found], truth)
    return {
        "precision": round(quality.precision, 6),
        "recall": round(quality.recall, 6),
        "f1": round(quality.f1, 6),
        "true_pairs": quality.true,
    }
