"""Dates of birth: which were mistyped once, which twice, and which are two days."""

from __future__ import annotations

from functools import lru_cache

from jellyfish import damerau_levenshtein_distance

from linkage.weighing.agreement import Agreement


@lru_cache(100_000)
def date_agreement(first: str, second: str) -> Agreement:
    """Agreement of two dates written YYYYMMDD; "" is missing.

    CLOSE: one typing error. WEAK: the day or the month is another. FAINT: two errors, or the year is another.
    """
    if not first or not second:
        return Agreement.MISSING
    if first == second:
        return Agreement.EQUAL
    year, month, day = first[:4], first[4:6], first[6:]
    other_year, other_month, other_day = second[:4], second[4:6], second[6:]
    swapped = month == other_day and day == other_month
    if swapped and year == other_year:
        return Agreement.SWAPPED
    if damerau_levenshtein_distance(first, second) <= 1:
        return Agreement.CLOSE
    kept = (month == other_month) + (day == other_day)
    if year == other_year:
        crossed = month == other_day or day == other_month
        return Agreement.WEAK if kept else Agreement.FAINT if crossed else Agreement.DIFFERENT
    near = damerau_levenshtein_distance(year, other_year) <= 1
    faint = kept == 2 or (near and (kept or swapped))
    return Agreement.FAINT if faint else Agreement.DIFFERENT
