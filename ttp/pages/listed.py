"""Listed: a list that a page has whole in its hands is shown a page at a time; its place is its own parameter.

For lists as long as a center has programs, keys or partners; what grows with the patients is paged by the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from ttp.core.errors import InvalidField

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


@dataclass(frozen=True, slots=True)
class Filters:
    """What lists of a page are narrowed by: ``text`` in any word of a row, and ``state``, one of ``states``."""

    states: tuple[str, ...]

    def asked(self) -> dict[str, str]:
        """What the address asks for.

        Raises:
            InvalidField: there is no such state.
        """
        found = {name: request.args.get(name, "").strip() for name in ("text", "state")}
        if found["state"] and found["state"] not in self.states:
            raise InvalidField("There is no such choice.")
        return found

    def fits(self, state: str, *words: str) -> bool:
        """Whether a row of this state and with these words is asked for."""
        asked = self.asked()
        text = asked["text"].casefold()
        named = not text or any(text in word.casefold() for word in words)
        return named and asked["state"] in ("", state)


def listed(name: str, rows: Sequence[Row]) -> Listed[Row]:
    """The page of the rows that the address asks for; the first where it asks for none there is."""
    first = request.args.get(name, 0, type=int)
    first = first if 0 <= first < len(rows) else 0
    end = first + PAGE
    before = max(first - PAGE, 0) if first else None
    return Listed(name, rows[first:end], len(rows), before, end if end < len(rows) else None)
