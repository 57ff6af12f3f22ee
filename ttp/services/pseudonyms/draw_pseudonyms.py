"""Draw pseudonyms: unbiased, unique over all time; redraw after a collision, search the rest of a small domain.

At most five draws at random; then, if the capacity is at most 10⁶, among the strings still free. A domain
that has nothing left is exhausted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from keys.randomness import shuffled
from keys.tokens import numbered
from ttp.core.domains import Domain
from ttp.core.names import Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import REDRAWS, SMALL_CAPACITY

K = TypeVar("K")


def draw_for(
    tx: Transaction,
    domain: Domain,
    keys: Sequence[K],
    store: Callable[[Sequence[tuple[K, Pseudonym]]], Sequence[K]],
) -> list[K]:
    """Draw one pseudonym for each key and hand the pairs to ``store``, which returns the keys still without one.

    Returns the keys for which the domain has nothing left: after five draws, and where the domain is
    small after a search among all its free strings.
    """
    missing = list(keys)
    for _ in range(REDRAWS):
        if not missing:
            return []
        drawn = domain.form.draw(len(missing))
        missing = list(store(list(zip(missing, drawn, strict=True))))
    if missing and domain.form.capacity <= SMALL_CAPACITY:
        free = _free(tx, domain)
        missing = list(store(list(zip(missing, free, strict=False)))) + missing[len(free) :]
    return missing


def _free(tx: Transaction, domain: Domain) -> list[Pseudonym]:
    taken = tx.pseudonyms.taken(domain)
    form = domain.form
    tokens = [
        numbered(number, form.drawn_characters, form.drawn_length)
        for number in range(form.capacity)
    ]
    return shuffled([string for string in form.complete_all(tokens) if string not in taken])
