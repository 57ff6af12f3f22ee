"""Validity: how long something is valid, as an ISO 8601 duration. Years and months are those of the calendar."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

from ttp.core.errors import InvalidField

LONGEST = timedelta(days=366 * 200)
_DURATION = re.compile(
    r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?"
)


@dataclass(frozen=True, slots=True)
class Validity:
    """A duration such as ``P1Y6M`` or ``PT12H``: longer than nothing, at most about 200 years.

    Raises:
        InvalidField: the text is no such duration (ISO 8601-1:2019, 5.5.2; whole numbers only).
    """

    text: str

    def __post_init__(self) -> None:
        matched = _DURATION.fullmatch(self.text)
        if matched is None or not any(map(int, matched.groups("0"))) or self._average() > LONGEST:
            raise InvalidField(
                "A validity is an ISO 8601 duration such as P1Y6M, of at most 200 years."
            )

    def after(self, start: datetime) -> datetime:
        """The end of what begins then; the 31st of a month becomes the last day of a shorter one."""
        years, months, weeks, days, hours, minutes, seconds = self._parts()
        month = start.year * 12 + start.month - 1 + years * 12 + months
        year, month = month // 12, month % 12 + 1
        day = min(start.day, monthrange(year, month)[1])
        moved = start.replace(year=year, month=month, day=day)
        return moved + timedelta(
            weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds
        )

    def _parts(self) -> tuple[int, ...]:
        matched = _DURATION.fullmatch(self.text)
        return tuple(map(int, matched.groups("0"))) if matched else (0,) * 7

    def _average(self) -> timedelta:
        years, months, weeks, days, hours, minutes, seconds = self._parts()
        return timedelta(
            days=366 * years + 31 * months + 7 * weeks + days,
            hours=hours,
            minutes=minutes,
            seconds=seconds,
        )
