"""Times as people and programs write them: a year, a month, a day, or a moment with its zone; kept in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_DAY = len("2024-02-23")


class TimeUnreadable(ValueError):
    """The text is no date, and no time of day with a time zone (FHIR R4, dateTime)."""


def first_moment(text: object) -> datetime:
    """The first moment of a date, or the moment itself.

    Raises:
        TimeUnreadable: the text names neither.
    """
    return _read(text)[0]


def last_moment(text: object) -> datetime:
    """The last moment (to the microsecond) of a date, or the moment itself.

    Raises:
        TimeUnreadable: the text names neither.
    """
    first, after = _read(text)
    return first if after is None else after - timedelta(microseconds=1)


def _read(text: object) -> tuple[datetime, datetime | None]:
    """The first moment, and for a date the moment after it has ended."""
    if not isinstance(text, str) or not text.isascii():
        raise TimeUnreadable
    try:
        return (_moment(text), None) if len(text) > _DAY else _date(text)
    except (ValueError, OverflowError):
        raise TimeUnreadable from None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise TimeUnreadable
    return moment.astimezone(UTC)


def _date(text: str) -> tuple[datetime, datetime]:
    parts = [len(part) for part in text.split("-")]
    if parts != [4, 2, 2][: len(parts)]:
        raise TimeUnreadable
    year, month, day = [*map(int, text.split("-")), 1, 1][:3]
    first = datetime(year, month, day, tzinfo=UTC)
    if len(parts) == 3:
        return first, first + timedelta(days=1)
    if len(parts) == 2:
        return first, (first + timedelta(days=32)).replace(day=1)
    return first, first.replace(year=year + 1)
