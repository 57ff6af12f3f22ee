"""Tokens: what of a normalized value is hashed.

The same parts always give the same tokens in the same order.
"""

from collections.abc import Callable, Mapping

from linkage.normalization.numbers import in_units
from linkage.normalize import Parts
from linkage.phonetics import cologne
from linkage.schema import (
    As,
    DatePart,
    DateParts,
    ExactPart,
    Kind,
    Ngrams,
    Numeric,
    Phonetic,
    Tokens,
)


def tokens_of(parts: Parts, spec: Tokens) -> tuple[str, ...]:
    """Tokens of one value, repeats included (the clkhash family counts them)."""
    if isinstance(spec, Ngrams):
        return tuple(gram for part in parts for gram in ngrams(part, spec))
    if isinstance(spec, DateParts):
        return tuple(token for part in parts for token in date_tokens(part, spec.components))
    if isinstance(spec, Phonetic):
        return tuple(code for part in parts if (code := cologne(part)))
    if isinstance(spec, Numeric):
        return tuple(token for part in parts for token in number_tokens(part, spec))
    return parts


def ngrams(text: str, spec: Ngrams) -> list[str]:
    """Runs of q characters.

    Positional ones read `"1 _a"`, `"2 an"` … as in clkhash. Empty text has none.
    """
    if not text:
        return []
    pad = " " * (spec.q - 1) if spec.padded else ""
    padded = f"{pad}{text}{pad}"
    grams = [padded[start : start + spec.q] for start in range(len(padded) - spec.q + 1)]
    if spec.positional:
        return [f"{place} {gram}" for place, gram in enumerate(grams, start=1)]
    return grams


def date_tokens(digits: str, components: tuple[DatePart, ...]) -> list[str]:
    """Tokens of YYYYMMDD: `y1958`, `e195` (decade), `m04`, `d01`, and placeless `n01`, `n04`.

    A month or day that is not known (00) has none.
    """
    year, month, day = digits[:4], digits[4:6], digits[6:]
    of = {
        DatePart.YEAR: [f"y{year}"],
        DatePart.DECADE: [f"e{year[:3]}"],
        DatePart.MONTH: [f"m{month}"] * (month != "00"),
        DatePart.DAY: [f"d{day}"] * (day != "00"),
        DatePart.DAY_MONTH_SET: [f"n{number}" for number in sorted({day, month} - {"00"})],
    }
    return [token for component in components for token in of[component]]


def number_tokens(text: str, spec: Numeric) -> list[str]:
    """The multiples of the distance around a number, as clkhash writes them.

    Source: Vatsalan and Christen, Privacy-preserving matching of similar patients (2016). Numbers
    nearer than the distance share tokens, the more the nearer.

    Raises:
        Unreadable: `number-malformed`.
    """
    step = round(spec.distance * 10**spec.digits)
    scaled = in_units(text, spec.digits) * 2 * spec.resolution
    below, beyond = divmod(scaled, step)
    middle = (below + (2 * beyond >= step)) * step
    return [str(middle + place * step) for place in range(-spec.resolution, spec.resolution + 1)]


def exact_value(parts: Parts, part: ExactPart) -> str:
    """What a column adds to an exact token or a salt; empty means missing.

    Parts are sorted, as their order is noise. A date with day and month exchanged gives the same
    `YEAR_DAY_MONTH_SET`. What needs a month or day that is not known (00) is missing: two unknown
    months are not the same month.
    """
    if not parts or (part.kind is Kind.DATE and "00" in _needed(parts[0], part.take)):
        return ""
    return _TAKEN[part.take](parts)


def _needed(digits: str, take: As) -> tuple[str, ...]:
    """Month and day of YYYYMMDD, as far as they enter."""
    month_and_day = digits[4:6], digits[6:]
    return month_and_day[: _COMPONENTS.get(take, 0)]


def _year_day_month_set(parts: Parts) -> str:
    return parts[0][:4] + "".join(sorted((parts[0][4:6], parts[0][6:])))


_COMPONENTS = {As.VALUE: 2, As.FIRST: 2, As.YEAR_MONTH: 1, As.YEAR_DAY_MONTH_SET: 2}
"""How much of (month, day) of a date enters."""

_TAKEN: Mapping[As, Callable[[Parts], str]] = {
    As.VALUE: lambda parts: " ".join(sorted(parts)),
    As.FIRST: lambda parts: parts[0],
    As.INITIAL: lambda parts: parts[0][:1],
    As.FIRST_THREE: lambda parts: parts[0][:3],
    As.PHONETIC: lambda parts: cologne(parts[0]),
    As.YEAR: lambda parts: parts[0][:4],
    As.YEAR_MONTH: lambda parts: parts[0][:6],
    As.YEAR_DAY_MONTH_SET: _year_day_month_set,
}
