"""Draw pseudonyms: unbiased, unique over all time; redraw after a collision, search the rest of a small domain.

Up to a capacity of 10⁶ at most five draws at random, then among the strings still free. A larger domain is drawn from
until hardly anybody can be left: only above 90 % use it says that it has nothing left, and before, once in 10⁹ times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from keys.randomness import shuffled
from keys.tokens import numbered
from ttp.core.domains import Domain
from ttp.core.names import Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import (
    LOOK_AFTER,
    MOST_REDRAWS,
    NEARLY_FULL,
    REDRAWS,
    SMALL_CAPACITY,
)

K = TypeVar("K")


def draw_for(
    tx: Transaction,
    domain: Domain,
    keys: Sequence[K],
    store: Callable[[Sequence[tuple[K, Pseudonym]]], Sequence[K]],
) -> list[K]:
    """Draw one pseudonym for each key and hand the pairs to ``store``, which returns the keys still without one.

    Returns the keys for which the domain has nothing left.
    """
    missing = list(keys)
    small = domain.form.capacity <= SMALL_CAPACITY
    for number in range(REDRAWS if small else MOST_REDRAWS):
        if not missing or (number == LOOK_AFTER and _is_nearly_full(tx, domain)):
            return missing
        drawn = domain.form.draw(len(missing))
        missing = list(store(list(zip(missing, drawn, strict=True))))
    return _searched(tx, domain, missing, store) if small else missing


def _searched(
    tx: Transaction,
    domain: Domain,
    keys: Sequence[K],
    store: Callable[[Sequence[tuple[K, Pseudonym]]], Sequence[K]],
) -> list[K]:
    """The same among the strings that are free; what another request took meanwhile is searched for again."""
    missing = list(keys)
    for _ in range(REDRAWS):
        free = _free(tx, domain) if missing else []
        lost = list(store(list(zip(missing, free, strict=False)))) if free else []
        missing = lost + missing[len(free) :]
        if not lost:
            break
    return missing


def _is_nearly_full(tx: Transaction, domain: Domain) -> bool:
    """Whether more than 90 % are used; all of its pseudonyms are counted."""
    return tx.pseudonyms.count(domain) > NEARLY_FULL * domain.form.capacity


def _free(tx: Transaction, domain: Domain) -> list[Pseudonym]:
    taken = tx.pseudonyms.taken(domain)
    form = domain.form
    tokens = [
        numbered(number, form.drawn_characters, form.drawn_length)
        for number in range(form.capacity)
    ]
    return shuffled([string for string in form.complete_all(tokens) if string not in taken])
