"""Report: a linkage as figures, for programs (JSON) and for people (`linkage.quality.page`).

Nothing in it is a guess at precision or recall: these appear only when labels or the truth were given.
Pairs are shown without record IDs unless asked for.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.evaluate import NamedPair, pair
from linkage.explain import Workings
from linkage.quality.estimate import Estimate
from linkage.result import LinkResult

BARS: Final = 40
POINTS: Final = 60
SHOWN: Final = 12
_VERSION: Final = 1

Document = dict[str, object]


def describe(
    result: LinkResult,
    *,
    estimate: Estimate | None = None,
    truth: Collection[NamedPair] | None = None,
    shown: int = SHOWN,
    with_ids: bool = False,
) -> Document:
    """The report as JSON values: figures, score histogram, threshold curve, waterfalls, quality.

    ``shown`` waterfalls are given: the links and the rejected pairs nearest to the threshold.
    """
    cut = _threshold(result)
    return {
        "report": _VERSION,
        "figures": dict(result.report),
        "threshold": cut,
        "histogram": _histogram(result.workings, cut),
        "curve": _curve(result.workings, truth),
        "pairs": _nearest(result.workings, cut, shown, with_ids=with_ids),
        "quality": None if estimate is None else asdict(estimate),
    }


def as_json(document: Mapping[str, object]) -> str:
    """The report as indented JSON."""
    return json.dumps(document, indent=2) + "\n"


def _threshold(result: LinkResult) -> float:
    threshold = result.report["threshold"]
    return float(threshold["match"]) if isinstance(threshold, dict) else 0.0


def _scores(workings: Sequence[Workings], *, links: bool) -> NDArray[np.float64]:
    parts = [item.score[item.links if links else ~item.links] for item in workings]
    return np.concatenate([np.empty(0), *parts])


def _histogram(workings: Sequence[Workings], cut: float) -> Document:
    """Candidates by score: one-to-one links (on both sides of the threshold) and their rivals."""
    linked, rivals = _scores(workings, links=True), _scores(workings, links=False)
    every = np.concatenate([linked, rivals, [cut]])
    edges = np.linspace(float(np.quantile(every, 0.001)), float(every.max()), BARS + 1)
    edges[-1] = np.nextafter(edges[-1], np.inf)
    counts = [np.histogram(np.maximum(of, edges[0]), edges)[0] for of in (linked, rivals)]
    return {
        "edges": [round(float(edge), 4) for edge in edges],
        "links": counts[0].tolist(),
        "rivals": counts[1].tolist(),
    }


def _curve(workings: Sequence[Workings], truth: Collection[NamedPair] | None) -> list[Document]:
    """What other thresholds would link, and how well where the truth is known."""
    scores = _scores(workings, links=True)
    if not len(scores):
        return []
    right = None if truth is None else _right(workings, truth)
    made: list[Document] = []
    for cut in np.unique(np.quantile(scores, np.linspace(0, 1, POINTS), method="nearest")):
        chosen = scores >= cut
        point: Document = {"score": round(float(cut), 4), "links": int(chosen.sum())}
        if right is not None and truth is not None:
            correct = int(right[chosen].sum())
            point |= {
                "precision": round(correct / int(chosen.sum()), 6),
                "recall": round(correct / max(len(truth), 1), 6),
                "f1": round(2 * correct / (int(chosen.sum()) + len(truth)), 6),
            }
        made.append(point)
    return made


def _right(workings: Sequence[Workings], truth: Collection[NamedPair]) -> NDArray[np.bool_]:
    known = set(truth)
    found = [
        _named(item, place) in known
        for item in workings
        for place in np.flatnonzero(item.links).tolist()
    ]
    return np.array(found, dtype=np.bool_)


def _named(item: Workings, place: int) -> NamedPair:
    first = (item.sources[0], item.ids_a[item.rows_a[place]])
    return pair(first, (item.sources[1], item.ids_b[item.rows_b[place]]))


def _nearest(
    workings: Sequence[Workings], cut: float, shown: int, *, with_ids: bool
) -> list[Document]:
    """The links just above the threshold and the pairs just below, best first."""
    near = [
        (abs(float(item.score[place]) - cut), number, int(place))
        for number, item in enumerate(workings)
        for side in (item.links & (item.score >= cut), item.score < cut)
        for place in _closest(item, side, cut, (shown + 1) // 2)
    ]
    best = sorted(near)[:shown]
    pairs = [(workings[number], place) for _, number, place in best]
    pairs.sort(key=lambda pair: -float(pair[0].score[pair[1]]))
    return [_shown(item, place, cut, with_ids=with_ids) for item, place in pairs]


def _closest(item: Workings, side: NDArray[np.bool_], cut: float, many: int) -> NDArray[np.int64]:
    places = np.flatnonzero(side)
    return places[np.argsort(np.abs(item.score[places] - cut), kind="stable")[:many]]


def _shown(item: Workings, place: int, cut: float, *, with_ids: bool) -> Document:
    fall = item.waterfall(place)
    made: Document = {
        "sources": list(item.sources),
        "score": round(float(item.score[place]), 4),
        "linked": bool(item.links[place] and item.score[place] >= cut),
        "base": round(fall.base, 4),
        "contributions": [
            {"column": part.field, "level": part.level, "weight": round(part.weight, 4)}
            for part in fall.contributions
        ],
    }
    if with_ids:
        made["records"] = [item.ids_a[item.rows_a[place]], item.ids_b[item.rows_b[place]]]
    return made
