"""Readable: what a value has to be for every field of a schema that reads its column."""

import re
from dataclasses import dataclass

from linkage.normalization.numbers import in_units
from linkage.normalize import Parts, Unreadable, normalize
from linkage.schema import Kind, LinkageSchema, Numeric

_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is read: its kind under a profile, and as which numbers.

    `numbers` are (decimals that count, what reads as missing, what is hashed instead), the latter two
    `None` where nothing is; `missing` is what reads as missing in all fields of the column.
    """

    kind: Kind
    profile: str
    numbers: tuple[tuple[int, str | None, str | None], ...] = ()
    missing: frozenset[str] = frozenset()

    def __call__(self, value: str | None) -> Parts:
        """The parts of a value.

        Raises:
            Unreadable: the profile cannot read it, a field takes numbers and it is none, or it holds
                half a surrogate pair (`control-character`), which has no bytes to hash.
        """
        if value and not value.isascii() and _HALF.search(value):
            raise Unreadable("control-character")
        try:
            parts = normalize(value, kind=self.kind, profile=self.profile)
        except Unreadable:
            if value not in self.missing:
                raise
            return ()
        for digits, missing, instead in self.numbers:
            replaced = instead is not None and (value or "") == missing
            for one in (instead or "",) if replaced else parts:
                in_units(one, digits)
        return parts


def reading_of(schema: LinkageSchema, column: str) -> Reading:
    """How a schema reads one of its columns."""
    fields = [field for field in schema.fields if field.column == column]
    numbers = [
        (
            field.tokens.digits,
            None if field.missing_as is None else field.missing_if,
            field.missing_as,
        )
        for field in fields
        if isinstance(field.tokens, Numeric)
    ]
    missing = {None if field.missing_as is None else field.missing_if for field in fields}
    return Reading(
        kind=schema.columns[column],
        profile=schema.normalization,
        numbers=tuple(dict.fromkeys(numbers)),
        missing=frozenset(one for one in missing if one and len(missing) == 1),
    )
