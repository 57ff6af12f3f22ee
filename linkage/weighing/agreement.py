"""Agreement: how well two values agree, weakest first; finer than levels where relatives and spellings matter."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class Agreement(IntEnum):
    """How well two values of a field agree; what a field can reach is in `FIELDS`.

    OTHER: given names of which people bear both, unlike. BORNE: alike, yet people bear both (Lena, Lea). FAINT: dates
    two errors apart. SHARED: a part in common, but not the first (Renate, Rosemarie Renate). CLOSE: names one or two
    typing errors apart; dates and insurance numbers one; of places the town. VARIANT: the same name spelled or called
    otherwise. PARTIAL: the first part in common, or one half of a double surname; of places the postcode. SWAPPED: day
    and month exchanged.
    """

    MISSING = 0
    OTHER = 1
    DIFFERENT = 2
    FAINT = 3
    BORNE = 4
    WEAK = 5
    SHARED = 6
    CLOSE = 7
    PARTIAL = 8
    VARIANT = 9
    SWAPPED = 10
    EQUAL = 11


_A = Agreement

FIELDS: Final[Mapping[str, tuple[Agreement, ...]]] = {
    "given_name": (_A.OTHER, _A.DIFFERENT, _A.BORNE, _A.WEAK, _A.SHARED, _A.CLOSE, _A.PARTIAL, _A.VARIANT, _A.EQUAL),
    "surname": (_A.DIFFERENT, _A.WEAK, _A.CLOSE, _A.PARTIAL, _A.VARIANT, _A.EQUAL),
    "birth_date": (_A.DIFFERENT, _A.FAINT, _A.WEAK, _A.CLOSE, _A.SWAPPED, _A.EQUAL),
    "sex": (_A.DIFFERENT, _A.EQUAL),
    "sex_of_name": (_A.DIFFERENT, _A.EQUAL),
    "place": (_A.DIFFERENT, _A.WEAK, _A.CLOSE, _A.PARTIAL, _A.EQUAL),
}  # fmt: skip
"""Fields whose weights are estimated. ``sex_of_name`` is the sex where the given names agree and so tell it already."""

NUMBER: Final = "kvnr"
NUMBER_LEVELS: Final = (_A.DIFFERENT, _A.CLOSE, _A.EQUAL)
