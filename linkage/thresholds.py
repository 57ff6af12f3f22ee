"""Thresholds: chosen without the truth, from pairs that cannot be matches.

A false link joins two records that both lack a counterpart. Nearest to it is a candidate of which
exactly one record is linked to another: one step from two free records, while a pair of two linked
records is two steps away and mostly holds relatives who go to the same two places. So candidates
with one linked record are counted and scaled up to pairs with none; look-alikes inside sites give a
second count. A taught scorer says how much it doubts each link, which counts correct
(`linkage.doubted`). The score with the best expected F1 becomes the threshold. The precision this
implies is too low (relatives and duplicates count as false) and is never reported as precision; the
position is good.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage import doubted
from linkage.evidence import Evidence
from linkage.refusals import ThresholdInvalid

Scores = NDArray[np.float64]

SMALLEST: Final = 200
"""Records of the smaller site below which its inside says too little."""
FEWEST_LINKS: Final = 50
_WINDOW: Final = 25
_NOBODY: Final = 1e-9
"""Beside doubts counts need no floor: where hardly a pair could be counted, that none is says nothing."""
_SIGHTS: Final = 3
"""Counts begin with no link that is true. A second look knows those that the first leaves, and so how many
patients are registered twice; a third counts without these."""
_PASSES: Final = 4
"""Every pass knows from the one before which links are true, and so how many false ones to expect."""


class Method(StrEnum):
    """How a threshold came about."""

    GIVEN = "given"
    WITHIN_SITE = "within-site"
    BEATEN = "beaten-candidates"
    DOUBTS = "doubts"
    FALLBACK = "fallback"
    WEIGHT_TABLE = "weight-table"


@dataclass(frozen=True, slots=True)
class Threshold:
    """Scores from which a pair is a match, and from which it is a possible match."""

    match: float
    possible: float
    method: Method


def require_threshold(given: float | None, *, bits: bool) -> None:
    """Refuse a threshold no score can be compared with, in ``bits`` or as a Dice coefficient.

    Raises:
        ThresholdInvalid: not finite, or a Dice threshold outside (0, 1].
    """
    if given is None:
        return
    if not isfinite(given) or not (bits or 0.0 < given <= 1.0):
        raise ThresholdInvalid(bits=bits)


def expected_false(evidence: Evidence, cuts: Scores, *, trusted_from: float = np.inf) -> Scores:
    """Expected number of false one-to-one links at or above each of the falling ``cuts``.

    By doubts where there are any; else the smaller of two counts, since each errs upward where
    relatives abound. At first nobody counts as linked: where next to nobody is, counts that take all
    links for true confirm it, for they take what they see for patients registered twice.

    Links at or above ``trusted_from`` tell linked records from free ones; with none trusted, all
    beaten pairs count and nothing corrects doubts.
    """
    if evidence.doubt is not None:
        return _doubted(evidence, evidence.doubt, cuts, trusted_from)
    found = at_least(evidence.links, cuts)
    false = found
    for _ in range(_SIGHTS):
        true = np.maximum.accumulate(np.clip(found - false, 0.0, None))
        false = _false_given(evidence, cuts, true, trusted_from)
    return false


def _doubted(evidence: Evidence, doubt: Scores, cuts: Scores, trusted_from: float) -> Scores:
    """Expected false links by doubts, corrected by heirs of which one record has a trusted link."""
    alone = doubted.false_links(evidence.links, doubt, cuts)
    if evidence.held is None or not np.isfinite(trusted_from):
        return alone
    true = np.maximum.accumulate(np.clip(at_least(evidence.links, cuts) - alone, 0.0, None))
    _, worth, _ = _ways_to_err(evidence, cuts, true, trusted_from, least=_NOBODY)
    pairs = evidence.one_linked(trusted_from, heirs=True)
    twice = np.cumsum(_twice(pairs, evidence.links, cuts, true, trusted_from, second=True))
    counted = doubted.Counted(at_least(pairs, cuts), twice, worth)
    return doubted.false_links(evidence.links, doubt, cuts, counted)


def _false_given(evidence: Evidence, cuts: Scores, true: Scores, trusted_from: float) -> Scores:
    """Expected false links when ``true`` records of either site have found their counterpart.

    False links do not count among these: else a great many of them would seem to leave no room for
    more, and any threshold would look good.
    """
    free, factor, pairs = _ways_to_err(evidence, cuts, true, trusted_from)
    beaten = _added(pairs, cuts) - _twice(
        pairs, evidence.links, cuts, true, trusted_from, second=True
    )
    false = _rising(beaten * factor)
    if evidence.within is None:
        return false
    alike = evidence.within
    alone = _added(alike, cuts) - _twice(alike, evidence.links, cuts, true, trusted_from)
    return np.minimum(_rising(evidence.scale * free * alone), false)


def _ways_to_err(
    evidence: Evidence, cuts: Scores, true: Scores, trusted_from: float, *, least: float = 0.1
) -> tuple[Scores, Scores, Scores]:
    """Chance that two records are free; free pairs for each pair that is counted; those counted.

    Where next to nobody is linked, a pair that is counted stands for any number. Alone it would decide
    by chance, so it is taken for as many as if ``least`` of all pairs could be counted.
    """
    known = evidence.held is not None and np.isfinite(trusted_from)
    last = true[_place(cuts, trusted_from)] if known else true[-1]
    now = np.minimum(true, last)
    a, b = (np.clip(1 - now / max(size, 1), 0, 1) for size in evidence.sizes)
    free, room = np.minimum(a * b, 0.9), evidence.room
    if known:
        end_a, end_b = (np.clip(1 - last / max(size, 1), 0, 1) for size in evidence.sizes)
        taken = room * ((1 - a) * end_b + (1 - b) * end_a)
    else:
        taken = room * ((1 - a) * b + a * (1 - b)) + room**2 * (1 - a) * (1 - b)
    counted = evidence.one_linked(trusted_from) if known else evidence.beaten
    return free, free / np.maximum(taken, least * room), counted


def _twice(
    scores: Scores,
    links: Scores,
    cuts: Scores,
    true: Scores,
    trusted_from: float,
    *,
    second: bool = False,
) -> Scores:
    """How many of the scores each cut adds are of patients registered twice.

    Their pairs score like links do, or like the lower of two where the better is the link
    (``second``); how many there are the better half of the trusted links shows.
    """
    trusted = links[links >= trusted_from]
    if len(trusted) < FEWEST_LINKS:
        return np.zeros(len(cuts))
    half = float(np.median(trusted))
    share = (true / max(float(true[-1]), 1.0)) ** (2 if second else 1)
    twice = float((scores >= half).sum()) / max(float(share[_place(cuts, half)]), 1e-9)
    return np.asarray(twice * np.diff(share, prepend=0.0))


def _added(scores: Scores, cuts: Scores) -> Scores:
    return np.diff(at_least(scores, cuts), prepend=0.0)


def _place(cuts: Scores, score: float) -> int:
    """The last of the falling ``cuts`` that is no lower than ``score``, or the first."""
    return max(int(np.searchsorted(-cuts, -score, side="right")) - 1, 0)


def _rising(added: Scores) -> Scores:
    """Running sum that never falls and starts at 0."""
    return np.asarray(np.maximum.accumulate(np.clip(np.cumsum(added), 0.0, None)))


def fallback_for(unrelated: Scores) -> float:
    """Threshold from unrelated pairs alone: 7.5 robust standard deviations above their median.

    That is about .75 for plain filters and .60 for diffused ones; .75 when there are under 100
    pairs to judge by, and never above .95.
    """
    if len(unrelated) < 100:
        return 0.75
    median = float(np.median(unrelated))
    deviation = 1.4826 * float(np.median(np.abs(unrelated - median)))
    return min(median + 7.5 * deviation, 0.95)


def choose(evidence: Sequence[Evidence], *, fallback: float) -> Threshold:
    """Threshold with the best expected F1 over all pairs of sites.

    Falls back to ``fallback`` when a site is smaller than 200 records or fewer than 50 links are
    there to judge: a threshold read off a handful of scores would be chance.
    """
    links = np.concatenate([np.empty(0), *(item.links for item in evidence)])
    smallest = min((min(item.sizes) for item in evidence), default=0)
    if smallest < SMALLEST or len(links) < FEWEST_LINKS:
        return Threshold(fallback, fallback, Method.FALLBACK)
    cuts = np.unique(links)[::-1]
    found = at_least(links, cuts)
    best, trusted_from = 0, np.inf
    for _ in range(_PASSES):
        false = sum(
            (expected_false(item, cuts, trusted_from=trusted_from) for item in evidence),
            np.zeros(len(cuts)),
        )
        true = np.clip(found - false, 0, None)
        best = int(np.argmax(2 * true / (found + true.max())))
        trusted_from = float(cuts[best])
    return Threshold(float(cuts[best]), _possible(cuts, found, true, best), _method(evidence))


def _method(evidence: Sequence[Evidence]) -> Method:
    if any(item.doubt is not None for item in evidence):
        return Method.DOUBTS
    inside = any(item.within is not None for item in evidence)
    return Method.WITHIN_SITE if inside else Method.BEATEN


def _possible(cuts: Scores, found: Scores, true: Scores, best: int) -> float:
    """Lowest score down to which at least every tenth further link is expected to be true."""
    for place in range(best + 1, len(cuts)):
        start = int(np.searchsorted(found, found[place] - _WINDOW))
        links = found[place] - found[start]
        if links >= _WINDOW and true[place] - true[start] < 0.1 * links:
            return float(cuts[place])
    return float(cuts[-1])


def at_least(scores: Scores, cuts: Scores) -> Scores:
    """How many scores reach each of the falling ``cuts``."""
    ordered = np.sort(scores)
    return (len(ordered) - np.searchsorted(ordered, cuts, side="left")).astype(np.float64)
