"""Disclosing: a ladder of what is shown of two values: only what differs, then more around it, then all of it.

What differs is shown where the values are alike enough for it to tell something; of values that are quite unlike
even that would tell most of both names, so that only their lengths are shown. After Ragan et al. 2018 (MINDFIRL).
"""

from __future__ import annotations

from difflib import SequenceMatcher

from ttp.core.masking import DOT, mask

DIFFERENCES, AROUND, WHOLE = 0, 1, 2
"""The steps: what differs; the first character and those beside what differs, too; the whole values."""

_ALIKE = 0.5


def shown(first: str, second: str, *, step: int) -> tuple[str, str]:
    """Both values at this step; lengths are kept."""
    if step >= WHOLE:
        return first, second
    if step == DIFFERENCES:
        return mask(first, second) if _alike(first, second) else _hidden(first, second)
    masked = mask(first, second)
    return _around(first, masked[0]), _around(second, masked[1])


def visible(*values: str) -> int:
    """How many characters are shown."""
    return sum(character != DOT for value in values for character in value)


def _alike(first: str, second: str) -> bool:
    folded = first.casefold(), second.casefold()
    return SequenceMatcher(None, *folded, autojunk=False).ratio() >= _ALIKE


def _hidden(first: str, second: str) -> tuple[str, str]:
    return DOT * len(first), DOT * len(second)


def _around(value: str, masked: str) -> str:
    """The masked value with its first character and the neighbors of what differs."""
    places = {place for place, character in enumerate(masked) if character != DOT}
    near = places | {place + 1 for place in places} | {place - 1 for place in places} | {0}
    return "".join(character if place in near else DOT for place, character in enumerate(value))
