"""Places: postcode and city say nearly the same and are weighed as one."""

from __future__ import annotations

from functools import lru_cache

from jellyfish import damerau_levenshtein_distance, jaro_winkler_similarity

from linkage.comparators import Prepared
from linkage.weighing.agreement import Agreement

_EPITHETS = frozenset({"bad", "st", "sankt", "markt", "neu", "alt", "gross", "klein"})


def place_agreement(first: Prepared, second: Prepared) -> Agreement:
    """EQUAL: postcode and city; PARTIAL: the postcode; CLOSE: the city; WEAK: the region; DIFFERENT: nothing."""
    codes = bool(first.postcode and second.postcode)
    cities = bool(first.city and second.city)
    same_city = cities and _one_city(first.city, second.city)
    if codes and first.postcode == second.postcode:
        return Agreement.EQUAL if same_city else Agreement.PARTIAL
    if same_city:
        return Agreement.CLOSE
    if not codes and not cities:
        return Agreement.MISSING
    near = (codes and _near_codes(first.postcode, second.postcode)) or (
        cities and _near_cities(first.city, second.city)
    )
    return Agreement.WEAK if near else Agreement.DIFFERENT


def _one_city(first: str, second: str) -> bool:
    """Whether two names are of one city, an addition left out by one (Halle, Halle Saale)."""
    if first == second:
        return True
    word = first.split(" ", 1)[0]
    return word == second.split(" ", 1)[0] and word not in _EPITHETS


def _near_codes(first: str, second: str) -> bool:
    """Two digits in common, or one error apart."""
    return first[:2] == second[:2] or _one_error(first, second)


@lru_cache(20_000)
def _one_error(first: str, second: str) -> bool:
    return bool(damerau_levenshtein_distance(first, second) <= 1)


@lru_cache(20_000)
def _near_cities(first: str, second: str) -> bool:
    return bool(jaro_winkler_similarity(first, second) >= 0.92)
