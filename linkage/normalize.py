"""Normalization: pure, versioned profiles; a profile never changes, a better one gets a new name.

A value becomes a tuple of parts (empty: missing). Each profile is a module of
`linkage.normalization`; `german-1` is the default, `german-2` and `generic-1` read more, the others
repeat what other systems do to a value before they hash it.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from linkage.normalization.folding import fold
from linkage.normalization.generic_1 import GENERIC_1
from linkage.normalization.german_1 import GERMAN_1, name_parts
from linkage.normalization.german_2 import GERMAN_2
from linkage.normalization.imported import EPIX_1, FTTP_1, VERBATIM_1
from linkage.normalization.reading import Normalizer, Parts, Unreadable
from linkage.normalization.values import iso_date, kvnr_check_digit, kvnr_is_valid

__all__ = [
    "PROFILES",
    "Normalizer",
    "Parts",
    "Unreadable",
    "fold",
    "iso_date",
    "kvnr_check_digit",
    "kvnr_is_valid",
    "name_parts",
    "normalize",
]

PROFILES: Mapping[str, Mapping[str, Normalizer]] = {
    "german-1": GERMAN_1,
    "german-2": GERMAN_2,
    "generic-1": GENERIC_1,
    "verbatim-1": VERBATIM_1,
    "epix-1": EPIX_1,
    "fttp-1": FTTP_1,
}
"""Profile name → kind of column → normalizer."""

_REMEMBERED: Final = 1 << 16
_LONGEST_REMEMBERED: Final = 64


def normalize(value: str | None, *, kind: StrEnum, profile: str = "german-1") -> Parts:
    """Parts of a value of some kind under a profile; None and blank are missing.

    Names, places and dates come again and again: a bounded number of values is remembered in memory.

    Raises:
        Unreadable: the value cannot be what its kind says.
    """
    if not value:
        return ()
    if len(value) > _LONGEST_REMEMBERED:
        return PROFILES[profile][kind](value)
    return _remembered(value, kind, profile)


@lru_cache(_REMEMBERED)
def _remembered(value: str, kind: StrEnum, profile: str) -> Parts:
    return PROFILES[profile][kind](value)
