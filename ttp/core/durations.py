"""Durations as ISO 8601 writes them, of a fixed length: weeks, days, hours, minutes, seconds; no months and years."""

from __future__ import annotations

import re
from datetime import timedelta

from ttp.core.errors import InvalidField

_FORM = re.compile(
    r"P(?=.)(?:(\d{1,4})W|(?:(\d{1,5})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})(?:\.(\d{1,3}))?S)?)?)",
    re.ASCII,
)
_HOUR, _MINUTE, _SECOND = 3_600_000, 60_000, 1_000


def read_duration(text: object) -> timedelta:
    """The duration of a text such as ``P14D``, ``PT10M`` or ``P2W``; exact to the millisecond.

    Raises:
        InvalidField: the text names none of a fixed length.
    """
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise InvalidField(
            "A duration is written as in ISO 8601, without months and years: P14D, PT10M."
        )
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:5])
    thousandths = int((found[6] or "0").ljust(3, "0"))
    return timedelta(
        weeks=weeks,
        days=days,
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        milliseconds=thousandths,
    )


def milliseconds_of(duration: timedelta) -> int:
    """The whole milliseconds of a duration."""
    return duration // timedelta(milliseconds=1)


def java_text(duration: timedelta) -> str:
    """How ``java.time.Duration`` writes it: hours, minutes and seconds, never days (``P14D`` is ``PT336H``)."""
    rest = milliseconds_of(duration)
    hours, rest = divmod(rest, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    seconds, thousandths = divmod(rest, _SECOND)
    fraction = f".{thousandths:03d}".rstrip("0") if thousandths else ""
    parts = [f"{hours}H" * bool(hours), f"{minutes}M" * bool(minutes)]
    if seconds or thousandths or not (hours or minutes):
        parts.append(f"{seconds}{fraction}S")
    return "PT" + "".join(parts)
