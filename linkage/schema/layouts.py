"""Linkage schema, layouts of several filters: views, and views salted per record.

A view sees a few columns of a record under keys of its own; a salted view can be compared only where its salt is equal.
"""

from dataclasses import dataclass
from enum import StrEnum

from linkage.schema.columns import Kind
from linkage.schema.hardening import Hardening


class As(StrEnum):
    """How a column enters an exact token or a salt.

    `VALUE` is the whole value, its parts sorted; `FIRST` its first part, `INITIAL` and
    `FIRST_THREE` the first letters of that, `PHONETIC` its Cologne code. Of a date: `YEAR`,
    `YEAR_MONTH`, and `YEAR_DAY_MONTH_SET`, which survives an exchange of day and month.
    """

    VALUE = "value"
    FIRST = "first"
    INITIAL = "initial"
    FIRST_THREE = "first-three"
    PHONETIC = "phonetic"
    YEAR = "year"
    YEAR_MONTH = "year-month"
    YEAR_DAY_MONTH_SET = "year-day-month-set"


OF_DATES = frozenset({As.YEAR, As.YEAR_MONTH, As.YEAR_DAY_MONTH_SET})
"""What only a date has."""


@dataclass(frozen=True, slots=True)
class ExactPart:
    """One column of an exact token or a salt, and how it enters."""

    column: str
    kind: Kind
    take: As = As.VALUE


@dataclass(frozen=True, slots=True)
class AnyOrder:
    """Columns whose values may be exchanged: they enter sorted, so that swapped names agree."""

    parts: tuple[ExactPart, ...]


Part = ExactPart | AnyOrder


def columns_of(parts: tuple[Part, ...]) -> tuple[ExactPart, ...]:
    """Every column that enters, in order."""
    return tuple(
        one for part in parts for one in (part.parts if isinstance(part, AnyOrder) else (part,))
    )


@dataclass(frozen=True, slots=True)
class ExactToken:
    """A keyed 64-bit token that is equal exactly when all its parts are equal.

    Missing when one part is.
    """

    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One filter of the layout `views`; its fields name it as their filter.

    `required` is a list of alternatives: of each, one column at least must have a value, else the
    view is sent as missing, since a sparse filter would show what it holds. `hardening` is the
    view's own, under a key of its own.
    """

    name: str
    bits: int
    required: tuple[tuple[str, ...], ...] = ()
    hardening: tuple[Hardening, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Content of salted views: one short filter; its fields name it as their filter."""

    name: str
    bits: int


@dataclass(frozen=True, slots=True)
class SaltedView:
    """A view whose content is hashed under a key of each record, derived from secret and salt.

    Its token is equal exactly where the salt is; only then can its blocks be compared. Missing when
    a part of the salt is. `thinned`: of the records of a source that share a token, one keeps the view.
    """

    name: str
    salt: tuple[Part, ...]
    blocks: tuple[str, ...]
    thinned: bool = False
