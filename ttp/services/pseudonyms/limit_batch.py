"""Limit a batch: 100,000 items a request; on the embedded database an atomic one holds the only writer less long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from ttp.core.errors import TooManyItems
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import MAXIMAL_ITEMS

T = TypeVar("T")


def limit_batch(tx: Transaction, items: int, *, atomic: bool) -> None:
    """Pass if a request may hold so many items.

    Raises:
        TooManyItems: it holds more than 100,000, or atomic on the embedded database more than 10,000.
    """
    most = tx.pseudonyms.most_atomic if atomic else MAXIMAL_ITEMS
    if items > most:
        kind = "An atomic request" if atomic else "A request"
        raise TooManyItems(f"{kind} holds at most {most} items.")


def cut_batch(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """What follows from one request, in parts that a request may hold: one pseudonym can have many below it."""
    for start in range(0, len(items), MAXIMAL_ITEMS):
        yield items[start : start + MAXIMAL_ITEMS]
