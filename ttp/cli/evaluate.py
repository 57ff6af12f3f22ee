"""``ttp evaluate``: how good links are: against the truth, or estimated from a sample that a person reviewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path

import click

from linkage.evaluate import NamedPair, Quality, evaluate, read_truth
from linkage.quality.estimate import Estimate, estimate
from linkage.quality.sampling import Stratum, next_to_review, strata_of
from linkage.quality.scored_pairs import (
    ScoredPairs,
    as_result,
    read_labels,
    read_pairs,
    to_review_csv,
)
from linkage.refusals import PairsInvalid
from ttp.cli import output
from ttp.cli.columns import print_columns
from ttp.cli.reports import report_option, write_reports

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DICE_REACH = 0.1
_BITS_REACH = 10.0


@click.command()
@click.argument("file", metavar="PAIRS", type=_FILE)
@click.option("--truth", type=_FILE, help="CSV of all true pairs.")
@click.option("--sample", type=click.IntRange(1, 100_000), help="Draw so many pairs for review.")
@click.option("--labels", "reviewed", type=_FILE, help="The sample with the column match filled.")
@click.option(
    "-o",
    "--output",
    "target",
    metavar="TO-REVIEW.csv",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Gets the sample.",
)
@click.option(
    "--reach",
    type=click.FloatRange(0, min_open=True),
    help="How far below the threshold to look for what was missed.  "
    "[default: 0.1 for Dice, 10 for bits]",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@report_option
def command(
    *,
    file: Path,
    truth: Path | None,
    sample: int | None,
    reviewed: Path | None,
    target: Path | None,
    reach: float | None,
    seed: int,
    reports: Sequence[Path],
) -> None:
    """Evaluate PAIRS: links or candidates of ``ttp link`` and ``ttp dedupe``, CSV or Parquet.

    Exit code 0: done; 2: refused, nothing is written.
    """
    if (sample is None) != (target is None):
        raise click.UsageError("--sample and -o go together.")
    if truth is None and sample is None and reviewed is None:
        raise click.UsageError("Give --truth, or --sample to draw what to review, or --labels.")
    if reach is not None and not isfinite(reach):
        raise click.UsageError("--reach must be a finite number.")
    output.require_targets((target, *reports), read=(file, truth, reviewed))
    pairs = read_pairs(file)
    known = None if truth is None else read_truth(truth)
    figures: dict[str, object] = {"pairs": len(pairs), "links": len(pairs.links)}
    if known is not None:
        figures["quality"] = _against(pairs, known)
    found = None
    if sample is not None or reviewed is not None:
        strata, figures["reach"] = _strata(pairs, file, reach)
        labels = {} if reviewed is None else read_labels(reviewed, pairs)
        if reviewed is not None:
            found = _estimated(strata, labels, reviewed)
        if sample is not None and target is not None:
            _draw(pairs, next_to_review(strata, labels, sample, seed=seed), target)
    _report(reports, pairs, figures, known, found)


def _against(pairs: ScoredPairs, known: set[NamedPair]) -> dict[str, object]:
    quality: Quality = evaluate(pairs.links, known)
    values = (quality.precision, quality.recall, quality.f1)
    rows = list(zip(("precision", "recall", "f1"), values, strict=True))
    print_columns(("figure", "value"), [(name, f"{value:.4f}") for name, value in rows])
    return {**{name: round(value, 6) for name, value in rows}, "true_pairs": quality.true}


def _strata(
    pairs: ScoredPairs, file: Path, reach: float | None
) -> tuple[tuple[Stratum, ...], float]:
    if pairs.score is None:
        raise PairsInvalid(file.name, "drawing a sample needs the column score")
    if not len(pairs):
        raise PairsInvalid(file.name, "it holds no pair")
    if reach is None:
        dice = float(pairs.score.min()) >= 0.0 and float(pairs.score.max()) <= 1.0
        reach = _DICE_REACH if dice else _BITS_REACH
    strata = strata_of(pairs.score, pairs.accepted, threshold=pairs.threshold, reach=reach)
    return strata, reach


def _estimated(strata: Sequence[Stratum], labels: Mapping[int, bool], reviewed: Path) -> Estimate:
    if not labels:
        raise PairsInvalid(reviewed.name, "no pair has been decided yet")
    found = estimate(strata, labels)
    print_columns(
        ("figure", "estimate", "95 % interval"),
        [
            (name, f"{of.value:.4f}", f"{of.low:.4f} – {of.high:.4f}")
            for name, of in (
                ("precision", found.precision),
                ("recall", found.recall),
                ("f1", found.f1),
            )
        ],
    )
    return found


def _draw(pairs: ScoredPairs, chosen: Sequence[int], target: Path) -> None:
    text = to_review_csv(pairs, chosen)
    output.write(target, lambda new: new.write_text(text, encoding="utf-8"))
    click.echo(f"{len(chosen)} pairs to review: fill the column match of {target}", err=True)


def _report(
    paths: Sequence[Path],
    pairs: ScoredPairs,
    figures: dict[str, object],
    truth: set[NamedPair] | None,
    found: Estimate | None,
) -> None:
    if not paths:
        return
    threshold = 0.0 if pairs.score is None else pairs.threshold
    figures["threshold"] = {"match": threshold, "chosen_by": "lowest link"}
    write_reports(paths, as_result(pairs, figures), truth=truth, estimate=found, shown=0)
