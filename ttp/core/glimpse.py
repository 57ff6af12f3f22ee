"""A glimpse: what a page shows of a value unasked — enough to recognize a record one has in hand, not to read it."""

from __future__ import annotations

from ttp.core.masking import DOT

_SHOWN = {"given_name": 1, "surname": 1, "birth_name": 1, "birth_date": 4, "postcode": 2, "city": 1}
"""Characters shown at the beginning; of every other field none: of a birth date the year, of a name the initial."""


def glimpse(field: str, value: str) -> str:
    """The beginning of a value, the rest as dots. Up to eight dots, so that lengths of names say little."""
    shown = _SHOWN.get(field, 0)
    return value[:shown] + DOT * min(max(len(value) - shown, 0), 8)
