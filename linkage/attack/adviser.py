"""Adviser: measures the candidates within a given time and says which to take, or that none will do.

Quality is measured as a linkage would see it: two made-up sites with errors, and a threshold chosen
without the truth. Attacks take minutes and are run only where nothing cheaper has failed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from linkage.attack.advice import Advice, Finding, Question, with_more
from linkage.attack.policy import Policy
from linkage.attack.study import Study, examine
from linkage.attack.variations import Candidate, variations
from linkage.encode import Encoder
from linkage.evaluate import pair
from linkage.pipeline import link
from linkage.schema import SchemaFingerprint
from linkage.synthetic import generate
from linkage.synthetic.noise import HEAVY, LIGHT, MODERATE, NONE, ErrorProfile

ERRORS: Final[dict[str, ErrorProfile]] = {
    "none": NONE,
    "light": LIGHT,
    "moderate": MODERATE,
    "heavy": HEAVY,
}
COLUMNS: Final = ("given_name", "surname", "birth_date", "sex", "postcode", "city")
OVERLAP: Final = 0.5

Keep = Callable[[Advice], None]


def advise(
    question: Question,
    policy: Policy,
    *,
    budget: float,
    known: dict[SchemaFingerprint, Finding] | None = None,
    candidates: Sequence[Candidate] | None = None,
    keep: Keep = lambda _: None,
) -> Advice:
    """Measure candidates for ``budget`` seconds; what is begun is finished.

    ``known``: findings of an earlier run, which are not measured again. ``keep`` gets the advice as
    it stands after every measurement, so that nothing is lost.
    """
    stop = time.monotonic() + budget
    grid = tuple(variations(question.columns) if candidates is None else candidates)
    before = known or {}
    advice = Advice(question, tuple(before.values()))
    for candidate in grid:
        if candidate.schema.fingerprint not in before and time.monotonic() < stop:
            advice = with_more(advice, _measured(candidate, question, policy))
            keep(advice)
    for candidate in _worth(advice, grid):
        if time.monotonic() < stop:
            advice = with_more(advice, _attacked(candidate, advice, policy))
            keep(advice)
    left = tuple(item.name for item in grid if not _done(advice, item))
    advice = replace(advice, left=left)
    keep(advice)
    return advice


def quality(
    candidate: Candidate, errors: ErrorProfile, n: int, seed: int
) -> tuple[float, float, float, float, float]:
    """Precision, recall, F1 with a blind threshold, records encoded a second, seconds of linking."""
    sites = generate(["a", "b"], n, OVERLAP, seed, errors)
    encoder = Encoder(candidate.schema, secret=b"measured on made-up people", project="quality")
    encoder.encode(
        generate(["warm"], 20, 0.0, seed, errors).table("warm")
    )  # compiled code is loaded once
    started = time.process_time()
    sets = [encoder.encode(sites.table(site)) for site in sites.sites]
    spent = time.process_time() - started
    truth = {pair(("a", one), ("b", other)) for one, other in sites.truth_pairs("a", "b")}
    started = time.monotonic()
    found = link(sets, truth=truth).report["quality"]
    seconds = time.monotonic() - started
    figures = found if isinstance(found, dict) else {}
    values = [float(figures.get(name, 0.0)) for name in ("precision", "recall", "f1")]
    return values[0], values[1], values[2], sum(map(len, sets)) / max(spent, 1e-9), seconds


def _measured(candidate: Candidate, question: Question, policy: Policy) -> Finding:
    """Everything that takes seconds: quality, speed, leakage index and rank."""
    figures = quality(candidate, ERRORS[question.errors], question.quality_n, question.seed)
    study = examine(candidate.schema, question.n, policy, attacks=False, seed=question.seed)
    return Finding(
        name=candidate.name,
        fingerprint=candidate.schema.fingerprint,
        bits=sum(candidate.schema.filters.values()) + 64 * len(candidate.schema.tokens),
        precision=figures[0],
        recall=figures[1],
        f1=figures[2],
        records_per_second=round(figures[3], 1),
        link_seconds=round(figures[4], 3),
        index=study.leakage.index,
        rank=study.rank.rank,
        gates=_verdicts(study),
        attacked=False,
    )


def _attacked(candidate: Candidate, advice: Advice, policy: Policy) -> Finding:
    before = _finding(advice, candidate)
    study = examine(candidate.schema, advice.question.n, policy, seed=advice.question.seed)
    return replace(before, gates=_verdicts(study), rank=study.rank.rank, attacked=True)


def _worth(advice: Advice, grid: Sequence[Candidate]) -> list[Candidate]:
    """Candidates to attack: nothing failed, not attacked yet; the best quality first."""
    known = {finding.fingerprint: finding for finding in advice.findings}
    measured = [item for item in grid if item.schema.fingerprint in known]
    waiting = [
        item
        for item in measured
        if known[item.schema.fingerprint].promising and not known[item.schema.fingerprint].attacked
    ]
    return sorted(waiting, key=lambda item: -known[item.schema.fingerprint].f1)


def _finding(advice: Advice, candidate: Candidate) -> Finding:
    return next(f for f in advice.findings if f.fingerprint == candidate.schema.fingerprint)


def _done(advice: Advice, candidate: Candidate) -> bool:
    return any(
        finding.fingerprint == candidate.schema.fingerprint
        and (finding.attacked or not finding.promising)
        for finding in advice.findings
    )


def _verdicts(study: Study) -> dict[str, str]:
    return {gate.name: gate.verdict.value for gate in study.gates}
