"""Gates: each judges one kind of evidence; what was not measured, or not at the size asked, fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import add

from linkage.attack.equality import Labels, Seen, largest_group, refined, shared, unique_rows
from linkage.attack.frequency import Deterministic
from linkage.attack.intervals import Share
from linkage.attack.leakage import Leakage
from linkage.attack.policy import Policy
from linkage.attack.spectrum import Spectrum
from linkage.attack.trial import Trial


class Verdict(StrEnum):
    """What a gate says; only `PASSED` lets anything through."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate's verdict with what was measured and what was allowed, for a person to read."""

    name: str
    verdict: Verdict
    measured: str
    limit: str


@dataclass(frozen=True, slots=True)
class Equalities:
    """What ``n`` encodings show without a key.

    By name of filter or token: ``shared``, records that share it, and ``largest``, the records of its
    most frequent value; ``unique``: records that the graph tells apart.
    """

    n: int
    shared: dict[str, Share]
    largest: dict[str, int]
    unique: Share


def equalities(seen: Seen) -> Equalities:
    """Which records share values, and how many the graph alone tells apart."""
    labels = seen.labels()
    alone = unique_rows(refined(labels, by_chance=seen.thinned))
    return Equalities(
        len(alone),
        {name: _shared(column) for name, column in labels.items()},
        {name: largest_group(column) for name, column in labels.items()},
        Share(int(alone.sum()), len(alone)),
    )


def rank_gate(found: Spectrum | None, policy: Policy, *, n: int, bits: int) -> Gate:
    """Gate A: components above noise, at the stated number of records."""
    limit = f"rank at most {policy.rank} at n = {n:,}"
    if found is None or found.records < n:
        return Gate("A rank", Verdict.NOT_MEASURED, f"fewer than {n:,} records", limit)
    measured = f"rank {found.rank} of {bits:,} bits at n = {found.records:,}"
    return Gate("A rank", _verdict(found.rank <= policy.rank), measured, limit)


def leakage_gate(found: Leakage, policy: Policy) -> Gate:
    """Gate B: the leakage index at the stated number of records."""
    limit = f"x at most {policy.index:g} at n = {found.n:,}"
    if found.index is None:
        measured = "keys of each record: no index; bits per field " + (
            "fixed" if found.uniform else "vary with the length of values"
        )
        return Gate("B leakage index", _verdict(found.uniform), measured, limit)
    worst = found.sparsest
    measured = (
        f"x = {found.index:.3g}: view {worst.name} has p = {worst.fill:.3f}, t = {worst.t}, "
        f"{len(found.views)} view(s)"
    )
    return Gate("B leakage index", _verdict(found.index <= policy.index), measured, limit)


def attack_gate(trials: Sequence[Trial], policy: Policy) -> Gate:
    """Gate C: persons found again on twins, at every overlap the policy names."""
    limit = (
        f"upper bounds: recall {policy.recall:g}, known {policy.known:g}; "
        f"precision {policy.precision:g}, n at least {policy.attack_n:,}"
    )
    done = {(trial.overlap, trial.seed) for trial in trials if trial.n >= policy.attack_n}
    if any(sum(part == overlap for part, _ in done) < policy.seeds for overlap in policy.overlaps):
        return Gate("C attack", Verdict.NOT_MEASURED, f"{len(trials)} attack(s)", limit)
    passed, worst = True, []
    for overlap in policy.overlaps:
        held, text = _held([trial for trial in trials if trial.overlap == overlap], policy)
        passed = passed and held
        worst.append(f"{overlap:.0%}: {text}")
    return Gate("C attack", _verdict(passed), "; ".join(worst), limit)


def equality_gate(
    trials: Sequence[Deterministic],
    seen: Equalities | None,
    policy: Policy,
    *,
    n: int,
    salts: Mapping[str, Trial] | None = None,
) -> Gate:
    """Gate D: values and persons behind anything deterministic, and the graph of ``n`` records.

    ``salts``: attacks on the largest group of a salt's records, by view.
    """
    limit = f"values and persons at most {policy.values:g}, with known pairs {policy.known:g}"
    if seen is not None and seen.n >= n and seen.unique.value > policy.values:
        told = f"the graph alone tells apart {seen.unique.value:.4f} of {seen.n:,}"
        return Gate("D equality", Verdict.FAILED, told, limit)
    if not trials or seen is None or seen.n < n:
        return Gate("D equality", Verdict.NOT_MEASURED, "no attack, or fewer records", limit)
    decoded = max((share.value for share in _decoded(trials)), default=0.0)
    persons = max(trial.refined.value for trial in trials)
    known = max((trial.known.value for trial in trials if trial.known.tries), default=0.0)
    behind = [(one.recall.value, one.known.value) for one in (salts or {}).values()]
    salted, told = (max(part) for part in zip((0.0, 0.0), *behind, strict=True))
    passed = max(decoded, persons, salted) <= policy.values and max(known, told) <= policy.known
    measured = (
        f"values {decoded:.4f}, persons by groups {persons:.4f}, known {known:.4f}, "
        f"told apart by the graph {seen.unique.value:.4f} of {seen.n:,}"
    )
    if behind:
        measured += f", in the largest group of a salt {salted:.4f}, known {told:.4f}"
    return Gate("D equality", _verdict(passed), measured, limit)


def _held(trials: Sequence[Trial], policy: Policy) -> tuple[bool, str]:
    recall, known, own, surest = (
        reduce(add, (getattr(trial, name) for trial in trials), Share(0, 0))
        for name in ("recall", "known", "own", "surest")
    )
    held = recall.high <= policy.recall and known.high <= policy.known
    held = held and all(
        share.right <= max(1.0, policy.precision * share.tries) for share in (own, surest)
    )
    return held, (
        f"recall {recall.value:.4f} (to {recall.high:.4f}), known {known.value:.4f} "
        f"(to {known.high:.4f}), own {own.right}/{own.tries}, top {surest.right}/{surest.tries}"
    )


def _decoded(trials: Sequence[Deterministic]) -> list[Share]:
    return [
        share
        for trial in trials
        for group in (trial.by_rank, trial.by_alignment)
        for share in group.values()
        if share.tries
    ]


def _shared(column: Labels) -> Share:
    return Share(shared(column), len(column))


def _verdict(passed: bool) -> Verdict:
    return Verdict.PASSED if passed else Verdict.FAILED
