"""Dates as people and systems write them (`german-2`, `generic-1`): YYYYMMDD, 00 for what is unknown.

Day and month exchanged are told apart from errors later, by the tokens of a schema (its
`day-month-set`); reading never guesses which number is the month.
"""

import re
from datetime import date

from linkage.normalization.reading import Parts, Unreadable

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?", re.ASCII)
_YEAR_LAST = re.compile(r"(?:(?:(\d{1,2})\. ?)?(\d{1,2})\. ?)?(\d{4})", re.ASCII)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_TIME = re.compile(r"(?<=\d\d)[T ]\d\d:\d\d.*$", re.ASCII | re.DOTALL)
_PLACEHOLDERS = {"19000101", "11111111", "00010101", "99991231", "99990101", "00000000"}
_OLDEST, _NEWEST = 1850, 2150


def calendar_parts(value: str) -> Parts:
    """Eight digits YYYYMMDD of a date; day, or day and month, are 00 where they are unknown.

    Read are 1958-04-01, 1958/4/1, 1.4.1958, 19580401, with a time behind, and partly known ones:
    1958, 1958-04, 04.1958, 00.04.1958. What systems write for *unknown* (01.01.1900, 31.12.9999) is
    missing.

    Raises:
        Unreadable: `date-not-iso` (no such form; 04/01/1958 and two-digit years could be read in
            two ways), `date-impossible`, `date-out-of-range` (before 1850, after 2150).
    """
    text = _TIME.sub("", value.strip())
    if not text:
        return ()
    year, month, day = _numbers(text)
    digits = f"{year:04d}{month:02d}{day:02d}"
    if digits in _PLACEHOLDERS:
        return ()
    if day and not month:
        raise Unreadable("date-impossible")
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        raise Unreadable("date-impossible") from None
    if not _OLDEST <= year <= _NEWEST:
        raise Unreadable("date-out-of-range")
    return (digits,)


def _numbers(text: str) -> tuple[int, int, int]:
    """Year, month, day as numbers; 0 is unknown."""
    for pattern, order in ((_DIGITS, (1, 2, 3)), (_YEAR_FIRST, (1, 2, 3)), (_YEAR_LAST, (3, 2, 1))):
        if found := pattern.fullmatch(text):
            year, month, day = (int(found[place] or 0) for place in order)
            return year, month, day
    raise Unreadable("date-not-iso")
