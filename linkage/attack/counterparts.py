"""Counterparts: what several sources hold of one patient counts once.

Whoever links sources sees the encoding of a shared patient twice. A copy shows no more of a person, but
noise that stands there twice looks like signal to a rank audit: 10,000 records of one diffused filter have
rank 0, and together with another source's that hold half of these patients rank 13. So a later source is
taken without what an earlier one showed: views whose token had a holder there, which thinning would have
left out of one source as well, and records all of whose filters are the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from linkage.attack.equality import marked
from linkage.encode import EncodingSet

Marks = NDArray[np.uint64]
_NONE = np.empty(0, np.uint64)


def counted_once(sources: Iterable[EncodingSet]) -> Iterator[EncodingSet]:
    """The sources in their order, as many records as before; what an earlier one showed is missing."""
    held: dict[str, Marks] = {}
    for source in sources:
        yield _without(source, held)


def _without(source: EncodingSet, held: dict[str, Marks]) -> EncodingSet:
    """A source without what ``held`` has by view, or of whole records under the empty name, to which it is added."""
    same = _again(held, "", _whole(source))
    present = {name: mask & ~same for name, mask in source.present.items()}
    exact = dict(source.exact)
    for view in source.schema.salted:
        if not view.thinned:
            continue
        again = _again(held, view.name, exact[view.name])
        exact[view.name] = np.where(again, np.uint64(0), exact[view.name])
        for block in view.blocks:
            name = f"{view.name}.{block}"
            present[name] = present[name] & ~again
    return replace(source, present=present, exact=exact)


def _again(held: dict[str, Marks], name: str, marks: Marks) -> NDArray[np.bool_]:
    """Which of the marks an earlier source had; 0 stands for none. Those of this one are added."""
    before = held.get(name, _NONE)
    held[name] = np.concatenate([before, marks[marks != 0]])
    return np.asarray(np.isin(marks, before) & (marks != 0))


def _whole(source: EncodingSet) -> Marks:
    """A mark for all filters of each record together (n,)."""
    if not source.filters:
        return np.zeros(len(source), np.uint64)
    return marked(np.stack([marked(words) for words in source.filters.values()], axis=1))
