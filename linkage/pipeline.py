"""Pipeline: compare every source with every other, judge, select one to one, merge duplicates, group.

The same input gives the same links, whatever the engine; time alone differs.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from math import isfinite
from typing import Final

from linkage import clear
from linkage.classify import REVIEW_SHARE, Classified, Outcome, classify
from linkage.comparison import Comparison, source_of
from linkage.decide.in_clear import learned_in_clear
from linkage.decide.judge import Shape, compare_and_judge, shape_of
from linkage.decide.selftrain import ScorerKind
from linkage.decide.verdict import Verdict, scores_alone
from linkage.encode import EncodingSet
from linkage.encoded_score import Scored
from linkage.evaluate import NamedPair, evaluate
from linkage.kernel import PairTable, Progress
from linkage.kernel.engine import Engine
from linkage.merging import (
    Constraints,
    Merged,
    clusters_of,
    merged,
    pairs_within,
    standing,
    without_apart,
)
from linkage.records import RecordId, RecordTable
from linkage.refusals import DuplicateSource, ThinnedViews, TooFewSources
from linkage.result import LinkedPair, LinkResult, ordered
from linkage.score import Parameters, load_parameters
from linkage.thresholds import Method, Threshold, require_threshold

_BAND: Final = 0.05
"""Width of the review band below a given Dice threshold."""
_BAND_BITS: Final = 8.0
"""Width of the review band below a given threshold in bits."""


def link(
    encoding_sets: Sequence[EncodingSet],
    *,
    threshold: float | None = None,
    engine: str | Engine = "auto",
    progress: Progress | None = None,
    truth: Collection[NamedPair] | None = None,
    scorer: ScorerKind | None = None,
    duplicates: Collection[str] = (),
    kept_apart: Collection[NamedPair] = (),
) -> LinkResult:
    """Link two or more encoded sources.

    Scores are Dice coefficients (shifted by equal or different identifiers) in the record layout
    and bits of evidence in the others, by ``scorer``: unless another is asked for, Fellegi-Sunter for
    fields, the taught scorer for shipped views that have one, boosting for other views. Without
    ``threshold`` one is chosen without the truth.
    Sources hold a person once; those named in ``duplicates`` may hold one several times, and what is
    merged in them counts among the links. Pairs ``kept_apart`` meet in no cluster.

    Raises:
        TooFewSources, DuplicateSource, UnknownSource: fewer than two sources, two of one name, or
        duplicates in a source that is not there.
        ThinnedViews: the schema hides duplicates inside a source.
        EncodingMismatch: other schema, secret or length.
        ThresholdInvalid: a Dice threshold outside (0, 1], or one in bits that is not finite.
    """
    started = time.monotonic()
    constraints = Constraints(frozenset(duplicates), kept_apart)
    _check_encodings(encoding_sets, constraints)
    schema, whole = encoding_sets[0].schema, shape_of(encoding_sets[0]) is Shape.WHOLE
    require_threshold(threshold, bits=not whole)
    work, verdict = compare_and_judge(
        encoding_sets,
        engine=engine,
        progress=progress,
        scorer=scorer,
        highest_floor=1.0 if threshold is None or not whole else max(threshold - _BAND, 0.01),
        duplicates=constraints.duplicates,
    )
    about: dict[str, object] = {
        "kind": "encoded",
        "schema": schema.name,
        "schema_fingerprint": schema.fingerprint,
        "unit": "dice" if whole else "bits",
        "scorer": verdict.scorer,
    }
    if threshold is not None:
        possible = threshold - (_BAND if whole else _BAND_BITS)
        verdict = replace(verdict, threshold=Threshold(threshold, possible, Method.GIVEN))
    return _finish(work, verdict, about, started, truth, constraints)


def _check_encodings(encoding_sets: Sequence[EncodingSet], constraints: Constraints) -> None:
    """Pass encodings that can be linked like this."""
    _check_sources([item.source for item in encoding_sets], constraints)
    for other in encoding_sets[1:]:
        encoding_sets[0].require_comparable(other)
    thinned = any(view.thinned for view in encoding_sets[0].schema.salted)
    if thinned and constraints.duplicates:
        raise ThinnedViews(min(constraints.duplicates))


def link_clear(
    tables: Sequence[RecordTable],
    *,
    parameters: Parameters | None = None,
    threshold: float | None = None,
    engine: str | Engine = "auto",
    progress: Progress | None = None,
    truth: Collection[NamedPair] | None = None,
    scorer: ScorerKind | None = None,
    duplicates: Collection[str] = (),
    kept_apart: Collection[NamedPair] = (),
) -> LinkResult:
    """Link two or more sources in clear; scores are bits of evidence.

    Without a ``scorer`` the weight table judges, with its thresholds unless ``threshold`` is given:
    it leaves probable relatives to a person. A scorer trains itself on these very records and
    chooses its threshold without the truth; it links more. ``duplicates``, ``kept_apart``: as in `link`.

    Raises:
        TooFewSources, DuplicateSource, UnknownSource: as in `link`.
        MissingColumn, RecordInvalid: a table cannot be read under the default schema.
        ThresholdInvalid: a threshold that is not finite.
    """
    started = time.monotonic()
    require_threshold(threshold, bits=True)
    constraints = Constraints(frozenset(duplicates), kept_apart)
    _check_sources([table.source for table in tables], constraints)
    work = Comparison(clear.encoded_sides(tables), engine, progress)
    work.look_between()
    about: dict[str, object] = {"kind": "clear", "unit": "bits"}
    if scorer is not None or duplicates:
        work.look_inside()
    if scorer is None:
        weights = parameters or load_parameters()
        verdict = _by_table(work, tables, weights)
        possible_at = weights.possible_at
        about["weights"] = weights.name
    else:
        verdict = learned_in_clear(work, tables, scorer, duplicates=constraints.duplicates)
        possible_at = verdict.threshold.possible
    if threshold is not None:
        given = Threshold(threshold, min(threshold, possible_at), Method.GIVEN)
        verdict = replace(verdict, threshold=given)
    about["scorer"] = verdict.scorer
    return _finish(work, verdict, about, started, truth, constraints)


def _by_table(work: Comparison, tables: Sequence[RecordTable], weights: Parameters) -> Verdict:
    records = {table.source: clear.prepared(table) for table in tables}
    scored, inside = (
        [
            clear.by_weights(item, records[source_of(item.a)], records[source_of(item.b)], weights)
            for item in group
        ]
        for group in (work.cross, work.inside)
    )
    explained = tuple(clear.workings_of(item, records, weights) for item in scored)
    chosen = Threshold(weights.match_at, weights.possible_at, Method.WEIGHT_TABLE)
    return Verdict(scored, chosen, "weight-table", explained, inside)


def _check_sources(names: Sequence[str], constraints: Constraints) -> None:
    if len(names) < 2:
        raise TooFewSources
    for place, name in enumerate(names):
        if name in names[:place]:
            raise DuplicateSource(name)
    constraints.require(names)


def _finish(
    work: Comparison,
    verdict: Verdict,
    about: dict[str, object],
    started: float,
    truth: Collection[NamedPair] | None,
    constraints: Constraints,
) -> LinkResult:
    chosen = verdict.threshold
    work.cross, inside = (
        [without_apart(item, constraints.kept_apart) for item in group]
        for group in (verdict.cross, verdict.inside)
    )
    found = [(item, _classified(item, chosen)) for item in work.cross]
    more = merged(found, inside, constraints, chosen.match)
    matches = [Scored(item.a, item.b, split.matches) for item, split in found]
    clusters, names = clusters_of(work.sides, [*matches, *more.pairs], constraints)
    more = standing(more, clusters, work.sides)
    links = [p for item in (*matches, *more.pairs) for p in _named(item, item.pairs, Outcome.MATCH)]
    taken = {p.named for p in links}
    possible = [
        p
        for item, split in found
        for p in _named(item, split.possible, Outcome.POSSIBLE)
        if p.named not in taken
    ]
    members = {
        number: tuple(names[record] for record in records)
        for number, records in clusters.members().items()
    }
    report = about | _figures(
        work, chosen, len(links), len(possible), [*map(len, members.values())]
    )
    report["seconds"] = round(time.monotonic() - started, 3)
    together = {p.named for p in links}
    if constraints.duplicates:
        report["duplicates"] = _duplicates(more)
        together = pairs_within(members.values())
    report["quality"] = _quality(together, truth)
    both = tuple(ordered(links)), tuple(ordered(possible))
    own = [item for item in inside if source_of(item.a) in constraints.duplicates]
    return LinkResult(*both, members, report, verdict.workings, tuple(map(scores_alone, own)))


def _classified(item: Scored, chosen: Threshold) -> Classified:
    smaller = min(len(item.a), len(item.b))
    most = max(int(REVIEW_SHARE * smaller), 10)
    return classify(
        item.pairs,
        match_at=chosen.match,
        possible_at=chosen.possible,
        most_possible=most,
        alike=item.alike,
    )


def _named(item: Scored, pairs: PairTable, outcome: Outcome) -> list[LinkedPair]:
    a, b = item.a.encodings, item.b.encodings
    columns = pairs.rows_a.tolist(), pairs.rows_b.tolist(), pairs.score.tolist()
    return [
        LinkedPair(a.source, _id(a, i), b.source, _id(b, j), score, outcome)
        for i, j, score in zip(*columns, strict=True)
    ]


def _id(encodings: EncodingSet, row: int) -> RecordId:
    return encodings.record_ids[row]


def _figures(
    work: Comparison, chosen: Threshold, links: int, possible: int, sizes: Sequence[int]
) -> dict[str, object]:
    return {
        "sources": {source_of(side): len(side) for side in work.sides},
        "engine": work.cross[0].pairs.engine,
        "pairs_compared": work.done,
        "candidates": sum(len(item.pairs) for item in work.cross),
        "candidate_floor": round(work.floor, 6),
        "threshold": {
            "match": round(chosen.match, 6),
            "possible": round(chosen.possible, 6),
            "chosen_by": str(chosen.method),
        },
        "matches": links,
        "possible_matches": possible,
        "clusters": len(sizes),
        "clusters_of_several": sum(size > 1 for size in sizes),
    }


def _duplicates(more: Merged) -> dict[str, object]:
    """Pairs merged inside sources, and the score from which each source was."""
    cuts = {name: round(cut, 6) if isfinite(cut) else None for name, cut in more.cut.items()}
    return {"pairs": more.inside, "merged_from": cuts}


def _quality(found: Collection[NamedPair], truth: Collection[NamedPair] | None) -> object:
    if truth is None:
        return "not estimated"
    quality = evaluate(found, truth)
    return {
        "precision": round(quality.precision, 6),
        "recall": round(quality.recall, 6),
        "f1": round(quality.f1, 6),
        "true_pairs": quality.true,
    }
