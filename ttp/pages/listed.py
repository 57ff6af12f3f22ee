"""Listed: a list that a page has whole in its hands is shown a page at a time; its place is its own parameter.

For lists as long as a center has programs, keys or partners; what grows with the patients is paged by the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

PAGE = 25
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """Rows of one page. ``name`` is the parameter that holds the place; ``before`` and ``after`` are places or None."""

    name: str
    rows: Sequence[Row]
    total: int
    before: int | None
    after: int | None

    def at(self, place: int) -> dict[str, str]:
        """What the address says besides, with this list at another place."""
        kept = {name: value for name, value in request.args.items() if value and name != self.name}
        return kept | ({self.name: str(place)} if place else {})


def listed(name: str, rows: Sequence[Row]) -> Listed[Row]:
    """The page of the rows that the address asks for; the first where it asks for none there is."""
    first = request.args.get(name, 0, type=int)
    first = first if 0 <= first < len(rows) else 0
    end = first + PAGE
    before = max(first - PAGE, 0) if first else None
    return Listed(name, rows[first:end], len(rows), before, end if end < len(rows) else None)
