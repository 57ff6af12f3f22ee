"""Date shifts: all dates of one patient move by the same time, drawn evenly from a range around zero.

The shift follows from the seed alone, and the seed from the project's secret and the original: asking again gives the
same shift, and no row is kept. Another range or another rule gives an unrelated shift.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

from keys.digests import sha256
from keys.project_values import uniform_below
from ttp.core.durations import milliseconds_of
from ttp.core.errors import InvalidField
from ttp.core.java_random import JavaRandom

LONGEST = timedelta(days=3653)
_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<time>\d\d:\d\d:\d\d(?P<fraction>\.\d{1,9})?)(?P<zone>Z|[+-]\d\d:\d\d))?)?)?",
    re.ASCII,
)
"""The forms of FHIR's date, dateTime and instant (R4, datatypes)."""
_NO_DATE = "A date to be shifted has the form of a FHIR date or dateTime."


class Preserve(StrEnum):
    """What a shift leaves as it was."""

    NONE = "none"
    DAYTIME = "daytime"  # whole days
    WEEKDAY = "weekday"  # whole weeks

    @property
    def step(self) -> int:
        """Shifts are multiples of so many milliseconds."""
        return {"none": 1, "daytime": 86_400_000, "weekday": 604_800_000}[self.value]


def checked_range(longest: timedelta, preserve: Preserve) -> timedelta:
    """The longest shift, if shifts other than zero are possible within it.

    Raises:
        InvalidField: it is longer than ten years, or shorter than one step of what is to be preserved.
    """
    if longest > LONGEST or milliseconds_of(longest) < preserve.step:
        raise InvalidField(
            "The longest shift is at most 3,653 days, and not shorter than the day or week to be preserved."
        )
    return longest


def shift_of(seed: bytes, longest: timedelta, preserve: Preserve) -> int:
    """The shift in milliseconds, evenly from -``longest`` to ``longest`` in steps of what is preserved."""
    steps = milliseconds_of(longest) // preserve.step
    context = ("shift", str(milliseconds_of(longest)), preserve.value)
    return (uniform_below(seed, 2 * steps + 1, context=context) - steps) * preserve.step


def java_shift_of(seed: str, longest: timedelta, preserve: Preserve, *, discard: int) -> int:
    """The shift in milliseconds that FTSnext's trust center agent computed from a seed it kept as a pseudonym.

    The generator's seed is the first eight bytes, little-endian, of the text's SHA-256; ``discard`` numbers are
    drawn and not used. Without preservation the upper end of the range is not reached.
    """
    number = int.from_bytes(sha256(seed.encode())[:8], "little", signed=True)
    generator = JavaRandom(number)
    for _ in range(discard):
        generator.next_long()
    span = milliseconds_of(longest)
    if preserve is Preserve.NONE:
        return generator.next_long_between(-span, span)
    steps = span // preserve.step
    return generator.next_long_between(-steps, steps + 1) * preserve.step


def shifted_date(text: str, shift: int) -> str:
    """A FHIR date, dateTime or instant moved by so many milliseconds, as precise as it was, in its own zone.

    Dates without a time begin at midnight UTC; what is left of the day, month or year counts no more.

    Raises:
        InvalidField: the text is no such date, or the shifted one has no year of four digits.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        raise InvalidField(_NO_DATE)
    zone = (found["zone"] or "Z").replace("Z", "+00:00")
    day = f"{found['year']}-{found['month'] or '01'}-{found['day'] or '01'}"
    try:
        moment = datetime.fromisoformat(f"{day}T{found['time'] or '00:00:00'}{zone}")
        moved = moment + timedelta(milliseconds=shift)
    except (ValueError, OverflowError):
        raise InvalidField(_NO_DATE) from None
    return _written(found, moved, text)


def _written(found: re.Match[str], moved: datetime, text: str) -> str:
    if found["time"] is None:
        return moved.strftime("%Y-%m-%d").rjust(10, "0")[: len(text)]
    fraction = found["fraction"] or ""
    if fraction or moved.microsecond:
        given = fraction.removeprefix(".")[3:]
        fraction = f".{moved.microsecond // 1000:03d}{given}"
    return (
        f"{moved.replace(tzinfo=None):%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + fraction + found["zone"]
    )
